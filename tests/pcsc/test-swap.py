"""What is said when tokens come and go under each other's feet. SWAPS=1000 makes it as long as that, with gaps up to a
second."""
import os
import random
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import pcsc  # noqa: E402
import tap  # noqa: E402
from assistant import Watch, kinds, list_tokens  # noqa: E402
from cards import HOLDER_EN, piv_token  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402

N = int(os.environ.get('SWAPS', 40))
MAX_GAP_MS = 1000 if N > 200 else 100


def has(report, kind, token=None):
    return any(finding['kind'] == kind and finding.get('token') == (token or finding.get('token'))
               for finding in report['findings'])


class Swap(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd(readers=['First Reader', 'Second Reader'])
        cls.addClassCleanup(cls.pcscd.close)
        cls.host = cls.pcscd.host
        cls.one = cls.make_card(1111, [('CN', '张三')])
        cls.two = cls.make_card(2222, HOLDER_EN)

    @classmethod
    def make_card(cls, serial, holder):
        return piv_token(holder, serial=serial, slots=(0x9A,)).load(cls.pcscd.card('piv', 'yubico', serial=serial))

    def tearDown(self):
        for reader in 'First Reader', 'Second Reader':
            self.host.eject(reader)

    def test_every_swap_is_said(self):
        chance = random.Random(1)
        with Watch() as watch:
            watch.wait_last(lambda r: r['service'] == 'running')
            self.one.insert()
            watch.wait_last(lambda r: r['tokens'])
            self.assertFalse(has(watch.last, 'swapped'))
            for i in range(N):
                card, serial = ((self.two, 'piv-2222'), (self.one, 'piv-1111'))[i % 2]
                seen = len(watch.reports)
                card.replace(gap_ms=chance.randint(0, MAX_GAP_MS), wait=False)
                watch.wait(lambda r, serial=serial: has(r, 'swapped', serial), since=seen)

    def test_the_same_token_again_is_no_swap(self):
        chance = random.Random(2)
        with Watch() as watch:
            watch.wait_last(lambda r: r['service'] == 'running')
            self.one.insert()
            watch.wait_last(lambda r: r['tokens'])
            for _ in range(N):
                seen = len(watch.reports)
                self.one.replace(gap_ms=chance.randint(0, MAX_GAP_MS), wait=False)
                watch.wait(lambda r: not r['tokens'], since=seen)
                watch.wait_last(lambda r: r['tokens'])
            self.assertFalse(any(has(report, 'swapped') for _, report in watch.reports))

    def test_a_service_that_restarts_is_no_swap(self):
        with Watch() as watch:
            watch.wait_last(lambda r: r['service'] == 'running')
            self.one.insert()
            watch.wait_last(lambda r: r['tokens'])
            self.pcscd.kill()
            watch.wait_last(lambda r: r['service'] == 'stopped')
            self.pcscd.start()
            watch.wait_last(lambda r: r['tokens'], timeout=30)
            self.assertFalse(has(watch.last, 'swapped'))

    def test_two_at_once(self):
        self.one.insert('First Reader')
        self.two.insert('Second Reader')
        status, report = list_tokens()
        self.assertEqual((status, [kind for kind in kinds(report) if kind != 'pin-default']), (0, ['multiple-tokens']))
        finding = next(finding for finding in report['findings'] if finding['kind'] == 'multiple-tokens')
        self.assertEqual((finding['level'], finding['title']), ('info', '2 tokens are inserted'))
        self.assertIn('张三', finding['text'])
        self.assertIn('Zhang San', finding['text'])

    def test_pulled_in_use(self):
        """That another program has taken the token is known with the next thing that happens, or after three minutes; that it
        lets go, at once."""
        self.one.insert('First Reader')
        with Watch() as watch, pcsc.Context() as context:
            watch.wait_last(lambda r: r['tokens'])
            with context.connect(self.pcscd.reader_name('First Reader')):
                self.two.insert('Second Reader')
                watch.wait_last(lambda r: r['readers'][0]['in_use_by_others'] and len(r['tokens']) == 2)
                self.host.eject('Second Reader')
                watch.wait_last(lambda r: len(r['tokens']) == 1)
                self.assertFalse(has(watch.last, 'removed-in-use'))
                self.host.eject('First Reader')
                report = watch.wait_last(lambda r: has(r, 'removed-in-use'))
                text = next(finding['text'] for finding in report['findings'] if finding['kind'] == 'removed-in-use')
                self.assertRegex(text, r'^张三 · 1111 was pulled at \d\d:\d\d\. ')
                self.one.insert('Second Reader')
                watch.wait_last(lambda r: r['tokens'] and not has(r, 'removed-in-use'))
            self.host.eject('Second Reader')
            watch.wait_last(lambda r: not r['tokens'])
            self.assertFalse(has(watch.last, 'removed-in-use'))


if __name__ == '__main__':
    enter_private()
    tap.main()
