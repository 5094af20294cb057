"""What `record` prints is a transcript that a driver can be tested with, and a token that nobody knows has one too."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from assistant import cli  # noqa: E402
from cards import piv_token  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402
from vcard import ANY, FOREVER, build_root  # noqa: E402

NO_SUCH_APPLICATION = bytes.fromhex('6A82')


def replay(transcript, result):
    """The exit status of the test that plays TRANSCRIPT to the driver of PIV."""
    with tempfile.TemporaryDirectory() as cards:
        Path(cards, 'piv').mkdir()
        Path(cards, 'piv', 'recorded.txt').write_text(f'{transcript}\n= {result}\n')
        return subprocess.run([build_root() / 'tests' / 'token' / 'test-replay'], capture_output=True,
                              env=dict(os.environ, TEST_CARDS=cards)).returncode


class Record(unittest.TestCase):
    def setUp(self):
        self.pcscd = Pcscd(['First Reader', 'Second Reader'])
        self.addCleanup(self.pcscd.close)

    def insert(self, serial, reader=0):
        card = piv_token(serial=serial, slots=(0x9A,)).load(self.pcscd.card('piv', 'yubico', serial=serial))
        card.insert(reader)
        return card

    def test_is_replayed(self):
        card = self.insert(4711)
        done = cli('record')
        self.assertEqual((done.returncode, done.stderr), (0, 'Certificates, names and serial numbers are in it, but no PIN.\n'))
        self.assertIn('First Reader', done.stdout.splitlines()[0])
        self.assertEqual(replay(done.stdout, 'serial 4711'), 0)
        self.assertNotEqual(replay(done.stdout, 'serial 4712'), 0)
        self.assertNotEqual(replay(done.stdout.replace('> 00CB', '> 00CA', 1), 'serial 4711'), 0)
        self.assertEqual(card.tries(), (3, 3))

    def test_nobody_knows_it(self):
        card = self.pcscd.card('piv')
        card.answer(ANY, NO_SUCH_APPLICATION, FOREVER)
        card.insert()
        done = cli('record')
        self.assertEqual(done.returncode, 0)
        self.assertIn('\n> 00A40400', done.stdout)
        self.assertIn('\n< 6A82\n', done.stdout)
        self.assertTrue(done.stdout.endswith('\n= error token-unknown\n\n'), done.stdout)

    def test_one_of_two(self):
        self.insert(4711)
        self.insert(4712, 1)
        self.assertEqual(cli('record').stdout.count('\natr '), 2)
        done = cli('record', '--token', 'piv-4712')
        self.assertIn('Second Reader', done.stdout.splitlines()[0])
        self.assertEqual(done.stdout.count('\natr '), 1)
        done = cli('record', '--token', 'piv-1')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, '', 'No token with the ID “piv-1” is inserted.\n'))

    def test_nothing_to_record(self):
        done = cli('record')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, '', 'No token is inserted\n'))
        card = piv_token(serial=5).load(self.pcscd.card('piv'))
        card.mute()
        card.insert(wait=False)
        done = cli('record')
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        self.assertIn('First Reader', done.stderr)
        self.pcscd.close()
        self.assertEqual(cli('record').returncode, 3)


if __name__ == '__main__':
    enter_private()
    tap.main()
