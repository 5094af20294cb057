"""What tests/demo shows where something is missing.

    demo.py virtual|real PICTURE LANGUAGE   a private desktop, with virtual tokens or the real readers: a screenshot
    demo.py serve FOLDER LANGUAGE           virtual tokens behind a pcscd of its own, until ended; makes FOLDER/ready
"""
import contextlib
import sys
import time
from pathlib import Path

from cards import HOLDER, HOLDER_EN, piv_token
from pcscd import Pcscd, enter_private
from vcard import build_root

NAME = 'org.certassistant.CertAssistant'
READERS = ['Yubico YubiKey OTP+FIDO+CCID']
HOLDERS = {'en': HOLDER_EN, 'zh_CN': HOLDER}
SERIAL = 12344821


@contextlib.contextmanager
def virtual_readers():
    with Pcscd(readers=READERS) as pcscd:
        yield pcscd


def insert_token(pcscd, language):
    token = piv_token(HOLDERS[language], serial=SERIAL, days=43)
    token.load(pcscd.card('piv', 'yubico', serial=SERIAL)).insert()


def take_picture(readers, picture, language='en', theme='Adwaita'):
    """The token is inserted while the assistant waits in the tray: icon, notification; then its window."""
    from desktop import Desktop, wait_for
    from screen import Screen
    installed = build_root() / 'installed'
    environ = {'XDG_DATA_DIRS': f'{installed}/share:/usr/local/share:/usr/share'}
    with virtual_readers() if readers == 'virtual' else contextlib.nullcontext() as pcscd, \
            Desktop(language=language, theme=theme, geometry='1120x760x24', environ=environ) as desktop:
        desktop.notifyd('xfce4-notifyd')
        desktop.panel()
        desktop.spawn([installed / 'bin' / 'cert-assistant', '--background'])
        wait_for(lambda: desktop.owner(NAME), 10, 'the assistant')
        if pcscd:
            insert_token(pcscd, language)
        time.sleep(2)  # for the eye: icon and notification before the window
        desktop.spawn([installed / 'bin' / 'cert-assistant'])  # as a click in the launcher
        Screen(desktop).application(NAME).find('frame', timeout=20)
        time.sleep(1)
        desktop.screenshot(picture)
    print(f'The screenshot is {Path(picture).resolve()}')


def serve(folder, language):
    with virtual_readers() as pcscd:
        insert_token(pcscd, language)
        (Path(folder) / 'ready').touch()
        while True:
            time.sleep(3600)


if __name__ == '__main__':
    what, *arguments = sys.argv[1:]
    if what != 'real':
        enter_private()
    if what == 'serve':
        serve(*arguments)
    else:
        take_picture(what, *arguments)
