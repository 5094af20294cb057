"""What the resident program costs while nothing happens: wake-ups, APDUs, memory, and its start.

    idle ()        wake-ups of the tray and its watcher with a token in, beside other programs that watch
    remembered ()  the same without a token, and with many certificates remembered
    memory ()      private memory beside a bare GTK program with an appindicator
    start ()       start to registered in the tray
    judging ()     a large world, judged and put into words
"""
import json
import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

from gi.repository import GLib

from cards import piv_token
from desktop import Desktop, wait_for
from pcscd import Pcscd
from sni import Watcher
from vcard import build_root

SECONDS = 60
SETTLE = 30  # what the start has left behind ends by itself: a thread of GLib's pool waits 15 s for more
STARTS = 9
REMEMBERED = 50
ASSISTANT = build_root() / 'src' / 'desktop' / 'cert-assistant'
BARE = build_root() / 'tests' / 'bench' / 'bare-tray'
LIBEXEC = {'CERT_ASSISTANT_LIBEXEC': str(build_root() / 'src' / 'token')}
OTHERS = {'opensc-notify': ['opensc-notify'], 'pkcs11_eventmgr': ['pkcs11_eventmgr', 'nodaemon', 'config_file={config}']}
EVENTMGR_CONFIG = '''pkcs11_eventmgr {
  daemon = false; polling_time = 1; expire_time = 0;
  pkcs11_module = %s;
}
'''


def pause(seconds):
    """The tray's watcher is in this process and answers meanwhile."""
    loop = GLib.MainLoop()
    GLib.timeout_add(int(seconds * 1000), loop.quit)
    loop.run()


def row(what, *figures):
    print(f'{what:42}', *(f'{figure:>10}' for figure in figures), flush=True)


def switches(pid):
    """How often each thread of a process has been switched to and from so far."""
    return {status.parent.name: sum(int(line.split()[1]) for line in status.read_text().splitlines()
                                    if 'ctxt_switches' in line)
            for status in Path(f'/proc/{pid}/task').glob('*/status')}


def switches_since(before, pid):
    """A thread of GLib's pool that has ended meanwhile counts for nothing."""
    return sum(count - before.get(thread, 0) for thread, count in switches(pid).items())


def private_dirty_kb(pid):
    return sum(int(line.split()[1]) for line in Path(f'/proc/{pid}/smaps_rollup').read_text().splitlines()
               if line.startswith('Private_Dirty'))


def child(pid, mode):
    """The process id of the worker in MODE whose parent is PID."""
    for line in subprocess.run(['ps', '--ppid', str(pid), '-o', 'pid=,args='], capture_output=True,
                               text=True).stdout.splitlines():
        if f'cert-assistant-worker {mode}' in line:
            return int(line.split()[0])
    return None


def start_assistant(desktop):
    process = desktop.spawn([ASSISTANT, '--background'])
    wait_for(lambda: child(process.pid, 'watch'), 10, 'the watcher')
    return process


def idle():
    print(f'\nIdle for {SECONDS} s with a token in{"":21} wake-ups/s      APDUs')
    with Pcscd() as pcscd, Desktop(environ=LIBEXEC) as desktop:
        watcher = Watcher(desktop)
        card = piv_token(serial=1).load(pcscd.card('piv', 'yubico', serial=1))
        ours = start_assistant(desktop)
        card.insert()
        wait_for(lambda: watcher.items and watcher.item().props().get('Status') == 'Active', 10, 'the icon')
        measure(card, {'cert-assistant, tray': ours.pid, 'cert-assistant, watcher': child(ours.pid, 'watch')})
        desktop.stop(ours)
        module = next(str(path) for path in Path('/usr/lib').glob('*/opensc-pkcs11.so'))
        config = desktop.write('eventmgr.conf', EVENTMGR_CONFIG % module)
        for name, command in OTHERS.items():
            if shutil.which(command[0]):
                process = desktop.spawn([word.format(config=config) for word in command])
                measure(card, {name: process.pid})
                desktop.stop(process)
            else:
                row(f'{name}: not installed')


def remembered():
    """Certificates that are in a drawer, with their ends over the next years: one alarm for all of them."""
    print(f'\nIdle for {SECONDS} s, {REMEMBERED} certificates remembered{"":11} wake-ups/s      APDUs')
    now = int(time.time())
    state = {'version': 1, 'shown': [], 'certificates': [
        {'sha256': f'{i:064x}', 'label': f'Example Holder {i}', 'issuer': 'CN=Example Test CA',
         'not_after': now + (100 + 20 * i) * 24 * 3600} for i in range(REMEMBERED)]}
    with Pcscd() as pcscd, Desktop(environ=LIBEXEC) as desktop:
        Watcher(desktop)
        folder = Path(desktop.environ['XDG_STATE_HOME'], 'cert-assistant')
        folder.mkdir(parents=True)
        (folder / 'state.json').write_text(json.dumps(state))
        ours = start_assistant(desktop)
        measure(pcscd.card('piv', 'yubico', serial=1), {'cert-assistant, tray': ours.pid,
                                                        'cert-assistant, watcher': child(ours.pid, 'watch')})
        timers = sum('timerfd' in os.readlink(fd) for fd in Path(f'/proc/{ours.pid}/fd').iterdir())
        kept = len(json.loads((folder / 'state.json').read_text())['certificates'])
        row('cert-assistant, tray: timers', timers, f'of {kept}')


def judging():
    print('\nJudging')
    subprocess.run([build_root() / 'tests' / 'bench' / 'judging'], check=True)


def measure(card, processes):
    pause(SETTLE)
    card.reset_counters()
    before = {name: switches(pid) for name, pid in processes.items()}
    pause(SECONDS)
    for name, pid in processes.items():
        row(name, f'{switches_since(before[name], pid) / SECONDS:.3f}', card.counters()['apdus'])


def memory():
    print(f'\nPrivate dirty memory after {SETTLE} s, a token in{"":10}         KB      ratio')
    with Pcscd() as pcscd, Desktop(environ=LIBEXEC) as desktop:
        Watcher(desktop)
        card = piv_token(serial=1).load(pcscd.card('piv', 'yubico', serial=1))
        bare = desktop.spawn([BARE])
        ours = start_assistant(desktop)
        card.insert()
        pause(SETTLE)
        base = private_dirty_kb(bare.pid)
        row('bare GTK program with an appindicator', base, '1.00')
        row('cert-assistant, tray', private_dirty_kb(ours.pid), f'{private_dirty_kb(ours.pid) / base:.2f}')
        row('cert-assistant, watcher', private_dirty_kb(child(ours.pid, 'watch')), '')


def start():
    print(f'\nStart to registered in the tray, {STARTS} starts{"":10}     median      least       most  (ms)')
    with Pcscd() as pcscd, Desktop(environ=LIBEXEC) as desktop:
        piv_token(serial=1).load(pcscd.card('piv', 'yubico', serial=1)).insert()
        for name, command in (('bare GTK program with an appindicator', [BARE]),
                              ('cert-assistant', [ASSISTANT, '--background'])):
            times = []
            for _ in range(STARTS):
                watcher = Watcher(desktop)
                begin = time.monotonic()
                process = desktop.spawn(command)
                wait_for(lambda: watcher.items, 10, 'the item')
                times.append((time.monotonic() - begin) * 1000)
                desktop.stop(process)
                wait_for(lambda: not watcher.items, 10, 'the item to go')
                watcher.close()
            row(name, *(f'{figure:.0f}' for figure in (statistics.median(times), min(times), max(times))))
