"""A PIN from the first click to the last sentence: the real program, a real pcscd, keys as a person presses them."""
import re

import program
from pinflow import CHANGE, NEW, OLD, PUK, UNLOCK, WRONG, Flow, wait_for

import pcsc
from desktop import pause
from show import wait_no_window, wait_window, windows
from vcard import ins

NOTHING_SENT = 'Nothing has been sent to the token yet.'
PULLED = 'The token was pulled. Insert it again to go on.'


class Change(Flow):
    def test_change(self):
        self.open_change()
        self.say('3 of 3 tries left before this token locks.')
        self.say('Type the current PIN.')
        self.assertEqual(self.sent(), 0)
        self.type(OLD, NEW, NEW)
        self.say('The PIN was changed. 3 tries left.')
        self.assertEqual((self.sent(), self.card.tries()), (1, (3, 3)))
        self.desktop.key('Escape')
        wait_no_window(self.desktop, CHANGE)
        self.open()
        self.type(OLD, '13572468', '13572468')
        self.say('Sent: the current PIN is wrong. 2 tries left.')
        self.assertEqual((self.sent(), self.card.tries()), (2, (2, 3)))

    def test_keys_alone(self):
        """From the field to the eye and on; what is missing is said, and Return does nothing before it is there."""
        dialog = self.open_change()
        change = dialog.find('push button', 'Change')
        for text, missing in ((OLD, 'Type the new PIN.'), ('135', 'The new PIN does not fit yet: 6 to 8 characters.'),
                              ('79', 'The new PIN does not fit yet: 6 to 8 characters.')):
            self.desktop.type(text)
            self.desktop.key('Return')
            self.say(missing)
            self.assertEqual((change.sensitive, change.description), (False, missing))
        self.desktop.type('8')
        self.say('Type the new PIN again.')
        self.desktop.key('Tab', 'Tab')
        self.desktop.type('135799')
        self.say('The two entries of the new PIN differ.')
        self.desktop.key('BackSpace')
        self.desktop.type('8')
        self.say(NOTHING_SENT)
        wait_for(lambda: change.sensitive)
        self.assertEqual(self.sent(), 0)
        self.desktop.key('Return')
        self.say('The PIN was changed. 3 tries left.')

    def test_last_try(self):
        self.card.pin(OLD, left=1)
        dialog = self.open_change()
        self.say('1 of 3 tries left before this token locks.')
        self.type(WRONG, NEW, NEW)
        self.say('Confirm that you want to use the last try.')
        self.assertEqual(self.sent(), 0)
        dialog.find('text', label=re.compile('type 1 here')).set_text('2')
        self.desktop.key('Return')
        self.say('Confirm that you want to use the last try.')
        dialog.find('text', label=re.compile('type 1 here')).set_text('1')
        self.say(NOTHING_SENT)
        dialog.find('push button', 'Change').press()
        self.say('Sent: the current PIN is wrong. No tries are left: it is locked.')
        self.assertEqual((self.sent(), self.card.tries()), (1, (0, 3)))
        # At zero the dialog has turned into Unlock.
        self.assertIn(UNLOCK, windows(self.desktop))
        self.say('3 tries left with the PUK.')
        self.type(PUK, NEW, NEW)
        self.say('The PIN is unlocked, and the new one holds. 3 tries left.')
        self.assertEqual((self.sent(), self.card.tries()), (2, (3, 3)))

    def test_forgot(self):
        dialog = self.open_change()
        dialog.find('push button', re.compile('Forgot the PIN')).press()
        self.say('3 tries left with the PUK.')
        self.type('87654312', NEW, NEW)
        self.say('Sent: the PUK is wrong. 2 tries left.')
        self.say('2 tries left with the PUK.')
        self.assertEqual((self.sent(), self.card.tries('puk'), self.card.tries()), (1, (2, 3), (3, 3)))

    def test_only_dots_for_others(self):
        """What is typed is not on the accessibility bus, not even while a person reads it, and not in the clipboard."""
        dialog = self.open_change()
        self.desktop.type(OLD)
        entry = dialog.find('password text', label='Current PIN')
        wait_for(lambda: entry.text == '●' * 6)
        self.desktop.key('Tab', 'space', 'shift+Tab')
        self.assertEqual(entry.text, '●' * 6)
        self.desktop.key('ctrl+a', 'ctrl+c', 'ctrl+x')
        pause(.3)
        self.assertEqual(entry.text, '●' * 6)
        self.assertNotIn(OLD, ' '.join(self.read()))


