#!/usr/bin/python3
"""Notifications, with a server of every kind: able, simple, absent, late, and hung."""

import os
import signal
import time
import unittest

from show import COMPANY, PERSON, Desktop, Show, activate, pause, wait_for, wait_no_window, wait_window, windows

from sni import Watcher

VALID = 'Valid until 2027-01-04 (43 days left)'


class Notifications(unittest.TestCase):

    def setUp(self):
        self.desktop = Desktop(services=(), environ={'NO_AT_BRIDGE': '1'}).__enter__()
        self.addCleanup(self.desktop.close)
        self.watcher = Watcher(self.desktop)
        self.addCleanup(self.close_watcher)

    def close_watcher(self):
        wait_for(lambda: not self.watcher.items)
        self.watcher.close()

    def start(self, scene):
        self.show = Show(self.desktop, scene, '--background')
        return self.show

    def tearDown(self):
        status = self.show.end()
        self.assertEqual(status, 0)

    def test_insertion(self):
        server = self.desktop.mock_notifications()
        self.start('one')
        shown = server.wait(lambda shown: shown.summary == COMPANY)
        self.assertEqual(shown.body, VALID)
        self.assertEqual(shown.icon, 'cert-assistant-warning')
        self.assertEqual((shown.urgency, shown.hints['category']), (1, 'device.added'))
        self.assertEqual(shown.hints['desktop-entry'], 'org.certassistant.CertAssistant')
        self.assertEqual(shown.actions, {'default': 'Details'})
        self.assertEqual(shown.app, 'Certificate Assistant')

    def test_icon_is_of_the_certificate(self):
        server = self.desktop.mock_notifications()
        self.start('expired')
        self.assertEqual(server.wait(lambda shown: shown.body == 'Expired on 2026-10-18').icon, 'cert-assistant-problem')
        self.show.scene('+other')
        self.assertEqual(server.wait(lambda shown: shown.summary.startswith(PERSON)).icon, 'cert-assistant-token')

    def test_the_same_is_left_alone(self):
        server = self.desktop.mock_notifications()
        self.start('one')
        first = server.wait(lambda shown: shown.summary == COMPANY)
        self.show.scene('one')
        server.dismiss(first.id)
        pause(1.2)
        self.show.scene('two')  # the first token of it is the same insertion
        server.wait(lambda shown: shown.summary.startswith(PERSON))
        summaries = sorted([COMPANY, 'The certificate expires in 43 days', f'{PERSON} · {COMPANY}', '2 tokens are inserted'])
        wait_for(lambda: sorted(shown.summary for shown in server.shown()) == summaries)
        self.show.scene('none')
        wait_for(lambda: len(server.closed()) == 3)
        self.assertNotIn(first.id, server.closed())  # the person has closed it already

    def test_gone_is_closed_and_back_is_news(self):
        server = self.desktop.mock_notifications()
        self.start('one')
        first = server.wait(lambda shown: shown.summary == COMPANY)
        self.show.scene('none')
        server.wait_closed(first.id)
        self.show.scene('+one')
        again = server.wait(lambda shown: shown.summary == COMPANY and shown.id not in server.closed())
        self.assertNotEqual(again.id, first.id)

    def test_fast_changes_are_few(self):
        """At most one round a second, however fast tokens come and go."""
        server = self.desktop.mock_notifications()
        self.start('none')
        begun = time.monotonic()
        for _ in range(20):
            self.show.scene('+one')
            self.show.scene('none')
        self.show.scene('+other')
        server.wait(lambda shown: shown.summary.startswith(PERSON))
        self.assertLessEqual(len(server.shown()), 3 + 2 * int(time.monotonic() - begun))  # a round: the token, its end

    def test_many_findings_are_few_notifications(self):
        server = self.desktop.mock_notifications()
        self.start('unreadable')
        server.wait(lambda shown: shown.summary == 'Unknown token')
        pause(0.3)
        self.assertLessEqual(len(server.shown()), 4)

    def test_levels(self):
        server = self.desktop.mock_notifications()
        self.start('stopped')
        shown = server.wait(lambda shown: shown.summary == 'The smart card service is not running')
        self.assertEqual((shown.urgency, shown.icon), (2, 'cert-assistant-problem'))
        self.assertEqual(shown.hints['category'], 'device.error')

    def test_action_opens_the_token(self):
        server = self.desktop.mock_notifications()
        self.start('two')
        shown = server.wait(lambda shown: shown.summary.startswith(PERSON))
        server.invoke(shown.id, 'default')
        wait_window(self.desktop)
        activate(self.desktop)
        self.desktop.key('ctrl+w')
        wait_no_window(self.desktop)
        server.invoke(shown.id, 'default')
        wait_window(self.desktop)

    def test_server_without_actions(self):
        server = self.desktop.mock_notifications('body body-markup')
        self.start('one')
        self.assertEqual(server.wait(lambda shown: shown.summary == COMPANY).actions, {})
        reminder = server.wait(lambda shown: shown.summary == 'The certificate expires in 43 days')
        self.assertTrue(reminder.body.endswith('Renew it in time. Click the tray icon to do something about it.'))

    def test_markup(self):
        """What a token calls itself is text, whatever it looks like: escaped where the server would read it as markup."""
        for capabilities, body in (('body body-markup', 'A &amp; B &lt;reader&gt;'), ('body', 'A & B <reader>')):
            with self.subTest(capabilities=capabilities):
                server = self.desktop.mock_notifications(capabilities)
                self.start('markup')
                shown = server.wait(lambda shown: shown.summary == 'Unknown token')
                self.assertTrue(shown.body.startswith(body), shown.body)
                if capabilities != 'body':
                    self.assertEqual(self.show.end(), 0)
                self.desktop.stop(server.child)

    def test_no_server(self):
        self.start('one')
        item = self.watcher.item()
        self.show.scene('+two')
        item.wait(lambda props: props['Title'] == 'Certificate Assistant')

    def test_late_server(self):
        self.start('one')
        self.watcher.item().wait(lambda props: props['Status'] == 'Active')
        pause(0.3)
        server = self.desktop.mock_notifications()
        server.wait(lambda shown: shown.summary == COMPANY)

    def test_server_restarts(self):
        server = self.desktop.mock_notifications()
        self.start('one')
        server.wait(lambda shown: shown.summary == COMPANY)
        self.desktop.stop(server.child)
        self.show.scene('none')
        server = self.desktop.mock_notifications()
        self.show.scene('+other')
        server.wait(lambda shown: shown.summary.startswith(PERSON))

    def test_hung_server(self):
        """The program goes on as if nothing were; and when the server wakes up, it hears what is true then."""
        server = self.desktop.mock_notifications()
        os.kill(server.child.pid, signal.SIGSTOP)
        self.start('none')
        item = self.watcher.item()
        for scene, title in (('+one', f'{COMPANY} · 4821'), ('+other', f'{PERSON} · 0093'), ('+two', 'Certificate Assistant')):
            begin = time.monotonic()
            self.show.scene(scene)
            item.wait(lambda props, title=title: props['Title'] == title)
            self.assertLess(time.monotonic() - begin, 5)  # a call that is waited for would end after 25
        item.click('Certificate details…')
        wait_window(self.desktop)
        self.assertIn('Certificate Assistant', windows(self.desktop))
        self.show.scene('+other')
        os.kill(server.child.pid, signal.SIGCONT)
        server.wait(lambda shown: shown.summary.startswith(PERSON))
        self.assertFalse([shown for shown in server.shown() if shown.summary == COMPANY])

    def test_hung_server_does_not_hold_up_the_end(self):
        server = self.desktop.mock_notifications()
        self.start('one')
        server.wait(lambda shown: shown.summary == COMPANY)
        self.show.scene('one')  # by now its answer has arrived
        os.kill(server.child.pid, signal.SIGSTOP)
        self.show.scene('none')
        begin = time.monotonic()
        self.assertEqual(self.show.end(), 0)
        self.assertLess(time.monotonic() - begin, 5)
        os.kill(server.child.pid, signal.SIGCONT)

    def test_end_takes_notifications_along(self):
        server = self.desktop.mock_notifications()
        self.start('one')
        shown = server.wait(lambda shown: shown.summary == COMPANY)
        self.assertEqual(self.show.end(), 0)
        server.wait_closed(shown.id)


if __name__ == '__main__':
    import tap
    tap.main()
