"""The dialog for a PIN in the real program, with a person at the keys: what its tests share."""
from program import Bench, wait_for

from show import wait_window

OLD, NEW, WRONG, PUK = '123456', '24681357', '654321', '12345678'
CHANGE, UNLOCK = 'Change PIN', 'Unlock PIN'


class Flow(Bench):
    def setUp(self):
        super().setUp()
        self.notifications = self.desktop.mock_notifications()
        self.item = self.start_in_tray()

    # Hands

    def insert(self, card=None, name='Zhang San · 4821'):
        (card or self.card).insert('First Reader')
        self.item.wait_menu(lambda labels: any(name in label for label in labels)
                            and ('Change PIN…' in labels or 'Unlock…' in labels))

    def open(self, title=CHANGE, entry='Change PIN…'):
        self.item.click(entry)
        wait_window(self.desktop, title)
        self.desktop.focus(title)
        self.dialog = self.screen().find('dialog', title)
        return self.dialog

    def open_change(self):
        self.insert()
        return self.open()

    def type(self, *fields):
        """Into one field after the other, and Return."""
        for i, text in enumerate(fields):
            if i:
                self.desktop.key('Tab', 'Tab')  # over the eye
            self.desktop.type(text)
        self.desktop.key('Return')

    # Eyes

    def say(self, sentence):
        """Waits until the dialog says so."""
        try:
            wait_for(lambda: sentence in self.read())
        except TimeoutError:
            raise AssertionError(f'{sentence!r} is not in {self.read()}') from None

    def read(self):
        return self.dialog.texts()

    def sent(self, card=None):
        counters = (card or self.card).counters()
        return counters['verifies'] + counters['changes'] + counters['unblocks']
