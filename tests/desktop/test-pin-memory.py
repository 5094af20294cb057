"""Where a PIN stands while it is typed and sent, and that none of it is left: real keys into the real dialog, a real pcscd,
and the memory of every process of the bench but the X server, the token and the hand that types."""
import os
import pty
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import memory  # noqa: E402
import tap  # noqa: E402
from assistant import environment  # noqa: E402
from cards import HOLDER_EN, piv_token  # noqa: E402
from desktop import Desktop, pause, wait_for  # noqa: E402
from pcscd import Pcscd, enter_private, ins  # noqa: E402
from screen import Screen  # noqa: E402
from sni import Watcher  # noqa: E402
from vcard import build_root  # noqa: E402

NAME = 'org.certassistant.CertAssistant'
PROGRAM = build_root() / 'src' / 'desktop' / 'cert-assistant'
CLI = build_root() / 'src' / 'cli' / 'cert-assistant-cli'
KEEP_CORE_LIMIT = build_root() / 'tests' / 'desktop' / 'keep-core-limit.so'
ENVIRON = {'CERT_ASSISTANT_LIBEXEC': str(build_root() / 'src' / 'token'), 'TZ': 'UTC'}

# No run of digits as tables have it, and no five in a row that two of them share: what is found is no chance, and it is known
# which of them it is.
OLD, NEW, PUK = '918273', '64738291', '53719264'
SECRETS = (OLD, NEW, PUK)

# How long the token works: time to look at those who have the PIN meanwhile.
WORKING_MS = 1500

PINENTRY = shutil.which('pinentry-gtk-2')

PLAIN_ENTRY = """
import gi
gi.require_version('Gtk', '3.0')
from gi.repository import Gtk
window = Gtk.Window(title='Plain')
window.add(Gtk.Entry(visibility=False))
window.show_all()
Gtk.main()
"""

# They take a secret from their input, say so and keep it.
KEEPER = """
import sys, time
secret = sys.stdin.readline().strip()
kept = [secret.encode('utf-16-le'), secret.encode('utf-32-le')]
print('kept', flush=True)
time.sleep(100)
"""
LOCKED_KEEPER = """
import ctypes, mmap, sys, time
page = mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
sys.stdin.buffer.raw.readinto(memoryview(page))
address = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(page)))
assert ctypes.CDLL(None).mlock(address, ctypes.c_size_t(mmap.PAGESIZE)) == 0
page.madvise(mmap.MADV_DONTDUMP)
print('kept', flush=True)
time.sleep(100)
"""


def program(pid):
    return os.path.basename((memory.command_line(pid) or [''])[0])


def everyone(but=()):
    """The process ids of the bench, without those who have a PIN by right: ourselves, these programs, and BUT."""
    pids = [int(path.name) for path in Path('/proc').glob('[0-9]*')]
    return [pid for pid in pids if pid not in (os.getpid(), *but) and program(pid) not in ('Xvfb', 'vcard-host')]


def workers(*modes):
    return [pid for pid in everyone()
            if program(pid) == 'cert-assistant-worker' and memory.command_line(pid)[1] in modes]


def whole(places):
    return sum(place.whole for place in places)


class Bench(unittest.TestCase):
    def enterContext(self, context):
        """unittest's own came with Python 3.11."""
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def make_card(self):
        token = piv_token(HOLDER_EN, serial=12344821, slots=(0x9A,))
        token.pin, token.puk = OLD, PUK
        return token.load(self.pcscd.card('piv', 'yubico', serial=12344821))

    def assert_nowhere(self, when, pids):
        found = [f'{program(pid)}: {place}' for pid in pids for place in memory.find(pid, SECRETS)]
        self.assertEqual(found, [], when)

    def assert_locked(self, when, pid, expected):
        """EXPECTED are the secrets, each once for every copy there must be: where none is found, nothing was proved."""
        places = memory.find(pid, SECRETS)
        self.assertEqual([str(place) for place in places if not place.safe], [], when)
        self.assertEqual(sorted(place.secret for place in places), sorted(expected), when)
        print(f'# {when}: {len(places)} copies in locked pages of {program(pid)}, 0 elsewhere')

    def watch_it_work(self, mode, first, terminal=None):
        """While the worker waits for the token: at it, at the program on the terminal, and at everybody else."""
        counter = {'change-pin': 'changes', 'unlock': 'unblocks'}[mode]
        wait_for(lambda: self.card.counters()[counter], what='the command with the PIN')
        (worker,) = workers(mode)
        # As they came, as the driver put them together, and as the command went out.
        self.assert_locked('while the token works', worker, 3 * [first, NEW])
        if terminal:
            self.assert_locked('while the token works', terminal, [first, NEW, NEW])
        service = self.pcscd.process.pid
        print(f'# while the token works: {whole(memory.find(service, SECRETS))} copies in pcscd')
        self.assert_nowhere('while the token works', everyone(but=(worker, terminal, service)))

    def look_afterwards(self):
        pause(1)
        self.assertEqual(workers('change-pin', 'unlock'), [])
        self.assert_nowhere('one second after', everyone())
        print('# one second after: 0 copies anywhere')