class Trouble(Flow):
    def test_pulled_and_back(self):
        self.open_change()
        self.desktop.type(OLD)
        self.pcscd.host.eject('First Reader')
        self.say(PULLED)
        self.assertFalse(self.dialog.find('push button', 'Change').sensitive)
        self.card.insert('Second Reader')
        self.say('Type the current PIN.')
        self.type(OLD, NEW, NEW)
        self.say('The PIN was changed. 3 tries left.')

    def test_swapped(self):
        self.open_change()
        self.desktop.type(OLD)
        other = self.make_card(77770093)
        other.replace('First Reader')
        self.say('A different token is inserted; nothing is sent to it. Insert Zhang San · 4821 again to go on.')
        self.desktop.key('Return')
        pause(.5)
        self.assertEqual((self.sent(), self.sent(other)), (0, 0))
        self.card.replace('First Reader')
        self.say('Type the current PIN.')

    def test_pulled_while_it_works(self):
        self.card.delay(1500, ins(0x24), 1)
        self.open_change()
        self.type(OLD, NEW, NEW)
        self.say('The token is working…')
        wait_for(lambda: self.card.counters()['changes'])
        self.pcscd.host.eject('First Reader')
        self.say('Sent, but no answer came. Whether the PIN was changed is not known. '
                 'How many tries are left is not known.')
        self.assertEqual(self.sent(), 1)

    def test_closed_while_it_works(self):
        """The dialog goes at once; what came of it is said all the same."""
        self.card.delay(1500, ins(0x24), 1)
        self.open_change()
        self.type(WRONG, NEW, NEW)
        self.say('The token is working…')
        wait_for(lambda: self.card.counters()['changes'])
        self.dialog.find('push button', 'Cancel').press()
        wait_for(lambda: not self.screen().find_all('dialog', CHANGE), 1, 'end of the dialog')
        box = self.screen().find('alert')
        self.assertIn('Sent: the current PIN is wrong. 2 tries left.', box.texts())
        self.assertEqual(self.sent(), 1)

    def test_cancelled_before_it_is_sent(self):
        self.open_change()
        with pcsc.Context() as context, context.connect(self.pcscd.reader_name('First Reader')) as handle:
            handle.begin()
            self.type(OLD, NEW, NEW)
            self.say('The token is working…')
            self.dialog.find('push button', 'Cancel').press()
            wait_no_window(self.desktop, CHANGE, 1)
            handle.end()
        pause(1)
        self.assertEqual((self.sent(), windows(self.desktop)), (0, []))

    def test_held_by_another(self):
        self.open_change()
        with pcsc.Context() as context, context.connect(self.pcscd.reader_name('First Reader')) as handle:
            handle.begin()
            self.type(OLD, NEW, NEW)
            self.say('Not sent: no try was used. Another program is using this token alone. '
                     'It will be read when that program lets go.')
        self.assertEqual(self.sent(), 0)

    def test_killed_while_it_works(self):
        """The token ends up reset, and the next start shows the counter of the token."""
        self.card.delay(1500, ins(0x24), 1)
        self.open_change()
        self.type(WRONG, NEW, NEW)
        wait_for(lambda: self.card.counters()['changes'])
        self.process.kill()
        self.process.wait()
        wait_for(lambda: self.card.tries() == (2, 3))
        log = self.card.log()
        change = next(i for i, line in enumerate(log) if line.startswith('002400'))
        wait_for(lambda: re.search('reset|power', ' '.join(self.card.log()[change:])), what='reset')
        self.process = self.start('--background')
        self.assertEqual(self.sent(), 1)

    def test_pcscd_killed_while_it_works(self):
        self.card.delay(1500, ins(0x24), 1)
        self.open_change()
        self.type(WRONG, NEW, NEW)
        wait_for(lambda: self.card.counters()['changes'])
        self.pcscd.kill()
        self.say('Sent, but no answer came. Whether the PIN was changed is not known. '
                 'How many tries are left is not known.')
        self.pcscd.start()
        self.say('2 of 3 tries left before this token locks.')
        self.assertEqual(self.sent(), 1)

    def test_two_tokens(self):
        """The dialog names the one that was chosen, and asks about the other when that is wanted."""
        other = self.make_card(77770093)
        self.insert()
        other.insert('Second Reader')
        self.item.wait_menu(lambda labels: any('Change PIN of' in label and '0093' in label for label in labels))
        self.open(entry='Change PIN of Zhang San · 4821…')
        self.say('Zhang San · 4821')
        self.desktop.type(OLD)
        self.item.click('Change PIN of Zhang San · 0093…')
        wait_for(lambda: 'Zhang San · 0093' in self.screen().find('dialog', CHANGE).texts())
        self.assertEqual(windows(self.desktop).count(CHANGE), 1)
        self.desktop.focus(CHANGE)
        self.dialog = self.screen().find('dialog', CHANGE)
        self.say('Type the current PIN.')
        self.type(WRONG, NEW, NEW)
        self.say('Sent: the current PIN is wrong. 2 tries left.')
        self.assertEqual((self.sent(), self.sent(other)), (0, 1))

    def test_blocked(self):
        self.card.pin(OLD, left=0)
        self.insert()
        self.open(UNLOCK, 'Unlock…')
        self.say('3 tries left with the PUK.')
        self.type(PUK, NEW, NEW)
        self.say('The PIN is unlocked, and the new one holds. 3 tries left.')

    def test_both_blocked(self):
        self.card.pin(OLD, left=0)
        self.card.puk(PUK, left=0)
        self.insert()
        self.open(UNLOCK, 'Unlock…')
        texts = ' '.join(self.read())
        self.assertIn('The PUK has no tries left, so the PIN cannot be unlocked here.', texts)
        self.assertIn('The certificate and its keys are not lost.', texts)
        self.assertEqual(self.dialog.find_all('password text'), [])


