"""The engine takes its workers for hostile: whatever they send, it stays, says something true, and does not run hot."""
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from assistant import Watch, cli, environment, kinds, list_tokens, state_of  # noqa: E402
from pcscd import enter_private  # noqa: E402
from vcard import build_root  # noqa: E402

LIAR = Path(__file__).with_name('lying-worker.py')


class LyingWorker(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / 'cert-assistant-worker').symlink_to(LIAR)
        self.starts = self.folder / 'starts'
        self.starts.touch()

    def lie(self, name):
        return {'CERT_ASSISTANT_LIBEXEC': str(self.folder), 'LIE': name, 'STARTS': str(self.starts)}

    def count_starts(self, mode):
        return self.starts.read_text().split().count(mode)

    def test_bad_watchers(self):
        """Restarted, slower and slower; the view says nothing that is not known."""
        for name in 'ends', 'garbage', 'huge-frame', 'wrong-kind', 'nonsense-readers', 'thousand-readers':
            with self.subTest(name):
                self.starts.write_text('')
                with Watch(**self.lie(name)) as watch:
                    watch.wait_last(lambda r: kinds(r) == ['module-failed'])
                    watch.drain(1)
                    self.assertIsNone(watch.process.poll())
                    self.assertTrue(all(not r['readers'] and 'service' not in r for _, r in watch.reports), watch.last)
                self.assertGreater(self.count_starts('watch'), 1)
                self.assertLess(self.count_starts('watch'), 9)

    def test_bad_readers(self):
        for name in ('reader-ends', 'reader-garbage', 'reader-sends-readers', 'reader-unknown-failure',
                     'half-token-as-whole', 'token-without-id', 'bad-fingerprint', 'thousand-certificates'):
            with self.subTest(name):
                self.starts.write_text('')
                with Watch(**self.lie(name)) as watch:
                    report = watch.wait_last(lambda r: state_of(r) == 'failed')
                    self.assertEqual((report['tokens'], kinds(report)), ([], ['token-unreadable']))
                    watch.drain(1)
                self.assertLess(self.count_starts('read'), 6)

    def test_silent_reader(self):
        begin = time.monotonic()
        status, report = list_tokens(**self.lie('reader-silent'))
        self.assertEqual((status, kinds(report)), (1, ['service-hung']))
        self.assertLess(time.monotonic() - begin, 15)

    def test_odd_token(self):
        """Well formed and hostile: cleaned, and the impossible dates are no dates."""
        status, report = list_tokens(**self.lie('odd-token'))
        certificate = report['tokens'][0]['certificates'][0]
        self.assertEqual((status, certificate['holder']), (0, '[31m<b>'))
        self.assertNotIn('not_after', certificate)
        self.assertNotIn('validity', certificate)

    def test_pin(self):
        """Whatever a worker says, “not sent” is said only where it was never told to send."""
        unsent = ('pin-ends', 'pin-garbage', 'pin-token-only', 'pin-not-sent', 'pin-done-unsent', 'pin-answer-unsent',
                  'pin-silent')
        sent = ('pin-ends-sending', 'pin-garbage-sending', 'pin-failure-sending', 'pin-done', 'pin-twice', 'pin-other-token')
        for name in unsent + sent:
            with self.subTest(name):
                self.starts.write_text('')
                done = subprocess.run([build_root() / 'src/cli/cert-assistant-cli', 'change-pin'], capture_output=True,
                                      input='123456\n24681357\n24681357\n', text=True, timeout=60,
                                      env=environment(**self.lie(name)))
                self.assertEqual(done.returncode, 0 if name in ('pin-done', 'pin-twice', 'pin-other-token') else 1, done)
                last = done.stdout.splitlines()[-1]
                self.assertEqual(last.startswith('Not sent: no try was used.'), name in unsent, last)
                self.assertEqual(self.count_starts('change-pin'), 1)

    def show(self, name):
        """The exit status of `show --revocation`, and what it says of the answer."""
        self.starts.write_text('')
        done = cli('show', '--revocation', timeout=60, **self.lie(name))
        self.assertEqual(self.count_starts('revocation'), 1)
        return done.returncode, re.search('^  Revocation: (.*)$', done.stdout, re.M)[1]

    def test_revocation(self):
        """What is no answer to the question is a failure of ours, and never “not revoked”."""
        failed = 'Not known. A part of the assistant has failed.'
        for name in ('ends', 'garbage', 'huge-frame', 'half-frame', 'sends-token', 'of-another', 'of-nobody', 'asking',
                     'unknown-state', 'good-and-failed'):
            with self.subTest(name):
                self.assertEqual(self.show(f'revocation-{name}'), (0, failed))
        self.assertEqual(self.show('revocation-good'), (0, 'Not revoked'))
        self.assertEqual(self.show('revocation-twice'), (1, 'Revoked'))
        self.assertEqual(self.show('revocation-odd'), (1, 'Revoked ([31m<b>)'))

    def test_silent_revocation(self):
        begin = time.monotonic()
        self.assertEqual(self.show('revocation-silent'), (0, 'Not known. No answer came in time.'))
        self.assertLess(time.monotonic() - begin, 40)

    def test_list_does_not_wait_for_ever(self):
        """A watcher that never comes up: `list` ends all the same."""
        begin = time.monotonic()
        status, report = list_tokens(**self.lie('ends'))
        self.assertEqual((status, kinds(report)), (3, ['module-failed']))
        self.assertLess(time.monotonic() - begin, 20)


if __name__ == '__main__':
    enter_private()
    tap.main()
