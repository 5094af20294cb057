"""OpenSC's and Yubico's libraries in the module host, on virtual cards behind the real pcscd: what we see through them
is what pkcs11-tool and p11tool see, PINs that each changes for the other, and a wrong PIN down to the last try."""
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from cards import ADMIN, HOLDER_EN, PIN, gids_token, openpgp_token, piv_token  # noqa: E402
from module import SYSTEM_IS_OURS, Module, find_library  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402

OPENSC = find_library('*/opensc-pkcs11.so')
YKCS11 = find_library('*/libykcs11.so', '*/libykcs11.so.2')
NEW, WRONG = '24681357', '97531864'


@unittest.skipUnless(SYSTEM_IS_OURS, 'the libraries of the system are not of root here')
class Card(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd()
        cls.addClassCleanup(cls.pcscd.close)

    def insert(self, token, *personality):
        self.token = token
        self.card = token.load(self.pcscd.card(*personality, serial=4711))
        self.card.insert()
        self.addCleanup(self.pcscd.host.eject)

    def module(self, library=None):
        module = Module('pkcs11', library or self.library)
        self.addCleanup(module.__exit__)
        self.assertEqual((module.start['error'], module.start['uses_pcsc']), (None, True))
        return module

    def list_one(self, module):
        answer = module.list()
        self.assertEqual((answer['error'], answer['code']), (None, 0))
        self.assertEqual(len(answer['tokens']), 1, answer)
        return answer['tokens'][0]

    def tool(self, *arguments):
        return subprocess.run(['pkcs11-tool', '--module', self.library, *arguments], capture_output=True, text=True,
                              timeout=30, env=dict(os.environ, LC_ALL='C.UTF-8'))

    def logs_in(self, pin):
        return self.tool('--login', '--pin', pin, '--list-objects').returncode == 0

    def assert_same_as_tool(self, token):
        slots = self.tool('--list-slots').stdout
        self.assertEqual(set(re.findall(r'serial num +: (\S+)', slots)), {token['serial']})
        self.assertIn(token['place'], re.findall(r'^Slot \d+ \(.*?\): (.*)$', slots, re.M))
        if len(token['pins']) == 1:
            self.assertEqual(re.findall(r'token label +: (.*)', slots), [token['label']])
            self.assertEqual(re.findall(r'pin min/max +: (.*)', slots)[0],
                             f'{token["pins"][0]["min_length"]}/{token["pins"][0]["max_length"]}')
        objects = self.tool('--list-objects', '--type', 'cert').stdout
        self.assertEqual(sorted(one['id'] for one in token['certificates']), sorted(re.findall(r'ID: +(\S+)', objects)))

    @staticmethod
    def shas(token):
        return sorted(one['sha256'] for one in token['certificates'])


class Piv:
    """The same through either library."""

    def setUp(self):
        self.insert(piv_token(HOLDER_EN, serial=4711), 'piv', 'yubico')

    def test_list(self):
        token = self.list_one(self.module())
        self.assertLessEqual({one.sha256 for one in self.token.certificates.values()}, set(self.shas(token)))
        self.assertEqual(token['certificates'][0]['sha256'], self.token.certificates[0x9A].sha256)
        self.assertEqual((token['hardware'], token['unreadable']), (True, []))
        self.assertEqual(len(token['pins']), 1)
        self.assertEqual(self.card.counters()['verifies'], 0)
        self.assert_same_as_tool(token)

    def test_list_beside_p11tool(self):
        token = self.list_one(self.module())
        done = subprocess.run(['p11tool', '--provider', self.library, '--list-all-certs', '--only-urls'],
                              capture_output=True, text=True, timeout=30)
        self.assertEqual(len(re.findall('type=cert', done.stdout)), len(token['certificates']), done.stderr)
        self.assertIn(f'serial={token["serial"]}', done.stdout)

    def test_comes_and_goes(self):
        module = self.module()
        self.list_one(module)
        self.pcscd.host.eject()
        self.assertEqual(module.list()['tokens'], [])
        self.card.insert()
        self.list_one(module)

    def test_we_change_and_the_tool_logs_in(self):
        module = self.module()
        self.list_one(module)
        answer = module.change_pin(PIN, NEW)
        self.assertEqual((answer['failure'], answer['sent'], answer['status']), ('none', True, 0))
        module.__exit__()
        self.assertTrue(self.logs_in(NEW))
        self.assertEqual(self.card.tries(), (3, 3))

    def test_the_tool_changes_and_we_do_after_it(self):
        done = self.tool('--login', '--pin', PIN, '--change-pin', '--new-pin', NEW)
        self.assertEqual(done.returncode, 0, done.stderr)
        module = self.module()
        self.list_one(module)
        self.assertEqual(module.change_pin(NEW, PIN)['failure'], 'none')
        module.__exit__()
        self.assertTrue(self.logs_in(PIN))

    def test_wrong_until_it_is_blocked(self):
        module = self.module()
        self.list_one(module)
        for left in (2, 1, 0):
            answer = module.change_pin(WRONG, NEW)
            self.assertIn(answer['failure'], ('pin-wrong', 'pin-blocked') if left == 0 else ('pin-wrong',))
            self.assertEqual(self.card.tries(), (left, 3))  # one try each, no more
            self.assertIn(answer['tries_left'], (left, -1))
            pin, = self.list_one(module)['pins']
            self.assertEqual(pin['blocked'], left == 0 and self.tells_flags)
            self.assertEqual(pin['tries_left'], self.known_tries(left))
        self.assertEqual(module.change_pin(PIN, NEW)['failure'], 'pin-blocked')
        self.assertEqual(self.card.tries(), (0, 3))

    def known_tries(self, left):
        return left if left < 2 and self.tells_flags else -1

    def test_too_short(self):
        module = self.module()
        self.list_one(module)
        self.assertEqual(module.change_pin(PIN, '123')['failure'], self.too_short)
        self.assertEqual(self.card.tries(), (3, 3))

    def test_nobody_unblocks(self):
        self.card.pin(PIN, 0)
        module = self.module()
        self.list_one(module)
        answer = module.unblock('12345678', NEW)
        self.assertNotEqual(answer['failure'], 'none')
        self.assertEqual(self.card.tries(), (0, 3))


@unittest.skipUnless(OPENSC, 'opensc-pkcs11 is not installed')
class OpenSc(Piv, Card):
    library = OPENSC
    tells_flags = True
    too_short = 'pin-refused'


@unittest.skipUnless(YKCS11, 'ykcs11 is not installed')
class YkCs11(Piv, Card):
    library = YKCS11
    tells_flags = False
    too_short = 'pin-status'  # "device error" is all it says


@unittest.skipUnless(OPENSC, 'opensc-pkcs11 is not installed')
class Others(Card):
    library = OPENSC

    def test_openpgp_is_one_token_with_two_pins(self):
        self.insert(openpgp_token(HOLDER_EN, serial=4711), 'openpgp')
        token = self.list_one(self.module())
        self.assertEqual([pin['ref'] for pin in token['pins']], ['user', 'sign'])
        self.assertEqual([pin['label'] for pin in token['pins']], ['User PIN', 'User PIN (sig)'])
        self.assertEqual(self.shas(token), sorted(one.sha256 for one in self.token.certificates.values()))
        self.assertEqual(self.card.counters()['verifies'], 0)
        self.assert_same_as_tool(token)

    def test_openpgp_pins(self):
        """OpenSC does not tell a wrong one from what it cannot do: so we do not either."""
        self.insert(openpgp_token(HOLDER_EN, serial=4711), 'openpgp')
        module = self.module()
        self.list_one(module)
        answer = module.change_pin(WRONG, NEW, ref='sign')
        self.assertEqual((answer['failure'], answer['status']), ('pin-status', 0x101))
        self.assertEqual(self.card.tries(), (2, 3))
        self.assertEqual(module.change_pin(PIN, NEW, ref='sign')['failure'], 'none')
        self.assertEqual(module.change_pin(NEW, PIN, ref='user')['failure'], 'none')
        self.assertEqual(module.unblock(ADMIN, NEW)['failure'], 'pin-impossible')
        self.assertEqual((self.card.tries(), self.card.tries('admin')), ((3, 3), (3, 3)))

    def test_gids(self):
        self.insert(gids_token(HOLDER_EN, serial=4711), 'gids')
        module = self.module()
        token = self.list_one(module)
        self.assertEqual(self.shas(token), sorted(one.sha256 for one in self.token.certificates.values()))
        self.assertEqual(module.change_pin(PIN, NEW)['failure'], 'none')
        module.__exit__()
        self.assertTrue(self.logs_in(NEW))

    def test_nothing_inserted(self):
        answer = self.module().list()
        self.assertEqual((answer['error'], answer['code'], answer['tokens']), (None, 0, []))


if __name__ == '__main__':
    enter_private()
    tap.main()
