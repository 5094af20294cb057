"""Reminders of an end that is near, from the token to the notification and over a new start: the real program."""
import json
import os
import stat
import subprocess
from pathlib import Path

import program
from program import Bench, wait_for

from desktop import pause
from show import action, wait_window

TITLE = 'The certificate expires in 25 days'
URL = 'https://renew.example.org/start'
CHECK_URL = 'https://renew.example.org/check'
PROFILE = f"""[Issuer]
Name=Example CA
Match=Example Test CA
RenewUrl={URL}
CheckUrl={CHECK_URL}
"""
BROWSER = """[Desktop Entry]
Type=Application
Name=Browser
Exec=sh -c "echo %u >> {log}"
MimeType=x-scheme-handler/https;
"""


class Reminders(Bench):
    def setUp(self):
        super().setUp()
        self.notifications = self.desktop.mock_notifications()
        self.card = self.make_card(12344821, days=25)

    def state(self):
        return Path(self.desktop.environ['XDG_STATE_HOME'], 'cert-assistant', 'state.json')

    def read_state(self):
        return json.loads(self.state().read_text()) if self.state().exists() else None

    def reminders(self):
        return [shown for shown in self.notifications.shown() if shown.summary == TITLE]

    def restart(self):
        self.assertEqual(self.desktop.stop(self.process), 0)
        wait_for(lambda: not self.desktop.owner(program.NAME))
        self.process = self.start('--background')

    def wait_read(self):
        self.item.wait_menu(lambda labels: any('25 days left' in label for label in labels))

    def test_once_also_over_a_new_start(self):
        self.item = self.start_in_tray()
        self.card.insert('First Reader')
        shown = self.notifications.wait(lambda shown: shown.summary == TITLE)
        self.assertRegex(shown.body, r'^Zhang San · 4821: valid until \d{4}-\d\d-\d\d\. Renew it in time\.$')
        self.assertEqual(shown.actions, {'default': 'Details', 'snooze': 'Remind me tomorrow'})
        wait_for(lambda: self.read_state() and self.read_state()['shown'])
        self.pcscd.host.eject('First Reader')
        pause(1.5)
        self.card.insert('First Reader')
        self.wait_read()
        pause(1.5)
        self.assertEqual(len(self.reminders()), 1)
        self.restart()
        pause(3)
        self.assertEqual(len(self.reminders()), 1)

    def test_what_is_kept(self):
        self.item = self.start_in_tray()
        self.card.insert('First Reader')
        wait_for(lambda: self.read_state() and self.read_state()['shown'])
        self.assertEqual(stat.S_IMODE(self.state().stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.state().parent.stat().st_mode), 0o700)
        (seen,) = self.read_state()['certificates']
        self.assertEqual(seen['label'], 'Zhang San · Beijing Example Trading Co., Ltd.')
        self.assertEqual(set(seen), {'sha256', 'label', 'issuer', 'not_after'})

    def test_without_the_token(self):
        """It stands in the menu and on the window while the token is away, until it is forgotten."""
        self.card = self.make_card(12344821, days=5)
        self.item = self.start_in_tray()
        self.card.insert('First Reader')
        self.notifications.wait(lambda shown: shown.summary == 'The certificate expires in 5 days')
        self.pcscd.host.eject('First Reader')
        self.item.wait_menu(lambda labels: labels[0] == '⚠ The certificate expires in 5 days')
        self.assertEqual(self.item.props()['Status'], 'Active')
        action(self.desktop, 'show-window')
        wait_window(self.desktop)
        wait_for(lambda: any('Its token is not inserted.' in text for text in self.screen().find('frame').texts()))
        action(self.desktop, 'preferences')
        wait_window(self.desktop, 'Preferences')
        self.screen().find('push button', 'Forget what was seen').press()
        self.item.wait_menu(lambda labels: not any('expires' in label for label in labels))
        self.assertEqual(self.read_state()['certificates'], [])

    def test_tomorrow(self):
        self.item = self.start_in_tray()
        self.card.insert('First Reader')
        shown = self.notifications.wait(lambda shown: shown.summary == TITLE)
        self.notifications.invoke(shown.id, 'snooze')
        wait_for(lambda: any('snoozed_until' in mark for mark in self.read_state()['shown']))
        (mark,) = [mark for mark in self.read_state()['shown'] if 'snoozed_until' in mark]
        self.assertAlmostEqual(mark['snoozed_until'] - mark['shown'], 24 * 60 * 60, delta=30)
        # Tomorrow, for a program that is started then.
        self.assertEqual(self.desktop.stop(self.process), 0)
        state = self.read_state()
        for mark in state['shown']:
            if 'snoozed_until' in mark:
                mark['snoozed_until'] -= 24 * 60 * 60 + 30
        self.state().write_text(json.dumps(state))
        self.process = self.start('--background')
        wait_for(lambda: len(self.reminders()) == 2)

    def test_strangers_cannot_put_off_what_is_not_there(self):
        self.item = self.start_in_tray()
        for i in range(50):
            action(self.desktop, 'snooze', f'expiring:{i}')
            action(self.desktop, 'reminded', f'expiring:{i}')
            action(self.desktop, 'renew', f'{i:064x}')
        pause(.3)
        self.assertIsNone(self.read_state())

    def test_renew(self):
        profiles = self.desktop.write('home/.config/cert-assistant/issuers.d/example.ini', PROFILE)
        self.assertTrue(os.path.exists(profiles))
        log = os.path.join(self.desktop.dir, 'opened')
        self.desktop.write('home/.local/share/applications/browser.desktop', BROWSER.format(log=log))
        self.desktop.write('home/.config/mimeapps.list', '[Default Applications]\nx-scheme-handler/https=browser.desktop\n')
        self.item = self.start_in_tray()
        self.card.insert('First Reader')
        shown = self.notifications.wait(lambda shown: shown.summary == TITLE)
        self.assertEqual(shown.actions, {'default': 'Details', 'renew': 'Renew…', 'snooze': 'Remind me tomorrow'})
        self.notifications.invoke(shown.id, 'renew')
        wait_for(lambda: os.path.exists(log) and Path(log).read_text() == URL + '\n')
        action(self.desktop, 'show-window')
        wait_window(self.desktop)
        self.screen().find('push button', 'Renew…').press()
        wait_for(lambda: Path(log).read_text() == 2 * (URL + '\n'))
        self.screen().find('push button', 'Test page').press()
        wait_for(lambda: Path(log).read_text() == 2 * (URL + '\n') + CHECK_URL + '\n')

    def choose(self, key, value):
        self.desktop.run(['gsettings', 'set', program.NAME, key, value])

    def test_what_is_chosen_holds_at_once(self):
        """… for the tray that runs, and for the command line."""
        def validity():
            done = subprocess.run([program.build_root() / 'src' / 'cli' / 'cert-assistant-cli', 'list', '--json'],
                                  stdout=subprocess.PIPE, env={**self.desktop.environ, **program.ENVIRON})
            return [certificate['validity'] for token in json.loads(done.stdout)['tokens'] for certificate in token['certificates']]
        self.item = self.start_in_tray()
        self.choose('remind-days', '[7]')
        self.card.insert('First Reader')
        self.wait_read()
        pause(1.5)
        self.assertEqual(self.reminders(), [])
        self.assertEqual(set(validity()), {'valid'})
        self.choose('remind-days', '[7, 30]')
        self.notifications.wait(lambda shown: shown.summary == TITLE)
        self.assertEqual(set(validity()), {'expiring'})

    def test_damaged_and_unwritable(self):
        self.state().parent.mkdir(parents=True, mode=0o700)
        self.state().write_text('{"version":1,"certificates":[{')
        self.item = self.start_in_tray()
        self.card.insert('First Reader')
        self.notifications.wait(lambda shown: shown.summary == TITLE)
        wait_for(lambda: self.read_state()['shown'])
        self.assertTrue(self.state().with_suffix('.json.damaged').exists())
        self.assertIn('is moved aside', self.desktop.log('cert-assistant'))

    def test_server_that_comes_late(self):
        """A reminder that nobody could see is not lost."""
        self.desktop.stop(self.notifications.child)
        self.item = self.start_in_tray()
        self.card.insert('First Reader')
        self.wait_read()
        pause(1)
        self.assertEqual(self.read_state()['shown'], [])
        self.notifications = self.desktop.mock_notifications()
        self.notifications.wait(lambda shown: shown.summary == TITLE)


