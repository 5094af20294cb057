"""A YubiKey with PIV and OpenPGP through the command line on a real pcscd: one token, with the certificates and the PINs of
both; gpg and yubico-piv-tool agree with it before and after."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import pcsc  # noqa: E402
import tap  # noqa: E402
from assistant import Worker, cli, fingerprint, list_tokens  # noqa: E402
from cards import (ADMIN, HOLDER_EN, OPENPGP_AID, OPENPGP_FINGERPRINTS, PIN, PUK, RESETTING_CODE,  # noqa: E402
                   openpgp_aid, openpgp_token, piv_token)
from cardtest import NEW, NOT_SENT, OTHER, WRONG, CardTest, card_status, run  # noqa: E402
from pcscd import enter_private  # noqa: E402
from vcard import ins  # noqa: E402

REFS = ['user', 'openpgp-user', 'openpgp-admin']
SELECT_PIV = '00A4040009A00000030800001000'


class Companion(CardTest):
    def make_card(self, slots=(0x9A,), places=('sig',), serial=4711, **options):
        self.piv = piv_token(serial=serial, slots=slots)
        self.pgp = openpgp_token(HOLDER_EN, serial=serial, places=places, **options)
        card = self.pcscd.card('piv', 'openpgp', 'yubico', serial=serial, version='5.7.1')
        self.pgp.load(card.of('openpgp'))
        return self.piv.load(card)

    def insert(self, card=None, **options):
        self.insert_card(card or self.make_card(**options))

    def refs(self):
        return [pin['ref'] for pin in self.read()['pins']]

    def tries(self):
        """PIN and PUK of PIV; PW1, resetting code and PW3"""
        pgp = self.card.of('openpgp')
        return ([self.card.tries(role)[0] for role in ('pin', 'puk')]
                + [pgp.tries(role)[0] for role in ('pin', 'puk', 'admin')])

    def assert_tries(self, *expected):
        """Ours, gpg's, yubico-piv-tool's and the token's own."""
        pin, puk, user, code, admin = expected
        self.assertEqual(self.tries(), list(expected))
        pins = {pin['ref']: pin for pin in self.read()['pins']}
        self.assertEqual([pins[ref]['tries_left'] for ref in REFS], [pin, user, admin])
        self.assertEqual(pins['user']['unlock_tries_left'], puk)
        self.assertEqual(pins['openpgp-user']['unlock_tries_left'], code or admin)
        self.assertEqual(card_status()['PIN retry counter'], f'{user} {code} {admin}')
        self.assertIn(f'PIN tries left:\t{pin}', run('yubico-piv-tool', '-a', 'status').stdout)

    def verify_piv(self, pin):
        return run('yubico-piv-tool', '-a', 'verify-pin', '-P', pin).returncode == 0

    def verify_pgp(self, pin, which=1):
        done = run('openpgp-tool', '--verify', f'CHV{which}', '--pin', pin)
        return done.returncode == 0 and 'failed' not in done.stdout + done.stderr

    # Reading

    def test_one_token(self):
        self.insert()
        found = self.read()
        self.assertEqual((found['family'], found['id'], found['serial'], found['label']),
                         ('piv', 'piv-4711', '4711', 'YubiKey'))
        self.assertEqual([(c['id'], c['role'], c['primary'], c['holder'], c['sha256']) for c in found['certificates']],
                         [('9a', 'authentication', True, '张三', self.piv.certificates[0x9A].sha256),
                          ('openpgp-sig', 'signature', False, 'Zhang San', self.pgp.certificates['sig'].sha256)])
        self.assertEqual([(pin['ref'], pin.get('label')) for pin in found['pins']],
                         [('user', None), ('openpgp-user', 'OpenPGP User PIN'), ('openpgp-admin', 'OpenPGP Admin PIN')])
        self.assertTrue(card_status()['Serial number'].endswith('4711'))
        self.assert_tries(3, 3, 3, 0, 3)
        self.assertEqual(self.sent(), 0)

    def test_all_certificates(self):
        self.insert(slots=(0x9A, 0x9C, 0x9D, 0x9E), places=('aut', 'dec', 'sig'))
        found = self.read()
        self.assertEqual([c['id'] for c in found['certificates']],
                         ['9a', '9c', '9d', '9e', 'openpgp-aut', 'openpgp-dec', 'openpgp-sig'])
        pem = cli('show', '--pem').stdout
        for certificate in *self.piv.certificates.values(), *self.pgp.certificates.values():
            self.assertIn(certificate.pem, pem)

    def test_empty_piv(self):
        self.insert(slots=(), places=('aut',))
        found = self.read()
        self.assertEqual(found['family'], 'piv')
        self.assertEqual([(c['id'], c['primary']) for c in found['certificates']], [('openpgp-aut', True)])

    def test_never_used(self):
        """Then nobody is told of its PINs, whatever has become of them; keys of PGP alone make it used."""
        self.insert(places=())
        pgp = self.card.of('openpgp')
        pgp.pin(PIN, 1)
        report = list_tokens()[1]
        self.assertEqual([pin['ref'] for pin in report['tokens'][0]['pins']], ['user'])
        self.assertEqual([f['kind'] for f in report['findings'] if f['kind'].startswith('pin')], ['pin-default'])
        pgp.put(OPENPGP_FINGERPRINTS, bytes(20) + b'\xAB' * 20 + bytes(20))
        self.assertEqual(self.refs(), REFS)
        found = next(f for f in list_tokens()[1]['findings'] if f['kind'] == 'pin-last-try')
        self.assertIn('OpenPGP User PIN', found['text'])

    def test_blocked(self):
        """Said of the PIN that it is; what would be offered is about the first."""
        self.insert()
        for blocked, other, action in ((self.card.of('openpgp'), self.card, 'details'),
                                       (self.card, self.card.of('openpgp'), 'unlock')):
            blocked.pin(PIN, 0)
            other.pin(PIN, 3)
            found = next(f for f in list_tokens()[1]['findings'] if f['kind'] == 'pin-blocked')
            self.assertEqual(('OpenPGP User PIN' in found['text'], found['action']), (action == 'details', action))

    def test_administrators_tries(self):
        """No finding is about them: the person before it does not use that PIN."""
        self.insert()
        self.card.of('openpgp').admin(ADMIN, 1)
        report = list_tokens()[1]
        self.assertEqual(report['tokens'][0]['pins'][2]['tries_left'], 1)
        self.assertEqual([f['kind'] for f in report['findings'] if f['kind'].startswith('pin')], ['pin-default'])

    def test_different_serials(self):
        card = self.make_card()
        card.of('openpgp').put(OPENPGP_AID, openpgp_aid(0x4712, manufacturer=6))
        self.insert(card)
        found = self.read()
        self.assertEqual([c['id'] for c in found['certificates']], ['9a'])
        self.assertEqual([pin['ref'] for pin in found['pins']], ['user'])
        done = self.run_cli('change-pin', '--pin', 'openpgp-user', answers=(PIN, NEW, NEW))
        self.assertEqual(done.returncode, 1)
        self.assertIn('no PIN called', done.stderr)
        self.assertEqual(self.sent(), 0)

    def test_left_as_found(self):
        """PIV is selected in the end; what another program has verified stays so."""
        self.insert()
        self.read()
        selects = [line for line in self.card.log() if line.startswith('00A404')]
        self.assertIn('D27600012401', selects[-2])
        self.assertTrue(selects[-1].startswith(SELECT_PIV))
        with pcsc.Context() as context, context.connect(self.pcscd.reader_name()) as handle:
            handle.transmit(bytes.fromhex(SELECT_PIV))
            self.assertEqual(handle.transmit(bytes.fromhex('0020008008') + PIN.encode() + b'\xFF\xFF')[-2:], b'\x90\x00')
            self.assertEqual(self.refs(), ['user'])
            self.assertEqual(handle.transmit(bytes.fromhex('00200080'))[-2:], b'\x90\x00')

    # PINs

    def test_change_each(self):
        self.insert()
        for ref, old, new in ('user', PIN, NEW), ('openpgp-user', PIN, OTHER), ('openpgp-admin', ADMIN, '86427531'):
            before = self.sent()
            self.assertEqual(self.change(old, new, ref), 'The PIN was changed. 3 tries left.')
            self.assertEqual(self.sent(), before + 1)
            self.assert_tries(3, 3, 3, 0, 3)
        self.assertTrue(self.verify_piv(NEW))
        self.assertFalse(self.verify_piv(OTHER))
        self.assertTrue(self.verify_pgp(OTHER))
        self.assertFalse(self.verify_pgp(NEW))
        self.assertTrue(self.verify_pgp('86427531', 3))

    def test_wrong_each(self):
        """A wrong one costs a try of its own counter."""
        self.insert()
        for ref, tries in (('user', (2, 3, 3, 0, 3)), ('openpgp-user', (2, 3, 2, 0, 3)), ('openpgp-admin', (2, 3, 2, 0, 2))):
            before = self.sent()
            self.assertEqual(self.change(WRONG, NEW, ref), 'Sent: the current PIN is wrong. 2 tries left.')
            self.assertEqual(self.sent(), before + 1)
            self.assert_tries(*tries)

    def test_unlock_each(self):
        self.insert()
        pgp = self.card.of('openpgp')
        pgp.puk(RESETTING_CODE)
        self.card.pin(PIN, 0)
        pgp.pin(PIN, 0)
        self.assert_tries(0, 3, 0, 3, 3)
        self.assertEqual(self.unlock(WRONG, NEW, 'openpgp-user'), 'Sent: the PUK is wrong. 2 tries left.')
        self.assert_tries(0, 3, 0, 2, 3)
        unlocked = 'The PIN is unlocked, and the new one holds. 3 tries left.'
        self.assertEqual(self.unlock(RESETTING_CODE, NEW, 'openpgp-user'), unlocked)
        self.assert_tries(0, 3, 3, 3, 3)
        self.assertEqual(self.unlock(PUK, OTHER, 'user'), unlocked)
        self.assert_tries(3, 3, 3, 3, 3)
        self.assertTrue(self.verify_pgp(NEW))
        self.assertTrue(self.verify_piv(OTHER))

    def test_last_try(self):
        self.insert()
        self.card.of('openpgp').pin(PIN, 1)
        self.assertIn(NOT_SENT, self.change(WRONG, NEW, 'openpgp-user'))
        self.assertEqual(self.sent(), 0)
        done = self.run_cli('change-pin', '--pin', 'openpgp-user', answers=(WRONG, NEW, NEW, '1'))
        self.assertEqual(done.stdout.splitlines()[-1], 'Sent: the current PIN is wrong. No tries are left: it is locked.')
        self.assert_tries(3, 3, 0, 0, 3)

    def test_swapped(self):
        """The other half of another token is another token."""
        self.insert()
        token = self.read()
        other = self.make_card(days=30)
        other.replace()
        with Worker('change-pin', token['reader'], 'openpgp-user', fingerprint(token)) as worker:
            for secret in PIN, NEW:
                worker.send(worker.SECRET, secret.encode())
            while worker.receive()[0] != worker.TOKEN:
                pass
        self.card = other
        self.assertEqual(self.sent(), 0)

    def test_verified_by_another(self):
        """Who gives a PIN here has the token reset: then both halves are read in any case."""
        self.insert()
        token = self.read()
        with pcsc.Context() as context, context.connect(self.pcscd.reader_name()) as handle:
            handle.transmit(bytes.fromhex(SELECT_PIV))
            handle.transmit(bytes.fromhex('0020008008') + PIN.encode() + b'\xFF\xFF')
            before = self.sent()
            with Worker('change-pin', token['reader'], 'openpgp-user', fingerprint(token)) as worker:
                for secret in PIN, NEW:
                    worker.send(worker.SECRET, secret.encode())
                worker.wait_sending()
                worker.send(worker.GO)
                while worker.receive()[0] != worker.TOKEN:
                    pass
        self.assertEqual(self.sent(), before + 1)
        self.assertTrue(self.verify_pgp(NEW))

    def test_pulled_at_the_command(self):
        self.insert()
        self.card.drop(ins(0x24))
        self.assertIn('no answer came', self.change(PIN, NEW, 'openpgp-user'))
        self.card.clear_faults()

    def test_reset_afterwards(self):
        self.insert()
        self.change(PIN, NEW, 'openpgp-user')
        self.assertIn('reset', self.log_behind('00240081'))
        self.assertEqual(len([line for line in self.card.log() if line.startswith('0024')]), 1)


if __name__ == '__main__':
    enter_private()
    tap.main()
