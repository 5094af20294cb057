"""OpenSC against the virtual PKCS#15 token behind the real pcscd: what satisfies it is a card."""
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from cards import ADMIN, EF_DIR, PIN, PUK, pkcs15_pin, pkcs15_token  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402
from vcard import source_root  # noqa: E402

NEW, WRONG = '24681357', '97531864'
NAME = 0x84


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors='replace', timeout=30,
                          env=dict(os.environ, LC_ALL='C.UTF-8',
                                   OPENSC_CONF=str(source_root() / 'tests' / 'support' / 'opensc.conf')))


class Oracles:
    """What every kind of PKCS#15 card must pass; the classes below say which kind."""

    personality = ('pkcs15',)

    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd()
        cls.addClassCleanup(cls.pcscd.close)

    def setUp(self):
        self.token = self.make_token()
        self.card = self.token.load(self.pcscd.card(*self.personality))
        self.card.insert()
        self.addCleanup(self.pcscd.host.eject)

    def make_token(self):
        return pkcs15_token()

    def verify(self, pin, ident='01'):
        done = run('pkcs15-tool', '--verify-pin', '--auth-id', ident, '--pin', pin)
        return done.returncode == 0

    def pkcs15(self, *arguments):
        done = run('pkcs15-tool', *arguments)
        self.assertEqual(done.returncode, 0, done.stderr + '\n'.join(self.card.log()))
        return done.stdout

    def test_dump(self):
        said = self.pkcs15('--dump')
        self.assertIn('[Example Card]', said)
        self.assertIn(f'Serial number  : {4711:016X}', said)
        self.assertIn('Manufacturer ID: Example Maker', said)
        self.assertEqual(re.findall(r'^PIN \[(.*)\]', said, re.M), ['User PIN', 'PUK'])
        self.assertIn('min_len:4, max_len:8, stored_len:8', said)
        self.assertEqual(re.findall(r'^Private RSA Key \[(.*)\]', said, re.M), ['Key 1', 'Key 2', 'Key 3'])
        self.assertEqual(self.card.counters()['verifies'], 0)

    def test_certificates(self):
        idents = re.findall(r'^\s*ID\s*: (\w+)', self.pkcs15('--list-certificates'), re.M)
        self.assertEqual(idents, ['01', '02', '03'])
        for ident, certificate in zip(idents, self.token.certificates):
            self.assertEqual(self.pkcs15('--read-certificate', ident), certificate.pem)

    def test_pkcs11(self):
        slots = run('pkcs11-tool', '-L')
        self.assertIn('Example Card (User PIN)', slots.stdout, slots.stderr)
        self.assertIn(f'{4711:016x}', slots.stdout.lower())
        objects = run('pkcs11-tool', '-O', '--type', 'cert').stdout
        self.assertEqual(re.findall(r'^\s*ID:\s*(\w+)', objects, re.M), ['01', '02', '03'])

    def test_pin_counts_down_and_recovers(self):
        self.assertFalse(self.verify(WRONG))
        self.assertEqual(self.card.tries(), (2, 3))
        self.assertTrue(self.verify(PIN))
        self.assertEqual(self.card.tries(), (3, 3))

    def test_blocked_pin_is_unblocked(self):
        self.card.pin(PIN, 0)
        self.assertFalse(self.verify(PIN))
        self.pkcs15('--unblock-pin', '--auth-id', '01', '--puk', PUK, '--new-pin', NEW)
        self.assertEqual(self.card.tries(), (3, 3))
        self.assertTrue(self.verify(NEW))

    def test_pin_is_changed(self):
        self.pkcs15('--change-pin', '--auth-id', '01', '--pin', PIN, '--new-pin', NEW)
        self.assertTrue(self.verify(NEW))
        self.assertFalse(self.verify(PIN))
        log = '\n'.join(self.card.log())
        for secret in PIN, NEW:
            self.assertNotIn(secret.encode().hex().upper(), log)

    def test_several_pins(self):
        pins = [pkcs15_pin('User PIN', 1, 1, protector=2), pkcs15_pin('Signature PIN', 4, 4, protector=2),
                pkcs15_pin('PUK', 2, 2, ['unblocks'], shortest=8), pkcs15_pin('SO PIN', 3, 3, ['admin'], shortest=8)]
        self.pcscd.host.eject()
        self.card = pkcs15_token(pins=pins).load(self.pcscd.card(*self.personality))
        self.card.admin(ADMIN)
        self.card.pin2('654321')
        self.card.insert()
        self.assertEqual(re.findall(r'^PIN \[(.*)\]', self.pkcs15('--list-pins'), re.M),
                         ['User PIN', 'Signature PIN', 'PUK', 'SO PIN'])
        for ident, pin, role in ('01', PIN, 'pin'), ('04', '654321', 'pin2'), ('03', ADMIN, 'admin'):
            self.assertFalse(self.verify(WRONG, ident))
            self.assertEqual(self.card.tries(role), (2, 3))
            self.assertTrue(self.verify(pin, ident))


class Plain(Oracles, unittest.TestCase):
    pass


class Extended(Plain):
    personality = ('pkcs15', 'extended')


class ExactLe(Plain):
    personality = ('pkcs15', 'exact-le')


class Unnamed(Plain):
    """Only EF.DIR knows where the application is."""

    def make_token(self):
        token = pkcs15_token()
        token.objects[NAME] = b''
        return token


class WithoutDirectory(Plain):
    """Only its name does."""

    def make_token(self):
        token = pkcs15_token()
        del token.objects[EF_DIR]
        return token


if __name__ == '__main__':
    enter_private()
    tap.main()
