#!/usr/bin/python3
"""The history, on its page of the window. With TEST_PICTURES=FOLDER the pictures stay there, for people."""

import os
import re
import time
import unittest

from show import (COMPANY, PERSON, Desktop, Show, action, activate, add_looks, clipboard, pause, wait_for, wait_no_window,
                  wait_window)

from screen import Screen
from sni import Watcher

DAY = '2026-11-22'
NOON = '12:00:00'
# The scene "other" has a token of which nothing is said.
IN, OUT = f'{PERSON} · 0093 was inserted', f'{PERSON} · 0093 was pulled'
LOOKS = (('Adwaita', 'en', 1), ('Adwaita', 'zh_CN', 1), ('Adwaita:dark', 'zh_CN', 1), ('HighContrast', 'en', 1),
         ('Adwaita', 'zh_CN', 2))


class History(unittest.TestCase):

    def start(self, scene='none', *options, **how):
        self.desktop = Desktop(**how).__enter__()
        self.addCleanup(self.desktop.close)
        self.watcher = Watcher(self.desktop)
        self.show = Show(self.desktop, scene, *options)
        self.watcher.item()
        wait_for(lambda: self.desktop.owner('org.certassistant.CertAssistant'))
        return self.show

    def open(self, scene='none', **how):
        self.start(scene, **how)
        action(self.desktop, 'history')
        self.window = Screen(self.desktop).find('frame')
        self.window.find('list box', 'History') if scene != 'none' else self.window.find('label', 'Nothing has happened yet.')
        return self.window

    def tearDown(self):
        self.assertEqual(self.show.end(), 0)
        wait_for(lambda: not self.watcher.items)
        self.watcher.close()

    def told(self):
        """The names of the rows, from top to bottom."""
        return [row.name for row in self.window.find_all('list item', showing=False) if row.name.startswith(NOON)]

    def wait_told(self, *expected):
        wait_for(lambda: self.told() == [f'{NOON}: {text}' for text in expected], what=expected)

    def flood(self, scenes):
        """Writes all scenes at once, and returns when the last has been drawn."""
        self.show.child.stdin.write(''.join(f'{scene}\n' for scene in scenes).encode())
        self.show.child.stdin.flush()
        self.show.scene('+other', timeout=90)
        said = b''
        deadline = time.monotonic() + 60
        while said.count(b'\n') < len(scenes) and time.monotonic() < deadline:
            said += os.read(self.show.child.stdout.fileno(), 1000)
        self.assertEqual(said.count(b'\n'), len(scenes))

    def test_follows(self):
        window = self.open()
        self.assertFalse(window.find('push button', 'Copy').sensitive)
        self.show.scene('other')
        self.wait_told(IN)
        self.assertEqual(window.find('list item').description, DAY)
        self.show.scene('other')
        self.show.scene('none')
        self.wait_told(OUT, IN)
        self.show.scene('+one')
        wait_for(lambda: len(self.told()) == 4)
        self.assertEqual(self.told()[1], f'{NOON}: {COMPANY} · 4821 was inserted')
        self.assertTrue(self.told()[0].startswith(f'{NOON}: Warned: '))
        self.show.scene('stopped')
        wait_for(lambda: len(self.told()) == 5)
        self.assertTrue(self.told()[0].startswith(f'{NOON}: Warned: The smart card service is not running. '))

    def test_copy(self):
        window = self.open('other')
        self.show.scene('none')
        self.wait_told(OUT, IN)
        window.find('push button', 'Copy').press()
        window.find('push button', 'Copied')
        wait_for(lambda: clipboard(self.desktop) == f'{DAY} {NOON}  {OUT}\n{DAY} {NOON}  {IN}\n')
        window.find('push button', 'Copy')

    def test_there_and_back(self):
        """From the details and back to them; by the menu and by the keyboard."""
        self.start('other')
        self.window = window = Screen(self.desktop).find('frame')
        x, y, width, height = window.find('list item', re.compile('^Signature')).extents
        self.desktop.click(x + width // 2, y + height // 2)
        window.find('push button', 'Export…')
        window.find('toggle button', 'Menu').press()
        window.find('push button', 'History').press()
        self.wait_told(IN)
        self.assertEqual(window.find_all('push button', 'Export…'), [])
        window.find('push button', 'Back').wait(lambda node: 'focused' in node.states)
        window.find('push button', 'Back').press()
        window.find('push button', 'Export…')
        window.find('push button', 'Back').press()
        window.find('label', 'Certificates on this token')
        action(self.desktop, 'history')
        self.wait_told(IN)
        activate(self.desktop, 'History')
        self.desktop.key('Escape')
        window.find('label', 'Certificates on this token')

    def test_closed_and_opened_again(self):
        """Who opens the window again, or asks for a token, does not want the history."""
        window = self.open('two')
        self.assertEqual(window.find_all('radio button'), [])
        activate(self.desktop, 'History')
        self.desktop.key('ctrl+w')
        wait_no_window(self.desktop, 'History')
        action(self.desktop, 'show-window')
        wait_window(self.desktop)
        window.find('label', 'Certificates on this token')
        action(self.desktop, 'history')
        window.find('list box', 'History')
        self.watcher.item().click(f'{PERSON} · 0093 · 700 days left · 8 PIN tries left')
        window.find('label', '77770093')

    def test_thousand_insertions(self):
        """All are there, and nobody has to wait; only as many rows are made as are looked at."""
        window = self.open()
        self.flood(['+other', 'none'] * 1000)
        wait_for(lambda: len(self.told()) == 100)
        begun = time.monotonic()
        action(self.desktop, 'history')
        self.assertLess(time.monotonic() - begun, 2)
        self.assertEqual(self.told()[1:], [f'{NOON}: {OUT}', f'{NOON}: {IN}'] * 49 + [f'{NOON}: {OUT}'])
        window.find('push button', 'Copy').press()
        wait_for(lambda: clipboard(self.desktop).count('\n') == 2001)
        lines = clipboard(self.desktop).splitlines()[1:]
        self.assertEqual(lines, [f'{DAY} {NOON}  {OUT}', f'{DAY} {NOON}  {IN}'] * 1000)

    def test_older_ones_come_as_one_scrolls(self):
        window = self.open()
        self.flood(['+other', 'none'] * 100)
        wait_for(lambda: len(self.told()) == 100)
        x, y, width, height = window.extents
        self.desktop.run(['xdotool', 'mousemove', str(x + width // 2), str(y + height // 2)])

        def scroll(button, count):
            def there():
                self.desktop.run(['xdotool', 'click', '--repeat', '40', '--delay', '2', str(button)])
                return len(self.told()) == count
            wait_for(there, what=f'{count} rows')
        scroll(5, 200)
        scroll(5, 201)
        self.assertEqual(self.told()[1:], [f'{NOON}: {OUT}', f'{NOON}: {IN}'] * 100)
        self.show.scene('none')  # nothing moves under the eyes of who reads
        pause(0.3)
        self.assertEqual(len(self.told()), 201)
        scroll(4, 100)
        self.assertEqual(self.told()[0], f'{NOON}: {OUT}')

    def look(self, theme, language, scale):
        folder = os.environ.get('TEST_PICTURES')
        name = f'{theme.replace(":", "-")}-{language}-{scale}'
        self.start('one', theme=theme, language=language, scale=scale, geometry=f'{600 * scale}x{740 * scale}x24')
        for scene in ('+unreadable', 'stopped', 'none', '+hostile', '+two', 'two'):
            self.show.scene(scene)
        action(self.desktop, 'history')
        self.window = window = Screen(self.desktop).find('frame')
        wait_for(lambda: len(self.told()) > 6)
        left, _, width, _ = window.extents
        for node in window.find_all('label'):
            x, _, w, _ = node.extents
            self.assertGreaterEqual(x, left, node)
            self.assertLessEqual(x + w, left + width, node)
        pause(0.5)
        self.assertGreater(len(self.desktop.pixels(0, 0, 600 * scale, 740 * scale).colours()), 20)
        if folder:
            os.makedirs(folder, exist_ok=True)
            self.desktop.screenshot(os.path.join(folder, f'history-{name}.png'))


add_looks(History, LOOKS)

if __name__ == '__main__':
    import tap
    tap.main()
