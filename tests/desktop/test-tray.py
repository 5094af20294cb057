#!/usr/bin/python3
"""The tray icon and its menu: over D-Bus with a watcher of our own, and in a real panel."""

import unittest

from gi.repository import GLib

from show import COMPANY, PERSON, Desktop, Show, activate, clipboard, pause, wait_for, wait_no_window, wait_window, windows

from sni import Watcher

TOKEN = f'{COMPANY} · 4821 · 43 days left · 8 PIN tries left'
OTHER = f'{PERSON} · 0093 · 700 days left · 8 PIN tries left'


class Menu(unittest.TestCase):

    def setUp(self):
        self.desktop = Desktop(services=(), environ={'NO_AT_BRIDGE': '1'}).__enter__()
        self.addCleanup(self.desktop.close)
        self.watcher = Watcher(self.desktop)
        self.addCleanup(self.close_watcher)

    def close_watcher(self):
        wait_for(lambda: not self.watcher.items)
        self.watcher.close()

    def start(self, scene, *options, **how):
        self.show = Show(self.desktop, scene, '--background', *options, **how)
        self.item = self.watcher.item()
        self.item.wait(lambda props: props['Menu'])
        return self.item

    def tearDown(self):
        if hasattr(self, 'show'):
            status = self.show.end()
            self.assertEqual(status, 0)

    def test_one_token(self):
        item = self.start('one')
        props = item.wait(lambda props: props['Status'] == 'Active')
        self.assertEqual(props['IconName'], 'cert-assistant-warning')
        self.assertEqual(props['IconAccessibleDesc'], TOKEN)
        self.assertEqual(props['Title'], f'{COMPANY} · 4821')
        self.assertEqual(item.wait_menu(lambda labels: TOKEN in labels), [
            TOKEN, 'Certificate details…', 'Change PIN…', 'Copy', 'Copy/Holder', 'Copy/Taxpayer number', 'Copy/Issuer',
            'Copy/Serial number', 'Copy/Valid until', 'Copy/SHA-256 fingerprint', 'Copy/Certificate (PEM)', 'Check…', 'Preferences',
            'About', 'Quit'])
        self.assertEqual(windows(self.desktop), [])

    def test_goes_and_comes(self):
        item = self.start('one')
        item.wait(lambda props: props['Status'] == 'Active')
        self.show.scene('none')
        item.wait(lambda props: props['Status'] == 'Passive')
        self.assertEqual(item.labels(), ['Open Certificate Assistant', 'Check…', 'Preferences', 'About', 'Quit'])
        self.show.scene('+two')
        item.wait(lambda props: props['Status'] == 'Active' and props['Title'] == 'Certificate Assistant')
        self.assertEqual(item.labels()[:2], [TOKEN, OTHER])
        self.assertIn(f'Copy/{PERSON} · 0093/Organization', item.labels())

    def test_findings_come_first_in_words(self):
        item = self.start('unreadable')
        self.assertEqual(item.wait_menu(lambda labels: TOKEN in labels)[:3],
                         ['⚠ Unknown token', '⚠ One certificate cannot be read', TOKEN])
        self.show.scene('stopped')
        self.assertEqual(item.wait_menu(lambda labels: TOKEN not in labels),
                         ['⚠ The smart card service is not running', 'Open Certificate Assistant', 'Check…', 'Preferences',
                          'About', 'Quit'])
        self.assertEqual(item.props()['Status'], 'Active')

    def test_reading(self):
        item = self.start('partial')
        item.wait_menu(lambda labels: labels[0] == 'Reading the token: step 3 of 8')
        self.show.scene('partial-more')
        item.wait_menu(lambda labels: labels[0] == f'{TOKEN} · Reading the token: step 3 of 8')

    def test_hostile_names_are_plain_text(self):
        item = self.start('hostile')
        label = item.wait_menu(lambda labels: TOKEN in labels)[0]
        self.assertTrue(label.startswith('<b>A & B</b> _under_score %s \\ /../'), label)
        self.assertTrue(label.endswith('355 days left · 8 PIN tries left'), label)
        self.assertLess(len(label), 100)

    def test_copy(self):
        item = self.start('two')
        item.wait_menu(lambda labels: TOKEN in labels)
        item.click(f'Copy/{PERSON} · 0093/Holder')
        wait_for(lambda: clipboard(self.desktop) == PERSON)
        item.click(f'Copy/{COMPANY} · 4821/Serial number')
        wait_for(lambda: clipboard(self.desktop) == '1A2B 3C4D 5E6F 7083')
        item.click(f'Copy/{COMPANY} · 4821/Taxpayer number')
        wait_for(lambda: clipboard(self.desktop) == '91350100M000100Y43')
        # Numbers of a person are not for a menu.
        self.assertNotIn(f'Copy/{PERSON} · 0093/Taxpayer number', item.labels())
        self.assertFalse([label for label in item.labels() if '110105' in label or '002X' in label])
        item.click(f'Copy/{COMPANY} · 4821/Certificate (PEM)')
        wait_for(lambda: clipboard(self.desktop).startswith('-----BEGIN CERTIFICATE-----\n'))

    def test_stale_clicks(self):
        """A click that comes after the token has gone: from a panel that is slow, or from a stranger."""
        item = self.start('one')
        item.wait_menu(lambda labels: TOKEN in labels)
        item.click('Copy/Holder')
        wait_for(lambda: clipboard(self.desktop) == COMPANY)
        stale = [item.row(label).id for label in (TOKEN, 'Copy/Serial number', 'Certificate details…')]
        self.show.scene('none')
        for id in stale:
            try:
                item.call('com.canonical.dbusmenu', 'Event', GLib.Variant('(isvu)', (id, 'clicked', GLib.Variant('s', ''), 0)),
                          item.props()['Menu'])
            except GLib.Error:
                pass  # such an item there is not any more: that is an answer too
        pause(0.3)
        self.assertEqual(clipboard(self.desktop), COMPANY)
        self.assertEqual(windows(self.desktop), [])

    def test_opens_the_window_and_quits(self):
        item = self.start('two')
        item.wait_menu(lambda labels: TOKEN in labels)
        item.click(OTHER)
        wait_window(self.desktop)
        activate(self.desktop)
        self.desktop.key('ctrl+w')
        wait_no_window(self.desktop)
        item.click('Certificate details…')
        wait_window(self.desktop)
        item.click('About')
        wait_window(self.desktop, 'About Certificate Assistant')
        item.click('About')
        self.assertEqual(windows(self.desktop).count('About Certificate Assistant'), 1)
        item.click('Quit')
        self.assertEqual(self.show.wait_end(), 0)

    def test_about_without_the_window(self):
        item = self.start('one')
        item.wait_menu(lambda labels: TOKEN in labels)
        item.click('About')
        wait_window(self.desktop, 'About Certificate Assistant')
        self.assertNotIn('Certificate Assistant', windows(self.desktop))

    def test_middle_button_opens_the_window(self):
        item = self.start('one')
        item.wait_menu(lambda labels: TOKEN in labels)
        item.secondary_activate()
        wait_window(self.desktop)

    def test_chosen_icon_stays(self):
        self.desktop.settings(hide_icon_without_token=False)
        item = self.start('none')
        item.wait(lambda props: props['Status'] == 'Active' and props['IconName'] == 'cert-assistant-none')
        self.assertEqual(item.props()['IconAccessibleDesc'], 'No token is inserted')

    def test_watcher_comes_back(self):
        self.start('one').wait_menu(lambda labels: TOKEN in labels)
        self.watcher.close()
        self.watcher = Watcher(self.desktop)
        self.assertIn(TOKEN, self.watcher.item().wait_menu(lambda labels: TOKEN in labels))


def is_icon(seen):
    """A panel that is busy shows nothing for a while between two icons."""
    return len(seen.colours()) > 20


class Panel(unittest.TestCase):

    def test_icon_in_a_real_panel(self):
        with Desktop() as desktop:
            desktop.panel()
            show = Show(desktop, 'none', '--background')
            empty = desktop.wait_pixels(0, 0, 32, 32, lambda seen: len(seen.colours()) < 4)
            show.scene('+one')
            warning = desktop.wait_pixels(0, 0, 32, 32, lambda seen: is_icon(seen) and seen.difference(empty) > 0.2)
            show.scene('+other')
            desktop.wait_pixels(0, 0, 32, 32, lambda seen: is_icon(seen) and seen.difference(warning) > 0.05)
            show.scene('none')
            desktop.wait_pixels(0, 0, 32, 32, lambda seen: seen == empty)
            self.assertEqual(show.end(), 0)


if __name__ == '__main__':
    import tap
    tap.main()