class Watching(Bench):
    def setUp(self):
        super().setUp()
        self.notifications = self.desktop.mock_notifications()
        self.item = self.start_in_tray()

    def test_another_certificate(self):
        self.card.insert('First Reader')
        self.notifications.wait(lambda shown: shown.summary.startswith('Zhang San'))
        other = self.make_card(77770093, holder=[('CN', '示例')])
        other.replace('First Reader')
        shown = self.notifications.wait(lambda shown: shown.summary == 'This is not the certificate you used before')
        self.assertEqual(shown.body, 'Zhang San · 4821 is now 示例 · 0093. Pages opened with the first one will refuse it; '
                                     'log in again.')
        self.assertEqual(shown.urgency, 1)
        self.pcscd.host.eject('First Reader')
        self.notifications.wait_closed(shown.id)

    def test_same_again_is_no_alarm(self):
        for _ in range(5):
            self.card.insert('First Reader')
            self.item.wait_menu(lambda labels: any('4821' in label for label in labels))
            self.pcscd.host.eject('First Reader')
            self.item.wait_menu(lambda labels: not any('4821' in label for label in labels))
        pause(1.2)
        self.assertFalse([shown for shown in self.notifications.shown() if 'not the certificate' in shown.summary])

    def test_two(self):
        other = self.make_card(77770093, holder=[('CN', '示例')])
        self.card.insert('First Reader')
        other.insert('Second Reader')
        shown = self.notifications.wait(lambda shown: shown.summary == '2 tokens are inserted')
        self.assertEqual(shown.body, 'Zhang San · 4821, 示例 · 0093. Services that want exactly one may refuse: pull the one '
                                     'that you do not need.')
        self.pcscd.host.eject('Second Reader')
        self.notifications.wait_closed(shown.id)


if __name__ == '__main__':
    program.main()
