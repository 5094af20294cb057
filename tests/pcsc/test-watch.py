"""Readers and tokens that come and go, fast and slow: nothing is lost, nothing is invented."""
import os
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from assistant import Watch, state_of  # noqa: E402
from cards import HOLDER_EN, piv_token  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402


def ids(report):
    return sorted(token['id'] for token in report['tokens'])


def lives(pid):
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except (FileNotFoundError, ProcessLookupError):
        return False


class Tokens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd(readers=['First Reader', 'Second Reader'])
        cls.addClassCleanup(cls.pcscd.close)
        cls.one = piv_token(serial=1111, slots=(0x9A,)).load(cls.pcscd.card('piv', 'yubico', serial=1111))
        cls.two = piv_token(HOLDER_EN, serial=2222, slots=(0x9A,)).load(cls.pcscd.card('piv', 'yubico', serial=2222))

    def tearDown(self):
        for reader in 'First Reader', 'Second Reader':
            self.pcscd.host.eject(reader)

    def test_insert_and_remove(self):
        with Watch() as watch:
            watch.wait_last(lambda r: len(r['readers']) == 2 and not r['tokens'])
            self.one.insert('First Reader')
            report = watch.wait_last(lambda r: ids(r) == ['piv-1111'])
            self.assertEqual(state_of(report), 'ready')
            self.two.insert('Second Reader')
            watch.wait_last(lambda r: ids(r) == ['piv-1111', 'piv-2222'])
            self.pcscd.host.eject('First Reader')
            watch.wait_last(lambda r: ids(r) == ['piv-2222'])
            self.pcscd.host.eject('Second Reader')
            watch.wait_last(lambda r: ids(r) == [] and state_of(r) == 'empty')

    def test_nothing_half_read_is_reported(self):
        self.one.delay(30)
        self.addCleanup(self.one.clear_faults)
        with Watch() as watch:
            watch.wait_last(lambda r: r['service'] == 'running')
            self.one.insert('First Reader')
            watch.wait_last(lambda r: ids(r) == ['piv-1111'])
            for _, report in watch.reports:
                self.assertIn(ids(report), ([], ['piv-1111']))
                self.assertTrue(all(token['certificates'] for token in report['tokens']))

    def test_swaps(self):
        """One token for the other, with every gap: the last one is shown, and never a mixture."""
        self.one.insert('First Reader')
        with Watch() as watch:
            watch.wait_last(lambda r: ids(r) == ['piv-1111'])
            for i, gap in enumerate((0, 0, 1, 2, 5, 10, 50, 200, 0, 0)):
                card, name = ((self.two, 'piv-2222'), (self.one, 'piv-1111'))[i % 2]
                seen = len(watch.reports)
                card.replace('First Reader', gap)
                watch.wait(lambda r, n=name: ids(r) == [n], since=seen)

    def test_same_token_again(self):
        self.one.insert('First Reader')
        with Watch() as watch:
            watch.wait_last(lambda r: ids(r) == ['piv-1111'])
            for _ in range(5):
                seen = len(watch.reports)
                self.one.replace('First Reader', 0)
                watch.wait(lambda r: ids(r) == ['piv-1111'], since=seen)
                watch.drain(.05)

    def test_many_insertions(self):
        """Faster than they can be read: in the end the truth."""
        with Watch() as watch:
            for _ in range(200):
                self.one.insert('First Reader', wait=False)
                self.pcscd.host.eject('First Reader', wait=False)
            self.two.insert('First Reader')
            watch.wait_last(lambda r: ids(r) == ['piv-2222'])
            watch.drain(.5)
            self.assertEqual(ids(watch.last), ['piv-2222'])

    def test_worker_killed(self):
        """The watcher dies: another one takes over, and nothing was lost."""
        self.one.insert('First Reader')
        with Watch() as watch:
            watch.wait_last(lambda r: ids(r) == ['piv-1111'])
            for _ in range(3):
                os.kill(watch.worker('watch')[0], signal.SIGKILL)
                time.sleep(.02)
                self.two.replace('First Reader', 0)
                watch.wait_last(lambda r: ids(r) == ['piv-2222'])
                os.kill(watch.worker('watch')[0], signal.SIGKILL)
                self.one.replace('First Reader', 0)
                watch.wait_last(lambda r: ids(r) == ['piv-1111'])

    def test_nothing_is_left_behind(self):
        watch = Watch()
        watch.wait_last(lambda r: len(r['readers']) == 2)
        watcher = watch.worker('watch')[0]
        watch.process.kill()
        watch.process.wait()
        watch.process.stdout.close()
        end = time.monotonic() + 20
        while lives(watcher) and time.monotonic() < end:
            time.sleep(.01)
        self.assertFalse(lives(watcher))


class Readers(unittest.TestCase):
    def test_sixteen(self):
        """All that pcsc-lite of Debian 12 takes: its wait has no room for the plug entry then."""
        names = [f'Reader {i:02}' for i in range(16)]
        with Pcscd(readers=names) as pcscd, Watch() as watch:
            watch.wait_last(lambda r: len(r['readers']) == 16)
            cards = [piv_token(serial=100 + i, kind='p256', slots=(0x9A,))
                     .load(pcscd.card('piv', 'yubico', serial=100 + i)) for i in range(16)]
            for name, card in zip(names, cards):
                card.insert(name, wait=False)
            watch.wait_last(lambda r: len(r['tokens']) == 16, timeout=60)
            self.assertEqual(len(set(ids(watch.last))), 16)
            pcscd.host.eject('Reader 07')
            watch.wait_last(lambda r: len(r['tokens']) == 15)

    def test_plugging(self):
        with Pcscd(readers=[], hotplug=True) as pcscd, Watch() as watch:
            watch.wait_last(lambda r: r['service'] == 'running' and not r['readers'])
            card = piv_token(serial=7, slots=(0x9A,)).load(pcscd.card('piv', 'yubico', serial=7))
            for _ in range(3):
                plug = pcscd.plug('Test Reader', serial='A1')
                watch.wait_last(lambda r: len(r['readers']) == 1)
                card.insert(plug.reader)
                watch.wait_last(lambda r: ids(r) == ['piv-7'])
                plug.unplug()
                pcscd.host.eject(plug.reader, wait=False)
                watch.wait_last(lambda r: not r['readers'] and not r['tokens'])

    def test_plugged_at_every_moment(self):
        """pcsc-lite 1.9.9 forgets a reader that comes between its list and its wait: two come close to each other, with
        every gap, and both are there."""
        with Pcscd(readers=[], hotplug=True) as pcscd, Watch() as watch:
            watch.wait_last(lambda r: r['service'] == 'running')
            for gap_ms in (0, 0, 0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50):
                first = pcscd.plug('Test Reader', serial='A1', wait=False)
                time.sleep(gap_ms / 1000)
                second = pcscd.plug('Other Reader', serial='B2', wait=False)
                watch.wait_last(lambda r: len(r['readers']) == 2, timeout=20)
                first.unplug()
                second.unplug()
                watch.wait_last(lambda r: not r['readers'], timeout=20)

    def test_hostile_name(self):
        with Pcscd(readers=[], hotplug=True) as pcscd, Watch() as watch:
            pcscd.plug('Test Reader', serial='S<b>1</b>&\u202e\u001b[31mX')
            report = watch.wait_last(lambda r: len(r['readers']) == 1)
            name = report['readers'][0]['name']
            self.assertIn('S<b>1</b>&[31mX', name)
            self.assertTrue(name.isprintable())


if __name__ == '__main__':
    enter_private()
    tap.main()
