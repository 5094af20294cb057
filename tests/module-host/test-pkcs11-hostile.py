"""Libraries of PKCS #11 that crash, hang and lie, in the module host: whoever asks has an answer at the deadline, and
the right one wherever there is anything right in what the library says."""
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from cards import HOLDER, HOLDER_EN, make_authority, make_certificate  # noqa: E402
from module import Module  # noqa: E402
from vcard import build_root  # noqa: E402

LIBRARY = build_root() / 'tests' / 'softp11' / 'softp11.so'
PIN, OFFICER, NEW, WRONG = '123456', '12345678', '24681357', '97531864'
LOADING = ('constructor', 'C_GetFunctionList')
LISTING = ('C_Initialize', 'C_GetSlotList', 'C_GetSlotInfo', 'C_GetTokenInfo', 'C_OpenSession', 'C_FindObjectsInit',
           'C_FindObjects', 'C_FindObjectsFinal', 'C_GetAttributeValue', 'C_CloseSession')
LOAD_MS, READ_MS, TALK_MS, MARGIN_MS = 10000, 15000, 30000, 8000
FLAG_PAD, FLAG_SO_LOCKED, FLAG_WRITE_PROTECTED = 0x100, 0x400000, 0x2


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix='softp11.')
        cls.addClassCleanup(folder.cleanup)
        issuer = make_authority()
        cls.certificates = [
            make_certificate('p256', HOLDER, key_name='a', issuer=issuer, extended_usages=('clientAuth',)),
            make_certificate('p256', HOLDER_EN, key_name='b', issuer=issuer, usages=('keyEncipherment',))]
        cls.paths = [Path(folder.name) / str(i) for i in range(2)]
        for path, certificate in zip(cls.paths, cls.certificates):
            path.write_bytes(certificate.der)

    def module(self, faults='', **more):
        environment = {f'SOFTP11_{name.upper()}': str(value) for name, value in more.items()}
        environment.setdefault('SOFTP11_CERTIFICATES', ':'.join(map(str, self.paths)))
        module = Module('pkcs11', LIBRARY, own=True, SOFTP11_FAULTS=faults, **environment)
        self.addCleanup(module.__exit__)
        return module

    def list_one(self, faults='', **more):
        """What there is of the one token."""
        answer = self.module(faults, **more).list()
        self.assertIsNone(answer['error'])
        self.assertEqual(len(answer['tokens']), 1)
        return answer['tokens'][0]

    def assert_ids(self, token, readable, unreadable):
        self.assertEqual([one['id'] for one in token['certificates']], readable)
        self.assertEqual(token['unreadable'], unreadable)

    def test_tame(self):
        module = self.module()
        self.assertEqual((module.start['error'], module.start['uses_pcsc']), (None, False))
        token, = module.list()['tokens']
        self.assert_ids(token, ['01', '02'], [])
        self.assertEqual([one['sha256'] for one in token['certificates']], [one.sha256 for one in self.certificates])
        self.assertEqual((token['place'], token['label'], token['serial']), ('Soft Reader', 'Zhang San', '4811'))
        self.assertTrue(token['hardware'])

    # Crashes

    def test_crash_while_loading(self):
        for function in LOADING:
            for fault in ('crash', 'exit'):
                with self.subTest(function=function, fault=fault):
                    self.assertEqual(self.module(f'{function}:{fault}').start['error'], 'module-crashed')

    def test_crash_while_listing(self):
        for function in LISTING:
            for fault in ('crash', 'exit'):
                with self.subTest(function=function, fault=fault):
                    module = self.module(f'{function}:{fault}')
                    self.assertIsNone(module.start['error'])
                    answer = module.list()
                    self.assertEqual(answer['error'], 'module-crashed')
                    self.assertLess(answer['ms'], MARGIN_MS)

    def test_crash_while_waiting(self):
        module = self.module('C_WaitForSlotEvent:crash')
        module.begin_wait()
        self.assertEqual(module.end_wait(5)['error'], 'module-crashed')

    def test_crash_with_a_pin(self):
        for function in ('C_SetPIN', 'C_Login', 'C_InitPIN', 'C_Logout'):
            with self.subTest(function=function):
                module = self.module(f'{function}:crash')
                module.list()
                answer = module.change_pin(PIN, NEW) if function == 'C_SetPIN' else module.unblock(OFFICER, NEW)
                self.assertEqual(answer['error'], 'module-crashed')

    def test_a_thread_is_left_behind(self):
        module = self.module('C_Initialize:thread')
        self.assertIsNone(module.list()['error'])
        module.begin_wait()
        module.end_wait(1)
        for _ in range(10):
            answer = module.list()
            if answer['error']:
                break
            time.sleep(.1)
        self.assertEqual(answer['error'], 'module-crashed')

    def test_no_core_file_of_a_crash(self):
        with tempfile.TemporaryDirectory() as folder:
            before = os.getcwd()
            os.chdir(folder)
            self.addCleanup(os.chdir, before)
            self.module('C_Initialize:crash').list()
            self.assertEqual(os.listdir(folder), [])

    # Silence

    def test_hangs(self):
        """All at once, as each takes as long as its deadline; the last one never stops talking."""
        cases = [(f'{function}:hang', READ_MS) for function in
                 ('C_Initialize', 'C_GetSlotList', 'C_GetAttributeValue', 'C_CloseSession')]
        cases.append(('C_GetAttributeValue:slow', READ_MS + TALK_MS))
        modules = [self.module(faults, slots=16) for faults, _ in cases]
        for module in modules:
            module.send('list')
        for module, (faults, deadline) in zip(modules, cases):
            with self.subTest(faults=faults):
                answer = module.receive()
                self.assertEqual(answer['error'], 'module-silent')
                self.assertTrue(deadline <= answer['ms'] < deadline + MARGIN_MS, answer)

    def test_hangs_while_loading(self):
        answer = self.module('constructor:hang').start
        self.assertEqual(answer['error'], 'module-silent')
        self.assertTrue(LOAD_MS <= answer['ms'] < LOAD_MS + MARGIN_MS, answer)

    def test_waits_for_ever_and_is_killed(self):
        module = self.module('C_WaitForSlotEvent:hang')
        module.begin_wait()
        self.assertFalse(module.end_wait(.3)['event'])
        host = self.find_host(module)
        module.process.stdin.close()
        module.process.wait(timeout=5)
        self.assertFalse(Path(f'/proc/{host}').exists())

    def test_the_host_ends_with_the_worker(self):
        module = self.module('C_WaitForSlotEvent:hang')
        module.begin_wait()
        host = self.find_host(module)
        module.process.kill()
        module.process.wait()
        for _ in range(50):
            if not self.is_running(host):
                break
            time.sleep(.1)
        self.assertFalse(self.is_running(host))

    @staticmethod
    def find_host(module):
        return int(subprocess.run(['pgrep', '--parent', str(module.process.pid)], capture_output=True, check=True).stdout)

    @staticmethod
    def is_running(process):
        try:
            return Path(f'/proc/{process}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
        except FileNotFoundError:
            return False

    # Lies

    def test_return_codes(self):
        """A part that fails is missing, and the rest is there."""
        for code in ('0x5', '0x54', '0x80000001', '0xFFFFFFFFFFFFFFFF'):
            with self.subTest(code=code):
                answer = self.module(f'C_GetSlotList:{code}').list()
                self.assertEqual((answer['error'], answer['tokens'], answer['function']), (None, [], 'C_GetSlotList'))
                self.assertEqual(answer['code'] & (1 << 64) - 1, int(code, 16))
                self.assertEqual(self.module(f'C_GetTokenInfo:{code}').list()['tokens'], [])
                self.assert_ids(self.list_one(f'C_OpenSession:{code}'), [], ['1'])
                self.assert_ids(self.list_one(f'C_FindObjectsInit:{code}'), [], ['1'])
                self.assert_ids(self.list_one(f'C_FindObjects:{code}'), [], ['1'])
                self.assert_ids(self.list_one(f'C_FindObjectsFinal:{code}'), ['01', '02'], [])
                self.assert_ids(self.list_one(f'C_CloseSession:{code}'), ['01', '02'], [])
                self.assert_ids(self.list_one(f'C_GetAttributeValue:{code}'), [], ['1', '2'])
                token = self.list_one(f'C_GetSlotInfo:{code}')
                self.assertEqual((token['place'], token['hardware']), ('#100', False))

    def test_refuses_to_begin(self):
        self.assertEqual(self.module('C_Initialize:0x30').list()['error'], 'module-unloadable')
        self.assertIsNone(self.module('C_Initialize:0x191').list()['error'])  # it has begun already
        self.assertEqual(self.module('C_GetFunctionList:0x5').start['error'], 'module-machine')
        self.assertEqual(self.module('C_GetFunctionList:size=0').start['error'], 'module-machine')

    def test_sizes(self):
        for size in ('4294967296', '0xFFFFFFFFFFFFFFFF', '0x8000000000000000', '65537', '1000000000000'):
            with self.subTest(size=size):
                self.assert_ids(self.list_one(f'C_GetAttributeValue:size={size}'), [], ['1', '2'])
                answer = self.module(f'C_GetSlotList:size={size}').list()
                self.assertIsNone(answer['error'])
                self.assertLessEqual(len(answer['tokens']), 16)
                token = self.list_one(f'C_FindObjects:size={size}')
                self.assertEqual(len(token['certificates']), 2)
        self.assert_ids(self.list_one('C_GetAttributeValue:size=0'), [], [])
        self.assert_ids(self.list_one('C_GetAttributeValue:size=1'), [], ['01', '02'])  # of each the first byte alone
        self.assert_ids(self.list_one('C_FindObjects:size=1'), ['01', '02'], [])  # it finds one for ever

    def test_overruns(self):
        """Whoever writes behind what it was given ends there."""
        for function in ('C_GetSlotList', 'C_GetSlotInfo', 'C_GetTokenInfo', 'C_FindObjects', 'C_GetAttributeValue'):
            with self.subTest(function=function):
                self.assertEqual(self.module(f'{function}:overrun').list()['error'], 'module-crashed')

    def test_thousand_slots(self):
        answer = self.module(slots=1000).list()
        self.assertIsNone(answer['error'])
        self.assertEqual(len(answer['tokens']), 16)
        self.assertEqual(len({token['place'] for token in answer['tokens']}), 16)
        self.assertEqual(len(self.module(slots=100000).list()['tokens']), 16)
        self.assertEqual(self.module(slots=0).list()['tokens'], [])

    def test_rubbish_for_a_certificate(self):
        rubbish = self.paths[0].parent / 'rubbish'
        rubbish.write_bytes(bytes(range(256)) * 16)
        self.assert_ids(self.list_one(certificates=f'{rubbish}:{self.paths[0]}'), ['02'], ['01'])

    def test_wait_with_nonsense(self):
        for code in (0x54, 0x8, 0x80000001):
            with self.subTest(code=code):
                module = self.module(f'C_WaitForSlotEvent:{code}')
                module.begin_wait()
                self.assertEqual(module.end_wait(5)['code'], code)
                self.assertIsNone(module.list()['error'])

    # PINs

    def test_pin_to_its_end(self):
        module = self.module()
        module.list()
        answers = [module.change_pin(WRONG, NEW) for _ in range(4)]
        self.assertEqual([(one['failure'], one['tries_left'], one['status']) for one in answers],
                         [('pin-wrong', -1, 0xA0), ('pin-wrong', 1, 0xA0), ('pin-wrong', 0, 0xA0),
                          ('pin-blocked', 0, 0xA4)])
        pin, = module.list()['tokens'][0]['pins']
        self.assertEqual((pin['blocked'], pin['tries_left'], pin['few']), (True, 0, False))
        self.assertEqual(module.unblock(OFFICER, NEW)['failure'], 'none')
        pin, = module.list()['tokens'][0]['pins']
        self.assertEqual((pin['blocked'], pin['tries_left'], pin['few']), (False, -1, False))
        self.assertEqual(module.change_pin(NEW, PIN)['failure'], 'none')

    def test_last_try(self):
        pin, = self.list_one(tries=1)['pins']
        self.assertEqual((pin['blocked'], pin['tries_left'], pin['few']), (False, 1, False))
        pin, = self.list_one(tries=2)['pins']
        self.assertEqual((pin['blocked'], pin['tries_left'], pin['few']), (False, -1, True))

    def test_pin_at_the_token(self):
        module = self.module(flags=FLAG_PAD)
        self.assertTrue(module.list()['tokens'][0]['pins'][0]['pinpad'])
        self.assertEqual(module.change_pin('', '')['failure'], 'none')
        self.assertEqual(module.change_pin(PIN, NEW)['failure'], 'none')  # the PIN was not changed to nothing
        module = self.module('C_SetPIN:0x50', flags=FLAG_PAD)
        module.list()
        answer = module.change_pin('', '')
        self.assertEqual((answer['failure'], answer['sent'], answer['status']), ('pad-cancelled', False, -1))

    def test_officer_is_not_asked_in_vain(self):
        for flag, failure in ((FLAG_SO_LOCKED, 'pin-blocked'), (FLAG_WRITE_PROTECTED, 'pin-impossible')):
            module = self.module('C_Login:crash', flags=flag)
            module.list()
            answer = module.unblock(OFFICER, NEW)
            self.assertEqual((answer['failure'], answer['sent'], answer['status']), (failure, False, -1))

    def test_codes_about_a_pin(self):
        for code, failure in ((0x54, 'pin-impossible'), (0x101, 'pin-status'), (0xA1, 'pin-refused'),
                              (0x5, 'pin-status'), (0x80000001, 'pin-status'), (0x32, 'pin-unanswered'),
                              (0xFFFFFFFFFFFFFFFF, 'pin-status')):
            with self.subTest(code=code):
                module = self.module(f'C_SetPIN:{code}')
                module.list()
                answer = module.change_pin(PIN, NEW)
                self.assertEqual((answer['failure'], answer['sent']), (failure, True))
                self.assertEqual(answer['status'], code if code < 1 << 31 else -1)

    def test_its_talk_goes_nowhere(self):
        host = self.find_host(self.module())
        self.assertEqual({os.readlink(f'/proc/{host}/fd/{fd}') for fd in range(3)}, {'/dev/null'})

    def test_long_pins_are_not_sent(self):
        module = self.module('C_SetPIN:crash')
        module.list()
        self.assertEqual(module.change_pin('1' * 65, NEW)['error'], 'pin-refused')


if __name__ == '__main__':
    tap.main()
