#!/usr/bin/python3
"""How the program starts and ends: with and without a tray, once and twice, by hand, at login and from the bus."""

import os
import subprocess
import unittest

from gi.repository import GLib

from show import (APPLICATION, BUILD, ENVIRON, NAME, Desktop, Show, action, activate, call, pause, wait_for,
                  wait_no_window, wait_window, windows)

from sni import Watcher

# The program gives a panel this time to come.
GRACE = 3
SHOW_VIEW = os.path.join(BUILD, 'tests/desktop/show-view')
PROGRAM = os.path.join(BUILD, 'src/desktop/cert-assistant')


class Start(unittest.TestCase):

    def setUp(self):
        self.desktop = Desktop(services=(), environ={'NO_AT_BRIDGE': '1'}).__enter__()
        self.addCleanup(self.desktop.close)

    def watcher(self, **how):
        watcher = Watcher(self.desktop, **how)

        def close():
            wait_for(lambda: not watcher.items)
            watcher.close()
        self.addCleanup(close)
        return watcher

    def start(self, *arguments, **how):
        show = Show(self.desktop, *arguments, **how)
        self.addCleanup(show.end)
        return show

    def close_window(self, title=NAME):
        wait_window(self.desktop, title)
        activate(self.desktop, title)
        self.desktop.key('ctrl+w')
        wait_no_window(self.desktop, title)

    def test_background_with_a_tray(self):
        watcher = self.watcher()
        show = self.start('one', '--background')
        watcher.item().wait(lambda props: props['Status'] == 'Active')
        pause(GRACE + 0.5)
        self.assertEqual(windows(self.desktop), [])
        self.assertEqual(show.end(), 0)

    def test_foreground_with_a_tray(self):
        watcher = self.watcher()
        show = self.start('one')
        item = watcher.item()
        self.close_window()
        pause(GRACE + 0.5)
        item.click('Certificate details…')
        wait_window(self.desktop)
        self.assertEqual(show.end(), 0)

    def test_background_without_a_tray(self):
        show = self.start('one', '--background', strict=False)
        pause(1)
        self.assertNotIn(NAME, windows(self.desktop))
        wait_window(self.desktop)
        self.close_window()
        show.scene('one')
        pause(0.3)
        self.assertNotIn(NAME, windows(self.desktop))
        show.scene('none')
        show.scene('+other')
        wait_window(self.desktop)

    def test_background_without_a_tray_and_a_token(self):
        show = self.start('none', '--background', strict=False)
        pause(GRACE + 0.5)
        self.assertNotIn(NAME, windows(self.desktop))
        show.scene('+one')
        wait_window(self.desktop)

    def test_watcher_without_a_panel(self):
        self.watcher(host=False)
        self.start('one', '--background')
        wait_window(self.desktop)

    def test_window_that_nobody_asked_for_takes_no_keyboard(self):
        script = ("import gi; gi.require_version('Gtk', '3.0'); from gi.repository import Gtk; "
                  "w = Gtk.Window(title='Letter'); w.add(Gtk.Entry()); w.show_all(); Gtk.main()")
        self.desktop.spawn(['/usr/bin/python3', '-c', script])
        wait_window(self.desktop, 'Letter')
        activate(self.desktop, 'Letter')
        self.start('one', '--background', strict=False)
        wait_window(self.desktop)
        pause(0.3)
        self.assertEqual(self.desktop.run(['xdotool', 'getwindowfocus', 'getwindowname']).decode().strip(), 'Letter')

    def test_foreground_without_a_tray_ends_with_its_window(self):
        show = self.start('one', strict=False)
        wait_window(self.desktop)
        pause(GRACE + 0.3)
        self.close_window()
        self.assertEqual(show.wait_end(), 0)

    def test_foreground_window_that_is_closed_early(self):
        show = self.start('one', strict=False)
        self.close_window()
        self.assertEqual(show.wait_end(GRACE + 3), 0)

    def test_panel_that_comes_late(self):
        show = self.start('none', '--background', strict=False)
        pause(1)
        watcher = self.watcher()
        show.scene('+one')
        watcher.item().wait(lambda props: props['Status'] == 'Active')
        pause(GRACE)
        self.assertNotIn(NAME, windows(self.desktop))
        show.end()

    def test_panel_that_goes_while_help_is_read(self):
        """The page stays; and as there is nothing to come back by, closing it ends the program."""
        watcher = Watcher(self.desktop)
        show = self.start('one', strict=False)
        watcher.item()
        action(self.desktop, 'help')
        wait_window(self.desktop, 'Help')
        watcher.close()
        pause(GRACE + 0.5)
        self.close_window('Help')
        self.assertEqual(show.wait_end(), 0)

    def test_panel_that_goes_while_the_diagnosis_is_open(self):
        """Started without a window the program stays: a token opens it again."""
        watcher = Watcher(self.desktop)
        show = self.start('none', '--background', strict=False)
        watcher.item()
        action(self.desktop, 'check')
        wait_window(self.desktop, 'Check')
        watcher.close()
        pause(GRACE + 0.5)
        self.close_window('Check')
        show.scene('+one')
        wait_for(lambda: windows(self.desktop), what='a window')

    def test_second_start_opens_the_window(self):
        watcher = self.watcher()
        self.start('one', '--background')
        watcher.item()
        second = self.desktop.run([PROGRAM])
        self.assertEqual(second, b'')
        wait_window(self.desktop)

    def test_second_start_in_the_background_does_nothing(self):
        watcher = self.watcher()
        self.start('one', '--background')
        watcher.item()
        self.desktop.run([PROGRAM, '--background'])
        pause(0.5)
        self.assertEqual(windows(self.desktop), [])

    def test_actions(self):
        watcher = self.watcher()
        show = self.start('two', '--background')
        watcher.item()
        action(self.desktop, 'show-token', 'no such token')
        wait_window(self.desktop)
        action(self.desktop, 'show-window')
        action(self.desktop, 'about')
        wait_window(self.desktop, 'About Certificate Assistant')
        action(self.desktop, 'quit')
        self.assertEqual(show.wait_end(), 0)

    def test_started_by_the_bus(self):
        self.watcher()
        environ = ' '.join(f'{key}={value}' for key, value in ENVIRON.items())
        self.desktop.write(f'services/{APPLICATION}.service', '[D-BUS Service]\n'
                           f'Name={APPLICATION}\nExec=/usr/bin/env {environ} {SHOW_VIEW} one --gapplication-service\n')
        call(self.desktop.bus, 'org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'ReloadConfig')
        call(self.desktop.bus, APPLICATION, '/' + APPLICATION.replace('.', '/'), 'org.freedesktop.Application', 'Activate',
             GLib.Variant('(a{sv})', ({},)))
        wait_window(self.desktop)
        action(self.desktop, 'quit')
        wait_for(lambda: not self.desktop.owner(APPLICATION))

    def test_without_its_settings(self):
        watcher = self.watcher()
        show = self.start('none', '--background', environ={'GSETTINGS_SCHEMA_DIR': ''})
        self.assertEqual(watcher.item().wait(lambda props: props['IconName'] == 'cert-assistant-none')['Status'], 'Passive')
        action(self.desktop, 'show-window')
        wait_window(self.desktop)
        self.assertEqual(show.end(), 0)

    def test_version(self):
        self.assertRegex(self.desktop.run([PROGRAM, '--version']).decode(), r'^cert-assistant \d+\.\d+')
        wrong = subprocess.run([PROGRAM, '--nonsense'], env=self.desktop.environ, capture_output=True, timeout=20)
        self.assertNotEqual(wrong.returncode, 0)

    def test_the_program_itself(self):
        """With its engine and a worker, and no token service."""
        watcher = self.watcher()
        child = self.desktop.spawn([PROGRAM, '--background'], environ={
            **ENVIRON, 'G_DEBUG': 'fatal-warnings', 'CERT_ASSISTANT_LIBEXEC': os.path.join(BUILD, 'src/token'),
            'PCSCLITE_CSOCK_NAME': os.path.join(self.desktop.dir, 'nothing')})
        item = watcher.item()
        item.wait(lambda props: props['IconName'] == 'cert-assistant-problem')
        item.click('Quit')
        self.assertEqual(child.wait(20), 0)
        self.assertEqual(self.desktop.log('cert-assistant'), '')

    def test_at_rest_it_sleeps(self):
        watcher = self.watcher()
        show = self.start('reading')
        self.close_window()
        watcher.item().wait(lambda props: props['Status'] == 'Active')
        tasks = f'/proc/{show.child.pid}/task'

        def count():
            return {task: open(f'{tasks}/{task}/status').read().split('voluntary_ctxt_switches:')[1].split()[0]
                    for task in os.listdir(tasks)}
        wait_for(lambda: 'pool-spawner' not in [open(f'{tasks}/{task}/comm').read() for task in os.listdir(tasks)])
        pause(GRACE + 1)
        before = count()
        pause(4)
        self.assertEqual(count(), before)


if __name__ == '__main__':
    import tap
    tap.main()
