"""A PKCS#15 token through the command line on a real pcscd: OpenSC says the same of it before and after, and works while
our watch runs."""
import functools
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import cardtest  # noqa: E402
import der  # noqa: E402
import tap  # noqa: E402
from assistant import cli, list_tokens  # noqa: E402
from cards import (ADMIN, CDF, EF_DIR, FIRST_CERTIFICATE, HOLDER_EN, PIN, PUK, make_authority,  # noqa: E402
                   make_certificate, pkcs15_object, pkcs15_path, pkcs15_pin, pkcs15_token)
from cardtest import NEW, NOT_SENT, OTHER, WRONG, CardTest, PinTests  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402
from vcard import source_root  # noqa: E402

NAME, BY_STEPS, PIN_FORM = 0x84, 0xA4, 0x24

run = functools.partial(cardtest.run, OPENSC_CONF=str(source_root() / 'tests' / 'support' / 'opensc.conf'))


def dump():
    """What OpenSC says of the card."""
    done = run('pkcs15-tool', '--dump')
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout


class Pkcs15(PinTests, CardTest):
    family = 'pkcs15'
    change_command = '00240001'

    def make_token(self):
        return pkcs15_token(HOLDER_EN)

    def verify(self, pin, ident='01'):
        """Whether OpenSC's tool takes it."""
        return run('pkcs15-tool', '--verify-pin', '--auth-id', ident, '--pin', pin).returncode == 0

    def reset(self):
        """A PIN that others verified says nothing of its tries."""
        self.pcscd.host.eject()
        self.card.insert()

    def look_by_others(self):
        self.assertIn('[Example Card]', dump())

    def assert_counters(self, user, puk):
        """Ours and the token's own."""
        pin = self.read()['pins'][0]
        self.assertEqual((pin['ref'], pin['tries_left'], pin['unlock_tries_left']), ('user', user, puk))
        self.assertEqual((pin['blocked'], pin['unlock']), (user == 0, 'puk'))
        self.assertEqual([self.card.tries(role)[0] for role in ('pin', 'puk')], [user, puk])

    # Reading

    def test_list(self):
        for personality in (), ('extended',), ('exact-le',):
            with self.subTest(personality):
                self.insert(None, *personality)
                found = self.read()
                said = dump()
                serial = f'{4711:016X}'
                self.assertEqual((found['family'], found['serial'], found['id'], found['label']),
                                 ('pkcs15', serial, f'pkcs15-{serial}', 'Example Card'))
                self.assertIn(f'Serial number  : {serial}', said)
                self.assertIn(f'PKCS#15 Card [{found["label"]}]', said)
                self.assertEqual([(c['id'], c['role'], c['sha256']) for c in found['certificates']],
                                 [(f'{i + 1:02}', role, self.token.certificates[i].sha256) for i, role in
                                  enumerate(('authentication', 'signature', 'encryption'))])
                self.assertEqual([c['id'] for c in found['certificates']],
                                 re.findall(r'^X\.509.*?^\tID +: (\w+)', said, re.M | re.S))
                self.assertEqual([c['id'] for c in found['certificates'] if c['primary']], ['01'])
                self.assertEqual(found['certificates'][0]['holder'], 'Zhang San')
                self.assertEqual(found['certificates'][0]['organization'], 'Beijing Example Trading Co., Ltd.')
                pin, = found['pins']
                self.assertEqual((pin['label'], pin['charset'], pin['pinpad']), ('User PIN', 'digits', False))
                self.assertIn(f'min_len:{pin["min_length"]}, max_len:{pin["max_length"]}, stored_len:8', said)
                self.assertEqual(self.sent(), 0)
                self.doCleanups()

    def test_apdus(self):
        """Until the first certificate is known and its PIN's tries: three more than there can be, which ask for PIV,
        OpenPGP and GIDS."""
        for personality, n in ((), 13), (('extended',), 10):
            with self.subTest(personality):
                self.insert(pkcs15_token(HOLDER_EN, issuer=make_authority('rsa2048')), *personality)
                self.assertIn(len(self.token.certificates[0].der), range(769, 1025))
                self.card.reset_counters()
                self.read()
                sent = [line for line in self.card.log() if '->' in line]
                self.assertEqual(next(i for i, line in enumerate(sent) if line.startswith('00A40800045015440100')), n, sent)
                self.assertEqual(next(i for i, line in enumerate(sent) if line.startswith('00200001')), n + 2, sent)
                self.doCleanups()

    def test_same_certificates_as_others_see(self):
        self.insert()
        pem = cli('show', '--pem').stdout
        for ident in '01', '02', '03':
            self.assertIn(run('pkcs15-tool', '--read-certificate', ident).stdout.strip(), pem)

    def test_other_trees(self):
        """By EF.DIR alone, without it, and with paths taken step by step."""
        for what in NAME, EF_DIR, BY_STEPS:
            with self.subTest(f'{what:x}'):
                token = pkcs15_token(HOLDER_EN)
                token.objects.pop(EF_DIR) if what == EF_DIR else token.objects.update({what: b''})
                self.insert(token)
                self.assertEqual([c['id'] for c in self.read()['certificates']], ['01', '02', '03'])
                self.assertEqual(self.read()['serial'], f'{4711:016X}')
                self.doCleanups()

    def test_certificate_in_its_directory(self):
        token = pkcs15_token(HOLDER_EN)
        made = make_certificate(subject=HOLDER_EN, key_name='p15-0')
        entry = pkcs15_object([der.string('Here')], [der.octet_string(b'\x45')], [b''])
        value = der.tlv(0xA1, der.sequence(der.tlv(0xA0, made.der)))
        token.objects[CDF] = der.sequence(*(der.tlv(tag, content) for tag, content in der.split(der.split(entry)[0][1])[:2]),
                                          value)
        self.insert(token)
        self.assertEqual([(c['id'], c['sha256']) for c in self.read()['certificates']], [('45', made.sha256)])
        self.assertEqual(run('pkcs15-tool', '--read-certificate', '45').stdout, made.pem)

    def test_authority_behind(self):
        """OpenSC says of it that it is one; ours lists it last."""
        authority = make_authority('rsa2048')
        token = pkcs15_token(HOLDER_EN, issuer=authority)
        path = FIRST_CERTIFICATE + 9
        token.objects[path] = authority.der
        entry = pkcs15_object([der.string('CA')], [der.octet_string(b'\x0a'), der.boolean(True)], [pkcs15_path(path)])
        token.objects[CDF] = entry + token.objects[CDF]
        self.insert(token)
        self.assertEqual([c['id'] for c in self.read()['certificates']], ['01', '02', '03', '0a'])
        self.assertRegex(dump(), r'\[CA\]\n\tObject Flags.*\n\tAuthority +: yes')

    def test_spoilt(self):
        token = pkcs15_token(HOLDER_EN)
        token.objects[FIRST_CERTIFICATE] = bytes.fromhex('3003020105')
        self.insert(token)
        self.assertEqual([c['id'] for c in self.read()['certificates']], ['02', '03'])

    def test_nothing_on_it(self):
        token = pkcs15_token(usages=())
        self.insert(token)
        found = self.read()
        self.assertEqual((found['certificates'], found['label']), ([], 'Example Card'))
        self.assert_counters(3, 3)

    def test_unknown_card(self):
        """Three questions of this family at most, and none of them with data."""
        card = self.pcscd.card('pkcs15')
        card.put(NAME, b'')
        card.put(EF_DIR, der.tlv(0x61, der.tlv(0x4F, bytes.fromhex('D27600006601'))))
        card.insert()
        self.addCleanup(self.pcscd.host.eject)
        self.assertEqual(list_tokens()[1]['readers'][0]['state'], 'unknown-card')
        sent = [line for line in card.log() if '->' in line]
        self.assertLessEqual(len(sent) - next(i for i, line in enumerate(sent) if 'A000000063' in line), 3, sent)

    def test_counters(self):
        """Read at any state of the card, and nothing tried."""
        for user, puk in (3, 3), (1, 2), (0, 1):
            self.insert()
            self.card.pin(PIN, user)
            self.card.puk(PUK, puk)
            self.assert_counters(user, puk)
            self.assertEqual(self.sent(), 0)
            self.doCleanups()

    def test_verified_by_others(self):
        """Then nobody can tell the tries, and it stays verified."""
        self.insert()
        self.assertTrue(self.verify(PIN))
        pin = self.read()['pins'][0]
        self.assertNotIn('tries_left', pin)
        self.assertFalse(pin['blocked'])
        self.assertIn('00200001 -> 9000 (0)', self.card.log())

    # PINs

    def test_change(self):
        self.insert()
        self.assertEqual(self.change(), 'The PIN was changed. 3 tries left.')
        self.assert_counters(3, 3)
        self.assertTrue(self.verify(NEW))
        self.assertFalse(self.verify(PIN))
        self.assert_counters(2, 3)
        self.assertEqual(self.change(WRONG, OTHER), 'Sent: the current PIN is wrong. 1 try left.')
        self.assert_counters(1, 3)
        self.assertTrue(self.verify(NEW))

    def test_changed_by_others(self):
        self.insert()
        self.assertEqual(run('pkcs15-tool', '--change-pin', '--auth-id', '01', '--pin', PIN, '--new-pin', OTHER).returncode,
                         0)
        self.reset()
        self.assertEqual(self.change(PIN), 'Sent: the current PIN is wrong. 2 tries left.')
        self.assertEqual(self.change(OTHER), 'The PIN was changed. 3 tries left.')
        self.assertTrue(self.verify(NEW))

    def test_change_puk(self):
        self.insert()
        self.assertEqual(self.change(WRONG, NEW, 'puk'), 'Sent: the PUK is wrong. 2 tries left.')
        self.assertIn('The PUK was changed.', self.change(PUK, NEW, 'puk'))
        self.assertEqual(run('pkcs15-tool', '--unblock-pin', '--auth-id', '01', '--puk', NEW, '--new-pin',
                             OTHER).returncode, 0)
        self.assertTrue(self.verify(OTHER))

    def test_several_pins(self):
        pins = [pkcs15_pin('User PIN', 1, 1, protector=2), pkcs15_pin('Signature PIN', 4, 4, protector=3, shortest=6),
                pkcs15_pin('PUK', 2, 2, ['unblocks'], shortest=8), pkcs15_pin('SO PIN', 3, 3, ['admin'], shortest=8)]
        self.insert(pkcs15_token(HOLDER_EN, pins=pins))
        self.card.pin2('654321', 2)
        self.card.admin(ADMIN)
        self.assertEqual([(pin['ref'], pin['label'], pin['tries_left'], pin.get('unlock')) for pin in self.read()['pins']],
                         [('user', 'User PIN', 3, 'puk'), ('user-2', 'Signature PIN', 2, 'admin'),
                          ('admin', 'SO PIN', 3, None)])
        self.assertEqual(self.change('654321', NEW, 'user-2'), 'The PIN was changed. 3 tries left.')
        self.assertTrue(self.verify(NEW, '04'))
        self.assertTrue(self.verify(PIN))
        self.reset()
        self.assertEqual(self.change(WRONG, NEW, 'admin'), 'Sent: the current PIN is wrong. 2 tries left.')
        self.assertEqual(self.card.tries('admin'), (2, 3))

    def test_unlock(self):
        self.insert()
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
        """Nothing says that there is one: nothing is asked for and nothing sent."""
        self.insert(pkcs15_token(HOLDER_EN, pins=[pkcs15_pin('User PIN', 1, 1)]))
        self.card.pin(PIN, 0)
        done = self.run_cli('unlock', answers=(PUK, NEW, NEW))
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.sent(), 0)

    def test_not_sent(self):
        self.insert()
        for verb, ref, first, new in (('change-pin', 'user', '123', NEW), ('change-pin', 'user', PIN, '246'),
                                      ('change-pin', 'user', PIN, '246813570'), ('change-pin', 'user', PIN, 'abcdef'),
                                      ('change-pin', 'user', '12345a', NEW), ('change-pin', 'puk', '1234567', NEW),
                                      ('unlock', 'user', '1234567', NEW)):
            with self.subTest((verb, ref, first)):
                done = self.run_cli(verb, '--pin', ref, answers=(first, new, new))
                self.assertEqual(done.returncode, 1)
                self.assertIn(NOT_SENT, done.stdout)
        self.assertEqual(self.sent(), 0)
        self.assert_counters(3, 3)

    def test_forms(self):
        """A card of each kind: what it takes apart in its own way is the PIN that was typed."""
        for kind, number, stored, filler, old, new in (('bcd', 0, 8, 0xFF, '862051', '2468135'),
                                                       ('half-bcd', 3, 8, 0xFF, '862051', NEW),
                                                       ('iso9564', 4, 8, 0xFF, '862051', NEW),
                                                       ('utf8', 2, 8, 0x00, 'Zhang3!', 'xYz-987'),
                                                       ('ascii', 1, 12, 0x20, '862051', NEW)):
            with self.subTest(kind):
                token = pkcs15_token(HOLDER_EN, pins=[pkcs15_pin('PIN', 1, 1, kind=kind, stored=stored, filler=filler)])
                token.pin = old
                token.objects[PIN_FORM] = bytes([number, stored, filler])
                self.insert(token)
                self.assertEqual(self.change(old, new), 'The PIN was changed. 3 tries left.')
                self.assertEqual(self.change(new, old), 'The PIN was changed. 3 tries left.')
                self.assertEqual(self.sent(), 2)
                if kind in ('ascii', 'utf8'):
                    self.assertTrue(self.verify(old))
                self.doCleanups()

    # Others

