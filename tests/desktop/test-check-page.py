#!/usr/bin/python3
"""The check, on its page of the window: the real program with a real pcscd, and made-up tokens in every look. With
TEST_PICTURES=FOLDER the pictures stay there, for people."""

import os
import re
import subprocess
import time
import unittest
from pathlib import Path

import program
from program import NAME, Bench, Screen, Watcher, wait_for
from show import Desktop, Show, action, activate, clipboard, pause, wait_no_window, wait_window

from vcard import source_root

LOOKS = (('Adwaita', 'en', 1), ('Adwaita', 'zh_CN', 1), ('Adwaita:dark', 'zh_CN', 1), ('HighContrast', 'en', 1),
         ('Adwaita', 'zh_CN', 2))
SHARE = 'echo pcsc-shared >> ~/.gnupg/scdaemon.conf; gpgconf --kill scdaemon'


class Check(Bench):

    def open(self):
        """The page, by the action of the desktop entry."""
        self.item = self.start_in_tray()
        action(self.desktop, 'check')
        self.window = self.screen().find('frame', timeout=20)
        self.row('Clock')
        return self.window

    def row(self, title):
        return self.window.find('list item', re.compile(f'^{title}: '), showing=False)

    def wait_row(self, title, text):
        wait_for(lambda: re.search(text, self.row(title).name), what=f'{title}: {text}')

    def button(self, title, label):
        """The button of a row, which is scrolled to: what is not seen cannot be pressed."""
        return self.row(title).find('push button', label, showing=False)

    def test_follows(self):
        window = self.open()
        self.wait_row('Token', r'^Token: Warning\. No token is inserted\. If it is in the reader, pull it, turn it over')
        self.wait_row('Service running', r': All right\. It is running\.$')
        self.assertIn('warning', window.find('label', re.compile(r'^\d+ warnings?$')).name)
        self.card.insert('First Reader')
        self.wait_row('Token', r': All right\. 1 token is inserted and has power\.$')
        self.wait_row('Holder', r': All right\. The certificate names Zhang San')
        self.pcscd.host.eject('First Reader')
        self.wait_row('Holder', r'Not known\. Whom the certificate names is not known\. No token is inserted\.$')

    def test_again(self):
        """The machine is looked at when it is asked for, and not before."""
        window = self.open()
        self.wait_row('Notifications', r': Warning\. This desktop shows no notifications')
        self.desktop.mock_notifications()
        pause(1)
        self.wait_row('Notifications', r': Warning\.')
        window.find('push button', 'Check again', showing=True).press()
        self.wait_row('Notifications', r': All right\. This desktop shows notifications\.$')

    def test_retry_in_a_row(self):
        self.open()
        self.wait_row('Notifications', r': Warning\.')
        self.desktop.mock_notifications()
        self.button('Token', 'Check again').press()
        self.wait_row('Notifications', r': All right\.')

    def test_unlock(self):
        self.card.pin('123456', 0, 3)
        self.card.insert('First Reader')
        self.open()
        self.wait_row('PIN', r': Problem\. Zhang San · 4821: no PIN tries are left\.')
        self.button('PIN', 'Unlock…').press()
        self.screen().find('dialog')

    def test_preferences(self):
        self.open()
        self.wait_row('Start at login', r': Warning\. ')
        self.button('Start at login', 'Preferences').press()
        wait_window(self.desktop, 'Preferences')

    def test_copies_the_command(self):
        """scdaemon has the token."""
        self.card.insert('First Reader')
        folder = Path(self.desktop.dir) / 'home'
        other = folder / 'scdaemon'
        other.write_text('#!/usr/bin/python3\nimport sys, time\n'
                         f'sys.path.insert(0, {str(source_root() / "tests/support")!r})\nimport pcsc\ncontext = pcsc.Context()\n'
                         f'handle = context.connect({self.pcscd.reader_name("First Reader")!r}, pcsc.SHARE_EXCLUSIVE)\n'
                         'print("ready", flush=True)\ntime.sleep(100)\n')
        other.chmod(0o755)
        process = subprocess.Popen([other], stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), b'ready\n')
        self.open()
        self.wait_row('Other programs', r': Problem\. scdaemon \(of gpg\) is using the token alone\.')
        self.button('Other programs', 'Copy the command').press()
        self.button('Other programs', 'Copied')
        wait_for(lambda: clipboard(self.desktop) == SHARE)
        self.button('Other programs', 'Copy the command')

    def test_report(self):
        self.card.insert('First Reader')
        window = self.open()
        self.wait_row('Holder', 'Zhang San')
        window.find('push button', 'Copy report').press()
        wait_for(lambda: clipboard(self.desktop).startswith('Certificate Assistant '))
        report = clipboard(self.desktop)
        self.assertIn('\n✓ Holder: The certificate names Zhang San', report)
        self.assertIn('\n! Start at login: ', report)
        self.assertEqual(len(report.splitlines()), 2 + 22)
        for secret in '12344821', '123456':
            self.assertNotIn(secret, report)

    def test_saves_the_report(self):
        self.card.insert('First Reader')
        window = self.open()
        self.wait_row('Holder', 'Zhang San')
        window.find('push button', 'Save report…').press()
        wait_window(self.desktop, 'Save the report')
        dialog = self.screen().find('file chooser')
        self.assertEqual(dialog.find('text').text, 'check.txt')
        path = Path(self.desktop.dir) / 'saved.txt'
        dialog.find('text').set_text(str(path))
        dialog.find('push button', 'Save').press()
        wait_for(lambda: path.exists() and path.read_text(), what=path)
        self.assertIn('\n✓ Holder: The certificate names Zhang San', path.read_text())
        self.assertNotIn('12344821', path.read_text())

    def in_view(self, title):
        _, top, _, height = self.window.extents
        _, y, _, h = self.row(title).extents
        return y >= top and y + h <= top + height

    def test_opens_at_what_is_wrong(self):
        """The first of the worst rows; and later the page stays where it is."""
        self.desktop.mock_notifications()
        self.card.insert('First Reader')
        self.open()
        self.wait_row('Start at login', r': Warning\. ')
        self.wait_row('Notifications', r': All right\. ')
        wait_for(lambda: self.in_view('Start at login') and not self.in_view('USB device'))
        self.pcscd.host.eject('First Reader')
        self.wait_row('Token', r'^Token: Warning\. ')
        pause(0.3)
        self.assertFalse(self.in_view('USB device'))

    def test_there_and_back(self):
        """By the menu of the icon, of the window, and the keyboard."""
        window = self.open()
        window.find('push button', 'Back').wait(lambda node: 'focused' in node.states)
        window.find('push button', 'Back').press()
        window.find('label', 'Insert your token')
        self.item.click('Check…')
        self.row('Clock')
        activate(self.desktop, 'Check')
        self.desktop.key('Escape')
        window.find('label', 'Insert your token')
        window.find('toggle button', 'Menu').press()
        window.find('push button', 'Check…').press()
        self.row('Clock')
        self.desktop.key('ctrl+w')
        wait_no_window(self.desktop, 'Check')
        action(self.desktop, 'show-window')
        wait_window(self.desktop)
        window.find('label', 'Insert your token')

    def test_offered_after_ten_seconds(self):
        self.start_in_tray()
        action(self.desktop, 'show-window')
        self.window = window = self.screen().find('frame', timeout=20)
        window.find('label', 'Insert your token')
        begun = time.monotonic()
        self.assertEqual(window.find_all('push button', re.compile('^Nothing happens')), [])
        link = window.find('push button', 'Nothing happens? Check')
        self.assertGreater(time.monotonic() - begun, 8)
        link.press()
        self.row('Clock')
        window.find('push button', 'Back').press()
        self.card.insert('First Reader')
        window.wait_gone('push button', 'Nothing happens? Check')

    def test_offered_at_once_where_something_is_wrong(self):
        self.pcscd.stop()
        self.start_in_tray()
        action(self.desktop, 'show-window')
        self.window = window = self.screen().find('frame', timeout=20)
        window.find('label', 'The smart card service is not running')
        window.find('push button', 'Nothing happens? Check', timeout=5).press()
        self.wait_row('Service running', r': Problem\. The smart card service \(pcscd\) is not running\.')

    def test_at_rest_it_sleeps(self):
        self.card.insert('First Reader')
        self.open()
        self.wait_row('Holder', 'Zhang San')
        pause(3)
        status = f'/proc/{self.process.pid}/status'

        def count():
            return open(status).read().split('voluntary_ctxt_switches:')[1].split()[0]
        before = count()
        pause(3)
        self.assertEqual(count(), before)


