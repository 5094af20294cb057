"""gpg and OpenSC against the virtual OpenPGP token behind the real pcscd: what satisfies them is a card."""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from cards import ADMIN, OPENPGP_AID, PIN, RESETTING_CODE, openpgp_aid, openpgp_token  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402

SECONDS = 30


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors='replace', timeout=SECONDS,
                          env=dict(os.environ, LC_ALL='C.UTF-8'))


def gpg(*arguments):
    """gpg with a home of its own, and an end to its helpers afterwards: they would keep the card."""
    with tempfile.TemporaryDirectory() as home:
        Path(home, 'scdaemon.conf').write_text('disable-ccid\n')
        try:
            return run('gpg', '--homedir', home, *arguments)
        finally:
            run('gpgconf', '--homedir', home, '--kill', 'all')


class Oracles:
    """What every kind of OpenPGP card must pass; the classes below say which kind."""

    personality = ('openpgp',)
    version = '3.4'
    firmware = None

    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd()
        cls.addClassCleanup(cls.pcscd.close)

    def setUp(self):
        self.token = self.make_token()
        self.card = self.token.load(self.pcscd.card(*self.personality, serial=4711, version=self.firmware))
        self.card.insert()
        self.addCleanup(self.pcscd.host.eject)

    def make_token(self):
        return openpgp_token(serial=4711)

    def verify(self, which, pin):
        """Whether OpenSC's tool takes PIN for CHV1, 2 or 3."""
        done = run('openpgp-tool', '--verify', f'CHV{which}', '--pin', pin)
        return done.returncode == 0 and 'failed' not in done.stdout + done.stderr

    def status(self):
        done = gpg('--card-status')
        self.assertEqual(done.returncode, 0, done.stderr)
        return dict(re.findall(r'^(.+?) ?\.*: (.*)$', done.stdout, re.M))

    def test_card_status(self):
        said = self.status()
        self.assertEqual(said['Version'], self.version)
        self.assertEqual(said['Serial number'], self.serial)
        self.assertEqual(said['Name of cardholder'], 'San Zhang')
        self.assertEqual(said['Login data'], 'zhang.san')
        self.assertEqual(said['URL of public key'], 'https://example.com/key')
        self.assertEqual(said['PIN retry counter'], '3 0 3')
        self.assertEqual(said['Max. PIN lengths'], '127 127 127')
        self.assertEqual(self.card.counters()['verifies'], 0)

    def test_counters(self):
        self.card.pin(PIN, 2)
        self.card.puk(RESETTING_CODE, 1)
        self.card.admin(ADMIN, 0)
        self.assertEqual(self.status()['PIN retry counter'], '2 1 0')

    def test_openpgp_tool(self):
        done = run('openpgp-tool', '--card-info', '--user-info')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(self.version, done.stdout)
        self.assertIn(self.serial, done.stdout)
        self.assertIn('Zhang', done.stdout)

    def test_certificates(self):
        listed = run('pkcs15-tool', '--list-certificates')
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertIn('X.509 Certificate [', listed.stdout)
        ident = re.search(r'^\s*ID\s*: (\w+)', listed.stdout, re.M)[1]
        pem = run('pkcs15-tool', '--read-certificate', ident).stdout
        der = subprocess.run(['openssl', 'x509', '-outform', 'DER'], input=pem.encode(), capture_output=True).stdout
        self.assertEqual(der, self.token.certificates['aut'].der)

    def test_pin_counts_down_and_recovers(self):
        for which, role in (1, 'pin'), (2, 'pin'), (3, 'admin'):
            self.assertFalse(self.verify(which, '99999999'))
            self.assertEqual(self.card.tries(role), (2, 3))
            self.assertTrue(self.verify(which, ADMIN if which == 3 else PIN))
            self.assertEqual(self.card.tries(role), (3, 3))

    def test_blocked(self):
        self.card.pin(PIN, 0)
        self.assertFalse(self.verify(1, PIN))
        self.assertEqual(self.card.tries(), (0, 3))

    def test_blocked_pin_is_unblocked(self):
        self.card.pin(PIN, 0)
        self.card.puk(RESETTING_CODE)
        done = run('pkcs15-tool', '--unblock-pin', '--auth-id', '01', '--puk', RESETTING_CODE, '--new-pin', '24681357')
        self.assertEqual(done.returncode, 0, done.stderr + '\n'.join(self.card.log()))
        self.assertTrue(self.verify(1, '24681357'))
        self.assertEqual(self.card.tries(), (3, 3))

    def test_pin_is_changed(self):
        done = run('pkcs15-tool', '--change-pin', '--auth-id', '01', '--pin', PIN, '--new-pin', '24681357')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.verify(1, '24681357'))
        self.assertFalse(self.verify(1, PIN))
        log = '\n'.join(self.card.log())
        for secret in PIN, '24681357':
            self.assertNotIn(secret.encode().hex().upper(), log)


class Plain(Oracles, unittest.TestCase):
    serial = f'{4711:08X}'


class Extended(Plain):
    personality = ('openpgp', 'extended')


class ExactLe(Plain):
    personality = ('openpgp', 'exact-le')


class Yubico(Oracles, unittest.TestCase):
    personality = ('openpgp', 'yubico')
    serial = '00004711'
    firmware = '5.7.1'  # the first ones have a SELECT DATA of their own, and OpenSC gives up


class Version2(Plain):
    version = '2.1'

    def make_token(self):
        token = openpgp_token(serial=4711)
        token.objects[OPENPGP_AID] = openpgp_aid(4711, (2, 1))
        return token


if __name__ == '__main__':
    enter_private()
    tap.main()
