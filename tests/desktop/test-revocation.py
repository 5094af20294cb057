#!/usr/bin/python3
"""Asking the issuer from the details of a certificate: the real program with a real pcscd, and lists served on the
loopback. With TEST_PICTURES=FOLDER the pictures stay there, for people."""

import os
import re
import tempfile

import program
from authority import Authority, Web, avoid_proxies, page
from cards import HOLDER_EN, piv_token
from program import Bench, wait_for
from show import action


class Revocation(Bench):

    def open(self, revoked):
        """The details of a certificate whose list is served; nobody has been asked yet."""
        self.web = self.enterContext(Web())
        authority = Authority(self.enterContext(tempfile.TemporaryDirectory()))
        certificate = authority.issue(lists=[self.web.url + '/list'], subject=HOLDER_EN)
        if revoked:
            authority.revoke(certificate, 'keyCompromise')
        self.web.pages['/list'] = page(authority.make_list())
        token = piv_token(serial=4821, slots=())
        token.add(0x9A, certificate)
        token.add(0x9C, authority.certificate)
        token.load(self.pcscd.card('piv', 'yubico', serial=4821)).insert('First Reader')
        self.start_in_tray()
        action(self.desktop, 'show-window')
        self.window = self.screen().find('frame', timeout=20)
        self.click(self.window.find('list item', re.compile('2026|2027|2028')))
        return self.window

    def click(self, node):
        x, y, width, height = node.extents
        self.desktop.click(x + width // 2, y + height // 2)

    def row(self):
        return self.window.find('list item', re.compile('^Revocation: '), showing=False)

    def ask(self):
        self.row().find('push button', 'Ask the issuer', showing=False).press()

    def wait_row(self, text):
        wait_for(lambda: re.search(text, self.row().name), what=text)

    def picture(self, name):
        folder = os.environ.get('TEST_PICTURES')
        if folder:
            os.makedirs(folder, exist_ok=True)
            self.desktop.screenshot(os.path.join(folder, f'revocation-{name}.png'))

    def test_good(self):
        self.open(False)
        self.wait_row(r'^Revocation: Not asked\. 127\.0\.0\.1:\d+ can tell\.$')
        self.assertEqual(self.web.requests, [])
        self.ask()
        self.wait_row(r'^Revocation: Not revoked, as of 20\d\d-.* \(127\.0\.0\.1:\d+\)$')
        self.assertEqual(len(self.web.requests), 1)
        self.picture('good')
        self.ask()  # as often as one likes
        wait_for(lambda: len(self.web.requests) == 2)

    def test_revoked(self):
        window = self.open(True)
        self.ask()
        self.wait_row(r'^Revocation: Revoked on 20\d\d-\d\d-\d\d: its key may be in other hands \(')
        self.picture('revoked')
        window.find('label', re.compile(r'^Revoked on 20\d\d-\d\d-\d\d$'))
        action(self.desktop, 'check')
        row = window.find('list item', re.compile('^Chain: '), showing=False)
        row.wait(lambda node: 'Problem. The issuer has revoked the certificate. Ask it for another one.' in node.name)


if __name__ == '__main__':
    avoid_proxies()
    program.main()