class Dialog(Bench):
    def setUp(self):
        self.pcscd = self.enterContext(Pcscd())
        self.desktop = self.enterContext(Desktop(environ=ENVIRON))
        self.card = self.make_card()
        self.card.delay(WORKING_MS, ins(0x24))
        self.desktop.mock_notifications()

    def start(self, **options):
        watcher = Watcher(self.desktop)
        self.tray = self.desktop.spawn([PROGRAM, '--background'], **options).pid
        self.card.insert()
        self.item = watcher.item()

    def open(self, row='Change PIN…', title='Change PIN'):
        self.item.wait_menu(lambda labels: row in labels)
        self.item.click(row)
        dialog = Screen(self.desktop).application(NAME).find('dialog', title)
        self.desktop.focus(title)
        return dialog

    def fill(self, dialog, first=OLD, button='Change'):
        """Types into all three fields; returns when it could be sent."""
        self.desktop.type(first)
        for text in NEW, NEW:
            self.desktop.key('Return')  # goes to what is missing
            self.desktop.type(text)
        dialog.find('push button', button).wait(lambda found: found.sensitive)

    def test_change(self):
        self.start()
        dialog = self.open()
        self.fill(dialog)
        self.assert_locked('while it is typed', self.tray, [OLD, NEW, NEW])
        self.assert_nowhere('while it is typed', everyone(but=[self.tray]))
        self.assertEqual(resource.prlimit(self.tray, resource.RLIMIT_CORE), (0, 0))
        for eye in dialog.find_all('toggle button'):
            eye.press()
        pause(.3)
        self.assert_locked('while it is shown', self.tray, [OLD, NEW, NEW])
        self.assert_nowhere('while it is shown', everyone(but=[self.tray]))
        self.desktop.key('Return')
        self.watch_it_work('change-pin', OLD)
        wait_for(lambda: 'The PIN was changed. 3 tries left.' in dialog.texts(), what='the answer')
        self.look_afterwards()
        if PINENTRY:
            print(f'# pinentry-gtk2: {self.pinentry()} copy after, ours: 0')

    def pinentry(self):
        """How many copies are left in it when it has given the PIN away."""
        process = self.desktop.spawn([PINENTRY], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdin.write(b'SETTITLE pinentry\nGETPIN\n')
        process.stdin.flush()
        self.desktop.focus('pinentry')
        self.desktop.type(OLD)
        self.desktop.key('Return')
        while not process.stdout.readline().startswith(b'D ' + OLD.encode()):
            pass
        pause(1)
        return whole(memory.find(process.pid, [OLD]))

    def test_given_up(self):
        self.start()
        for way, give_up in {
                'Cancel': lambda dialog: dialog.find('push button', 'Cancel').press(),
                'the window closed': lambda dialog: self.desktop.key('alt+F4')}.items():
            with self.subTest(way):
                dialog = self.open()
                self.fill(dialog)
                self.assert_locked('while it is typed', self.tray, [OLD, NEW, NEW])
                give_up(dialog)
                Screen(self.desktop).application(NAME).wait_gone('dialog')
                self.look_afterwards()

    def test_unlock(self):
        self.card.pin(OLD, left=0)
        self.card.delay(WORKING_MS, ins(0x2C))
        self.start()
        dialog = self.open('Unlock…', 'Unlock PIN')
        self.fill(dialog, PUK, 'Unlock')
        self.assert_locked('while it is typed', self.tray, [PUK, NEW, NEW])
        self.desktop.key('Return')
        self.watch_it_work('unlock', PUK)
        wait_for(lambda: any(text.startswith('The PIN is unlocked') for text in dialog.texts()), what='the answer')
        self.look_afterwards()

    def test_crash(self):
        """The worker gives no core file, and the tray none with a PIN, even where both would like to be dumped."""
        pattern = Path('/proc/sys/kernel/core_pattern').read_text().strip()
        if '|' in pattern or '/' in pattern or not pattern:
            self.skipTest('core files go elsewhere on this machine')
        limits = resource.getrlimit(resource.RLIMIT_CORE)
        if limits[1] != resource.RLIM_INFINITY:
            self.skipTest('no core files on this machine')
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, limits)
        resource.setrlimit(resource.RLIMIT_CORE, (limits[1], limits[1]))
        self.start(cwd=folder, environ={'LD_PRELOAD': str(KEEP_CORE_LIMIT)})

        dialog = self.open()
        self.fill(dialog)
        self.desktop.key('Return')
        wait_for(lambda: self.card.counters()['changes'], what='the command with the PIN')
        (worker,) = workers('change-pin')
        self.abort(worker)
        self.assertEqual(list(folder.iterdir()), [])

        wait_for(lambda: dialog.find('push button', 'Cancel').sensitive
                 and any('before this token locks' in text for text in dialog.texts()), what='the token as it is now')
        self.fill(dialog)
        self.abort(self.tray)
        (core,) = folder.iterdir()
        core = core.read_bytes()
        self.assertIn(b'Zhang San', core)
        self.assertEqual([found for secret in SECRETS for found in memory.search(core, secret)], [])
        print(f'# after a crash while it is typed: 0 copies in a core file of {len(core) >> 20} MB')

    def abort(self, pid):
        self.assertEqual(resource.prlimit(pid, resource.RLIMIT_CORE)[0], resource.RLIM_INFINITY)
        os.kill(pid, signal.SIGABRT)
        wait_for(lambda: not memory.command_line(pid), what='its end')


