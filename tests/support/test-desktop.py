#!/usr/bin/python3
"""The private desktop itself: does it stand, answer and leave nothing behind?"""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from gi.repository import GLib

from desktop import Desktop, call, wait_for
from screen import Screen
from sni import Watcher

# Something to find, fill and press.
WINDOW = """
import gi
gi.require_version('Gtk', '3.0')
from gi.repository import Gtk
dialog = Gtk.MessageDialog(text='Ready?', title='Question', buttons=Gtk.ButtonsType.OK)
entry = Gtk.Entry(visible=True)
dialog.get_content_area().add(entry)
dialog.run()
print(entry.get_text(), flush=True)
"""

NOTIFICATIONS = ('org.freedesktop.Notifications', '/org/freedesktop/Notifications', 'org.freedesktop.Notifications')


def alive(pid):
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False


def notify(desktop, summary, replaces=0):
    args = GLib.Variant('(susssasa{sv}i)', ('test', replaces, 'dialog-information', summary, 'body', ['look', 'Look'],
                                            {'urgency': GLib.Variant('y', 2)}, -1))
    return call(desktop.bus, *NOTIFICATIONS, 'Notify', args)[0]


class DesktopTest(unittest.TestCase):

    def test_panel_takes_items(self):
        with Desktop(theme='Adwaita:dark') as desktop:
            empty = desktop.pixels(0, 40, 32, 32)
            self.assertEqual(len(empty.colours()), 1)
            desktop.panel()
            (host,) = call(desktop.bus, 'org.kde.StatusNotifierWatcher', '/StatusNotifierWatcher',
                           'org.freedesktop.DBus.Properties', 'Get',
                           GLib.Variant('(ss)', ('org.kde.StatusNotifierWatcher', 'IsStatusNotifierHostRegistered')))
            self.assertTrue(host)
            desktop.wait_pixels(0, 0, 32, 32, lambda seen: seen.difference(empty) > 0.5)
            with tempfile.NamedTemporaryFile(suffix='.png') as file:
                desktop.screenshot(file.name)
                self.assertGreater(os.path.getsize(file.name), 100)

    def test_mock_notifications(self):
        with Desktop(wm=None, services=()) as desktop:
            self.assertIsNone(desktop.owner('org.freedesktop.Notifications'))
            server = desktop.mock_notifications('body actions')
            self.assertEqual(call(desktop.bus, *NOTIFICATIONS, 'GetCapabilities')[0], ['body', 'actions'])
            heard = []
            desktop.bus.signal_subscribe(None, NOTIFICATIONS[2], None, None, None, 0,
                                         lambda *signal: heard.append((signal[4], signal[5].unpack())))
            first = notify(desktop, 'one')
            second = notify(desktop, 'two')
            notify(desktop, 'one again', first)
            shown = server.wait(lambda seen: seen.summary == 'one again')
            self.assertEqual((shown.id, shown.actions, shown.urgency), (first, {'look': 'Look'}, 2))
            self.assertEqual([seen.id for seen in server.shown()], [first, second, first])
            server.invoke(first, 'look')
            server.dismiss(second)
            wait_for(lambda: len(heard) == 2)
            self.assertEqual(heard, [('ActionInvoked', (first, 'look')), ('NotificationClosed', (second, 2))])

    def test_window_through_accessibility(self):
        with Desktop(language='zh_CN') as desktop:
            child = desktop.spawn([sys.executable, '-c', WINDOW])
            screen = Screen(desktop)
            alert = screen.find('alert')
            self.assertIn('Ready?', alert.texts())
            alert.find('text').set_text('yes, 是')
            button = alert.find('push button')
            self.assertIn('确定', button.name)
            button.press()
            self.assertEqual(child.wait(20), 0)
            self.assertIn('yes, 是', desktop.log(os.path.basename(sys.executable)))
            screen.wait_gone('alert')

    def test_two_beside_each_other(self):
        with Desktop(services=()) as one, Desktop(services=()) as two:
            self.assertNotEqual(one.environ['DISPLAY'], two.environ['DISPLAY'])
            watcher = Watcher(one)
            self.assertIsNone(two.owner('org.kde.StatusNotifierWatcher'))
            watcher.close()
            self.assertIsNone(one.owner('org.kde.StatusNotifierWatcher'))
            one.run(['xprop', '-root', '-f', 'MARK', '8s', '-set', 'MARK', 'one'])
            self.assertIn(b'"one"', one.run(['xprop', '-root', 'MARK']))
            self.assertNotIn(b'"one"', two.run(['xprop', '-root', 'MARK']))

    def test_leaves_nothing(self):
        before = dict(os.environ)
        with Desktop() as desktop:
            children = [child.pid for child in desktop.children]
            Screen(desktop)
        self.assertEqual(before, dict(os.environ))
        self.assertFalse(os.path.exists(desktop.dir))
        self.assertFalse([pid for pid in children if alive(pid)])


if __name__ == '__main__':
    try:
        import tap
    except ImportError:
        unittest.main()
    else:
        tap.main()
