"""Tests of one card family through the command line on a real pcscd: what they have in common.

    class Gids(CardTest):
        family = 'gids'
        def make_token(self): …
"""
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from assistant import Watch, environment, list_tokens, state_of
from cards import PIN, PUK
from pcscd import Pcscd
from vcard import build_root, ins

NEW, WRONG, OTHER = '24681357', '97531864', '13572468'
NOT_SENT = 'Not sent: no try was used.'


def run(*command, **environ):
    """Another program, whose word on the card does not depend on ours."""
    return subprocess.run(command, capture_output=True, text=True, errors='replace', timeout=30,
                          env=dict(os.environ, LC_ALL='C.UTF-8', **environ))


def card_status():
    """What gpg says of the card; its helpers end afterwards, as they would keep it."""
    with tempfile.TemporaryDirectory() as home:
        Path(home, 'scdaemon.conf').write_text('disable-ccid\n')
        try:
            done = run('gpg', '--homedir', home, '--card-status')
        finally:
            run('gpgconf', '--homedir', home, '--kill', 'all')
    if done.returncode:
        raise AssertionError(done.stderr)
    return dict(re.findall(r'^(.+?) ?\.*: (.*)$', done.stdout, re.M))


class CardTest(unittest.TestCase):
    family = None
    serial = None
    puk = PUK

    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd()
        cls.addClassCleanup(cls.pcscd.close)

    def insert(self, token=None, *personality):
        self.token = token or self.make_token()
        self.insert_card(self.token.load(self.pcscd.card(self.family, *personality, serial=self.serial)))

    def insert_card(self, card):
        self.card = card
        card.insert()
        self.addCleanup(self.pcscd.host.eject)

    # Our word

    def read(self):
        report = list_tokens()[1]
        self.assertEqual(len(report['tokens']), 1, report)
        return report['tokens'][0]

    def pin(self, ref='user'):
        return next(pin for pin in self.read()['pins'] if pin['ref'] == ref)

    def run_cli(self, *arguments, answers):
        """What is typed is never said again."""
        done = subprocess.run([build_root() / 'src/cli/cert-assistant-cli', *arguments], input='\n'.join(answers) + '\n',
                              capture_output=True, text=True, timeout=90, env=environment())
        for secret in answers:
            if len(secret) > 4:
                self.assertNotIn(secret, done.stdout + done.stderr)
        return done

    def last_line(self, *arguments, answers):
        return self.run_cli(*arguments, answers=answers).stdout.splitlines()[-1]

    def change(self, old=PIN, new=NEW, ref=None):
        return self.last_line('change-pin', *(['--pin', ref] if ref else []), answers=(old, new, new))

    def unlock(self, code=None, new=NEW, ref=None):
        return self.last_line('unlock', *(['--pin', ref] if ref else []), answers=(code or self.puk, new, new))

    # The card's

    def sent(self):
        counters = self.card.counters()
        return counters['verifies'] + counters['changes'] + counters['unblocks']

    def log_behind(self, command):
        log = self.card.log()
        return log[next(i for i, line in enumerate(log) if line.startswith(command)):]


class PinTests:
    """What holds for the first PIN of any family. A class gives change_command, the beginning of CHANGE; verify (), whether
    another program's VERIFY takes a PIN; and look_by_others (), which has one read the card."""

    def test_last_try(self):
        self.insert()
        self.card.pin(PIN, 1)
        self.assertIn(NOT_SENT, self.change(WRONG))
        self.assertEqual(self.last_line('change-pin', answers=(WRONG, NEW, NEW, '1')),
                         'Sent: the current PIN is wrong. No tries are left: it is locked.')
        self.assertEqual((self.card.tries()[0], self.pin()['tries_left'], self.pin()['blocked']), (0, 0, True))
        self.assertEqual(self.sent(), 1)

    def test_pulled_at_the_command(self):
        self.insert()
        self.card.drop(ins(0x24))
        self.assertIn('no answer came', self.change())
        self.card.clear_faults()

    def test_logged_out_afterwards(self):
        self.insert()
        self.change()
        self.assertIn('reset', self.log_behind(self.change_command))
        self.assertEqual(len([line for line in self.card.log() if line.startswith('0024')]), 1)

    def test_others_while_we_watch(self):
        self.insert()
        with Watch() as watch:
            watch.wait(lambda report: state_of(report) == 'ready')
            for _ in range(3):
                self.look_by_others()
            self.assertTrue(self.verify(PIN))
            self.pcscd.host.eject()
            watch.wait_last(lambda report: state_of(report) == 'empty')
            self.card.insert()
            watch.wait_last(lambda report: state_of(report) == 'ready' and report['tokens'])
        self.assertEqual(self.card.tries(), (3, 3))
