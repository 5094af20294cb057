"""What the tests of the desktop share: the real windows with made-up tokens (show-view), on a private desktop."""

import os
import select
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../support'))

from desktop import PATIENCE, Desktop, call, pause, wait_for  # noqa: E402,F401

SOURCE = os.environ.get('TEST_SOURCE') or os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..'))
BUILD = os.environ.get('TEST_BUILD') or os.path.join(SOURCE, 'build')
os.environ.update(TEST_SOURCE=SOURCE, TEST_BUILD=BUILD)

APPLICATION = 'org.certassistant.CertAssistant'
NAME = 'Certificate Assistant'
COMPANY = '北京示例商贸有限公司'
PERSON = '张三'

ENVIRON = {'CERT_ASSISTANT_ICONS': os.path.join(SOURCE, 'icons'), 'SHOW_VIEW_LOCALEDIR': os.path.join(BUILD, 'po'), 'TZ': 'UTC'}

# Of the indicator library, which asks before it has the bus, and does not wait for long.
NOISE = ('Unable to connect to the Notification Watcher', "g_dbus_proxy_new: assertion 'G_IS_DBUS_CONNECTION (connection)'")

READ_CLIPBOARD = """
import gi
gi.require_version('Gdk', '3.0')
gi.require_version('Gtk', '3.0')
from gi.repository import Gdk, Gtk
print(Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text() or '', end='')
"""


class Show:
    """The program with the tokens of a scene. strict: who complains has failed, when it ends; GTK itself
    warns where there is no tray."""

    def __init__(self, desktop, scene, *options, strict=True, environ=None):
        self.desktop = desktop
        self.strict = strict
        self.child = desktop.spawn([os.path.join(BUILD, 'tests/desktop/show-view'), scene, *options],
                                   environ={**ENVIRON, **(environ or {})}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def scene(self, name, timeout=PATIENCE):
        """Goes to another scene; returns when it has been drawn."""
        try:
            self.child.stdin.write(name.encode() + b'\n')
            self.child.stdin.flush()
        except BrokenPipeError:
            raise RuntimeError(f'the program has ended before the scene {name}: {self.complaints()}') from None
        line = b''
        deadline = time.monotonic() + timeout
        while not line.endswith(b'\n'):
            ready, _, _ = select.select([self.child.stdout], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(self.child.stdout.fileno(), 1) if ready else b''
            if not chunk:
                raise RuntimeError(f'the program does not take the scene {name}: {self.complaints()}')
            line += chunk

    def end(self):
        """Ends the program as a session does; returns its exit status."""
        status = self.desktop.stop(self.child)
        self.child.stdin.close()
        self.child.stdout.close()
        if self.strict and self.complaints():
            raise AssertionError(self.complaints())
        return status

    def wait_end(self, timeout=20):
        """Waits until it has ended by itself; returns its exit status."""
        self.child.wait(timeout)
        return self.end()

    def complaints(self):
        """What the programs of this desktop have warned of, but for what the indicator library says when the bus is slow."""
        return '\n'.join(line for line in self.desktop.log('show-view').splitlines()
                         if line and not any(noise in line for noise in NOISE))


def settle(desktop, width, height, moving=False):
    """The picture of the screen when nothing moves any more; at once where something always does."""
    before = None
    for _ in range(20):
        seen = desktop.pixels(0, 0, width, height)
        if moving or seen == before:
            return seen
        before = seen
        pause(0.1)
    raise AssertionError('the window does not come to rest')


def add_looks(case, looks):
    """A test of the unittest class CASE for each of LOOKS: case.look (*look)."""
    for look in looks:
        name = 'test_' + '_'.join(str(part) for part in look).replace(':', '_')
        setattr(case, name, lambda self, look=look: self.look(*look))


def action(desktop, name, *parameters):
    """Calls an action of the program, as a desktop entry or a stranger does."""
    from gi.repository import GLib
    call(desktop.bus, APPLICATION, '/' + APPLICATION.replace('.', '/'), 'org.freedesktop.Application', 'ActivateAction',
         GLib.Variant('(sava{sv})', (name, [GLib.Variant('s', value) for value in parameters], {})))


def clipboard(desktop):
    return desktop.run(['/usr/bin/python3', '-c', READ_CLIPBOARD]).decode()


def xdotool(desktop, *arguments):
    """What it prints, or nothing: a window that goes while it looks is an error to it."""
    try:
        return desktop.run(['xdotool', *arguments], stderr=subprocess.DEVNULL).decode().strip()
    except subprocess.CalledProcessError:
        return ''


def windows(desktop):
    """The titles of the windows that are open."""
    found = xdotool(desktop, 'search', '--onlyvisible', '--name', '.').split()
    return [name for name in (xdotool(desktop, 'getwindowname', window) for window in found) if name]


def wait_window(desktop, title=NAME, timeout=20):
    wait_for(lambda: title in windows(desktop), timeout, f'window {title}')


def wait_no_window(desktop, title=NAME, timeout=20):
    wait_for(lambda: title not in windows(desktop), timeout, f'end of window {title}')


def activate(desktop, title=NAME):
    """Gives the keyboard to a window, as a panel does."""
    def has_focus():
        if xdotool(desktop, 'getactivewindow', 'getwindowname') == title:
            return True
        xdotool(desktop, 'search', '--onlyvisible', '--name', f'^{title}$', 'windowactivate')
        return False
    wait_for(has_focus, what=f'focus of {title}')


def texts(node):
    """What can be read below a node, from top to bottom. By names only: a widget that has no text and is asked for it makes
    the accessibility bridge complain."""
    return [found.name for found in node.find_all() if found.name]