class AtTheKeypad(Flow):
    pads = ['First Reader']

    def begin(self):
        self.dialog.find('push button', 'Begin').press()
        wait_for(lambda: self.pcscd.host.keypad()['asking'])

    def test_change(self):
        self.open_change()
        self.say('1. Type the current PIN and press OK.\n2. Type the new PIN (6 to 8 digits) and press OK.\n'
                 '3. Type the new PIN again and press OK.')
        self.assertEqual(self.dialog.find_all('password text'), [])
        self.begin()
        wait_for(lambda: any(re.search("Follow the steps at the reader's keypad: 5[0-9] seconds left", text)
                             for text in self.read()))
        self.pcscd.host.type(WRONG, NEW)
        self.say('Sent: the current PIN is wrong. 2 tries left.')
        self.say('2 of 3 tries left before this token locks.')
        self.begin()
        self.pcscd.host.type(OLD, NEW)
        self.say('The PIN was changed. 3 tries left.')
        self.assertEqual(self.sent(), 2)

    def test_gives_up(self):
        """Time-out and cancel are told apart, and neither costs a try."""
        self.open_change()
        for how, sentence in (('timeout', "The time for typing at the reader's keypad ran out."),
                              ('cancel', "It was cancelled at the reader's keypad.")):
            self.begin()
            self.pcscd.host.give_up(how)
            self.say('Not sent: no try was used. ' + sentence)
        self.assertEqual((self.sent(), self.card.tries()), (0, (3, 3)))

    def test_closed_meanwhile(self):
        self.open_change()
        self.begin()
        self.dialog.find('push button', 'Cancel').press()
        wait_no_window(self.desktop, CHANGE, 1)
        self.pcscd.host.give_up('cancel')
        self.assertIn("Not sent: no try was used. It was cancelled at the reader's keypad.",
                      self.screen().find('alert').texts())


class Unasked(Flow):
    def test_initial_pin(self):
        self.insert()
        shown = self.notifications.wait(lambda shown: shown.summary == 'Still the initial PIN')
        self.assertEqual(shown.body, 'Zhang San · 4821 has the PIN that it came with, which others may know. Change it.')
        self.assertEqual(shown.actions, {'default': 'Details', 'change-pin': 'Change PIN…', 'snooze': 'Remind me tomorrow'})
        self.assertEqual(shown.urgency, 1)
        self.notifications.invoke(shown.id, 'change-pin')
        wait_window(self.desktop, CHANGE)
        self.desktop.focus(CHANGE)
        self.dialog = self.screen().find('dialog', CHANGE)
        self.type(OLD, NEW, NEW)
        self.say('The PIN was changed. 3 tries left.')
        self.notifications.wait_closed(shown.id)

    def test_locked(self):
        self.card.pin(NEW, left=0)
        self.insert()
        shown = self.notifications.wait(lambda shown: shown.summary == 'The PIN is locked')
        self.assertEqual((shown.actions, shown.urgency), ({'default': 'Details', 'unlock': 'Unlock…'}, 2))
        self.notifications.invoke(shown.id, 'default')
        wait_window(self.desktop)
        window = self.screen().find('frame')
        bar = window.find('push button', 'Unlock…')
        self.assertTrue(any('The certificate and its keys are not lost.' in text for text in window.texts()))
        bar.press()
        wait_window(self.desktop, UNLOCK)
        self.desktop.focus(UNLOCK)
        self.dialog = self.screen().find('dialog', UNLOCK)
        self.type(PUK, NEW, NEW)
        self.say('The PIN is unlocked, and the new one holds. 3 tries left.')
        self.notifications.wait_closed(shown.id)


if __name__ == '__main__':
    program.main()
