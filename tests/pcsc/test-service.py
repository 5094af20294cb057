"""The smart card service absent, stopped, killed, restarted, frozen, refusing: each is named, none is for ever."""
import json
import os
import socket
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from assistant import Watch, cli, environment, kinds, list_tokens, state_of, troubles  # noqa: E402
from cards import piv_token  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402
from vcard import build_root  # noqa: E402


def switches(pid):
    """How often the kernel has switched to and from a process so far."""
    status = Path(f'/proc/{pid}/status').read_text()
    return sum(int(line.split()[1]) for line in status.splitlines() if 'ctxt_switches' in line)


class Service(unittest.TestCase):
    def setUp(self):
        self.pcscd = Pcscd(readers=['Test Reader'], start=False)
        self.addCleanup(self.pcscd.close)
        self.card = piv_token(serial=5, slots=(0x9A,)).load(self.pcscd.card('piv', 'yubico', serial=5))

    def test_stopped(self):
        status, report = list_tokens()
        self.assertEqual((status, report['service'], kinds(report)), (3, 'stopped', ['service-stopped']))

    def test_absent_then_started(self):
        with Watch() as watch:
            watch.wait_last(lambda r: r['service'] == 'stopped')
            self.pcscd.start()
            self.card.insert()
            report = watch.wait_last(lambda r: r['tokens'], timeout=20)
            self.assertEqual((report['service'], troubles(report)), ('running', []))

    def test_killed_and_restarted(self):
        self.pcscd.start()
        self.card.insert()
        with Watch() as watch:
            for end in self.pcscd.kill, self.pcscd.stop:
                watch.wait_last(lambda r: r['tokens'])
                end()
                watch.wait_last(lambda r: r['service'] == 'stopped' and not r['readers'])
                self.pcscd.start()
                watch.wait_last(lambda r: r['tokens'], timeout=20)

    def test_quick_restart_is_no_alarm(self):
        """Back before anybody could look: the token is read again, and the service was never called stopped."""
        self.pcscd.start()
        self.card.insert()
        with Watch() as watch:
            watch.wait_last(lambda r: r['tokens'])
            seen = len(watch.reports)
            self.pcscd.stop()
            self.pcscd.start()
            watch.drain(2)
            self.assertTrue(all(r['service'] == 'running' for _, r in watch.reports[seen:]))
            self.assertEqual(state_of(watch.last), 'ready')

    def test_frozen_at_start(self):
        self.pcscd.start()
        self.pcscd.suspend()
        with Watch() as watch:
            report = watch.wait_last(lambda r: kinds(r) == ['service-hung'], timeout=20)
            self.assertEqual(report['service'], 'running')
            self.pcscd.resume()
            watch.wait_last(lambda r: not troubles(r) and r['readers'], timeout=15)

    def test_frozen_while_reading(self):
        self.pcscd.start()
        self.card.delay(300)
        with Watch() as watch:
            watch.wait_last(lambda r: r['readers'])
            self.card.insert()
            watch.wait_last(lambda r: state_of(r) == 'reading')
            time.sleep(.2)
            self.pcscd.suspend()
            self.addCleanup(self.pcscd.resume)
            watch.wait_last(lambda r: 'token-unreadable' in kinds(r) or 'service-hung' in kinds(r), timeout=20)

    def test_denied(self):
        """A service that refuses somebody closes the connection before a word is said: so does this one. Debian's is built
        without polkit, where such a refusal comes from elsewhere."""
        path = os.path.join(os.environ['TMPDIR'], 'refuses')
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(path)
            door.listen()
            n_knocks = 0

            def refuse():
                nonlocal n_knocks
                while True:
                    try:
                        visitor, _ = door.accept()
                    except OSError:
                        return
                    n_knocks += 1
                    visitor.close()
            doorman = threading.Thread(target=refuse)
            doorman.start()
            status, report = list_tokens(PCSCLITE_CSOCK_NAME=path)
            self.assertEqual((status, report['service'], kinds(report)), (3, 'denied', ['service-denied']))
            with Watch(PCSCLITE_CSOCK_NAME=path) as watch:
                watch.wait_last(lambda r: r['service'] == 'denied')
                n_knocks = 0
                watch.drain(3)
                self.assertEqual(n_knocks, 0)  # each refusal is a line in somebody's log
            door.shutdown(socket.SHUT_RDWR)
            doorman.join()

    def test_missing(self):
        """Neither the program nor the socket is there."""
        done = subprocess.run(['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /usr/sbin && exec "$0" list --json',
                               build_root() / 'src' / 'cli' / 'cert-assistant-cli'], capture_output=True, text=True,
                              env=environment(PCSCLITE_CSOCK_NAME='/nonexistent/socket'), timeout=20)
        report = json.loads(done.stdout)
        self.assertEqual((done.returncode, report['service'], kinds(report)), (3, 'missing', ['service-missing']))

    def test_worker_missing(self):
        """Half an installation: said, not waited for."""
        done = cli('list', '--json', CERT_ASSISTANT_LIBEXEC='/nonexistent')
        report = json.loads(done.stdout)
        self.assertEqual((done.returncode, kinds(report)), (3, ['module-failed']))
        self.assertNotIn('service', report)

    def test_no_busy_loop(self):
        """A watcher with nothing to watch sleeps: half a second of its life costs a handful of wake-ups."""
        for start, seconds in ((False, 2), (True, 2)):
            if start:
                self.pcscd.start()
            with Watch() as watch:
                watch.wait_last(lambda r: r['service'])
                time.sleep(1.5)
                pid = watch.worker('watch')[0]
                before = switches(pid)
                time.sleep(seconds)
                self.assertLess(switches(pid) - before, 20)

    def test_contexts_are_given_back(self):
        """Two hundred readings: pcscd has room for two hundred contexts at a time, and all of them come back."""
        self.pcscd.start()
        self.card.insert()
        for _ in range(60):
            status, report = list_tokens()
            self.assertEqual((status, len(report['tokens'])), (0, 1))
        sockets = [entry for entry in Path(f'/proc/{self.pcscd.process.pid}/fd').iterdir()
                   if os.readlink(entry).startswith('socket:')]
        self.assertLess(len(sockets), 20)


if __name__ == '__main__':
    enter_private()
    tap.main()
