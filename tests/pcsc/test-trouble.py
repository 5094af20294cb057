"""Tokens that are pulled, mute, unknown, slow, shared, or say hostile things: a named state, in time, and no try lost."""
import contextlib
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import pcsc  # noqa: E402
import tap  # noqa: E402
from assistant import Watch, cli, kinds, list_tokens, state_of, troubles  # noqa: E402
from cards import make_certificate, piv_token  # noqa: E402
from pcscd import ANY, FOREVER, Pcscd, enter_private  # noqa: E402


class Trouble(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd(readers=['Test Reader'])
        cls.addClassCleanup(cls.pcscd.close)

    def setUp(self):
        self.card = piv_token(serial=5, slots=(0x9A, 0x9C)).load(self.pcscd.card('piv', 'yubico', serial=5))
        self.addCleanup(self.pcscd.host.eject)

    def assert_no_try_was_used(self):
        self.assertEqual(self.card.tries(), (3, 3))
        counters = self.card.counters()
        self.assertEqual((counters['verifies'], counters['changes'], counters['unblocks']), (0, 0, 0))

    def test_pulled_at_every_apdu(self):
        self.card.insert()
        list_tokens()
        n_apdus = self.card.counters()['apdus']
        self.pcscd.host.eject()
        self.assertGreater(n_apdus, 10)
        with Watch() as watch:
            watch.wait_last(lambda r: state_of(r) == 'empty')
            for i in range(n_apdus):
                seen = len(watch.reports)
                self.card.drop(i)
                self.card.insert(wait=False)
                watch.wait(lambda r: state_of(r) == 'reading', since=seen)
                watch.wait_last(lambda r: state_of(r) == 'empty', timeout=20)
                self.assertTrue(all(not r['tokens'] and not troubles(r) for _, r in watch.reports[seen:]), i)
                self.card.clear_faults()
            self.card.insert()
            watch.wait_last(lambda r: r['tokens'])
        self.assert_no_try_was_used()

    def test_mute(self):
        self.card.mute()
        with Watch() as watch:
            watch.wait_last(lambda r: r['readers'])
            self.card.insert(wait=False)
            report = watch.wait_last(lambda r: state_of(r) == 'mute', timeout=20)
            self.assertEqual(kinds(report), ['token-mute'])
            self.pcscd.host.eject()
            self.card.mute(False)
            self.card.insert()
            report = watch.wait_last(lambda r: r['tokens'])
            self.assertEqual(troubles(report), [])

    def test_unknown(self):
        for answer in ('6A82', '6D00', '6F00', '9000', '00', ''):
            with self.subTest(answer):
                card = self.pcscd.card('piv')
                card.answer(ANY, bytes.fromhex(answer), FOREVER)
                card.insert()
                status, report = list_tokens()
                self.pcscd.host.eject()
                self.assertEqual(status, 1)
                self.assertEqual(report['tokens'], [])
                self.assertIn(state_of(report), ('unknown-card', 'failed'))
                self.assertIn(kinds(report), (['token-unknown'], ['token-unreadable']))
                self.assertLess(card.counters()['apdus'], 64)

    def test_odd_atr(self):
        for atr in ('00', '3BFF', '3B00', '3B' + 'FF' * 30):
            with self.subTest(atr):
                self.card.atr(bytes.fromhex(atr))
                self.card.insert(wait=False)
                time.sleep(.1)
                status, report = list_tokens()
                self.assertIn(state_of(report), ('ready', 'mute', 'unknown-card', 'failed', 'empty'))
                self.pcscd.host.eject()

    def hold(self, share=pcsc.SHARE_SHARED, transaction=False):
        """Another program at the token; returns what makes it let go."""
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        handle = stack.enter_context(stack.enter_context(pcsc.Context()).connect(self.pcscd.reader_name(0), share))
        if transaction:
            handle.begin()
        return stack.close

    def test_exclusive_use(self):
        self.card.insert()
        release = self.hold(pcsc.SHARE_EXCLUSIVE)
        with Watch() as watch:
            report = watch.wait_last(lambda r: state_of(r) == 'busy')
            self.assertEqual(kinds(report), ['reader-busy'])
            seen = len(watch.reports)
            watch.drain(2)
            self.assertEqual(len(watch.reports), seen)  # nothing flickers while it is tried again
            release()
            watch.wait_last(lambda r: r['tokens'] and not troubles(r), timeout=20)

    def test_long_transaction(self):
        self.card.insert()
        release = self.hold(transaction=True)
        with Watch() as watch:
            report = watch.wait_last(lambda r: state_of(r) == 'busy', timeout=20)
            self.assertTrue(report['readers'][0]['in_use_by_others'])
            release()
            watch.wait_last(lambda r: r['tokens'] and not troubles(r), timeout=20)

    def test_silent_token(self):
        """It would answer after 30 s; nobody waits so long."""
        self.card.delay(30000, ANY, 1)
        self.card.insert()
        begin = time.monotonic()
        status, report = list_tokens()
        self.assertEqual((status, state_of(report), kinds(report)), (1, 'failed', ['token-unreadable']))
        self.assertIn('stopped answering', report['findings'][0]['text'])
        self.assertLess(time.monotonic() - begin, 15)

    def test_slow_token(self):
        """Slow, but it answers: it is read to its end."""
        self.card.delay(100)
        self.card.insert()
        status, report = list_tokens()
        self.assertEqual((status, len(report['tokens'][0]['certificates'])), (0, 2))

    def test_endless_answers(self):
        for kind in '61', '61-empty', '6c', 'grow':
            with self.subTest(kind):
                card = piv_token(serial=6, slots=(0x9A,)).load(self.pcscd.card('piv'))
                card.endless(kind)
                card.insert()
                status, report = list_tokens()
                self.assertEqual(status, 1)
                self.assertEqual(len(kinds(report)), 1)
                self.assertLessEqual(card.counters()['apdus'], 400)
                self.pcscd.host.eject()

    def test_hostile_text(self):
        names = ['Zhang\0San', 'a\u202eb\u2066c\u200b', '\x1b[31mred\r\n\t\x07', '<a href="x">&amp;</a>', '%s%n $(id) ; rm ../..',
                 'x' * 1500]
        for name in names:
            with self.subTest(name[:20]):
                token = piv_token(slots=())
                token.add(0x9A, make_certificate('p256', subject=[('O', name), ('CN', name)]))
                token.load(self.pcscd.card('piv')).insert()
                status, report = list_tokens()
                certificate = report['tokens'][0]['certificates'][0]
                for text in certificate['holder'], certificate['organization'], certificate['subject']:
                    self.assertTrue(text.isprintable(), text)
                    self.assertLessEqual(len(text), 1024)
                for verb in 'list', 'show':
                    said = cli(verb).stdout
                    self.assertTrue(all(c.isprintable() or c == '\n' for c in said), said)
                self.pcscd.host.eject()

    def test_others_work_meanwhile(self):
        """No handle stays open: gpg, which wants the reader for itself, and pkcs11-tool find it free."""
        self.card.insert()
        with Watch() as watch:
            watch.wait_last(lambda r: r['tokens'])
            done = subprocess.run(['pkcs11-tool', '--list-objects', '--type', 'cert'], capture_output=True, text=True,
                                  timeout=30)
            self.assertIn('Certificate Object', done.stdout, done.stderr)
            self.hold(pcsc.SHARE_EXCLUSIVE)()  # as scdaemon does
            self.assertEqual(state_of(watch.last), 'ready')

    def test_reset_by_another_program(self):
        """yubico-piv-tool does it when it ends. Ours waits for the transaction, or the token is read again."""
        self.card.delay(20)
        self.card.insert(wait=False)
        with Watch() as watch:
            watch.wait_last(lambda r: state_of(r) == 'reading')
            with pcsc.Context() as context:
                context.connect(self.pcscd.reader_name(0)).close(pcsc.RESET)
            watch.wait_last(lambda r: r['tokens'], timeout=20)
        self.assert_no_try_was_used()

    def test_gpg_reaches_the_token(self):
        """scdaemon connects exclusively. It finds no OpenPGP card here, but it was let in to look."""
        self.card.insert()
        home = os.path.join(os.environ['TMPDIR'], 'gnupg')
        os.makedirs(home, 0o700, exist_ok=True)
        with Watch() as watch:
            watch.wait_last(lambda r: r['tokens'])
            subprocess.run(['gpg', '--card-status'], capture_output=True, timeout=30,
                           env=dict(os.environ, GNUPGHOME=home))
            self.assertTrue(any('D27600012401' in line for line in self.card.log()))
            self.pcscd.host.eject()
            watch.wait_last(lambda r: not r['tokens'])


if __name__ == '__main__':
    enter_private()
    tap.main()
