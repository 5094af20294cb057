"""The real tools against the virtual token behind the real pcscd: what satisfies them is a card."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from cards import PIN, PUK, make_certificate, piv_token  # noqa: E402
from pcscd import Pcscd, enter_private, ins  # noqa: E402

YKCS11 = next((str(path) for path in Path('/usr/lib').glob('*/libykcs11.so*')), None)
SECONDS = 20


def run(*command, **environment):
    return subprocess.run(command, capture_output=True, text=True, errors='replace', timeout=SECONDS,
                          env=dict(os.environ, **environment))


def der_of(pem):
    return subprocess.run(['openssl', 'x509', '-outform', 'DER'], input=pem.encode(), capture_output=True,
                          check=True).stdout


class Oracles:
    """What every kind of PIV card must pass; the classes below say which kind."""

    personality = ('piv',)

    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd()
        cls.addClassCleanup(cls.pcscd.close)

    def setUp(self):
        self.token = piv_token(serial=4711)
        self.card = self.token.load(self.pcscd.card(*self.personality, serial=4711))
        self.card.insert()
        self.addCleanup(self.pcscd.host.eject)

    def yubico(self, action, *arguments):
        return run('yubico-piv-tool', '-a', action, *arguments)

    def test_status_shows_every_slot(self):
        done = self.yubico('status')
        self.assertEqual(done.returncode, 0, done.stderr)
        for slot, certificate in self.token.certificates.items():
            self.assertIn(f'Slot {slot:x}:', done.stdout)
            self.assertIn(certificate.sha256, done.stdout)
        self.assertIn('PIN tries left:\t3', done.stdout)

    def test_certificates_are_read_back(self):
        for slot, certificate in self.token.certificates.items():
            done = self.yubico('read-certificate', '-s', f'{slot:x}')
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(der_of(done.stdout), certificate.der)

    def test_retired_slot(self):
        certificate = make_certificate('p256', key_name='82')
        self.token.add(0x82, certificate)
        self.token.load(self.card)
        self.assertEqual(der_of(self.yubico('read-certificate', '-s', '82').stdout), certificate.der)

    def test_pin_counts_down_and_recovers(self):
        self.assertIn('2 tries left', self.yubico('verify-pin', '-P', '999999').stderr)
        self.assertEqual(self.card.tries(), (2, 3))
        self.assertIn('PIN tries left:\t2', self.yubico('status').stdout)
        self.assertEqual(self.yubico('verify-pin', '-P', PIN).returncode, 0)
        self.assertEqual(self.card.tries(), (3, 3))
        self.assertEqual(self.card.counters()['verifies'], 2)

    def test_blocked_pin_is_unblocked(self):
        self.card.pin(PIN, 0)
        self.assertIn('blocked', self.yubico('verify-pin', '-P', PIN).stderr)
        done = self.yubico('unblock-pin', '-P', PUK, '-N', '654321')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.yubico('verify-pin', '-P', '654321').returncode, 0)

    def test_pin_is_changed(self):
        done = self.yubico('change-pin', '-P', PIN, '-N', '654321')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.yubico('verify-pin', '-P', '654321').returncode, 0)

    def test_log_holds_no_pin(self):
        self.yubico('verify-pin', '-P', PIN)
        self.yubico('change-pin', '-P', PIN, '-N', '654321')
        log = '\n'.join(self.card.log())
        self.assertIn('00200080 [8 bytes] -> 9000', log)
        for secret in (PIN, '654321'):
            self.assertNotIn(secret.encode().hex().upper(), log)

    def test_opensc_certificates(self):
        listed = run('pkcs15-tool', '--list-certificates')
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertEqual(listed.stdout.count('X.509 Certificate ['), 4)
        for ident, slot in (('01', 0x9A), ('02', 0x9C), ('03', 0x9D), ('04', 0x9E)):
            done = run('pkcs15-tool', '--read-certificate', ident)
            self.assertEqual(der_of(done.stdout), self.token.certificates[slot].der)

    def test_opensc_compressed_certificate(self):
        certificate = self.token.certificates[0x9A]
        self.token.add(0x9A, certificate, compressed=True)
        self.token.load(self.card)
        self.assertEqual(der_of(run('pkcs15-tool', '--read-certificate', '01').stdout), certificate.der)

    def test_opensc_pkcs11(self):
        done = run('pkcs11-tool', '--list-objects')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count('Certificate Object; type = X.509 cert'), 4)
        done = run('pkcs11-tool', '--login', '--pin', PIN, '--list-objects', '--type', 'privkey')
        self.assertEqual(done.stdout.count('Private Key Object; RSA'), 4, done.stderr)

    @unittest.skipIf(YKCS11 is None, 'ykcs11 is not installed')
    def test_ykcs11(self):
        done = run('pkcs11-tool', '--module', YKCS11, '--list-objects', '--type', 'cert')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count('type = X.509 cert'), self.ykcs11_certificates)

    def test_gpg_refuses_politely(self):
        with tempfile.TemporaryDirectory() as home:
            done = run('gpg', '--homedir', home, '--card-status')
            run('gpgconf', '--homedir', home, '--kill', 'all')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('No such device', done.stderr)
        self.assertEqual(self.card.counters()['verifies'], 0)


class Yubico(Oracles, unittest.TestCase):
    personality = ('piv', 'yubico')
    ykcs11_certificates = 4

    def test_serial_and_version(self):
        done = self.yubico('status')
        self.assertIn('Version:\t5.4.3', done.stdout)
        self.assertIn('Serial Number:\t4711', done.stdout)

    def test_atr_is_a_yubikey(self):
        done = run('opensc-tool', '--atr')
        self.assertEqual(done.stdout.strip().replace(':', ''), '3bfd1300008131fe158073c021c057597562694b657940')


class YubicoShort(Yubico):
    personality = ('piv', 'yubico', 'short')

    test_atr_is_a_yubikey = None


class Plain(Oracles, unittest.TestCase):
    ykcs11_certificates = 4

    def test_is_no_yubikey(self):
        self.assertNotIn('Serial Number:\t4711', self.yubico('status').stdout)


class Extended(Plain):
    personality = ('piv', 'extended')


class ExactLe(Plain):
    personality = ('piv', 'exact-le')


class Faults(unittest.TestCase):
    """The faults do what they say, seen through pcscd by a tool."""

    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd()
        cls.addClassCleanup(cls.pcscd.close)

    def setUp(self):
        self.card = piv_token().load(self.pcscd.card('piv', 'yubico'))
        self.addCleanup(self.pcscd.host.eject)

    def test_pulled_at_each_apdu(self):
        for index in range(6):
            self.card.drop(index)
            self.card.insert()
            done = run('yubico-piv-tool', '-a', 'read-certificate', '-s', '9a')
            self.assertEqual('pulled' in self.card.log(), index < 5 or done.returncode != 0)
            self.card.clear_faults()
            self.card.reset_counters()
            self.pcscd.host.eject()

    def test_status_word_for_an_instruction(self):
        self.card.insert()
        self.card.answer(ins(0x20), bytes.fromhex('63C1'), 'forever')
        self.assertIn('PIN tries left:\t1', run('yubico-piv-tool', '-a', 'status').stdout)

    def test_mute(self):
        self.card.mute()
        self.card.insert()
        done = run('pkcs15-tool', '--list-certificates')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('Unresponsive card', done.stderr)


if __name__ == '__main__':
    enter_private()
    tap.main()
