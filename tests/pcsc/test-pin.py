"""Change and unlock through the command line on a real pcscd: at most one command with a PIN for each confirmation, true
sentences, and no try that nobody confirmed."""
import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import pcsc  # noqa: E402
import tap  # noqa: E402
from assistant import Worker, cli, environment, fingerprint, list_tokens  # noqa: E402
from cards import piv_token  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402
from vcard import build_root, ins  # noqa: E402

OLD, NEW, WRONG, PUK = '123456', '24681357', '654321', '12345678'
NOT_SENT = 'Not sent: no try was used.'


def lines(*answers):
    return '\n'.join(answers) + '\n'


class Pins(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd()
        cls.addClassCleanup(cls.pcscd.close)

    def setUp(self):
        self.card = self.make_card()
        self.card.insert()
        self.addCleanup(self.pcscd.host.eject)

    def make_card(self, serial=5):
        return piv_token(serial=serial, slots=(0x9A,)).load(self.pcscd.card('piv', 'yubico', serial=serial))

    def run_cli(self, *arguments, answers=(), **more):
        done = subprocess.run([build_root() / 'src/cli/cert-assistant-cli', *arguments], input=lines(*answers),
                              capture_output=True, text=True, timeout=90, env=environment(**more))
        for secret in answers:
            if len(secret) > 4:
                self.assertNotIn(secret, done.stdout + done.stderr)
        return done

    def change(self, old=OLD, new=NEW, again=None, more=(), arguments=(), **environ):
        return self.run_cli('change-pin', *arguments, answers=(old, new, again or new, *more), **environ)

    def unlock(self, puk=PUK, new=NEW, more=(), **environ):
        return self.run_cli('unlock', answers=(puk, new, new, *more), **environ)

    def sent(self, card=None):
        """How many commands with a PIN have reached the token."""
        counters = (card or self.card).counters()
        return counters['verifies'] + counters['changes'] + counters['unblocks']

    def block_pin(self):
        self.card.pin(OLD, left=0)

    # What works

    def test_change(self):
        done = self.change()
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1], done.stderr),
                         (0, 'The PIN was changed. 3 tries left.', ''))
        self.assertIn('3 of 3 tries left before this token locks.', done.stdout)
        self.assertEqual(self.sent(), 1)
        self.assertEqual(self.change(old=OLD, new='13572468').stdout.splitlines()[-1],
                         'Sent: the current PIN is wrong. 2 tries left.')
        self.assertEqual(self.change(old=NEW, new='13572468').returncode, 0)
        self.assertEqual((self.sent(), self.card.tries()), (3, (3, 3)))

    def test_the_token_is_reset_afterwards(self):
        """What was verified is not left to others."""
        self.change()
        log = self.card.log()
        change = next(i for i, line in enumerate(log) if line.startswith('002400'))
        self.assertIn('reset', ' '.join(log[change:]))

    def test_others_agree(self):
        """yubico-piv-tool takes the new PIN and refuses the old one; it blocks, we unlock, and the counters agree."""
        def verify(pin):
            return subprocess.run(['yubico-piv-tool', '-a', 'verify-pin', '-P', pin], capture_output=True, text=True, timeout=30)
        self.change()
        self.assertEqual(verify(NEW).returncode, 0)
        for left in 2, 1, 0:
            self.assertNotEqual(verify(OLD).returncode, 0)
            pin = list_tokens()[1]['tokens'][0]['pins'][0]
            self.assertEqual((pin['tries_left'], pin['blocked']), (left, left == 0))
        self.assertNotEqual(verify(NEW).returncode, 0)
        done = self.unlock(new='13572468')
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1]),
                         (0, 'The PIN is unlocked, and the new one holds. 3 tries left.'))
        self.assertEqual(verify('13572468').returncode, 0)
        tool = subprocess.run(['pkcs15-tool', '--verify-pin', '--pin', '13572468', '--auth-id', '01'], capture_output=True,
                              text=True, timeout=30)
        self.assertEqual(tool.returncode, 0, tool.stderr)

    def test_change_puk(self):
        done = self.run_cli('change-pin', '--pin', 'puk', answers=(PUK, '87654312', '87654312'))
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1]), (0, 'The PUK was changed. 3 tries left.'))
        self.block_pin()
        self.assertEqual(self.unlock().stdout.splitlines()[-1], 'Sent: the PUK is wrong. 2 tries left.')
        self.assertEqual(self.unlock(puk='87654312').returncode, 0)

    def test_plain_piv(self):
        """A token that does not tell of its PUK, and whose tries are known by the empty VERIFY alone."""
        self.pcscd.host.eject()
        card = piv_token(serial=6, slots=(0x9A,)).load(self.pcscd.card('piv'))
        card.insert()
        self.assertEqual(self.change(old=WRONG).stdout.splitlines()[-1], 'Sent: the current PIN is wrong. 2 tries left.')
        self.assertEqual(self.change().stdout.splitlines()[-1], 'The PIN was changed. 3 tries left.')
        card.pin(OLD, left=0)
        self.assertEqual(self.unlock(puk='87654312').stdout.splitlines()[-1], 'Sent: the PUK is wrong. 2 tries left.')
        self.assertEqual(self.unlock().returncode, 0)
        self.assertEqual(self.sent(card), 4)

    def test_terminal(self):
        """On a terminal: asked for one after the other, and not shown."""
        pid, terminal = pty.fork()
        if pid == 0:
            program = str(build_root() / 'src/cli/cert-assistant-cli')
            os.execve(program, [program, 'change-pin'], environment())
        seen = b''

        def expect(text):
            nonlocal seen
            end = time.monotonic() + 20
            while text not in seen:
                self.assertLess(time.monotonic(), end, seen)
                if select.select([terminal], [], [], 1)[0]:
                    try:
                        seen += os.read(terminal, 4096)
                    except OSError:
                        break
            self.assertIn(text, seen)
        for prompt, answer in ((b'Current PIN: ', OLD), (b'New PIN: ', NEW), (b'New PIN again: ', NEW)):
            expect(prompt)
            os.write(terminal, answer.encode() + b'\n')
        expect(b'The PIN was changed.')
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        os.close(terminal)
        self.assertNotIn(OLD.encode(), seen)
        self.assertNotIn(NEW.encode(), seen)

    # What is not sent

    def test_not_sent(self):
        """What can be seen here to be wrong costs nothing."""
        for what, answers in {
                'too short': (OLD, '13572', '13572'), 'too long': (OLD, '135724689', '135724689'),
                'not the same': (OLD, NEW, '13572469'), 'the old one': (OLD, OLD, OLD), 'trivial': (OLD, '111111', '111111'),
                'a run': (OLD, '234567', '234567'), 'initial': (OLD, '12345678', '12345678'),
                'impossible old': ('12', NEW, NEW), 'no letters of the keyboard': (OLD, '密码密码', '密码密码'),
                'nothing': ('', '', ''), 'end of input': (OLD,), 'far too long': ('9' * 300, NEW, NEW)}.items():
            with self.subTest(what):
                done = self.run_cli('change-pin', answers=answers)
                self.assertEqual(done.returncode, 1)
                self.assertIn(NOT_SENT, done.stdout)
        self.assertEqual((self.sent(), self.card.tries()), (0, (3, 3)))

    def test_arguments_and_environment_are_no_way(self):
        for arguments in ('change-pin', OLD), ('change-pin', '--pin=' + OLD, NEW), ('unlock', PUK):
            self.assertEqual(cli(*arguments).returncode, 2)
        done = self.run_cli('change-pin', '--pin', 'nonsense')
        self.assertEqual((done.returncode, self.sent()), (1, 0))
        self.assertIn('no PIN called', done.stderr)

    def test_last_try(self):
        self.card.pin(OLD, left=1)
        for more in (), ('',), ('2',), ('yes',):
            done = self.change(old=WRONG, more=more)
            self.assertIn(NOT_SENT, done.stdout)
        self.assertEqual((self.sent(), self.card.tries()), (0, (1, 3)))
        done = self.change(old=WRONG, more=('1',))
        self.assertEqual(done.stdout.splitlines()[-1], 'Sent: the current PIN is wrong. No tries are left: it is locked.')
        self.assertEqual((done.returncode, self.sent(), self.card.tries()), (1, 1, (0, 3)))
        done = self.change()
        self.assertIn('unlock', done.stdout)
        self.assertEqual((done.returncode, self.sent()), (1, 1))

    def test_blocked_puk(self):
        self.block_pin()
        self.card.puk(PUK, left=0)
        done = self.unlock()
        self.assertEqual(done.returncode, 1)
        self.assertIn('The PUK has no tries left', done.stdout)
        self.assertIn('The certificate and its keys are not lost.', done.stdout)
        self.assertEqual(self.sent(), 0)

    def test_tries_gone_in_the_meantime(self):
        """Another program used up all but one between the question and the answer: nothing is sent."""
        process = self.start('change-pin')
        self.wait_prompted()
        self.card.pin(OLD, left=1)
        out = self.finish(process, OLD, NEW, NEW)
        self.assertEqual(out.splitlines()[-1], f'{NOT_SENT} Only one try is left.')
        self.assertEqual((self.sent(), self.card.tries()), (0, (1, 3)))

    # Another token

    def start(self, *arguments, **more):
        return subprocess.Popen([build_root() / 'src/cli/cert-assistant-cli', *arguments], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True, env=environment(**more))

    def wait_prompted(self):
        """The program has read the token and asks."""
        end = time.monotonic() + 20
        last = -1
        while time.monotonic() < end:
            now = self.card.counters()['apdus']
            if now == last and now > 10:
                time.sleep(.3)
                return
            last = now
            time.sleep(.2)

    def finish(self, process, *answers):
        out, _ = process.communicate(lines(*answers), timeout=90)
        return out

    def test_swapped_between_question_and_answer(self):
        other = self.make_card(7)
        process = self.start('change-pin')
        self.wait_prompted()
        other.replace()
        out = self.finish(process, OLD, NEW, NEW)
        self.assertIn(NOT_SENT, out.splitlines()[-1])
        self.assertEqual((process.returncode, self.sent(), self.sent(other), other.tries()), (1, 0, 0, (3, 3)))

    # Trouble

    def test_lying_tokens(self):
        for status, sentence in {
                '6F00': 'Sent: the token answered 6F00, which says nothing known. The PIN was not changed as far as can be told. '
                        '3 tries left.',
                '6982': 'Sent: the token answered 6982, which says nothing known. The PIN was not changed as far as can be told. '
                        '3 tries left.',
                '6A80': 'Sent: the token does not accept the new PIN. Nothing was changed. 3 tries left.',
                '6983': 'Sent: the token says that the PIN is locked. 3 tries left.',
                '63CF': 'Sent: the current PIN is wrong. 3 tries left.',
                '63C0': 'Sent: the current PIN is wrong. 3 tries left.',
                '6D00': 'Sent: this token cannot do that. Nothing was changed. 3 tries left.',
                '6110': None, '6C10': None, '': None, '90': None}.items():
            with self.subTest(status):
                before = self.sent()
                self.card.answer(ins(0x24), bytes.fromhex(status))
                done = self.change()
                self.card.clear_faults()
                self.assertEqual(done.returncode, 1)
                if sentence:
                    self.assertEqual(done.stdout.splitlines()[-1], sentence)
                self.assertNotIn(NOT_SENT, done.stdout)
                self.assertLessEqual(self.sent() - before, 1)
        self.assertEqual(self.card.tries(), (3, 3))

    def test_pulled_at_every_apdu(self):
        """Wherever it goes: at most one command, and “not sent” is said only where none was."""
        self.change(old=WRONG)
        total = self.card.counters()['apdus']
        not_sent = 0
        for i in range(20, min(total, 130)):
            self.pcscd.host.eject()
            self.card.pin(OLD)
            self.card.clear_faults()
            self.card.reset_counters()
            self.card.drop(i)
            self.card.insert(wait=False)
            done = self.change(old=WRONG)
            self.assertLessEqual(self.sent(), 1, i)
            if NOT_SENT in done.stdout:
                self.assertEqual(self.sent(), 0, (i, done.stdout))
                not_sent += 1
            self.assertEqual(self.card.tries()[0], 3 - self.sent(), (i, done.stdout))
        self.card.clear_faults()
        self.assertGreater(not_sent, 10)

    def kill_pcscd_at(self, n):
        """When the N-th APDU from now on has come."""
        end = self.card.counters()['apdus'] + n
        deadline = time.monotonic() + 20
        while self.card.counters()['apdus'] < end and time.monotonic() < deadline:
            time.sleep(.001)
        self.pcscd.kill()

    def test_pcscd_killed(self):
        """At the first APDU of the worker, some in the middle, and each around the one with the PINs."""
        not_sent = 0
        for n in 1, 2, 10, 20, 30, 31, 32, 33, 34:
            before = self.sent()
            self.card.pin(OLD)
            process = self.start('change-pin')
            self.wait_prompted()
            self.card.delay(15)
            killer = threading.Thread(target=self.kill_pcscd_at, args=(n,))
            killer.start()
            out = self.finish(process, WRONG, NEW, NEW)
            killer.join()
            self.card.clear_faults()
            used = self.sent() - before
            self.assertLessEqual(used, 1, n)
            if NOT_SENT in out:
                self.assertEqual(used, 0, (n, out))
                not_sent += 1
            self.assertEqual(self.card.tries()[0], 3 - used, (n, out))
            self.pcscd.start()
        self.assertTrue(0 < not_sent < 9, not_sent)

    def test_reset_by_another(self):
        """Another program resets the token again and again."""
        over = threading.Event()

        def reset():
            with pcsc.Context() as context:
                while not over.is_set():
                    try:
                        context.connect(self.pcscd.reader_name()).close(pcsc.RESET)
                    except pcsc.PcscError:
                        pass
                    time.sleep(.002)
        for _ in range(4):
            before = self.sent()
            self.card.pin(OLD)
            process = self.start('change-pin')
            self.wait_prompted()
            over.clear()
            thread = threading.Thread(target=reset)
            thread.start()
            out = self.finish(process, WRONG, NEW, NEW)
            over.set()
            thread.join()
            used = self.sent() - before
            self.assertLessEqual(used, 1)
            self.assertEqual(NOT_SENT in out, used == 0, out)
            self.assertEqual(self.card.tries()[0], 3 - used, out)

    def test_nothing_is_sent_before_the_engine_says_so(self):
        token = list_tokens()[1]['tokens'][0]
        for go in False, True:
            with Worker('change-pin', token['reader'], 'user', fingerprint(token)) as worker:
                for secret in OLD, NEW:
                    worker.send(worker.SECRET, secret.encode())
                worker.wait_sending()
                time.sleep(.5)
                self.assertEqual(self.sent(), 0)
                if go:
                    worker.send(worker.GO)
                    while worker.receive()[0] != worker.TOKEN:
                        pass
            self.assertEqual(self.sent(), int(go))

    def test_killed_in_the_middle(self):
        """The program dies while the token works: the token is reset, nothing stays verified, nothing is sent again."""
        self.card.delay(1000, ins(0x24), 1)
        process = self.start('change-pin')
        self.wait_prompted()
        process.stdin.write(lines(OLD, NEW, NEW))
        process.stdin.flush()
        end = time.monotonic() + 20
        while not self.sent() and time.monotonic() < end:
            time.sleep(.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        time.sleep(2)
        self.assertEqual(self.sent(), 1)
        log = self.card.log()
        change = next(i for i, line in enumerate(log) if line.startswith('002400'))
        self.assertRegex(' '.join(log[change:]), 'reset|power')

    def test_held_by_another(self):
        """Another program holds a transaction: said so, within the deadline, and nothing was sent."""
        process = self.start('change-pin')
        self.wait_prompted()
        with pcsc.Context() as context, context.connect(self.pcscd.reader_name()) as handle:
            handle.begin()
            out = self.finish(process, OLD, NEW, NEW)
        self.assertIn(NOT_SENT, out)
        self.assertIn('Another program', out)
        self.assertEqual(self.sent(), 0)

    def test_chinese(self):
        done = self.change(old=WRONG, LANGUAGE='zh_CN')
        self.assertRegex(done.stdout.splitlines()[-1], '[\u4e00-\u9fff]')
        self.assertNotRegex(done.stdout, r'tries|token|PIN')


if __name__ == '__main__':
    enter_private()
    tap.main()
