"""Whether a certificate is revoked, from the real token over the network to the sentence: by openssl's own service and
lists, and by servers that do not know how to answer or do not want to."""
import contextlib
import datetime
import gettext
import re
import socket
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from assistant import cli  # noqa: E402
from authority import Authority, Web, avoid_proxies, page, redirect  # noqa: E402
from cards import piv_token  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402
from vcard import build_root  # noqa: E402

PORT = 8001
SERVICE = f'http://127.0.0.1:{PORT}'
NOBODY = 'http://127.0.0.1:9'  # nobody listens there

UNREACHABLE = 'Not known. The service of the issuer cannot be reached. Look whether there is a network.'
SILENT = 'Not known. No answer came in time.'
REFUSED = 'Not known. The service of the issuer refuses to answer.'
NONSENSE = 'Not known. The answer makes no sense.'
TOO_LARGE = 'Not known. The answer is too large.'
NO_ISSUER = 'Not known. The certificate of its issuer is not known, so no answer could be checked.'
STRANGER = 'Not known. The service of the issuer does not know the certificate.'
FORGED = 'Not known. The answer is not signed by the issuer.'

HTML = page(b'<!DOCTYPE html><html><body>Log in</body></html>', 'text/html')


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Bench(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd()
        cls.addClassCleanup(cls.pcscd.close)

    def setUp(self):
        self.home = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.web = self.enterContext(Web())
        self.authority = self.make_authority('p256')

    def enterContext(self, context):  # unittest has it from Python 3.11 on
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def make_authority(self, kind, **options):
        (self.home / kind).mkdir()
        return Authority(self.home / kind, kind, **options)

    def insert(self, *certificates):
        """The first one is the one that is asked about."""
        token = piv_token(slots=())
        for slot, certificate in zip((0x9A, 0x9D), certificates):
            token.add(slot, certificate)
        self.pcscd.host.eject()
        token.load(self.pcscd.card('piv')).insert()
        self.addCleanup(self.pcscd.host.eject)

    def trust(self, authority):
        anchors = self.home / 'cert-assistant' / 'anchors.d'
        anchors.mkdir(parents=True, exist_ok=True)
        (anchors / 'authority.pem').write_text(authority.certificate.pem)

    def show(self, *arguments, **more):
        self.done = cli('show', *arguments, timeout=60, **{'XDG_CONFIG_HOME': str(self.home), **more})
        self.assertEqual(self.done.stderr, '')
        return self.done.returncode

    def told(self):
        """The row of the certificate that is asked about, without who has said so; and who."""
        text = re.search(r'^  Revocation: (.*)$', self.done.stdout, re.M)[1]
        return re.fullmatch(r'(.*?)(?: \(([^ ]*)\))?', text).groups()

    def assert_told(self, expected, status=0, host='own'):
        self.assertEqual(self.show('--revocation'), status)
        host = self.web.url[7:] if host == 'own' else host
        self.assertEqual(self.told(), (expected, host))

    def assert_good(self, host, not_before):
        """Not revoked, as of a moment between NOT_BEFORE and now."""
        self.assertEqual(self.show('--revocation'), 0)
        text, told_host = self.told()
        self.assertEqual(told_host, host)
        moment = datetime.datetime.strptime(text, 'Not revoked, as of %Y-%m-%d %H:%M:%S UTC')
        self.assertLessEqual(not_before.replace(microsecond=0), moment.replace(tzinfo=datetime.timezone.utc))
        self.assertLessEqual(moment.replace(tzinfo=datetime.timezone.utc), now())


class Service(Bench):
    """openssl's OCSP service is asked; openssl itself is told the same."""

    REASONS = {'keyCompromise': 'its key may be in other hands', 'certificateHold': 'it is suspended',
               'superseded': 'another certificate has taken its place'}

    def test_good(self):
        certificate = self.authority.issue(services=[SERVICE])
        self.insert(certificate, self.authority.certificate)
        with self.authority.serve(PORT):
            begun = now()
            self.assert_good(SERVICE[7:], begun)
            said = self.authority.ask(certificate, SERVICE)
        self.assertEqual((said['state'], said['verified']), ('good', True))
        self.assertNotIn('Revoked', self.done.stdout)

    def test_revoked(self):
        for reason, words in self.REASONS.items():
            with self.subTest(reason):
                certificate = self.authority.issue(services=[SERVICE])
                self.authority.revoke(certificate, reason)
                self.insert(certificate, self.authority.certificate)
                with self.authority.serve(PORT):
                    said = self.authority.ask(certificate, SERVICE)
                    self.assertEqual(self.show('--revocation'), 1)
                self.assertEqual((said['state'], said['Reason'], said['verified']), ('revoked', reason, True))
                date = datetime.datetime.strptime(said['Revocation Time'], '%b %d %H:%M:%S %Y %Z').strftime('%Y-%m-%d')
                self.assertEqual(self.told(), (f'Revoked on {date}: {words}', SERVICE[7:]))
                self.assertIn(f'\n  Revoked on {date}\n', self.done.stdout)

    def test_stranger(self):
        """A certificate that the service has never heard of."""
        certificate = self.authority.issue(services=[SERVICE], register=False)
        self.insert(certificate, self.authority.certificate)
        with self.authority.serve(PORT):
            self.assertEqual(self.authority.ask(certificate, SERVICE)['state'], 'unknown')
            self.assert_told(STRANGER, host=SERVICE[7:])

    def test_sm2(self):
        """Signed as GM/T 0009 wants it, by the service and in the list."""
        authority = self.make_authority('sm2')
        good = authority.issue(services=[SERVICE], lists=[self.web.url + '/list'])
        bad = authority.issue(services=[SERVICE])
        listed = authority.issue(lists=[self.web.url + '/list'])
        authority.revoke(bad)
        authority.revoke(listed, 'superseded')
        self.web.pages['/list'] = page(authority.make_list())
        with authority.serve(PORT):
            self.assertEqual(authority.ask(bad, SERVICE)['state'], 'revoked')
            self.insert(good, authority.certificate)
            self.assert_good(SERVICE[7:], now())
            self.insert(bad, authority.certificate)
            self.assert_told(f'Revoked on {now():%Y-%m-%d}: {self.REASONS["keyCompromise"]}', 1, SERVICE[7:])
        self.insert(good, authority.certificate)
        self.show('--revocation')
        self.assertRegex(self.told()[0], r'^Not revoked, as of ')
        self.insert(listed, authority.certificate)
        self.assert_told(f'Revoked on {now():%Y-%m-%d}: {self.REASONS["superseded"]}', 1)

    def test_chinese(self):
        with open(build_root() / 'po/zh_CN/LC_MESSAGES/cert-assistant.mo', 'rb') as file:
            chinese = gettext.GNUTranslations(file).gettext
        certificate = self.authority.issue(services=[SERVICE])
        self.authority.revoke(certificate)
        self.insert(certificate, self.authority.certificate)
        with self.authority.serve(PORT):
            self.assertEqual(self.show('--revocation', LANGUAGE='zh_CN'), 1)
        revoked = chinese('Revoked on %s') % f'{now():%Y-%m-%d}'
        whole = chinese('%s: %s') % (revoked, chinese(self.REASONS['keyCompromise']))
        self.assertNotIn('Revoked', whole)
        row = f'  {chinese("Revocation")}: ' + chinese('%s (%s)') % (whole, SERVICE[7:])
        self.assertIn(f'{row}\n', self.done.stdout)


class Lists(Bench):
    def test_good_and_revoked(self):
        """The list is asked for where there is no service, and where that does not answer."""
        for services in ((), (NOBODY,), (self.web.url + '/nothing',)):
            with self.subTest(services=services):
                begun = now()
                good, bad = (self.authority.issue(services, lists=['ldap://127.0.0.1/', self.web.url + '/list'])
                             for _ in range(2))
                self.authority.revoke(bad, 'superseded')
                self.web.pages['/list'] = page(self.authority.make_list(), 'application/pkix-crl')
                self.insert(good, self.authority.certificate)
                self.assert_good(self.web.url[7:], begun)
                self.insert(bad, self.authority.certificate)
                self.assert_told(f'Revoked on {begun:%Y-%m-%d}: another certificate has taken its place', 1)

    def test_redirected(self):
        self.web.pages['/list'] = redirect(f'http://localhost:{self.web.port}/b')
        self.web.pages['/b'] = redirect('/c')
        self.web.pages['/c'] = page(self.authority.make_list())
        self.insert(self.authority.issue(lists=[self.web.url + '/list']), self.authority.certificate)
        self.assert_good(self.web.url[7:], now() - datetime.timedelta(minutes=1))
        self.assertEqual(self.web.requests, [('GET', '/list'), ('GET', '/b'), ('GET', '/c')])
        self.assertEqual(self.web.hosts, ['127.0.0.1', 'localhost', 'localhost'])

    def test_query(self):
        self.insert(self.authority.issue(lists=[self.web.url + '/a/list?b=c&d=%20#e']), self.authority.certificate)
        self.assert_told(REFUSED)
        self.assertEqual(self.web.requests, [('GET', '/a/list?b=c&d=%20')])

    def test_of_somebody_else(self):
        """Another authority's, and one that another key has signed under the same name."""
        self.insert(self.authority.issue(lists=[self.web.url + '/list']), self.authority.certificate)
        for kind, name, expected in (('p384', 'Other CA', NONSENSE), ('rsa2048', None, FORGED)):
            other = self.make_authority(kind, **({'subject': [('CN', name)]} if name else {}))
            self.web.pages['/list'] = page(other.make_list())
            self.assert_told(expected)

    def test_proxy(self):
        """Of the environment; the name of the host is its business."""
        self.web.pages['http://crl.example.com:80/list'] = page(self.authority.make_list())
        self.insert(self.authority.issue(lists=['http://crl.example.com/list']), self.authority.certificate)
        self.show('--revocation', http_proxy=self.web.url)
        self.assertRegex(self.told()[0], r'^Not revoked, as of ')
        self.assertEqual(self.told()[1], 'crl.example.com')


class Issuer(Bench):
    def test_where_it_is(self):
        """On the token, among the anchors, where the certificate says, or nowhere."""
        other = self.make_authority('p384')
        self.web.pages |= {'/ca': page(self.authority.certificate.der), '/other': page(other.certificate.der),
                           '/html': HTML, '/list': page(self.authority.make_list())}
        cases = ((True, None, '', True), (False, self.authority, '', True), (False, None, '/ca', True),
                 (False, other, '/ca', True), (False, None, '', False), (False, other, '/other', False),
                 (False, None, '/html', False), (False, None, '/missing', False))
        for on_token, anchor, path, known in cases:
            with self.subTest(on_token=on_token, anchor=anchor and anchor.certificate.kind, path=path):
                certificate = self.authority.issue(lists=[self.web.url + '/list'],
                                                   issuers=[self.web.url + path] if path else ())
                self.insert(*([certificate, self.authority.certificate] if on_token else [certificate]))
                (self.home / 'cert-assistant/anchors.d/authority.pem').unlink(True)
                if anchor:
                    self.trust(anchor)
                if known:
                    self.assert_good(self.web.url[7:], now() - datetime.timedelta(minutes=1))
                else:
                    self.assert_told(NO_ISSUER, host=None)


class Asking(Bench):
    def test_nobody_is_asked_unasked(self):
        self.insert(self.authority.issue([self.web.url], [self.web.url + '/list'], [self.web.url + '/ca']))
        for verb in (['show'], ['show', '--pem'], ['list'], ['list', '--json'], ['check'], ['check', '--json']):
            cli(*verb, XDG_CONFIG_HOME=str(self.home), DBUS_SESSION_BUS_ADDRESS='', XDG_RUNTIME_DIR=str(self.home))
        self.assertEqual(self.show(), 0)
        self.assertEqual(self.told(), (f'Not asked. {self.web.url[7:]} can tell.', None))
        self.assertEqual(self.web.requests, [])
        self.show('--revocation')
        self.assertEqual(self.web.requests, [('GET', '/ca')])

    def test_no_address(self):
        self.insert(self.authority.issue(lists=['ldap://127.0.0.1/']), self.authority.certificate)
        self.assert_told('The certificate does not say whom to ask.', host=None)

    def test_whole_token(self):
        """Each certificate is asked about, and one that is revoked is enough."""
        good, bad = (self.authority.issue([SERVICE], lists=[self.web.url + '/list'], key_name=name) for name in 'ab')
        self.authority.revoke(bad)
        self.trust(self.authority)
        self.insert(good, bad)
        with self.authority.serve(PORT):
            self.assertEqual(self.show('--revocation'), 1)
        rows = re.findall(r'^  Revocation: (\w+ \w+)', self.done.stdout, re.M)
        self.assertEqual(rows, ['Not revoked', 'Revoked on'])
        self.assertEqual(self.web.requests, [])


def hang(request):
    """Until whoever asked has gone."""
    request.connection.recv(1)


def drip(request):
    request.send_response(200)
    request.end_headers()
    for byte in b'\x30\x82\x01\x00' + bytes(60):
        request.wfile.write(bytes([byte]))
        request.wfile.flush()
        time.sleep(1)


def close(request):
    request.connection.shutdown(socket.SHUT_RDWR)


class Trouble(Bench):
    def insert_with(self, services=(), lists=()):
        self.insert(self.authority.issue(services, lists), self.authority.certificate)

    def test_bad_answers(self):
        """What the service says, what is served for the list, and what comes of it."""
        kind = 'application/ocsp-response'
        for name, answer, expected in (
                ('html', HTML, NONSENSE), ('closed', close, NONSENSE), ('empty', page(b'', kind), NONSENSE),
                ('404', page(b'', status=404), REFUSED), ('500', page(b'', status=500), REFUSED),
                ('garbage', page(b'garbage', kind), NONSENSE), ('other DER', page(b'\x30\3\2\1\1', kind), NONSENSE),
                ('try later', page(bytes.fromhex('30030a0103'), kind), REFUSED)):
            for way in ('services', 'lists'):
                with self.subTest(name, way=way):
                    self.web.pages['/x'] = answer
                    self.insert_with(**{way: [self.web.url + '/x']})
                    self.assert_told(NONSENSE if (name, way) == ('try later', 'lists') else expected)

    def test_nobody_there(self):
        for way in ('services', 'lists'):
            for url in (NOBODY, 'http://ocsp.invalid'):
                with self.subTest(way, url=url):
                    self.insert_with(**{way: [url]})
                    begun = time.monotonic()
                    self.assert_told(UNREACHABLE, host=url[7:])
                    self.assertLess(time.monotonic() - begun, 5)

    def test_redirected_for_ever(self):
        self.web.pages['/x'] = redirect(self.web.url + '/y')
        self.web.pages['/y'] = redirect('/x')
        self.insert_with(lists=[self.web.url + '/x'])
        begun = time.monotonic()
        self.assert_told(NONSENSE)
        self.assertLess(time.monotonic() - begun, 10)
        self.assertLess(len(self.web.requests), 10)

    def test_redirected_elsewhere(self):
        """To what is not followed: nothing secret is on the way, and nothing local is read."""
        self.insert_with(lists=[self.web.url + '/x'])
        for target in ('https://127.0.0.1/', 'file:///etc/passwd', 'ldap://127.0.0.1/', '//127.0.0.1/', 'list', '',
                       'http://127.0.0.1:port/'):
            with self.subTest(target):
                self.web.pages['/x'] = redirect(target)
                self.assert_told(NONSENSE)
        self.web.pages['/x'] = redirect(NOBODY)
        self.assert_told(UNREACHABLE)

    def test_redirected_service(self):
        """A question is not sent on."""
        self.web.pages['/x'] = redirect(self.web.url + '/y')
        self.insert_with(services=[self.web.url + '/x'])
        self.assert_told(NONSENSE)
        self.assertEqual(self.web.requests, [('POST', '/x')])

    def test_never_answers(self):
        """However many there are."""
        self.web.pages |= {f'/{i}': hang for i in range(8)}
        self.insert_with([f'{self.web.url}/{i}' for i in range(4)], [f'{self.web.url}/{i}' for i in range(4, 8)])
        begun = time.monotonic()
        self.assert_told(SILENT)
        self.assertLess(time.monotonic() - begun, 32)

    def test_drips(self):
        self.web.pages['/x'] = drip
        self.insert_with(lists=[self.web.url + '/x'])
        begun = time.monotonic()
        self.assert_told(SILENT)
        self.assertLess(time.monotonic() - begun, 15)


def peak_of_worker():
    """In MiB, of the worker that asks; 0 when there is none."""
    for folder in Path('/proc').glob('[0-9]*'):
        with contextlib.suppress(OSError, TypeError):
            if b'cert-assistant-worker\0revocation' in (folder / 'cmdline').read_bytes():
                return int(re.search(r'VmHWM:\s+(\d+)', (folder / 'status').read_text())[1]) >> 10
    return 0


class Large(Bench):
    def pour(self, *headers, begin=b''):
        """Answers with HEADERS and BEGIN, and goes on for 100 MB."""
        def answer(request):
            request.send_response(200)
            for name, value in headers:
                request.send_header(name, value)
            request.end_headers()
            request.wfile.write(begin)
            for self.poured in range(100):
                self.peak = max(self.peak, peak_of_worker())
                request.wfile.write(bytes(1 << 20))
        return answer

    def test_too_large(self):
        length = ('Content-Length', str(100 << 20))
        claim = b'\x30\x84' + (100 << 20).to_bytes(4, 'big')
        for name, answer, expected in (('says so', self.pour(length, begin=claim), TOO_LARGE),
                                       ('in DER', self.pour(begin=claim), TOO_LARGE),
                                       ('without an end', self.pour(begin=b'\x30\x80'), NONSENSE)):
            with self.subTest(name):
                self.peak = self.poured = 0
                self.web.pages['/x'] = answer
                self.insert(self.authority.issue(lists=[self.web.url + '/x']), self.authority.certificate)
                begun = time.monotonic()
                self.assert_told(expected)
                self.assertLess(time.monotonic() - begun, 8)
                self.assertLess(self.poured, 20)
                self.assertLess(self.peak, 40)


if __name__ == '__main__':
    enter_private()
    avoid_proxies()
    tap.main()
