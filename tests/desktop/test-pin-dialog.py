#!/usr/bin/python3
"""The dialog for a PIN as a screen reader, a keyboard and an eye have it. With TEST_PICTURES=FOLDER the pictures of all its
scenes stay there, for people."""

import os
import select
import subprocess
import unittest

from show import BUILD, ENVIRON, Desktop, add_looks, pause, settle, wait_for

SCENES = ('change', 'change-default', 'change-two-tries', 'typing', 'ready', 'shown', 'last-try', 'unlock', 'blocked-no-puk',
          'blocked-puk', 'pulled', 'other-token', 'busy', 'wrong', 'refused', 'not-done', 'done',
          'pad', 'pad-last-try', 'pad-busy', 'pad-timeout')
LOOKS = (('Adwaita', 'en', 1), ('Adwaita', 'zh_CN', 1), ('Adwaita:dark', 'zh_CN', 1), ('HighContrast', 'en', 1),
         ('Adwaita', 'zh_CN', 2))


class ShowPin:
    """The dialog with the view of a scene, and what it says."""

    def __init__(self, desktop, scene):
        self.desktop = desktop
        self.said = ''
        self.child = desktop.spawn([os.path.join(BUILD, 'tests/desktop/show-pin'), scene], environ=ENVIRON,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def lines(self):
        """What it has said since the last scene."""
        while select.select([self.child.stdout], [], [], 0)[0]:
            chunk = os.read(self.child.stdout.fileno(), 1000)
            if not chunk:
                break
            self.said += chunk.decode()
        return self.said.splitlines()

    def wait_line(self, line):
        wait_for(lambda: line in self.lines(), what=line)

    def scene(self, name):
        """Goes to another scene; returns when it has been drawn."""
        self.lines()
        self.said = ''
        self.child.stdin.write(name.encode() + b'\n')
        self.child.stdin.flush()
        self.wait_line(name)

    def end(self):
        status = self.desktop.stop(self.child)
        self.child.stdin.close()
        self.child.stdout.close()
        return status

    def complaints(self):
        return self.desktop.log('show-pin')


class Pictures(unittest.TestCase):

    def look(self, theme, language, scale):
        folder = os.environ.get('TEST_PICTURES')
        width, height = 560 * scale, 560 * scale
        name = f'{theme.replace(":", "-")}-{language}-{scale}'
        with Desktop(services=(), theme=theme, language=language, scale=scale, geometry=f'{width}x{height}x24',
                     environ={'NO_AT_BRIDGE': '1'}) as desktop:
            show = ShowPin(desktop, 'change')
            wait_for(lambda: len(desktop.pixels(0, 0, width, height).colours()) > 10)
            seen = {}
            for scene in SCENES:
                show.scene('+' + scene)
                if scene == 'pad-busy':
                    show.wait_line('submitted 0 0')
                    pause(.2)
                seen[scene] = settle(desktop, width, height, moving=scene in ('busy', 'pad-busy'))
                if folder:
                    os.makedirs(folder, exist_ok=True)
                    desktop.screenshot(os.path.join(folder, f'{scene}-{name}.png'))
                self.assertGreater(len(seen[scene].colours()), 20, scene)
            self.assertGreater(seen['change'].difference(seen['blocked-puk']), 0.01)
            self.assertEqual((show.end(), show.complaints()), (0, ''))


add_looks(Pictures, LOOKS)

if __name__ == '__main__':
    import tap
    tap.main()
