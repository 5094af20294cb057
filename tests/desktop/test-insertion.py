"""From the reader's event to the icon, the notification and the window: real pcscd, real panel, real notification server."""
from pathlib import Path

from gi.repository import GLib

import program
from program import NAME, Bench, Watcher, piv_token, wait_for

from desktop import call
from screen import Screen
from sni import WATCHER, Item

ICON = (0, 0, 32, 32)
MENU = (0, 33, 300, 130)


class OnAPanel(Bench):
    def test_icon_comes_and_goes(self):
        self.desktop.panel()
        self.desktop.mock_notifications()
        before = self.desktop.pixels(*ICON)
        self.start('--background')
        self.card.insert('First Reader')
        self.desktop.wait_pixels(*ICON, lambda pixels: pixels != before and len(pixels.colours()) > 8)
        self.pcscd.host.eject('First Reader')
        self.desktop.wait_pixels(*ICON, lambda pixels: pixels == before)

    def item(self):
        """Ours, as it is registered with the panel."""
        items = call(self.desktop.bus, WATCHER, '/StatusNotifierWatcher', 'org.freedesktop.DBus.Properties', 'Get',
                     GLib.Variant('(ss)', (WATCHER, 'RegisteredStatusNotifierItems')))[0]
        owner, slash, path = items[0].partition('/')
        return Item(self.desktop, owner, slash + path)

    def test_menu_of_the_panel(self):
        """It opens by the left and by the right button, has the holder on a line, and the keyboard goes on from there."""
        self.desktop.panel()
        self.desktop.mock_notifications()
        self.start('--background')
        self.card.insert('First Reader')
        self.desktop.wait_pixels(*ICON, lambda pixels: len(pixels.colours()) > 8)
        self.assertTrue(any('Zhang San · 4821' in label and '3 PIN tries left' in label for label in self.item().labels()))
        closed = self.desktop.pixels(*MENU)
        for button in 1, 3:
            self.desktop.click(17, 16, button)
            self.desktop.wait_pixels(*MENU, lambda pixels: len(pixels.colours()) > 8)
            self.desktop.key('Escape')
            self.desktop.wait_pixels(*MENU, lambda pixels: pixels == closed)
        self.desktop.click(17, 16, 1)
        self.desktop.wait_pixels(*MENU, lambda pixels: len(pixels.colours()) > 8)
        self.desktop.key('Down', 'Down', 'Return')
        window = Screen(self.desktop).application(NAME).find('frame', timeout=20)
        wait_for(lambda: any('Zhang San' in text for text in window.texts()), 5, 'the holder')


class OnTheBus(Bench):
    def test_notification(self):
        server = self.desktop.mock_notifications()
        watcher = Watcher(self.desktop)
        self.start('--background')
        watcher.item()
        self.card.insert('First Reader')
        shown = server.wait(lambda notification: 'Zhang San' in notification.summary)
        self.assertEqual(shown.summary, 'Zhang San · Beijing Example Trading Co., Ltd.')
        self.assertRegex(shown.body, r'^Valid until \d{4}-\d\d-\d\d \(36[45] days left\)$')
        self.pcscd.host.eject('First Reader')
        server.wait_closed(shown.id)

    def test_two_tokens(self):
        self.desktop.mock_notifications()
        watcher = Watcher(self.desktop)
        self.start('--background')
        item = watcher.item()
        other = piv_token([('CN', '张三')], serial=77770093, slots=(0x9A,)).load(
            self.pcscd.card('piv', 'yubico', serial=77770093))
        self.card.insert('First Reader')
        other.insert('Second Reader')
        item.wait_menu(lambda labels: any('Zhang San · 4821' in label for label in labels)
                       and any('张三 · 0093' in label for label in labels), timeout=20)
        self.pcscd.host.eject('First Reader')
        item.wait_menu(lambda labels: not any('4821' in label for label in labels))

    def test_slow_token(self):
        """The first certificate is there before the rest, and the page says how far the reading is."""
        self.card.delay(150)
        self.desktop.mock_notifications()
        Watcher(self.desktop)
        self.start()
        window = Screen(self.desktop).application(NAME).find('frame', timeout=20)
        self.card.insert('First Reader')
        wait_for(lambda: any('Zhang San' in text for text in window.texts())
                 and any('step' in text for text in window.texts()), 10, 'the first certificate')
        wait_for(lambda: not any('step' in text for text in window.texts()), 20, 'the rest')

    def test_pulled_while_it_is_read(self):
        server = self.desktop.mock_notifications()
        watcher = Watcher(self.desktop)
        self.start('--background')
        item = watcher.item()
        for i in 1, 5, 9:
            self.card.drop(i)
            self.card.insert('First Reader', wait=False)
            wait_for(lambda: self.card.log()[-1] == 'pulled', 5, 'the end of the token')
            item.wait(lambda props: props['Status'] == 'Passive', timeout=20)
            self.card.clear_faults()
        self.assertEqual(server.shown(), [])

    def test_kill_the_tray(self):
        """It dies in the middle of a reading: nothing of it stays, and the next one starts as if nothing had been."""
        self.card.delay(50)
        self.desktop.mock_notifications()
        watcher = Watcher(self.desktop)
        process = self.start('--background')
        self.card.insert('First Reader')
        process.kill()
        process.wait()
        wait_for(lambda: not self.desktop.owner(NAME), 5, 'the end')
        left = [path for path in Path('/proc').glob('[0-9]*/cmdline') if b'cert-assistant-worker' in read(path)]
        wait_for(lambda: not [path for path in left if b'cert-assistant-worker' in read(path)], 5, 'the workers to end')
        self.start('--background')
        watcher.item().wait_menu(lambda labels: any('Zhang San' in label for label in labels), timeout=20)


def read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b''


if __name__ == '__main__':
    program.main()
