"""An OpenPGP token through the command line on a real pcscd: gpg and OpenSC say the same of it before and after, and
work while our watch runs."""
import os
import re
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from assistant import Worker, cli, environment, fingerprint  # noqa: E402
from cards import (ADMIN, HOLDER_EN, OPENPGP_AID, OPENPGP_KDF, PIN, RESETTING_CODE, make_authority,  # noqa: E402
                   openpgp_aid, openpgp_token, piv_token)
from cardtest import NEW, NOT_SENT, OTHER, WRONG, CardTest, PinTests, card_status, run  # noqa: E402
from pcscd import enter_private  # noqa: E402
from vcard import build_root, ins  # noqa: E402

OPENPGP_ATR = bytes.fromhex('3B8A010031C573C00180059000D8')
PLAIN_ATR = bytes.fromhex('3B8A018073C0218056434152445B')


class OpenPgp(PinTests, CardTest):
    family = 'openpgp'
    serial = 4711
    puk = RESETTING_CODE
    change_command = '00240081'

    def make_token(self):
        return openpgp_token(HOLDER_EN, serial=4711)

    def verify(self, pin, which=1):
        """Whether OpenSC's tool takes it."""
        done = run('openpgp-tool', '--verify', f'CHV{which}', '--pin', pin)
        return done.returncode == 0 and 'failed' not in done.stdout + done.stderr

    def look_by_others(self):
        self.assertEqual(card_status()['PIN retry counter'], '3 0 3')

    def assert_counters(self, user, code, admin):
        """Ours, gpg's and the token's own."""
        self.assertEqual(card_status()['PIN retry counter'], f'{user} {code} {admin}')
        pins = {pin['ref']: pin for pin in self.read()['pins']}
        self.assertEqual(pins['user']['tries_left'], user)
        self.assertEqual(pins['user']['blocked'], user == 0)
        self.assertEqual(pins['user']['unlock'], 'puk' if code else 'admin')
        self.assertEqual(pins['user']['unlock_tries_left'], code or admin)
        self.assertEqual(pins['admin']['tries_left'] if admin else 0, admin)
        self.assertEqual([self.card.tries(role)[0] for role in ('pin', 'puk', 'admin')], [user, code, admin])

    # Reading

    def test_list(self):
        for personality, serial in ((), f'FF00{4711:08X}'), (('extended',), f'FF00{4711:08X}'), (('yubico',), '4711'):
            with self.subTest(personality):
                self.insert(None, *personality)
                found = self.read()
                said = card_status()
                self.assertEqual((found['family'], found['serial'], found['id']), ('openpgp', serial, f'openpgp-{serial}'))
                self.assertTrue(said['Serial number'].endswith(serial[-8:]))
                self.assertEqual([(c['id'], c['role'], c['sha256']) for c in found['certificates']],
                                 [(place, role, self.token.certificates[place].sha256) for place, role in
                                  (('aut', 'authentication'), ('dec', 'encryption'), ('sig', 'signature'))])
                self.assertEqual([c['id'] for c in found['certificates'] if c['primary']], ['aut'])
                self.assertEqual(found['certificates'][0]['holder'], 'Zhang San')
                self.assertEqual([str(self.pin()['max_length'])] * 3, said['Max. PIN lengths'].split())
                self.assertEqual(self.sent(), 0)
                self.doCleanups()

    def test_apdus(self):
        """Until the first certificate and the tries are known: no other family is asked, as the ATR tells."""
        for personality, n in ((), 6), (('extended',), 3):
            with self.subTest(personality):
                self.insert(openpgp_token(HOLDER_EN, issuer=make_authority('rsa2048')), *personality)
                self.assertIn(len(self.token.certificates['aut'].der), range(769, 1025))
                self.card.reset_counters()
                self.read()
                sent = [line for line in self.card.log() if '->' in line]
                self.assertEqual(next(i for i, line in enumerate(sent) if line.startswith('00A501')), n, sent)
                self.doCleanups()

    def test_atr_of_another(self):
        """What it tells saves questions and proves nothing: with it a PIV card is one, and without it this is none less."""
        token = piv_token(HOLDER_EN)
        card = token.load(self.pcscd.card('piv'))
        card.atr(OPENPGP_ATR)
        card.insert()
        self.assertEqual(self.read()['family'], 'piv')
        self.pcscd.host.eject()
        self.token = openpgp_token(HOLDER_EN, serial=4711)
        self.card = self.token.load(self.pcscd.card('openpgp', serial=4711))
        self.card.atr(PLAIN_ATR)
        self.card.insert()
        self.addCleanup(self.pcscd.host.eject)
        self.assertEqual(self.read()['family'], 'openpgp')

    def test_version_2(self):
        token = openpgp_token(serial=4711, places=('aut',))
        token.objects[OPENPGP_AID] = openpgp_aid(4711, (2, 1), 0x0005)
        self.insert(token)
        found = self.read()
        self.assertEqual((found['label'], found['serial']), ('ZeitControl', f'0005{4711:08X}'))
        self.assertEqual([c['id'] for c in found['certificates']], ['aut'])
        self.assertEqual(card_status()['Version'], '2.1')

    def test_no_certificate(self):
        """Then the token is called by the name of its holder."""
        self.insert(openpgp_token(serial=4711, places=()))
        self.assertEqual(self.read()['label'], card_status()['Name of cardholder'])

    def test_one_certificate(self):
        """In any of the three places: it stands for the token."""
        for place in 'aut', 'dec', 'sig':
            for personality in (), ('extended',), ('yubico',):
                with self.subTest((place, personality)):
                    self.insert(openpgp_token(HOLDER_EN, serial=4711, places=(place,)), *personality)
                    found = self.read()
                    self.assertEqual([(c['id'], c['primary'], c['sha256']) for c in found['certificates']],
                                     [(place, True, self.token.certificates[place].sha256)])
                    self.doCleanups()

    def test_same_certificate_as_others_see(self):
        self.insert()
        pem = cli('show', '--pem').stdout
        other = run('pkcs15-tool', '--read-certificate', re.search(
            r'^\s*ID\s*: (\w+)', run('pkcs15-tool', '--list-certificates').stdout, re.M)[1]).stdout
        self.assertIn(other.strip(), pem)

    def test_counters(self):
        """Read at any state of the card, and nothing tried."""
        for user, code, admin in (3, 0, 3), (1, 2, 1), (0, 3, 2):
            self.insert()
            self.card.pin(PIN, user)
            self.card.puk(RESETTING_CODE, code)
            self.card.admin(ADMIN, admin)
            self.assert_counters(user, code, admin)
            self.assertEqual(self.sent(), 0)
            self.doCleanups()

    # PINs

    def test_change(self):
        self.insert()
        self.assertEqual(self.change(), 'The PIN was changed. 3 tries left.')
        self.assert_counters(3, 0, 3)
        self.assertTrue(self.verify(NEW))
        self.assertFalse(self.verify(PIN))
        self.assert_counters(2, 0, 3)
        self.assertEqual(self.change(WRONG, OTHER), 'Sent: the current PIN is wrong. 1 try left.')
        self.assert_counters(1, 0, 3)
        self.assertTrue(self.verify(NEW))
        self.assert_counters(3, 0, 3)

    def test_change_admin(self):
        self.insert()
        self.assertEqual(self.change(WRONG, NEW, 'admin'), 'Sent: the current PIN is wrong. 2 tries left.')
        self.assert_counters(3, 0, 2)
        self.assertEqual(self.change(ADMIN, NEW, 'admin'), 'The PIN was changed. 3 tries left.')
        self.assert_counters(3, 0, 3)
        self.assertTrue(self.verify(NEW, 3))
        self.assertFalse(self.verify(ADMIN, 3))

    def test_unlock(self):
        self.insert()
        self.card.puk(RESETTING_CODE)
        for left in 2, 1, 0:
            self.assertFalse(self.verify(WRONG))
            self.assert_counters(left, 3, 3)
        self.assertFalse(self.verify(PIN))
        self.assertEqual(self.unlock(WRONG), 'Sent: the PUK is wrong. 2 tries left.')
        self.assert_counters(0, 2, 3)
        self.assertEqual(self.unlock(), 'The PIN is unlocked, and the new one holds. 3 tries left.')
        self.assert_counters(3, 3, 3)
        self.assertTrue(self.verify(NEW))
        self.assertFalse(self.verify(PIN))

    def test_unlock_without_code(self):
        """With the administrator's PIN: wrong it costs one of its own tries, right none."""
        self.insert()
        self.card.pin(PIN, 0)
        self.assertEqual(self.unlock(WRONG), "Sent: the administrator's PIN is wrong. 2 tries left.")
        self.assert_counters(0, 0, 2)
        self.assertEqual(self.sent(), 1)
        self.assertEqual(self.unlock(ADMIN), 'The PIN is unlocked, and the new one holds. 3 tries left.')
        self.assert_counters(3, 0, 3)
        self.assertEqual(self.sent(), 3)
        self.assertTrue(self.verify(NEW))

    def test_nobody_can_unlock(self):
        """Nothing is asked for and nothing sent."""
        self.insert()
        self.card.pin(PIN, 0)
        self.card.admin(ADMIN, 0)
        done = self.run_cli('unlock', answers=(ADMIN, NEW, NEW))
        self.assertEqual(done.returncode, 1)
        self.assertIn("The administrator's PIN has no tries left, so the PIN cannot be unlocked here.", done.stdout)
        self.assertEqual(self.sent(), 0)
        self.assert_counters(0, 0, 0)

    def test_another_way_than_the_one_that_was_shown(self):
        """What was typed as a resetting code is never taken for PW3, nor the other way round: nothing is sent."""
        self.insert()
        for mode, codes in ('unlock', 0), ('unlock-as-admin', 3):
            self.card.puk(RESETTING_CODE, codes)
            found = self.read()
            with self.subTest(mode), Worker(mode, found['reader'], 'user', fingerprint(found)) as worker:
                for secret in RESETTING_CODE, NEW:
                    worker.send(worker.SECRET, secret.encode())
                kind = None
                while kind != worker.ATTEMPT:
                    kind, payload = worker.receive()
                    self.assertNotEqual((kind, payload), (worker.STAGE, struct.pack('=I', worker.SENDING)))
        self.assertEqual(self.sent(), 0)
        self.assert_counters(3, 3, 3)

    def test_not_sent(self):
        self.insert()
        self.card.puk(RESETTING_CODE)
        for verb, ref, first, new in (('change-pin', 'user', '12345', NEW), ('change-pin', 'user', PIN, '24681'),
                                      ('change-pin', 'admin', '1234567', NEW), ('change-pin', 'admin', ADMIN, '2468135'),
                                      ('change-pin', 'puk', RESETTING_CODE, NEW), ('unlock', 'user', '1234567', NEW),
                                      ('change-pin', 'user', PIN, '13579' * 26),
                                      ('change-pin', 'user', '97531' * 25, '13579' * 25 + '1')):
            with self.subTest((verb, ref, first)):
                done = self.run_cli(verb, '--pin', ref, answers=(first, new, new))
                self.assertEqual(done.returncode, 1)
                self.assertIn(NOT_SENT, done.stdout)
        self.assertEqual(self.sent(), 0)
        self.assert_counters(3, 3, 3)

    def test_hashed_pins(self):
        """A card that wants its PINs hashed: a typed one would only cost a try."""
        self.insert()
        self.card.put(OPENPGP_KDF, bytes.fromhex('810103820108830400000100'))
        self.assertEqual(self.change(), f'{NOT_SENT} This token cannot do that.')
        self.assertEqual(self.sent(), 0)

    def test_6982_that_cost_nothing(self):
        self.insert()
        self.card.answer(ins(0x24), bytes.fromhex('6982'))
        self.assertEqual(self.change(), 'Sent: the token answered 6982, which says nothing known. The PIN was not changed '
                                        'as far as can be told. 3 tries left.')

    def assert_administrator_logged_out(self):
        self.assertIn('reset', self.log_behind('00200083'))
        self.assertEqual(self.card.tries('admin'), (3, 3))
        said = run('opensc-tool', '--send-apdu', '00A4040006D27600012401', '--send-apdu', '002C028106323436383133').stdout
        self.assertIn('SW1=0x69, SW2=0x82', said)

    def test_administrator_logged_out_afterwards(self):
        self.insert()
        self.card.pin(PIN, 0)
        self.card.answer(ins(0x2C), bytes.fromhex('6A80'))
        self.assertIn('does not accept the new PIN', self.unlock(ADMIN))
        self.assert_administrator_logged_out()
        self.card.clear_faults()
        self.assertIn('The PIN is unlocked', self.unlock(ADMIN))
        self.assert_administrator_logged_out()

    def test_killed_between_the_commands(self):
        """The worker dies when PW3 has been sent: the new PIN is never, and nobody stays verified."""
        self.insert()
        self.card.pin(PIN, 0)
        self.card.delay(1500, ins(0x20), 1)
        process = subprocess.Popen([build_root() / 'src/cli/cert-assistant-cli', 'unlock'], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True, env=environment())
        process.stdin.write(f'{ADMIN}\n{NEW}\n{NEW}\n')
        process.stdin.flush()
        end = time.monotonic() + 20
        while not self.sent() and time.monotonic() < end:
            time.sleep(.02)
        (worker,) = (int(line.split()[0]) for line in run('ps', '--ppid', str(process.pid), '-o', 'pid=,args=')
                     .stdout.splitlines() if 'cert-assistant-worker unlock' in line)
        os.kill(worker, signal.SIGKILL)
        self.assertIn('no answer came', process.communicate(timeout=60)[0])
        self.assert_administrator_logged_out()
        self.assertEqual((self.sent(), self.card.tries()), (2, (0, 3)))  # the second is opensc-tool's


if __name__ == '__main__':
    enter_private()
    tap.main()
