#!/usr/bin/python3
"""The window in which a person chooses, as a screen reader, a keyboard and an eye have it. With TEST_PICTURES=FOLDER the
pictures stay there, for people."""

import os
import unittest

from gi.repository import GLib

from show import (APPLICATION, Desktop, Show, action, activate, add_looks, pause, texts, wait_for, wait_no_window, wait_window,
                  windows)

from screen import Screen
from sni import Watcher

TITLE = 'Preferences'
SWITCHES = {'Quiet hours': 'quiet-hours', 'Also remind when the token is not inserted': 'remember-certificates',
            'Warn about more than one token': 'warn-about-several-tokens',
            'Hide the icon while no token is inserted': 'hide-icon-without-token'}
DAYS = {'90 days before': 90, '60 days before': 60, '30 days before': 30, '14 days before': 14, '7 days before': 7,
        '3 days before': 3, '1 day before': 1, 'On the last day': 0}
LOOKS = (('Adwaita', 'en', 1), ('Adwaita', 'zh_CN', 1), ('Adwaita:dark', 'zh_CN', 1), ('HighContrast', 'en', 1),
         ('Adwaita', 'zh_CN', 2))
ENTRY = f'autostart/{APPLICATION}.autostart.desktop'


class Bench(unittest.TestCase):
    """self.show is the program, in the tray; self.window its preferences once they are open."""

    def start(self, environ=None, **how):
        self.desktop = Desktop(environ=environ, **how).__enter__()
        self.addCleanup(self.desktop.close)
        self.watcher = Watcher(self.desktop)
        self.show = Show(self.desktop, 'none', '--background')
        self.item = self.watcher.item()

    def open(self, title=TITLE, **how):
        self.start(**how)
        action(self.desktop, 'preferences')
        wait_window(self.desktop, title)
        self.window = Screen(self.desktop).find('frame', title)
        return self.window

    def tearDown(self):
        self.assertEqual(self.show.end(), 0)
        wait_for(lambda: not self.watcher.items)
        self.watcher.close()

    def get(self, key):
        return GLib.Variant.parse(None, self.desktop.run(['gsettings', 'get', APPLICATION, key]).decode(), None, None).unpack()

    def set(self, key, value):
        self.desktop.run(['gsettings', 'set', APPLICATION, key, value])

    def wait_key(self, key, value):
        wait_for(lambda: self.get(key) == value, what=f'{key} {value}')

    def choice(self, name, role='toggle button'):
        return self.window.find(role, name)

    def wait_checked(self, node, checked):
        node.wait(lambda node: ('checked' in node.states) == checked)

    def wait_focus(self, role, name):
        self.window.find(role, name).wait(lambda node: 'focused' in node.states)

    def type_time(self, text):
        self.desktop.key('ctrl+a')
        self.desktop.type(text)
        self.desktop.key('Tab')