class AtKeypad(unittest.TestCase):
    """Its PINs fill a block of fixed size with digits: a reader with a keypad can do that by itself."""

    def setUp(self):
        self.pcscd = Pcscd(['Keypad Reader'], pads=['Keypad Reader'])
        self.addCleanup(self.pcscd.close)
        self.card = pkcs15_token(HOLDER_EN).load(self.pcscd.card('pkcs15'))
        self.card.insert()

    def run_cli(self, *arguments):
        return cli(*arguments, timeout=90).stdout.splitlines()[-1]

    def test_change_and_unlock(self):
        self.assertTrue(list_tokens()[1]['tokens'][0]['pins'][0]['pinpad'])
        self.pcscd.host.type(PIN, NEW)
        self.assertEqual(self.run_cli('change-pin'), 'The PIN was changed. 3 tries left.')
        self.pcscd.host.type(WRONG, OTHER)
        self.assertEqual(self.run_cli('change-pin'), 'Sent: the current PIN is wrong. 2 tries left.')
        self.pcscd.host.type(PUK, OTHER)
        self.assertEqual(self.run_cli('unlock'), 'The PIN is unlocked, and the new one holds. 3 tries left.')
        self.pcscd.host.give_up('cancel')
        self.assertIn('Not sent', self.run_cli('change-pin'))
        self.pcscd.host.type(OTHER, NEW)
        self.assertEqual(self.run_cli('change-pin'), 'The PIN was changed. 3 tries left.')
        self.assertEqual((self.card.tries(), self.card.tries('puk')), ((3, 3), (3, 3)))
        self.assertEqual(self.pcscd.host.keypad()['asked'], 5)


if __name__ == '__main__':
    enter_private()
    tap.main()
