"""The real program on a private desktop, with a real pcscd: what the tests share that go from the reader to the eye."""
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
from cards import HOLDER_EN, piv_token  # noqa: E402
from desktop import Desktop, wait_for  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402
from screen import Screen  # noqa: E402
from sni import Watcher  # noqa: E402
from vcard import build_root  # noqa: E402

NAME = 'org.certassistant.CertAssistant'
PROGRAM = build_root() / 'src' / 'desktop' / 'cert-assistant'
ENVIRON = {'CERT_ASSISTANT_LIBEXEC': str(build_root() / 'src' / 'token'), 'TZ': 'UTC'}
READERS = ['First Reader', 'Second Reader']


class Bench(unittest.TestCase):
    """self.card is a token of Zhang San, 12344821, that is not inserted yet."""

    language = 'en'
    pads = ()  # those of READERS that have a keypad

    def setUp(self):
        self.pcscd = self.enterContext(Pcscd(readers=READERS, pads=self.pads))
        self.desktop = self.enterContext(Desktop(language=self.language, environ=ENVIRON))
        self.card = self.make_card(12344821)

    def enterContext(self, context):
        """unittest's own came with Python 3.11."""
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def make_card(self, serial, slots=(0x9A, 0x9C), holder=HOLDER_EN, days=365):
        return piv_token(holder, serial=serial, slots=slots, days=days).load(self.pcscd.card('piv', 'yubico', serial=serial))

    def start(self, *arguments):
        process = self.desktop.spawn([PROGRAM, *arguments])
        wait_for(lambda: self.desktop.owner(NAME), 10, 'the assistant')
        return process

    def start_in_tray(self):
        """Returns the tray item."""
        watcher = Watcher(self.desktop)
        self.process = self.start('--background')
        return watcher.item()

    def screen(self):
        return Screen(self.desktop).application(NAME)


def main():
    import tap
    enter_private()
    os.environ.setdefault('NO_AT_BRIDGE', '0')
    tap.main()