class Terminal(Bench):
    def setUp(self):
        self.pcscd = self.enterContext(Pcscd())
        self.card = self.make_card()
        self.seen = b''

    def start(self, verb):
        """On a terminal of its own."""
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.execve(CLI, [CLI, verb], environment())
        self.addCleanup(self.end, pid)
        return pid

    def end(self, pid):
        if memory.command_line(pid):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(self.terminal)

    def expect(self, text):
        end = time.monotonic() + 20
        while text.encode() not in self.seen:
            self.assertLess(time.monotonic(), end, self.seen)
            if select.select([self.terminal], [], [], 1)[0]:
                self.seen += os.read(self.terminal, 4096)

    def answer(self, prompt, text):
        self.expect(prompt)
        os.write(self.terminal, text.encode() + b'\n')

    def use(self, verb, instruction, prompt, first, sentence):
        self.card.delay(WORKING_MS, ins(instruction))
        self.card.insert()
        pid = self.start(verb)
        self.answer(prompt, first)
        self.answer('New PIN: ', NEW)
        self.expect('New PIN again: ')
        self.assert_locked('while it is typed', pid, [first, NEW])
        self.answer('New PIN again: ', NEW)
        self.watch_it_work(verb, first, terminal=pid)
        self.expect(sentence)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        for secret in SECRETS:
            self.assertNotIn(secret.encode(), self.seen)
        self.look_afterwards()

    def test_change(self):
        self.use('change-pin', 0x24, 'Current PIN: ', OLD, 'The PIN was changed.')

    def test_unlock(self):
        self.card.pin(OLD, left=0)
        self.use('unlock', 0x2C, 'PUK: ', PUK, 'The PIN is unlocked')


class Search(Bench):
    """It finds what others leave about."""

    def keep(self, program_text):
        process = subprocess.Popen([sys.executable, '-c', program_text], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdin.write(NEW.encode() + b'\n')
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b'kept\n')
        return process.pid

    def test_forms(self):
        places = memory.find(self.keep(KEEPER), [NEW, OLD])
        self.assertEqual({place.form for place in places if place.whole}, {'utf-8', 'utf-16-le', 'utf-32-le'})
        self.assertEqual([place for place in places if place.safe or place.secret == OLD], [])

    def test_locked(self):
        (place,) = memory.find(self.keep(LOCKED_KEEPER), [NEW])
        self.assertTrue(place.safe)

    def test_fragments(self):
        self.assertEqual(list(memory.search(b'..6473829x..473829164738', NEW)),
                         [('utf-8', 2, 7), ('utf-8', 12, 7), ('utf-8', 19, 5)])
        self.assertEqual(list(memory.search(b'6473 8291 3829', NEW)), [])

    def test_plain_entry(self):
        with Desktop(services=(), environ={'NO_AT_BRIDGE': '1'}) as desktop:
            process = desktop.spawn([sys.executable, '-c', PLAIN_ENTRY])
            desktop.focus('Plain')
            desktop.type(NEW)
            wait_for(lambda: whole(memory.find(process.pid, [NEW])), what='what was typed')
            self.assertEqual([place for place in memory.find(process.pid, [NEW]) if place.safe], [])


if __name__ == '__main__':
    enter_private()
    os.environ.setdefault('NO_AT_BRIDGE', '0')
    tap.main()
