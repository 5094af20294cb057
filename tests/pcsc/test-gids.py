"""A GIDS token through the command line on a real pcscd: OpenSC says the same of it before and after, and works while
our watch runs."""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from assistant import cli  # noqa: E402
from cards import GidsToken, HOLDER_EN, PIN, PUK, gids_token, make_authority, make_certificate  # noqa: E402
from cardtest import NEW, NOT_SENT, OTHER, WRONG, CardTest, PinTests, run  # noqa: E402
from pcscd import enter_private  # noqa: E402
from vcard import ins  # noqa: E402

SERIAL = '5643415244' + '00' * 7 + f'{4711:08X}'


class Gids(PinTests, CardTest):
    family = 'gids'
    serial = 4711
    change_command = '00240080'

    def make_token(self):
        return gids_token(HOLDER_EN, serial=4711)

    def others_pins(self):
        """What OpenSC says of the tries: {'UserPIN': 3, 'PUK': 3}"""
        said = run('pkcs15-tool', '--list-pins').stdout
        return {name: int(left) for name, left in
                re.findall(r'^PIN \[(.*?)\].*?Tries left\s*: (\d+)', said, re.M | re.S)}

    def verify(self, pin):
        """Whether OpenSC's tool takes it."""
        return run('pkcs15-tool', '--verify-pin', '--auth-id', '80', '--pin', pin).returncode == 0

    def change_by_others(self, old, new):
        return run('pkcs15-tool', '--change-pin', '--auth-id', '80', '--pin', old, '--new-pin', new).returncode == 0

    def look_by_others(self):
        self.assertEqual(self.others_pins(), {'UserPIN': 3})

    def assert_counters(self, user, puk=None):
        """Ours, OpenSC's and the token's own."""
        pin = self.pin()
        self.assertEqual(self.others_pins(), {'UserPIN': user} if puk is None else {'UserPIN': user, 'PUK': puk})
        self.assertEqual((pin['tries_left'], pin['tries_max'], pin['blocked']), (user, 3, user == 0))
        self.assertEqual(pin['unlock'], 'puk' if puk else 'admin')
        self.assertEqual(pin.get('unlock_tries_left'), puk or None)
        self.assertEqual(self.card.tries()[0], user)
        if puk is not None:
            self.assertEqual(self.card.tries('puk')[0], puk)

    # Reading

    def test_list(self):
        for personality in (), ('extended',), ('exact-le',):
            with self.subTest(personality):
                self.insert(None, *personality)
                found = self.read()
                self.assertEqual((found['family'], found['serial'], found['id']), ('gids', SERIAL, f'gids-{SERIAL}'))
                self.assertEqual([(c['id'], c['role'], c['sha256']) for c in found['certificates']],
                                 [(ident, role, self.token.certificates[ident].sha256) for ident, role in
                                  (('kxc01', 'authentication'), ('ksc00', 'signature'), ('kxc02', 'encryption'))])
                self.assertEqual([c['id'] for c in found['certificates'] if c['primary']], ['kxc01'])
                self.assertEqual(found['certificates'][0]['holder'], 'Zhang San')
                self.assertIn(SERIAL.lower(), run('pkcs15-tool', '--dump').stdout.lower())
                self.assertEqual(self.sent(), 0)
                self.doCleanups()

    def test_apdus(self):
        """Until the first certificate and the tries are known: two more than there can be, which ask for PIV and for
        OpenPGP."""
        for personality, n in ((), 11), (('extended',), 7):
            with self.subTest(personality):
                self.insert(gids_token(HOLDER_EN, issuer=make_authority('rsa2048')), *personality)
                self.card.reset_counters()
                self.read()
                sent = [line for line in self.card.log() if '->' in line]
                self.assertLess(next(i for i, line in enumerate(sent) if '5C027F71' in line), n, sent)
                self.doCleanups()

    def test_same_certificates_as_others_see(self):
        self.insert()
        pem = cli('show', '--pem').stdout
        listed = run('pkcs15-tool', '--list-certificates').stdout
        idents = re.findall(r'^\s*ID\s*: (\w+)', listed, re.M)
        self.assertEqual(len(idents), 3)
        for ident in idents:
            self.assertIn(run('pkcs15-tool', '--read-certificate', ident).stdout.strip(), pem)
        self.assertEqual(run('pkcs11-tool', '-O', '--type', 'cert').stdout.count('Certificate Object'), 3)

    def test_plain_and_unused(self):
        """A certificate that is not packed, a container that is not in use, one without a certificate."""
        token = GidsToken(4711)
        for name, options in (('a', {'packed': False}), ('b', {'valid': False}), ('c', {'default': True})):
            token.add(make_certificate('rsa2048', HOLDER_EN, key_name=name), **options)
        token.add(None)
        self.insert(token)
        self.assertEqual([c['id'] for c in self.read()['certificates']], ['kxc02', 'kxc00'])

    def test_no_certificate(self):
        self.insert(GidsToken(4711))
        found = self.read()
        self.assertEqual((found['certificates'], found['serial']), ([], SERIAL))

    def test_counters(self):
        """Read at any state of the card, and nothing tried."""
        for user, puk in (3, None), (1, None), (0, None), (2, 3), (0, 1), (3, 0):
            with self.subTest((user, puk)):
                self.insert()
                self.card.pin(PIN, user)
                if puk is not None:
                    self.card.puk(PUK, puk)
                self.assert_counters(user, puk)
                self.assertEqual(self.sent(), 0)
                self.doCleanups()

    # PINs

    def test_change(self):
        self.insert()
        self.assertEqual(self.change(), 'The PIN was changed. 3 tries left.')
        self.assert_counters(3)
        self.assertTrue(self.verify(NEW))
        self.assertFalse(self.verify(PIN))
        self.assert_counters(2)
        self.assertEqual(self.change(WRONG, OTHER), 'Sent: the current PIN is wrong. 1 try left.')
        self.assert_counters(1)
        self.assertTrue(self.verify(NEW))
        self.assert_counters(3)

    def test_change_by_both(self):
        """A PIN that one has changed works with the other."""
        self.insert()
        self.assertTrue(self.change_by_others(PIN, OTHER))
        self.assertEqual(self.change(OTHER, NEW), 'The PIN was changed. 3 tries left.')
        self.assertTrue(self.change_by_others(NEW, PIN))
        self.assertEqual(self.change(PIN, '9173'), 'The PIN was changed. 3 tries left.')
        self.assertTrue(self.verify('9173'))

    def test_change_puk(self):
        self.insert()
        self.card.puk(PUK)
        self.assertEqual(self.change(WRONG, NEW, 'puk'), 'Sent: the PUK is wrong. 2 tries left.')
        self.assert_counters(3, 2)
        self.change(PUK, OTHER, 'puk')
        self.assert_counters(3, 3)
        self.card.pin(PIN, 0)
        self.assertEqual(self.unlock(OTHER), 'The PIN is unlocked, and the new one holds. 3 tries left.')

    def test_unlock(self):
        self.insert()
        self.card.puk(PUK)
        for left in 2, 1, 0:
            self.assertFalse(self.verify(WRONG))
            self.assert_counters(left, 3)
        self.assertFalse(self.verify(PIN))
        self.assertEqual(self.unlock(WRONG), 'Sent: the PUK is wrong. 2 tries left.')
        self.assert_counters(0, 2)
        self.assertEqual(self.unlock(), 'The PIN is unlocked, and the new one holds. 3 tries left.')
        self.assert_counters(3, 3)
        self.assertTrue(self.verify(NEW))
        self.assertFalse(self.verify(PIN))

    def test_unlock_without_puk(self):
        """Only the administrator can: nothing is asked for and nothing sent."""
        self.insert()
        self.card.pin(PIN, 0)
        done = self.run_cli('unlock', answers=(PUK, NEW, NEW))
        self.assertEqual(done.returncode, 1)
        self.assertIn('Its administrator can unlock it', done.stdout)
        self.assertEqual(self.sent(), 0)
        self.assert_counters(0)

    def test_not_sent(self):
        self.insert()
        self.card.puk(PUK)
        for verb, ref, first, new in (('change-pin', 'user', '123', NEW), ('change-pin', 'user', PIN, '246'),
                                      ('change-pin', 'user', PIN, '24681357246813572'),
                                      ('change-pin', 'user', '24681357246813572', NEW),
                                      ('unlock', 'user', '123', NEW)):
            with self.subTest((verb, ref, first, new)):
                done = self.run_cli(verb, '--pin', ref, answers=(first, new, new))
                self.assertEqual(done.returncode, 1)
                self.assertIn(NOT_SENT, done.stdout)
        self.assertNotEqual(self.run_cli('change-pin', '--pin', 'admin', answers=(PUK, NEW, NEW)).returncode, 0)
        self.assertEqual(self.sent(), 0)
        self.assert_counters(3, 3)

    def test_63c3_that_cost_nothing(self):
        """The card did not like the length: no wrong PIN."""
        self.insert()
        self.card.answer(ins(0x24), bytes.fromhex('63C3'))
        self.assertNotIn('wrong', self.change())
        self.assert_counters(3)


if __name__ == '__main__':
    enter_private()
    tap.main()