class Preferences(Bench):

    def test_each_switch_is_its_key(self):
        self.open()
        for name, key in SWITCHES.items():
            with self.subTest(key=key):
                before = self.get(key)
                choice = self.choice(name)
                self.wait_checked(choice, before)
                choice.press()
                self.wait_key(key, not before)
                self.wait_checked(choice, not before)
                self.set(key, str(before).lower())
                self.wait_checked(choice, before)

    def test_each_day_is_in_the_list(self):
        self.open()
        for name, day in DAYS.items():
            with self.subTest(day=day):
                check = self.choice(name, 'check box')
                self.wait_checked(check, True)
                check.press()
                self.wait_key('remind-days', [other for other in DAYS.values() if other != day])
                check.press()
                self.wait_key('remind-days', list(DAYS.values()))
        self.set('remind-days', '[45, 7]')
        for name, day in DAYS.items():
            self.wait_checked(self.choice(name, 'check box'), day == 7)
        self.choice('On the last day', 'check box').press()
        self.wait_key('remind-days', [45, 7, 0])  # what is not offered stays

    def test_quiet_hours(self):
        self.open()
        begin, end = (self.choice(f'When the quiet hours {what}', 'spin button') for what in ('begin', 'end'))
        self.assertEqual((begin.text, end.text), ('22:00', '08:00'))
        self.assertFalse(begin.sensitive or end.sensitive)
        self.choice('Quiet hours').press()
        begin.wait(lambda node: node.sensitive)
        self.set('quiet-from', '1290')
        begin.wait(lambda node: node.text == '21:30')
        self.set('quiet-to', '5')
        end.wait(lambda node: node.text == '00:05')
        activate(self.desktop, TITLE)
        self.desktop.key('alt+f')
        self.wait_focus('spin button', 'When the quiet hours begin')
        self.type_time('7:5')
        self.wait_key('quiet-from', 7 * 60 + 5)
        begin.wait(lambda node: node.text == '07:05')
        self.desktop.key('alt+t')
        self.wait_focus('spin button', 'When the quiet hours end')
        self.type_time('25:00')  # no time of the day
        end.wait(lambda node: node.text == '00:05')
        self.assertEqual(self.get('quiet-to'), 5)
        self.desktop.key('alt+t', 'Up')
        self.wait_key('quiet-to', 20)

    def test_keyboard(self):
        """From the first to the last by Tab alone, each with a name, and out by Escape."""
        self.open()
        activate(self.desktop, TITLE)
        self.desktop.key('alt+r')  # the first of the days
        self.wait_focus('check box', '90 days before')
        self.wait_checked(self.choice('90 days before', 'check box'), True)
        seen = []
        while 'Start at login' not in seen and len(seen) < 25:
            focused = [node for node in self.window.find_all() if 'focused' in node.states and node.role != 'frame']
            self.assertEqual(len(focused), 1, focused)
            seen.append(focused[0].name)
            self.desktop.key('Tab')
            wait_for(lambda: 'focused' not in focused[0].states)
        self.assertEqual(seen, [*DAYS, *list(SWITCHES)[:2], 'Forget what was seen', *list(SWITCHES)[2:], 'Start at login'])
        for key, name in (('q', 'Quiet hours'), ('n', 'Also remind when the token is not inserted'), ('w', list(SWITCHES)[2]),
                          ('h', list(SWITCHES)[3])):
            before = self.get(SWITCHES[name])
            self.desktop.key(f'alt+{key}')
            self.wait_focus('toggle button', name)
            self.wait_key(SWITCHES[name], not before)
        self.desktop.key('Escape')
        wait_no_window(self.desktop, TITLE)

    def test_everything_has_a_name(self):
        self.open()
        for role in ('toggle button', 'check box', 'spin button', 'push button'):
            nodes = self.window.find_all(role)
            self.assertTrue(nodes)
            self.assertEqual([node for node in nodes if not node.name], [])
        self.assertEqual(self.choice('Warn about more than one token').description, 'Some services accept exactly one.')

    def test_forget(self):
        """The button calls the application, in whose tests it is told what that does."""
        self.open()
        self.window.find('push button', 'Forget what was seen').press()

    def test_one_window_from_everywhere(self):
        self.start()
        self.item.click('Preferences')
        wait_window(self.desktop, TITLE)
        action(self.desktop, 'show-window')
        wait_window(self.desktop)
        frame = Screen(self.desktop).find('frame', 'Certificate Assistant')
        frame.find('toggle button', 'Menu').press()
        frame.find('push button', 'Preferences').press()
        pause(0.3)
        self.assertEqual(windows(self.desktop).count(TITLE), 1)
        activate(self.desktop, TITLE)
        self.desktop.key('ctrl+w')
        wait_no_window(self.desktop, TITLE)
        self.assertIn('Certificate Assistant', windows(self.desktop))
        activate(self.desktop)
        self.desktop.key('ctrl+comma')
        wait_window(self.desktop, TITLE)

    def test_the_icon_follows(self):
        self.open()
        self.item.wait(lambda props: props['Status'] == 'Passive')
        self.choice('Hide the icon while no token is inserted').press()
        self.item.wait(lambda props: props['Status'] == 'Active')

    def test_locked_by_the_administrator(self):
        """In dconf, as on a machine that somebody else looks after."""
        self.start()
        site = self.desktop.write('site.d/settings', '[org/certassistant/CertAssistant]\nquiet-hours=true\nquiet-to=420\n'
                                  'remind-days=[30]\nwarn-about-several-tokens=false\n')
        self.desktop.write('site.d/locks/settings', ''.join(
            f'/org/certassistant/CertAssistant/{key}\n' for key in ('quiet-to', 'remind-days', 'warn-about-several-tokens')))
        self.desktop.run(['dconf', 'compile', os.path.join(self.desktop.dir, 'site'), os.path.dirname(site)])
        self.desktop.environ['GSETTINGS_BACKEND'] = 'dconf'
        self.desktop.environ['DCONF_PROFILE'] = self.desktop.write(
            'profile', f'user-db:user\nfile-db:{self.desktop.dir}/site\n')
        self.desktop.allow_service('/usr/share/dbus-1/services/ca.desrt.dconf.service')
        self.tearDown()
        self.watcher = Watcher(self.desktop)
        self.show = Show(self.desktop, 'none', '--background')
        self.watcher.item()
        action(self.desktop, 'preferences')
        self.window = Screen(self.desktop).find('frame', TITLE)
        locked = self.choice('Warn about more than one token')
        self.assertNotIn('checked', locked.states)
        self.assertFalse(locked.sensitive)
        for name, day in DAYS.items():
            check = self.choice(name, 'check box')
            self.assertEqual(('checked' in check.states, check.sensitive), (day == 30, False))
        end = self.choice('When the quiet hours end', 'spin button')
        self.assertEqual((end.text, end.sensitive), ('07:00', False))
        self.assertTrue(self.choice('When the quiet hours begin', 'spin button').sensitive)
        free = self.choice('Quiet hours')
        self.wait_checked(free, True)  # preset, but not locked
        free.press()
        self.wait_key('quiet-hours', False)


