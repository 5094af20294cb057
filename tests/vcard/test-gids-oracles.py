"""OpenSC against the virtual GIDS token behind the real pcscd: what satisfies it is a card."""
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from cards import GidsToken, PIN, PUK, gids_token  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402

SECONDS = 30
NEW = '24681357'
SERIAL = '5643415244' + '00' * 7 + f'{4711:08x}'


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors='replace', timeout=SECONDS,
                          env=dict(os.environ, LC_ALL='C.UTF-8'))


class Oracles:
    """What every kind of GIDS card must pass; the classes below say which kind."""

    personality = ('gids',)
    puk = None

    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd()
        cls.addClassCleanup(cls.pcscd.close)

    def setUp(self):
        self.insert(gids_token(serial=4711))

    def insert(self, token):
        self.doCleanups()
        self.token = token
        self.token.puk = self.puk
        self.card = self.token.load(self.pcscd.card(*self.personality, serial=4711))
        self.card.insert()
        self.addCleanup(self.pcscd.host.eject)

    def said(self, *command):
        done = run(*command)
        self.assertEqual(done.returncode, 0, done.stderr + '\n'.join(self.card.log()))
        return done.stdout

    def verify(self, pin):
        """Whether OpenSC's tool takes it."""
        return run('pkcs15-tool', '--verify-pin', '--auth-id', '80', '--pin', pin).returncode == 0

    def test_driver(self):
        self.assertIn('GIDS', self.said('opensc-tool', '--name'))

    def test_gids_tool(self):
        said = self.said('gids-tool')
        self.assertIn(f'Found {5 + len(self.token.containers)} entries', said)
        self.assertNotIn('unable', said)
        self.assertEqual(re.findall(r'bFlags: +(.*)', said), ['Valid container', 'Valid container,Default container',
                                                              'Valid container'])
        self.assertEqual(re.findall(r'wSigKeySizeBits: +(\d+)', said), ['2048', '0', '0'])
        self.assertEqual(re.findall(r'key type: +(.*)', said), ['signature'] + 2 * ['signature + decryption'])
        self.assertEqual(self.card.counters()['verifies'], 0)

    def test_dump(self):
        said = self.said('pkcs15-tool', '--dump')
        self.assertIn('GIDS card', said)
        self.assertIn(SERIAL, said.lower())
        self.assertEqual(len(re.findall(r'^X\.509 Certificate', said, re.M)), 3)
        self.assertEqual(len(re.findall(r'^Private RSA Key', said, re.M)), 3)
        self.assertIn('Tries left     : 3', said)

    def test_certificates(self):
        listed = self.said('pkcs15-tool', '--list-certificates')
        found = []
        for ident in re.findall(r'^\s*ID\s*: (\w+)', listed, re.M):
            pem = self.said('pkcs15-tool', '--read-certificate', ident)
            found.append(subprocess.run(['openssl', 'x509', '-outform', 'DER'], input=pem.encode(),
                                        capture_output=True).stdout)
        self.assertEqual(found, [certificate.der for certificate in self.token.certificates.values()])

    def test_public_keys(self):
        said = self.said('pkcs15-tool', '--read-public-key', '01')
        ours = subprocess.run(['openssl', 'pkey', '-in', self.token.containers[1].certificate.key, '-pubout'],
                              capture_output=True, text=True).stdout
        self.assertIn(ours.strip(), said)

    def test_pkcs11(self):
        slots = self.said('pkcs11-tool', '-L')
        self.assertIn('token initialized', slots)
        self.assertIn('PIN initialized', slots)
        objects = self.said('pkcs11-tool', '-O')
        self.assertEqual(objects.count('Certificate Object'), 3)
        self.assertEqual(objects.count('Public Key Object'), 3)
        self.assertEqual(self.card.counters()['verifies'], 0)

    def test_empty(self):
        self.insert(GidsToken(4711))
        self.assertIn('no container found', self.said('gids-tool'))
        self.assertNotIn('X.509', self.said('pkcs15-tool', '--dump'))

    def test_pin_counts_down_and_recovers(self):
        self.assertFalse(self.verify('99999999'))
        self.assertEqual(self.card.tries(), (2, 3))
        self.assertIn('Tries left     : 2', self.said('pkcs15-tool', '--list-pins'))
        self.assertTrue(self.verify(PIN))
        self.assertEqual(self.card.tries(), (3, 3))

    def test_blocked(self):
        self.card.pin(PIN, 0)
        self.assertFalse(self.verify(PIN))
        self.assertIn('Tries left     : 0', self.said('pkcs15-tool', '--list-pins'))

    def test_pin_is_changed(self):
        self.said('pkcs15-tool', '--change-pin', '--auth-id', '80', '--pin', PIN, '--new-pin', NEW)
        self.assertTrue(self.verify(NEW))
        self.assertFalse(self.verify(PIN))
        log = '\n'.join(self.card.log())
        for secret in PIN, NEW:
            self.assertNotIn(secret.encode().hex().upper(), log)

    def test_unblock(self):
        """With the PUK where the card has one."""
        self.card.pin(PIN, 0)
        done = run('pkcs15-tool', '--unblock-pin', '--auth-id', '80', '--puk', PUK, '--new-pin', NEW)
        self.assertEqual(done.returncode == 0, self.puk is not None, done.stderr + '\n'.join(self.card.log()))
        self.assertEqual(self.verify(NEW), self.puk is not None)


class Plain(Oracles, unittest.TestCase):
    pass


class Extended(Oracles, unittest.TestCase):
    personality = ('gids', 'extended')


class ExactLe(Oracles, unittest.TestCase):
    personality = ('gids', 'exact-le')


class WithPuk(Oracles, unittest.TestCase):
    puk = PUK


if __name__ == '__main__':
    enter_private()
    tap.main()
