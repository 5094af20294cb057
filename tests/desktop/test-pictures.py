#!/usr/bin/python3
"""Every scene in every look: nothing complains, something is there to see, and what is the same looks the same. With
TEST_PICTURES=FOLDER the pictures stay there, for people."""

import os
import unittest

from show import Desktop, Show, add_looks, settle, wait_for

from sni import Watcher

SCENES = ('none', 'no-reader', 'one', 'two', 'latin', 'expired', 'future', 'hostile', 'reading', 'partial', 'partial-more',
          'nothing-on-it', 'unreadable', 'mute', 'unknown', 'stopped', 'denied')
LOOKS = (('Adwaita', 'en', 1), ('Adwaita', 'zh_CN', 1), ('Adwaita:dark', 'zh_CN', 1), ('HighContrast', 'en', 1),
         ('Adwaita', 'zh_CN', 2))


class Pictures(unittest.TestCase):

    def look(self, theme, language, scale):
        folder = os.environ.get('TEST_PICTURES')
        width, height = 600 * scale, 740 * scale
        name = f'{theme.replace(":", "-")}-{language}-{scale}'
        with Desktop(wm=None, services=(), theme=theme, language=language, scale=scale, geometry=f'{width}x{height}x24',
                     environ={'NO_AT_BRIDGE': '1'}) as desktop:
            watcher = Watcher(desktop)
            show = Show(desktop, 'start')
            watcher.item()
            wait_for(lambda: len(desktop.pixels(0, 0, width, height).colours()) > 10)
            seen = {}
            for scene in SCENES:
                show.scene(scene)
                seen[scene] = settle(desktop, width, height, moving=scene == 'reading' or scene == 'partial')
                if folder:
                    os.makedirs(folder, exist_ok=True)
                    desktop.screenshot(os.path.join(folder, f'{scene}-{name}.png'))
                self.assertGreater(len(seen[scene].colours()), 20, scene)
            self.assertGreater(seen['one'].difference(seen['two']), 0.01)
            self.assertGreater(seen['none'].difference(seen['stopped']), 0.005)
            show.scene('one')
            self.assertEqual(settle(desktop, width, height).difference(seen['one']), 0)
            self.assertEqual(show.end(), 0)
            wait_for(lambda: not watcher.items)
            watcher.close()


add_looks(Pictures, LOOKS)

if __name__ == '__main__':
    import tap
    tap.main()