class Looks(unittest.TestCase):

    def look(self, theme, language, scale):
        folder = os.environ.get('TEST_PICTURES')
        name = f'{theme.replace(":", "-")}-{language}-{scale}'
        width, height = 600 * scale, 740 * scale
        with Desktop(theme=theme, language=language, scale=scale, geometry=f'{width}x{height}x24') as desktop:
            watcher = Watcher(desktop)
            show = Show(desktop, 'none')
            watcher.item()
            wait_for(lambda: desktop.owner(NAME))
            action(desktop, 'check')
            window = Screen(desktop).find('frame')
            wait_for(lambda: len(window.find_all('list item', showing=False)) == 22)
            for scene in 'none', 'two', 'stopped', 'mute', 'hostile':
                show.scene(scene)
                pause(0.5)
                self.look_at(window)
                if folder:
                    os.makedirs(folder, exist_ok=True)
                    desktop.screenshot(os.path.join(folder, f'check-{scene}-{name}.png'))
                    if scene in ('none', 'hostile'):
                        desktop.run(['xdotool', 'mousemove', str(width // 2), str(height // 2), 'click', '--repeat', '60',
                                     '--delay', '2', '5'])
                        pause(0.3)
                        desktop.screenshot(os.path.join(folder, f'check-{scene}-end-{name}.png'))
            self.assertEqual(show.end(), 0)
            wait_for(lambda: not watcher.items)
            watcher.close()

    def look_at(self, window):
        """Nothing sticks out, and every button has a name."""
        left, _, width, _ = window.extents
        self.assertLessEqual(width, 700 * 2)
        for role in 'label', 'push button':
            for node in window.find_all(role):
                x, _, w, _ = node.extents
                self.assertGreaterEqual(x, left, node)
                self.assertLessEqual(x + w, left + width, node)
                self.assertTrue(node.name or role == 'label', node)


def add(look):
    name = 'test_' + '_'.join(str(part) for part in look).replace(':', '_')
    setattr(Looks, name, lambda self: self.look(*look))


for each in LOOKS:
    add(each)

if __name__ == '__main__':
    program.main()
