#!/usr/bin/python3
"""Tokens that are none of PIV, in the real program: OpenPGP with two PINs, PKCS#15, and a vendor's library. With
TEST_PICTURES=FOLDER the pictures stay there, for people."""

import os
import re
from pathlib import Path

import program
from cards import HOLDER_EN, make_certificate, openpgp_token, pkcs15_token
from pinflow import CHANGE, NEW, UNLOCK, Flow
from show import action, wait_no_window, wait_window
from vcard import build_root

SKF = build_root() / 'tests' / 'softskf' / 'libsoftskf.so'


class Families(Flow):

    def start_in_tray(self):
        """With a library whose tokens are folders."""
        self.folder = Path(self.desktop.dir) / 'library'
        (self.folder / 'devices').mkdir(parents=True)
        self.desktop.environ['SOFTSKF_DIR'] = str(self.folder / 'devices')
        profiles = Path(self.desktop.environ['XDG_CONFIG_HOME']) / 'cert-assistant' / 'modules.d'
        profiles.mkdir(parents=True)
        (profiles / 'soft.ini').write_text(f'[Module]\nName=Vendor\nType=skf\nLibrary={SKF}\n')
        return super().start_in_tray()

    def show(self, name):
        """The window with the token of NAME."""
        self.item.wait_menu(lambda labels: any(name in label for label in labels))
        action(self.desktop, 'show-window')
        self.window = self.screen().find('frame', timeout=20)
        return self.window

    def picture(self, name):
        folder = os.environ.get('TEST_PICTURES')
        if folder:
            os.makedirs(folder, exist_ok=True)
            self.desktop.screenshot(os.path.join(folder, f'families-{name}.png'))

    def row(self, name):
        return self.window.find('list item', re.compile(f'^{name}: '))

    def press(self, row, button='Change PIN…', title=CHANGE):
        self.row(row).find('push button', button).press()
        wait_window(self.desktop, title)
        self.desktop.focus(title)
        self.dialog = self.screen().find('dialog', title)

    def plug(self, user, admin=None):
        """A token of the library. Returns the folder of its application, with the PINs."""
        container = self.folder / 'new' / 'BJCA-Application' / 'personalCert00'
        container.mkdir(parents=True)
        (container / 'sign').write_bytes(make_certificate('sm2', HOLDER_EN).der)
        (container.parent / 'user').write_text(f'{user}\n')
        if admin:
            (container.parent / 'admin').write_text(f'{admin}\n')
        (self.folder / 'new' / 'serial').write_text('K1234')
        (self.folder / 'new').rename(self.folder / 'devices' / 'K1234')
        return self.folder / 'devices' / 'K1234' / 'BJCA-Application'

    def test_openpgp(self):
        """Each PIN has a row and a button of its own."""
        token = openpgp_token(HOLDER_EN)
        card = token.load(self.pcscd.card('openpgp', serial=token.serial))
        card.insert('First Reader')
        self.show('Zhang San')
        self.row('PIN')
        self.picture('openpgp')
        self.press("Administrator's PIN")
        self.say("Zhang San · 614E · Administrator's PIN")
        self.type(token.admin, NEW, NEW)
        self.say('The PIN was changed. 3 tries left.')
        self.assertEqual((card.tries('admin'), card.tries()), ((3, 3), (3, 3)))
        self.desktop.key('Escape')
        wait_no_window(self.desktop, CHANGE)
        self.press('PIN')
        self.say('Zhang San · 614E · PIN')
        self.type('000000', NEW, NEW)
        self.say('Sent: the current PIN is wrong. 2 tries left.')
        self.assertEqual((card.tries('admin'), card.tries()), ((3, 3), (2, 3)))

    def test_pkcs15(self):
        token = pkcs15_token(HOLDER_EN)
        token.load(self.pcscd.card('pkcs15')).insert('First Reader')
        self.show('Zhang San')
        self.press('PIN')
        self.type(token.pin, NEW, NEW)
        self.say('The PIN was changed. 3 tries left.')

    def test_library(self):
        """From the folder that is a token here to the last sentence, and away with it."""
        application = self.plug('111111 10 10 1')
        self.show('Zhang San')
        self.row('PIN')
        self.picture('library')
        self.press('PIN')
        self.say('10 of 10 tries left before this token locks.')
        self.type('111111', NEW, NEW)
        self.say('The PIN was changed. 10 tries left.')
        self.assertEqual((application / 'user').read_text(), f'{NEW} 10 10 0\n')
        self.desktop.key('Escape')
        wait_no_window(self.desktop, CHANGE)
        (self.folder / 'devices' / 'K1234').rename(self.folder / 'gone')
        self.window.find('label', 'Insert your token')

    def test_locked_library(self):
        """Its issuer first; who has the administrator's PIN finds the way."""
        application = self.plug('111111 0 10 0', '12345678 3 3 0')
        self.show('Zhang San')
        self.press('PIN', 'Unlock…', UNLOCK)
        self.dialog.find('label', re.compile('^Its issuer can unlock it'))
        self.picture('locked-library')
        self.dialog.find('push button', re.compile("administrator's PIN")).press()
        self.say("3 tries left with the administrator's PIN.")
        self.picture('unlock-as-administrator')
        self.type('87654321', NEW, NEW)
        self.say("Sent: the administrator's PIN is wrong. 2 tries left.")
        self.type('12345678', NEW, NEW)
        self.say('The PIN is unlocked, and the new one holds. 10 tries left.')
        self.assertEqual((application / 'user').read_text().split()[:2], [NEW, '10'])


if __name__ == '__main__':
    program.main()
