#!/usr/bin/python3
"""The window as a screen reader and a keyboard have it."""

import base64
import os
import re
import unittest

from show import (COMPANY, NAME, PERSON, Desktop, Show, action, activate, clipboard, pause, texts, wait_for, wait_no_window,
                  wait_window, windows)

from screen import Screen
from sni import Watcher


class Window(unittest.TestCase):

    def start(self, scene, language='en', **how):
        self.desktop = Desktop(language=language, **how).__enter__()
        self.addCleanup(self.desktop.close)
        self.watcher = Watcher(self.desktop)
        self.show = Show(self.desktop, scene)
        self.window = Screen(self.desktop).find('frame', timeout=20)
        wait_for(lambda: self.watcher.items)
        return self.window

    def tearDown(self):
        status = self.show.end()
        self.assertEqual(status, 0)
        wait_for(lambda: not self.watcher.items)
        self.watcher.close()

    def row(self, name):
        return self.window.find('list item', re.compile(name))

    def click(self, node):
        x, y, width, height = node.extents
        self.desktop.click(x + width // 2, y + height // 2)

    def open_details(self, name='Signature'):
        self.click(self.row(name))
        self.window.find('push button', 'Export…')

    def wait_text(self, text):
        wait_for(lambda: text in texts(self.window), what=text)

    # Pages

    def test_one_glance(self):
        window = self.start('latin')
        seen = texts(window)
        for text in ('Certificate Assistant', '1 token inserted', 'Beijing Example Trading Co., Ltd.', 'Issued by Beijing CA',
                     'Valid · 43 days left', '2026-01-04', '2027-01-04', 'PIN', '8 of 10 tries left', 'Token serial number',
                     '12344821', 'Certificates on this token', 'Signature', 'EC P-256 · 2027-01-04', 'Encryption'):
            self.assertIn(text, seen)
        self.assertEqual(window.find_all('radio button'), [])
        self.assertEqual(window.find_all('info bar'), [])

    def test_every_button_has_a_name(self):
        for scene in ('unreadable', 'two'):
            window = self.start(scene)
            for page in ('token', 'details'):
                if page == 'details':
                    self.open_details()
                buttons = [node for role in ('push button', 'toggle button') for node in window.find_all(role)]
                self.assertTrue(buttons)
                self.assertEqual([node for node in buttons if not node.name], [])
            if scene != 'two':
                self.tearDown()

    def test_empty(self):
        window = self.start('none')
        window.find('label', 'Insert your token')
        self.show.scene('no-reader')
        window.find('label', 'No smart card reader and no USB key is plugged in.')
        window.find('label', 'Insert your token')
        self.show.scene('start')
        window.find('label', 'Looking for tokens…')

    def test_what_is_wrong_instead_of_a_token(self):
        window = self.start('stopped')
        window.find('label', 'The smart card service is not running')
        self.assertEqual(window.find_all('info bar'), [])
        self.show.scene('unknown')
        window.find('label', 'Unknown token')
        self.show.scene('mute')
        window.find('label', 'The token does not answer')

    def test_reading(self):
        window = self.start('reading')
        window.find('label', 'Reading the token…')
        window.find('progress bar', 'Reading the token')
        self.show.scene('partial')
        window.find('label', 'Reading the token: step 3 of 8')
        self.show.scene('partial-more')
        window.find('label', COMPANY)
        window.find('label', 'Reading the token: step 3 of 8')
        window.find('progress bar', 'Reading the token')
        self.show.scene('one')
        window.wait_gone('progress bar', 'Reading the token')

    def test_nothing_on_it(self):
        window = self.start('nothing-on-it')
        seen = texts(window)
        for text in ('Token without a certificate', 'It holds no certificate that can be read.', 'Locked: no tries left'):
            self.assertIn(text, seen)
        self.assertNotIn('Certificates on this token', seen)

    def test_states_in_words(self):
        window = self.start('expired')
        self.assertIn('Expired 34 days ago', texts(window))
        self.row('Signature: EC P-256 · 2026-10-18, Expired 34 days ago')
        self.show.scene('future')
        self.wait_text('Not valid yet')

    def close_finding(self, window, name='Close this message'):
        window.find('push button', name).press()
        window.wait_gone('info bar')

    def test_hostile_names_are_text(self):
        window = self.start('hostile')
        self.close_finding(window)
        holder = next(node.name for node in window.find_all('label') if node.name.startswith('<b>'))
        self.assertTrue(holder.startswith('<b>A & B</b> _under_score %s'))
        width = window.extents[2]
        self.assertLess(width, 700)

    def test_nothing_is_cut_in_chinese(self):
        """Every text is inside the window, and wide enough for itself or wrapped: none ends in an ellipsis."""
        for scene in ('two', 'unreadable', 'hostile'):
            window = self.start(scene, language='zh_CN')
            left, _, width, _ = window.extents
            if scene == 'hostile':
                self.close_finding(window, '关闭此消息')
            for node in window.find_all('label'):
                x, _, w, _ = node.extents
                self.assertGreaterEqual(x, left, node)
                self.assertLessEqual(x + w, left + width, node)
            self.assertIn('介质内的证书', texts(window))
            self.assertFalse([text for text in texts(window) if re.search('[A-Za-z]{4,} [a-z]+ [a-z]+', text)
                              and 'words' not in text])
            if scene != 'hostile':
                self.tearDown()

    # Following

    def test_two_tokens(self):
        window = self.start('two')
        window.find('label', '2 tokens inserted')
        first, second = window.find_all('radio button')
        self.assertEqual((first.name, second.name), (f'{COMPANY} · 4821', f'{PERSON} · 0093'))
        self.click(second)
        window.find('label', '77770093')
        self.show.scene('two')  # the choice stays
        pause(0.2)
        window.find('label', '77770093')
        self.show.scene('one')
        window.find('label', '12344821')
        window.wait_gone('radio button', f'{PERSON} · 0093')

    def test_the_chosen_token_comes_back(self):
        window = self.start('two')
        self.click(window.find('radio button', f'{PERSON} · 0093'))
        window.find('label', '77770093')
        self.show.scene('+two')
        pause(0.2)
        window.find('label', '77770093')

    def test_token_goes(self):
        window = self.start('one')
        self.open_details()
        self.show.scene('one')
        pause(0.2)
        window.find('push button', 'Export…')
        self.show.scene('none')
        window.find('label', 'Insert your token')
        self.show.scene('+one')
        window.find('label', 'Certificates on this token')

    def test_scroll_stays(self):
        window = self.start('one', geometry='1280x600x24')
        self.open_details()
        bar = next(node for node in window.find_all('scroll bar') if node.extents[3] > node.extents[2])

        def place():
            return bar.call('org.freedesktop.DBus.Properties', 'Get', _value())[0]
        top = window.find('label', 'Holder').extents[1]
        x, y, width, height = window.extents
        self.desktop.run(['xdotool', 'mousemove', str(x + 200), str(y + 300), 'click', '--repeat', '5', '5'])
        wait_for(lambda: place() > 0)
        pause(0.3)
        before = place()
        self.show.scene('one')
        pause(0.3)
        self.assertEqual(place(), before)
        self.assertTrue(top)

    def test_findings_one_at_a_time(self):
        window = self.start('unreadable')
        bar = window.find('info bar')
        self.assertIn('1 of 3', texts(bar))
        self.assertIn('Unknown token', texts(bar))
        bar.find('push button', 'Next').press()
        bar.find('label', '2 of 3')
        bar.find('label', 'Slot 9D of the token holds something that is no certificate. The others are shown.')
        self.show.scene('unreadable')
        bar.find('label', '2 of 3')
        bar.find('push button', 'Close this message').press()
        window.wait_gone('info bar')
        self.show.scene('unreadable')
        pause(0.2)
        self.assertEqual(window.find_all('info bar'), [])
        self.show.scene('one')
        self.show.scene('unreadable')
        window.find('info bar')

    # Whom it names

    def test_taxpayer_number(self):
        """One that does not fit is shown with a note, and copied without."""
        window = self.start('latin')
        self.assertIn('91350100M000100Y34 · the check digit does not fit', texts(window))
        window.find('push button', 'Copy Taxpayer number').press()
        wait_for(lambda: clipboard(self.desktop) == '91350100M000100Y34')
        self.open_details()
        self.assertIn('Unified social credit code', texts(window))

    def test_personal_numbers(self):
        """In full among the details alone."""
        window = self.start('other')
        self.assertIn('··············002X', texts(window))
        self.assertEqual([text for text in texts(window) if '1949' in text], [])
        self.assertEqual(window.find_all('push button', 'Copy Taxpayer number'), [])
        self.open_details()
        self.assertIn('11010519491231002X', texts(window))
        window.find('push button', 'Copy ID number').press()
        wait_for(lambda: clipboard(self.desktop) == '11010519491231002X')

    # Details

    def test_details(self):
        window = self.start('one')
        self.open_details('Authentication')
        seen = texts(window)
        for text in ('Authentication', 'Subject', 'Issuer', 'Serial number', '1A2B 3C4D 5E6F 7082', 'Valid until',
                     '2027-01-04 13:00:00 UTC', 'Key', 'RSA 2048', 'SHA-256 fingerprint', 'Unknown'):
            self.assertIn(text, seen)
        window.find('push button', 'Copy Serial number').press()
        wait_for(lambda: clipboard(self.desktop) == '1A2B 3C4D 5E6F 7082')
        window.find('push button', 'Back').press()
        window.find('label', 'Certificates on this token')

    def test_keyboard(self):
        window = self.start('one')
        self.open_details()
        activate(self.desktop, 'Signature')
        self.desktop.key('Escape')
        window.find('label', 'Certificates on this token')
        self.desktop.key('F10')
        window.find('push button', 'Quit')
        self.desktop.key('Escape')
        window.wait_gone('push button', 'Quit')
        self.assertIn(NAME, windows(self.desktop))
        self.desktop.key('Escape')
        wait_no_window(self.desktop)
        action(self.desktop, 'show-window')
        wait_window(self.desktop)
        activate(self.desktop)
        self.desktop.key('ctrl+q')
        self.assertEqual(self.show.child.wait(20), 0)

    def test_keyboard_opens_a_certificate(self):
        window = self.start('one')
        activate(self.desktop)
        for _ in range(12):
            self.desktop.key('Tab')
            if 'focused' in self.row('Signature').states:
                break
        self.desktop.key('Return')
        window.find('push button', 'Export…')
        self.assertIn('focused', window.find('push button', 'Back').states)

    # Export

    def export(self, name, button='Export…', title='Export the certificate'):
        """Presses the button and saves under this name; returns the path."""
        path = os.path.join(self.desktop.dir, name)
        self.window.find('push button', button).press()
        wait_window(self.desktop, title)
        dialog = Screen(self.desktop).find('file chooser')
        self.proposed = dialog.find('text').text
        dialog.find('text').set_text(path)
        dialog.find('push button', 'Save').press()
        return path

    def wait_file(self, path):
        wait_for(lambda: os.path.exists(path) and os.path.getsize(path) > 0, what=path)
        with open(path, 'rb') as file:
            return file.read()

    def test_export(self):
        self.start('one')
        self.open_details()
        pem = self.wait_file(self.export('one.pem'))
        self.assertEqual(self.proposed, f'{COMPANY}.pem')
        wait_no_window(self.desktop, 'Export the certificate')
        der = self.wait_file(self.export('one.der'))
        lines = pem.decode().splitlines()
        self.assertEqual((lines[0], lines[-1]), ('-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'))
        self.assertEqual(base64.b64decode(''.join(lines[1:-1])), der)
        self.assertEqual(der[0], 0x30)

    def export_binary(self, name):
        """Chooses the binary format and leaves the name of a text."""
        self.window.find('push button', 'Export…').press()
        wait_window(self.desktop, 'Export the certificate')
        dialog = Screen(self.desktop).find('file chooser')
        self.click(dialog.find('combo box'))
        pause(0.3)
        self.desktop.key('Down', 'Return')
        dialog.find('combo box', re.compile('DER'))
        dialog.find('text').set_text(os.path.join(self.desktop.dir, name))
        dialog.find('push button', 'Save').press()
        wait_no_window(self.desktop, 'Export the certificate')

    def test_export_in_the_chosen_format(self):
        self.start('one')
        self.open_details()
        self.export_binary('one.pem')
        der = self.wait_file(os.path.join(self.desktop.dir, 'one.der'))
        self.assertEqual(der[0], 0x30)
        self.assertFalse(os.path.exists(os.path.join(self.desktop.dir, 'one.pem')))
        other = self.desktop.write('two.der', 'old')
        self.export_binary('two.pem')
        alert = Screen(self.desktop).find('alert')
        self.assertIn('There is already a file of this name.', texts(alert))
        with open(other) as file:
            self.assertEqual(file.read(), 'old')

    def test_export_asks_before_it_overwrites(self):
        self.start('one')
        self.open_details()
        path = self.desktop.write('old.pem', 'old')
        self.export('old.pem')
        question = Screen(self.desktop).find('alert')
        self.assertTrue(any('already exists' in text for text in texts(question)))
        with open(path) as file:
            self.assertEqual(file.read(), 'old')
        question.find('push button', 'Cancel').press()
        pause(0.2)
        with open(path) as file:
            self.assertEqual(file.read(), 'old')

    def test_export_that_fails_says_why(self):
        self.start('one')
        self.open_details()
        self.export('/proc/nothing.pem')
        # GTK complains when somebody walks through its file dialog while that goes away.
        wait_no_window(self.desktop, 'Export the certificate')
        alert = Screen(self.desktop).find('alert')
        self.assertIn('The file could not be saved', texts(alert))
        alert.find('push button', 'Close').press()

    def test_calendar(self):
        self.start('one')
        self.open_details()
        calendar = self.wait_file(self.export('one.ics', 'To the calendar…', 'Save an entry for the calendar')).decode()
        self.assertEqual(self.proposed, f'{COMPANY}.ics')
        self.assertIn('\r\nDTSTART;VALUE=DATE:20270104\r\n', calendar)
        self.assertIn(COMPANY, calendar.replace('\r\n ', ''))

    def test_export_of_a_hostile_name(self):
        self.close_finding(self.start('hostile'))
        self.open_details()
        self.wait_file(self.export('x.cer'))
        self.assertTrue(self.proposed.endswith('.pem'))
        self.assertFalse(set('/\\<>:*?"|') & set(self.proposed), self.proposed)
        self.assertLess(len(self.proposed.encode()), 200)


def _value():
    from gi.repository import GLib
    return GLib.Variant('(ss)', ('org.a11y.atspi.Value', 'CurrentValue'))


if __name__ == '__main__':
    import tap
    tap.main()
