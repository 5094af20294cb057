"""SoftHSM in the module host, beside pkcs11-tool: what it holds, and PINs that each changes for the other."""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from cards import HOLDER, make_authority, make_certificate  # noqa: E402
from module import SYSTEM_IS_OURS, Module, find_library  # noqa: E402

LIBRARY = find_library('softhsm/libsofthsm2.so', '*/softhsm/libsofthsm2.so')
PIN, OFFICER, NEW, WRONG = '123456', '12345678', '24681357', '97531864'


@unittest.skipUnless(LIBRARY, 'softhsm2 is not installed')
@unittest.skipUnless(SYSTEM_IS_OURS, 'the libraries of the system are not of root here')
class SoftHsm(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='softhsm.')
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / 'tokens').mkdir()
        (self.folder / 'conf').write_text(f'directories.tokendir = {self.folder}/tokens\nlog.level = ERROR\n')
        self.environment = {'SOFTHSM2_CONF': str(self.folder / 'conf')}

    def run_tool(self, *command, check=True):
        done = subprocess.run(command, capture_output=True, text=True, timeout=30,
                              env=dict(os.environ, LC_ALL='C.UTF-8', **self.environment))
        if check:
            self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def tool(self, *arguments, token='张三', **options):
        return self.run_tool('pkcs11-tool', '--module', LIBRARY, '--token-label', token, *arguments, **options)

    def make_token(self, label='张三'):
        self.run_tool('softhsm2-util', '--init-token', '--free', '--label', label, '--pin', PIN, '--so-pin', OFFICER)

    def put(self, certificate, number, label='张三'):
        path = self.folder / 'certificate'
        path.write_bytes(certificate.der)
        self.tool('--login', '--pin', PIN, '--write-object', path, '--type', 'cert', '--id', number, token=label)

    def module(self):
        module = Module('pkcs11', LIBRARY, **self.environment)
        self.addCleanup(module.__exit__)
        self.assertIsNone(module.start['error'])
        return module

    def logs_in(self, pin):
        return self.tool('--login', '--pin', pin, '--list-objects', check=False).returncode == 0

    # What it shows

    def test_nothing(self):
        """The slot for a token to come is none."""
        module = self.module()
        self.assertFalse(module.start['uses_pcsc'])
        answer = module.list()
        self.assertEqual((answer['error'], answer['code'], answer['tokens']), (None, 0, []))

    def test_token(self):
        self.make_token()
        issuer = make_authority()
        user = make_certificate(subject=HOLDER, issuer=issuer, extended_usages=('clientAuth',))
        other = make_certificate('p256', subject=HOLDER, issuer=issuer, usages=('keyEncipherment',))
        for number, certificate in (('01', issuer), ('a1b2', other), ('03', user)):
            self.put(certificate, number)
        answer = self.module().list()
        self.assertEqual((answer['error'], answer['code'], len(answer['tokens'])), (None, 0, 1))
        token, = answer['tokens']
        self.assertEqual([(one['id'], one['sha256']) for one in token['certificates']],
                         [('03', user.sha256), ('a1b2', other.sha256), ('01', issuer.sha256)])
        self.assertEqual(token['certificates'][0]['holder'], '张三')
        self.assertEqual((token['label'], token['hardware'], token['unreadable']), ('张三', False, []))
        self.compare(token)

    def compare(self, token):
        """What pkcs11-tool says of the same token."""
        slots = self.tool('--list-slots').stdout
        self.assertIn(token['serial'], re.findall(r'serial num +: (\S+)', slots))
        names = re.findall(r'^Slot \d+ \(.*?\): (.*)$', slots, re.M)
        self.assertIn(token['place'], [' '.join(name.split()) for name in names])
        objects = self.tool('--list-objects', '--type', 'cert').stdout
        self.assertEqual(sorted(one['id'] for one in token['certificates']), sorted(re.findall(r'ID: +(\S+)', objects)))
        self.assertIn(f'{token["pins"][0]["min_length"]}/255', re.findall(r'pin min/max +: (\S+)', slots))

    def test_pin(self):
        self.make_token()
        pin, = self.module().list()['tokens'][0]['pins']
        self.assertEqual((pin['ref'], pin['label'], pin['unlock']), ('user', None, 'admin'))
        self.assertEqual((pin['blocked'], pin['few'], pin['tries_left'], pin['pinpad']), (False, False, -1, False))

    def test_two_tokens(self):
        self.make_token('Zhang San')
        self.make_token('北京示例商贸有限公司')
        tokens = self.module().list()['tokens']
        self.assertEqual({token['label'] for token in tokens}, {'Zhang San', '北京示例商贸有限公司'})
        self.assertEqual(len({token['place'] for token in tokens}), 2)

    def test_wait_is_not_supported(self):
        module = self.module()
        module.begin_wait()
        answer = module.end_wait(5)
        self.assertEqual((answer['event'], answer['error'], answer['code']), (True, None, 0x54))

    # PINs

    def test_we_change_and_the_tool_logs_in(self):
        self.make_token()
        module = self.module()
        module.list()
        answer = module.change_pin(PIN, NEW)
        self.assertEqual((answer['failure'], answer['sent'], answer['status']), ('none', True, 0))
        self.assertTrue(self.logs_in(NEW))
        self.assertFalse(self.logs_in(PIN))

    def test_the_tool_changes_and_we_do_after_it(self):
        self.make_token()
        self.tool('--login', '--pin', PIN, '--change-pin', '--new-pin', NEW)
        module = self.module()
        module.list()
        self.assertEqual(module.change_pin(PIN, '135790')['failure'], 'pin-wrong')
        self.assertEqual(module.change_pin(NEW, '135790')['failure'], 'none')
        self.assertTrue(self.logs_in('135790'))

    def test_wrong_and_refused(self):
        self.make_token()
        module = self.module()
        module.list()
        answer = module.change_pin(WRONG, NEW)
        self.assertEqual((answer['failure'], answer['sent'], answer['status']), ('pin-wrong', True, 0xA0))
        self.assertTrue(module.list()['tokens'][0]['pins'][0]['few'])
        self.assertEqual(module.change_pin(PIN, '123')['failure'], 'pin-refused')
        self.assertTrue(self.logs_in(PIN))

    def test_unblock(self):
        self.make_token()
        module = self.module()
        module.list()
        answer = module.unblock(WRONG, NEW)
        self.assertEqual((answer['failure'], answer['function'], answer['sent']), ('pin-wrong', 'C_Login', True))
        self.assertEqual(module.unblock(OFFICER, NEW)['failure'], 'none')
        self.assertTrue(self.logs_in(NEW))
        self.assertEqual(module.list()['tokens'][0]['pins'][0]['unlock'], 'admin')


if __name__ == '__main__':
    tap.main()
