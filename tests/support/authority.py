"""Authorities that revoke, by openssl's own tools, and servers on the loopback that say whatever a test wants.

    authority = Authority(folder)
    certificate = authority.issue(services=['http://127.0.0.1:8001'])
    authority.revoke(certificate, 'keyCompromise')
    with authority.serve(8001), Web() as web:
        web.pages['/list'] = page(authority.make_list())
"""
import contextlib
import http.server
import itertools
import os
import re
import subprocess
import threading
from pathlib import Path

import der
from cards import extension, make_authority, make_certificate

GM_ID = 'distid:1234567812345678'
PROXIES = ('http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY')
_serials = itertools.count(0x1000)


def avoid_proxies():
    """Those of this machine are none of a test's business."""
    for name in PROXIES:
        os.environ.pop(name, None)


def _openssl(*arguments, **options):
    return subprocess.run(['openssl', *map(str, arguments)], check=True, capture_output=True, **options)


def _uri(url):
    return der.tlv(0x86, url.encode())


def accesses(services=(), issuers=()):
    """The extension that names OCSP services, and where the issuer's certificate is."""
    ways = [*(('1.3.6.1.5.5.7.48.1', url) for url in services), *(('1.3.6.1.5.5.7.48.2', url) for url in issuers)]
    return extension('1.3.6.1.5.5.7.1.1', der.sequence(*(der.sequence(der.oid(way), _uri(url)) for way, url in ways)))


def distribution_points(urls):
    """The extension that names lists."""
    points = (der.sequence(der.tlv(0xA0, der.tlv(0xA0, _uri(url)))) for url in urls)
    return extension('2.5.29.31', der.sequence(*points))


class Authority:
    """Its files are in FOLDER, which is the caller's."""

    def __init__(self, folder, kind='p256', **options):
        self.certificate = make_authority(kind, **options)
        self._folder = Path(folder)
        self._sm2 = kind == 'sm2'
        self._path = self._folder / 'authority.pem'
        self._path.write_text(self.certificate.pem)
        (self._folder / 'index.txt').touch()
        (self._folder / 'ca.cnf').write_text(
            f'[ca]\ndefault_ca=a\n[a]\ndatabase={self._folder}/index.txt\nunique_subject=no\ndefault_crl_days=7\n'
            f'default_md={"sm3" if self._sm2 else "sha256"}\ncertificate={self._path}\n'
            f'private_key={self.certificate.key}\n')

    def _ca(self, *arguments):
        return _openssl('ca', '-config', self._folder / 'ca.cnf', '-batch', *arguments).stdout

    def _file(self, certificate):
        path = self._folder / f'{certificate.sha256[:16]}.pem'
        path.write_text(certificate.pem)
        return path

    def issue(self, services=(), lists=(), issuers=(), register=True, **options):
        """A certificate with these addresses; with register=False the authority forgets that it has issued it."""
        more = [accesses(services, issuers)] if services or issuers else []
        more += [distribution_points(lists)] if lists else []
        certificate = make_certificate(self.certificate.kind, serial=next(_serials), issuer=self.certificate,
                                       extensions=more, **options)
        if register:
            self._ca('-valid', self._file(certificate))
        return certificate

    def revoke(self, certificate, reason='keyCompromise'):
        self._ca('-revoke', self._file(certificate), '-crl_reason', reason)

    def make_list(self):
        """The DER."""
        pem = self._ca('-gencrl', *(('-sigopt', GM_ID) if self._sm2 else ()))
        return _openssl('crl', '-outform', 'DER', input=pem).stdout

    @contextlib.contextmanager
    def serve(self, port):
        """An OCSP service at this port of the loopback, which reads the index of today."""
        more = ['-rmd', 'sm3', '-rsigopt', GM_ID] if self._sm2 else []
        service = subprocess.Popen(
            ['openssl', 'ocsp', '-port', str(port), '-index', self._folder / 'index.txt', '-CA', self._path, '-rsigner',
             self._path, '-rkey', self.certificate.key, '-nmin', '5', *more], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        try:
            for line in service.stdout:
                if line.startswith('ACCEPT'):
                    break
            threading.Thread(target=service.stdout.read, daemon=True).start()  # a full pipe would stop it
            yield f'http://127.0.0.1:{port}'
        finally:
            service.terminate()
            service.wait()

    def ask(self, certificate, url):
        """What openssl as the client is told: {'state': 'good', 'Reason': …, 'Revocation Time': …}"""
        path = self._file(certificate)
        trust = ['-noverify'] if self._sm2 else ['-CAfile', self._path]  # it knows of no identity but the empty one
        done = _openssl('ocsp', '-issuer', self._path, '-cert', path, '-url', url, *trust, text=True)
        said = dict(re.findall(r'^\t([A-Za-z ]+): (.*)$', done.stdout, re.M))
        return dict(said, state=re.search(rf'^{re.escape(str(path))}: (\w+)', done.stdout, re.M)[1],
                    verified='Response verify OK' in done.stderr)


# The web

def page(data, kind='application/octet-stream', status=200, **headers):
    """A plain answer."""
    def answer(request):
        request.send_response(status)
        request.send_header('Content-Type', kind)
        request.send_header('Content-Length', str(len(data)))
        for name, value in headers.items():
            request.send_header(name.replace('_', '-'), value)
        request.end_headers()
        request.wfile.write(data)
    return answer


def redirect(target):
    return page(b'', status=302, Location=target)


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        self.server.web.requests.append((self.command, self.path))
        self.server.web.hosts.append(self.headers['Host'])
        answer = self.server.web.pages.get(self.path, page(b'', status=404))
        with contextlib.suppress(OSError):  # who asked has gone
            answer(self)

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Web:
    """A server at a port of the loopback; .requests are all that came: [('GET', '/list'), …]"""

    def __init__(self):
        self.pages = {}  # path → what answers a request: page (), redirect () or a function of the handler
        self.requests = []
        self.hosts = []  # whom each was meant for
        self._server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), _Handler)
        self._server.web = self
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = self._server.server_port
        self.url = f'http://127.0.0.1:{self.port}'
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={'poll_interval': .02})
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
