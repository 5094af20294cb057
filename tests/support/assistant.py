"""Our own programs as a test uses them: cert-assistant-cli, run once or watching, and the worker without its engine.

    report = list_tokens()                       # (exit status, the JSON)
    with Watch() as watch:
        watch.wait(lambda report: report['tokens'])
"""
import hashlib
import json
import os
import select
import socket
import struct
import subprocess
import time

from vcard import build_root

DEADLINE = 20


def environment(**more):
    """Of the program as built, in English and in UTC."""
    return dict(os.environ, **{'CERT_ASSISTANT_LIBEXEC': str(build_root() / 'src' / 'token'), 'LC_ALL': 'C.UTF-8',
                               'LANGUAGE': 'C', 'TZ': 'UTC', **more})


def cli(*arguments, timeout=DEADLINE, **more):
    return subprocess.run([build_root() / 'src' / 'cli' / 'cert-assistant-cli', *arguments], capture_output=True,
                          text=True, timeout=timeout, env=environment(**more))


def list_tokens(**more):
    done = cli('list', '--json', **more)
    if done.returncode == 2 or done.stderr:
        raise AssertionError(done.stderr or 'exit status 2')
    return done.returncode, json.loads(done.stdout)


class Watch:
    """`cert-assistant-cli watch --json`; .reports are all that it has said, each with the time it was read."""

    def __init__(self, **more):
        self.reports = []
        self._rest = b''
        self.process = subprocess.Popen([build_root() / 'src' / 'cli' / 'cert-assistant-cli', 'watch', '--json'],
                                        stdout=subprocess.PIPE, env=environment(**more))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def read(self, timeout):
        """Takes in what comes within TIMEOUT seconds, and returns as soon as something has come."""
        if select.select([self.process.stdout], [], [], timeout)[0]:
            data = os.read(self.process.stdout.fileno(), 1 << 20)
            if not data:
                raise AssertionError(f'the watch has ended: {self.process.wait()}')
            *lines, self._rest = (self._rest + data).split(b'\n')
            self.reports += [(time.monotonic(), json.loads(line)) for line in lines]

    def drain(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)

    @property
    def last(self):
        return self.reports[-1][1] if self.reports else None

    def wait(self, condition, timeout=DEADLINE, since=0):
        """The first report from number SINCE on for which CONDITION holds."""
        end = time.monotonic() + timeout
        i = since
        while True:
            for _, report in self.reports[i:]:
                if condition(report):
                    return report
            i = len(self.reports)
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(json.dumps(self.last, ensure_ascii=False, indent=1))
            self.read(left)

    def wait_last(self, condition, timeout=DEADLINE):
        """Until CONDITION holds for the newest report."""
        end = time.monotonic() + timeout
        while not (self.reports and condition(self.last)):
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(json.dumps(self.last, ensure_ascii=False, indent=1))
            self.read(left)
        return self.last

    def worker(self, mode):
        """The process ids of this watch's workers in MODE."""
        children = subprocess.run(['ps', '--ppid', str(self.process.pid), '-o', 'pid=,args='], capture_output=True,
                                  text=True).stdout.splitlines()
        return [int(line.split()[0]) for line in children if f'cert-assistant-worker {mode}' in line]


def fingerprint(token):
    """Who a token of a report is, as the worker wants to hear it: model/token.h."""
    certificates = ''.join(sorted(certificate['sha256'] for certificate in token['certificates']))
    whole = (token['family'], token.get('serial', ''), hashlib.sha256(certificates.encode()).hexdigest())
    return hashlib.sha256('\n'.join(whole).encode()).hexdigest()


class Worker:
    """One cert-assistant-worker, to which the test is the engine: frames as in model/frame.h."""

    STAGE, IN_USE, TOKEN, FAILURE, ATTEMPT, SECRET, GO = 2, 3, 5, 6, 7, 8, 9
    SENDING = 3  # the stage

    def __init__(self, *arguments):
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._socket.settimeout(DEADLINE)
        self.process = subprocess.Popen(['bash', '-c', f'exec "$0" "$@" 3<&{theirs.fileno()}',
                                         build_root() / 'src' / 'token' / 'cert-assistant-worker', *arguments],
                                        pass_fds=[theirs.fileno()], env=environment())
        theirs.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self._socket.close()

    def send(self, kind, data=b''):
        self._socket.sendall(struct.pack('=IB', len(data), kind) + data)

    def receive(self):
        """(kind, payload) of the next frame."""
        length, kind = struct.unpack('=IB', self._read(5))
        return kind, self._read(length)

    def _read(self, n):
        data = b''
        while len(data) < n:
            more = self._socket.recv(n - len(data))
            if not more:
                raise EOFError('the worker has ended')
            data += more
        return data

    def wait_sending(self):
        """Until the worker asks whether it may send."""
        while self.receive() != (self.STAGE, struct.pack('=I', self.SENDING)):
            pass


def kinds(report):
    return sorted(finding['kind'] for finding in report['findings'])


def troubles(report):
    """Without what is only said by the way: the PIN of a test is the one that the token came with."""
    return sorted(finding['kind'] for finding in report['findings'] if finding['level'] != 'info')


def state_of(report, reader=0):
    return report['readers'][reader]['state'] if len(report['readers']) > reader else None
