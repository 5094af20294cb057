"""Change and unlock at the keypad of a reader, on a real pcscd: no PIN is asked for here, at most one command with one goes
to the token, and what the reader refused is called not sent."""
import os
import pty
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from assistant import Worker, environment, fingerprint, list_tokens  # noqa: E402
from cards import piv_token  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402
from vcard import build_root, ins  # noqa: E402

KEYPAD, PLAIN = 'Keypad Reader', 'Plain Reader'
OLD, NEW, WRONG, PUK = '123456', '24681357', '654321', '12345678'
NOT_SENT = 'Not sent: no try was used.'
STEPS = ["At the reader's keypad:", '  1. Type the current PIN and press OK.', '  2. Type the new PIN (6 to 8 digits) and press OK.',
         '  3. Type the new PIN again and press OK.']
UNKNOWN = 'No answer came. Whether anything was sent, and whether the PIN was changed, is not known.'


class Keypad(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd([KEYPAD, PLAIN], pads=[KEYPAD])
        cls.addClassCleanup(cls.pcscd.close)
        cls.host = cls.pcscd.host

    def setUp(self):
        self.card = self.make_card()
        self.card.insert()
        self.addCleanup(self.host.eject)

    def make_card(self, serial=5, personality=('piv', 'yubico')):
        return piv_token(serial=serial, slots=(0x9A,)).load(self.pcscd.card(*personality, serial=serial))

    def start(self, *arguments, stdin=subprocess.PIPE, **more):
        return subprocess.Popen([build_root() / 'src/cli/cert-assistant-cli', *arguments], stdin=stdin,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(**more))

    def finish(self, process, answers=''):
        out, _ = process.communicate(answers, timeout=90)
        for secret in OLD, NEW, WRONG, PUK:
            self.assertNotIn(secret, out)
        return process.returncode, out.splitlines()

    def run_cli(self, *arguments, answers='', **more):
        return self.finish(self.start(*arguments, **more), answers)

    def last(self, *arguments, **more):
        status, out = self.run_cli(*arguments, **more)
        return status, out[-1]

    def wait_asking(self):
        """The keypad waits for the person."""
        end = time.monotonic() + 20
        while not self.host.keypad()['asking']:
            self.assertLess(time.monotonic(), end)
            time.sleep(.01)

    def sent(self, card=None):
        """How many commands with a PIN have reached the token."""
        counters = (card or self.card).counters()
        return counters['verifies'] + counters['changes'] + counters['unblocks']

    def asked(self):
        return self.host.keypad()['asked']

    # What works

    def test_change(self):
        self.host.type(OLD, NEW)
        status, out = self.run_cli('change-pin')
        self.assertEqual((status, out[-5:]), (0, STEPS + ['The PIN was changed. 3 tries left.']))
        self.assertEqual((self.sent(), self.card.tries()), (1, (3, 3)))
        self.host.type(NEW, '13572468')
        self.assertEqual(self.last('change-pin'), (0, 'The PIN was changed. 3 tries left.'))
        log = self.card.log()
        change = next(i for i, line in enumerate(log) if line.startswith('002400'))
        self.assertEqual(log[change], '00240080 [16 bytes] -> 9000 (0)')
        self.assertIn('reset', ' '.join(log[change:]))  # what was verified is not left to others

    def test_wrong(self):
        asked = self.asked()
        for left, said in (2, '2 tries left.'), (1, '1 try left.'):
            self.host.type(WRONG, NEW)
            self.assertEqual(self.last('change-pin'), (1, 'Sent: the current PIN is wrong. ' + said))
            self.assertEqual(self.card.tries(), (left, 3))
        self.assertEqual((self.sent(), self.asked() - asked), (2, 2))

    def test_plain_piv(self):
        """A token that does not tell of its PUK; its PIN has digits only."""
        self.host.eject()
        card = self.make_card(6, ('piv',))
        card.insert()
        self.host.type(OLD, NEW)
        self.assertEqual(self.last('change-pin'), (0, 'The PIN was changed. 3 tries left.'))
        self.assertEqual(self.sent(card), 1)

    def test_unlock(self):
        self.card.pin(OLD, left=0)
        self.host.type('87654321', NEW)
        status, out = self.run_cli('unlock')
        self.assertIn('  1. Type the PUK and press OK.', out)
        self.assertEqual((status, out[-1]), (1, 'Sent: the PUK is wrong. 2 tries left.'))
        self.host.type(PUK, NEW)
        self.assertEqual(self.last('unlock'), (0, 'The PIN is unlocked, and the new one holds. 3 tries left.'))
        self.host.type(NEW, '13572468')
        self.assertEqual(self.last('change-pin')[0], 0)
        self.assertEqual((self.sent(), self.card.counters()['unblocks']), (3, 2))

    def test_change_puk(self):
        self.host.type(PUK, '87654312')
        status, out = self.run_cli('change-pin', '--pin', 'puk')
        self.assertIn('  2. Type the new PUK (6 to 8 digits) and press OK.', out)
        self.assertEqual((status, out[-1], self.sent()), (0, 'The PUK was changed. 3 tries left.', 1))
        self.card.pin(OLD, left=0)
        self.host.type('87654312', NEW)
        self.assertEqual(self.last('unlock')[0], 0)

    def test_where_it_is_typed(self):
        """Told of each reader; the same token elsewhere is asked for here."""
        other = self.make_card(7)
        other.insert(PLAIN)
        self.addCleanup(self.host.eject, PLAIN)
        tokens = {token['serial']: token for token in list_tokens()[1]['tokens']}
        self.assertEqual([tokens[serial]['pins'][0]['pinpad'] for serial in ('5', '7')], [True, False])
        asked = self.asked()
        status, out = self.run_cli('change-pin', '--token', tokens['7']['id'], answers=f'{OLD}\n{NEW}\n{NEW}\n')
        self.assertEqual((status, out[-1]), (0, 'The PIN was changed. 3 tries left.'))
        self.assertEqual((self.sent(other), self.sent(), self.asked()), (1, 0, asked))

    def test_slow_person(self):
        """The reader waits for the person, and longer than a token may take; meanwhile nothing was sent."""
        process = self.start('change-pin')
        self.wait_asking()
        time.sleep(35)
        self.assertEqual((process.poll(), self.sent()), (None, 0))
        self.host.type(OLD, NEW)
        self.assertEqual(self.finish(process)[1][-1], 'The PIN was changed. 3 tries left.')

    # No PIN comes this way

    def test_input_is_left_alone(self):
        """What stands ready at the input is not read: neither as a PIN nor to the end."""
        ours, theirs = os.pipe()
        os.write(theirs, f'{OLD}\n{NEW}\n{NEW}\n'.encode())
        os.close(theirs)
        self.host.give_up('cancel')
        process = self.start('change-pin', stdin=ours)
        out, _ = process.communicate(timeout=60)
        self.assertIn('cancelled', out)
        self.assertEqual(os.read(ours, 100).decode(), f'{OLD}\n{NEW}\n{NEW}\n')
        os.close(ours)
        self.assertEqual((self.sent(), self.card.tries()), (0, (3, 3)))

    def test_terminal(self):
        """Nothing is asked on a terminal; only the steps are shown, before the reader begins."""
        pid, terminal = pty.fork()
        if pid == 0:
            program = str(build_root() / 'src/cli/cert-assistant-cli')
            os.execve(program, [program, 'change-pin'], environment())
        self.wait_asking()
        seen = os.read(terminal, 4096).decode().replace('\r', '')
        self.assertIn('\n'.join(STEPS), seen)
        self.assertNotRegex(seen, 'PIN: |again: ')
        self.host.type(OLD, NEW)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        os.close(terminal)

    def test_worker_takes_no_secret(self):
        """The worker asks for none, and the keypad is silent until the engine knows that a PIN may be sent."""
        token = next(token for token in list_tokens()[1]['tokens'] if token['pins'][0]['pinpad'])
        asked = self.asked()
        self.host.type(OLD, NEW)
        with Worker('change-pin', token['reader'], 'user', fingerprint(token), 'pad') as worker:
            worker.wait_sending()
            time.sleep(.5)
            self.assertEqual(self.asked(), asked)
            worker.send(worker.GO)
            while worker.receive()[0] != worker.TOKEN:
                pass
        self.assertEqual((self.asked() - asked, self.sent(), self.card.tries()), (1, 1, (3, 3)))

    def test_no_keypad_after_all(self):
        """The token has moved to a reader without one while the worker was started."""
        self.host.eject()
        self.card.insert(PLAIN)
        self.addCleanup(self.host.eject, PLAIN)
        token = list_tokens()[1]['tokens'][0]
        with Worker('change-pin', token['reader'], 'user', fingerprint(token), 'pad') as worker:
            worker.wait_sending()
            worker.send(worker.GO)
            while worker.receive()[0] != worker.TOKEN:
                pass
        self.assertEqual((self.sent(), self.card.tries()), (0, (3, 3)))

    # What is not sent

    def test_reader_refuses(self):
        differ, length = 'The two entries of the new PIN differ.', "What was typed at the reader's keypad is too short or too long."
        for what, do, said in (
                ('timeout', lambda: self.host.give_up('timeout'), "The time for typing at the reader's keypad ran out."),
                ('cancel', lambda: self.host.give_up('cancel'), "It was cancelled at the reader's keypad."),
                ('differ', lambda: self.host.type(OLD, NEW, '24681358'), differ),
                ('old too short', lambda: self.host.type('12345', NEW), length),
                ('new too short', lambda: self.host.type(OLD, '13572'), length),
                ('new too long', lambda: self.host.type(OLD, '135724689'), length)):
            with self.subTest(what):
                asked = self.asked()
                do()
                self.assertEqual(self.last('change-pin'), (1, f'{NOT_SENT} {said}'))
                self.assertEqual((self.asked() - asked, self.sent(), self.card.tries()), (1, 0, (3, 3)))

    def test_last_try(self):
        """Confirmed here, for it is the one thing that is typed here."""
        self.card.pin(OLD, left=1)
        asked = self.asked()
        for answers in '', '\n', '2\n', f'{OLD}\n{NEW}\n{NEW}\n1\n':
            self.assertEqual(self.last('change-pin', answers=answers), (1, f'{NOT_SENT} The last try was not confirmed.'))
        self.assertEqual((self.asked(), self.sent(), self.card.tries()), (asked, 0, (1, 3)))
        self.host.type(WRONG, NEW)
        self.assertEqual(self.last('change-pin', answers='1\n'),
                         (1, 'Sent: the current PIN is wrong. No tries are left: it is locked.'))
        self.assertEqual((self.asked() - asked, self.sent(), self.card.tries()), (1, 1, (0, 3)))

    def test_blocked(self):
        """Nothing is offered, and the keypad is not asked."""
        asked = self.asked()
        self.card.pin(OLD, left=0)
        self.assertEqual(self.last('change-pin'), (1, 'Unlock it with: cert-assistant-cli unlock'))
        self.card.puk(PUK, left=0)
        status, out = self.run_cli('unlock')
        self.assertEqual(status, 1)
        self.assertIn('The PUK has no tries left', ' '.join(out))
        self.assertEqual((self.asked(), self.sent()), (asked, 0))

    def test_tries_gone_in_the_meantime(self):
        """Another program used up all but one since: the worker does not ask at the keypad."""
        token = list_tokens()[1]['tokens'][0]
        asked = self.asked()
        for left, flags in (1, ()), (0, ('last-try',)):
            self.card.pin(OLD, left=left)
            self.assert_worker_refuses(token, token['reader'], *flags)
        self.assertEqual((self.asked(), self.sent()), (asked, 0))

    def test_swapped_before(self):
        """Another token than the one that the person saw: nothing is asked for, nothing is sent."""
        token = list_tokens()[1]['tokens'][0]
        other = self.make_card(7)
        asked = self.asked()
        other.replace()
        self.host.type(OLD, NEW)
        self.assert_worker_refuses(token, token['reader'])
        self.assertEqual((self.asked(), self.sent(), self.sent(other), other.tries()), (asked, 0, 0, (3, 3)))

    def assert_worker_refuses(self, token, reader, *flags):
        """It never comes so far as to ask whether it may send."""
        with Worker('change-pin', reader, 'user', fingerprint(token), *flags, 'pad') as worker:
            frames = []
            while worker.ATTEMPT not in frames:
                kind, payload = worker.receive()
                self.assertFalse(kind == worker.STAGE and payload[0] == worker.SENDING)
                frames.append(kind)

    # Trouble

    def test_pulled_while_typing(self):
        process = self.start('change-pin')
        self.wait_asking()
        self.host.eject()
        status, out = self.finish(process)
        self.assertEqual(status, 1)
        self.assertTrue(out[-1].startswith(UNKNOWN), out)
        self.assertNotIn(NOT_SENT, out[-1])
        self.assertEqual((self.sent(), self.card.tries()), (0, (3, 3)))

    def test_swapped_while_typing(self):
        """What is typed from then on reaches nobody: the reader has let go."""
        other = self.make_card(7)
        process = self.start('change-pin')
        self.wait_asking()
        other.replace()
        self.host.type(OLD, NEW)
        status, out = self.finish(process)
        self.assertEqual((status, self.sent(), self.sent(other), other.tries()), (1, 0, 0, (3, 3)))
        self.assertTrue(out[-1].startswith(UNKNOWN), out)

    def test_pulled_as_it_is_sent(self):
        self.card.drop(ins(0x24))
        self.host.type(WRONG, NEW)
        status, out = self.run_cli('change-pin')
        self.assertEqual(status, 1)
        self.assertTrue(out[-1].startswith(UNKNOWN), out)

    def test_pcscd_killed_while_typing(self):
        process = self.start('change-pin')
        self.wait_asking()
        self.pcscd.kill()
        self.pcscd.start()
        status, out = self.finish(process)
        self.assertEqual((status, self.sent()), (1, 0))
        self.assertTrue(out[-1].startswith(UNKNOWN), out)

    def test_program_killed_while_typing(self):
        """The reader may go on, as it does without a computer; nobody begins anew."""
        asked = self.asked()
        process = self.start('change-pin')
        self.wait_asking()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.host.type(WRONG, NEW)
        time.sleep(1)
        self.assertEqual(self.asked() - asked, 1)
        self.assertLessEqual(self.sent(), 1)
        log = ' '.join(self.card.log())
        self.assertRegex(log[log.find('002400'):], 'reset|power')

    def test_lying_tokens(self):
        for status, sentence in {
                '6F00': 'Sent: the token answered 6F00, which says nothing known. The PIN was not changed as far as can be told. '
                        '3 tries left.',
                '6B80': 'Sent: the token answered 6B80, which says nothing known. The PIN was not changed as far as can be told. '
                        '3 tries left.',
                '6404': 'Sent: the token answered 6404, which says nothing known. The PIN was not changed as far as can be told. '
                        '3 tries left.',
                '6A80': 'Sent: the token does not accept the new PIN. Nothing was changed. 3 tries left.',
                '63C0': 'Sent: the current PIN is wrong. 3 tries left.',
                '6110': None, '6C10': None, '6700': None, '': None, '90': None, 'AA9000': None}.items():
            with self.subTest(status):
                before, asked = self.sent(), self.asked()
                self.card.answer(ins(0x24), bytes.fromhex(status))
                self.host.type(OLD, NEW)
                code, said = self.last('change-pin')
                self.card.clear_faults()
                self.assertEqual(code, 1)
                if sentence:
                    self.assertEqual(said, sentence)
                self.assertNotIn(NOT_SENT, said)
                self.assertEqual((self.sent() - before, self.asked() - asked), (1, 1))
        self.assertEqual(self.card.tries(), (3, 3))

    def test_lying_reader(self):
        """It says that nothing was sent; the token's counter says otherwise. Where there is none, or it has not changed,
        only the reader can be believed."""
        for lie, said in (0x6400, 'ran out.'), (0x6401, 'cancelled'), (0x6402, 'differ'), (0x6403, 'too short'):
            with self.subTest(f'{lie:x}'):
                self.card.pin(OLD)
                self.host.type(WRONG, NEW, lie=lie)
                self.assertEqual(self.last('change-pin'), (1, f'{UNKNOWN} 2 tries left.'))
                self.host.type(OLD, OLD, lie=lie)
                self.card.answer(ins(0x24), b'\x90\0')
                self.assertIn(said, self.last('change-pin')[1])

    def test_two_at_once(self):
        """A second program while the person types for the first: it says that the token is in use, and asks for nothing."""
        asked = self.asked()
        first = self.start('change-pin')
        self.wait_asking()
        status, out = self.run_cli('change-pin')
        self.assertEqual((status, self.asked() - asked), (1, 1), out)
        self.assertIn('in use by another program', ' '.join(out))
        self.host.type(OLD, NEW)
        self.assertEqual(self.finish(first)[1][-1], 'The PIN was changed. 3 tries left.')
        self.assertEqual((self.sent(), self.asked() - asked), (1, 1))


if __name__ == '__main__':
    enter_private()
    tap.main()