class Login(Bench):

    def setUp(self):
        self.start()
        self.config = self.desktop.environ['XDG_CONFIG_HOME']
        self.path = os.path.join(self.config, ENTRY)
        system = os.path.join(self.desktop.dir, 'xdg')
        os.makedirs(os.path.join(system, 'autostart'))
        with open(os.path.join(system, ENTRY), 'w', encoding='utf-8') as file:
            file.write('[Desktop Entry]\nType=Application\nName=Test\nExec=test\n')
        self.tearDown()
        self.desktop.environ['XDG_CONFIG_DIRS'] = system
        self.watcher = Watcher(self.desktop)
        self.show = Show(self.desktop, 'none', '--background')
        self.watcher.item()

    def login(self):
        action(self.desktop, 'preferences')
        wait_window(self.desktop, TITLE)
        self.window = Screen(self.desktop).find('frame', TITLE)
        return self.choice('Start at login')

    def test_off_and_on(self):
        login = self.login()
        self.wait_checked(login, True)
        login.press()
        wait_for(lambda: os.path.exists(self.path))
        with open(self.path, encoding='utf-8') as file:
            self.assertIn('Hidden=true\n', file.read())
        activate(self.desktop, TITLE)
        self.desktop.key('Escape')
        wait_no_window(self.desktop, TITLE)
        login = self.login()
        self.wait_checked(login, False)
        login.press()
        wait_for(lambda: not os.path.exists(self.path))

    def test_trouble_is_said(self):
        self.desktop.write(os.path.join(self.config, 'autostart'), 'in the way')
        login = self.login()
        login.press()
        wait_for(lambda: any(text.startswith('This could not be changed: ') for text in texts(self.window)))
        self.wait_checked(login, True)
        os.remove(os.path.join(self.config, 'autostart'))
        login.press()
        wait_for(lambda: not any(text.startswith('This could not be changed: ') for text in texts(self.window)))
        self.wait_checked(login, False)


class Look(Bench):

    def look(self, theme, language, scale):
        folder = os.environ.get('TEST_PICTURES')
        name = f'{theme.replace(":", "-")}-{language}-{scale}'
        self.open('Preferences' if language == 'en' else '首选项', theme=theme, language=language, scale=scale,
                  geometry=f'{600 * scale}x{800 * scale}x24')
        left, top, width, height = self.window.extents
        for node in self.window.find_all('label') + self.window.find_all('toggle button'):
            x, y, w, h = node.extents
            self.assertGreaterEqual(x, left, node)
            self.assertLessEqual(x + w, left + width, node)
            self.assertLessEqual(y + h, top + height, node)
        pause(0.5)
        seen = self.desktop.pixels(0, 0, 600 * scale, 800 * scale)
        self.assertGreater(len(seen.colours()), 20)
        if folder:
            os.makedirs(folder, exist_ok=True)
            self.desktop.screenshot(os.path.join(folder, f'preferences-{name}.png'))

    def test_on_a_small_screen(self):
        """What does not fit can be scrolled to."""
        self.open(geometry='640x480x24')
        self.assertLessEqual(self.window.extents[3], 480)
        activate(self.desktop, TITLE)
        self.desktop.key('alt+l')
        self.wait_focus('toggle button', 'Start at login')


add_looks(Look, LOOKS)

if __name__ == '__main__':
    import tap
    tap.main()
