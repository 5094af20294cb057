#!/usr/bin/python3
"""The unit for systemd: that systemd understands all of it, and that it takes away what a tray program can do without."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

from show import BUILD

ANALYZE = shutil.which('systemd-analyze')
NAME = 'cert-assistant.service'
# Each would break the program or the browser that it opens: see the unit.
BREAKING = ('MemoryDenyWriteExecute', 'RestrictNamespaces', 'PrivateTmp', 'PrivateNetwork', 'PrivateUsers', 'ProtectHome',
            'ProtectSystem', 'CapabilityBoundingSet')


class Unit(unittest.TestCase):

    def setUp(self):
        with open(os.path.join(BUILD, 'data', NAME), encoding='utf-8') as file:
            self.text = file.read()

    def analyze(self, text, *options):
        """What systemd says of a unit; it looks whether the program is there, which it is in the build folder."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, NAME)
            program = os.path.join(BUILD, 'src/desktop/cert-assistant')
            with open(path, 'w', encoding='utf-8') as file:
                file.write(re.sub(r'^ExecStart=\S+', f'ExecStart={program}', text, flags=re.M))
            done = subprocess.run([ANALYZE, *options, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  env={**os.environ, 'XDG_RUNTIME_DIR': folder, 'HOME': folder, 'SYSTEMD_LOG_LEVEL': 'warning'})
            return done.returncode, done.stdout

    @unittest.skipUnless(ANALYZE, 'systemd-analyze is not installed')
    def test_systemd_understands_it(self):
        options = ('verify', '--user', '--man=no')
        self.assertEqual(self.analyze(self.text, *options), (0, ''))
        for good, bad in (('NoNewPrivileges=yes', 'NoNewPrivileges=often'), ('@swap', '@swamp')):
            self.assertIn(bad.split('=')[-1], self.analyze(self.text.replace(good, bad), *options)[1])

    def test_what_it_says(self):
        lines = self.text.splitlines()
        self.assertNotIn('@', re.sub('^(#|SystemCallFilter).*', '', self.text, flags=re.M))
        for line in ('PartOf=graphical-session.target', 'WantedBy=graphical-session.target', 'NoNewPrivileges=yes'):
            self.assertIn(line, lines)
        self.assertRegex(self.text, r'\nExecStart=/\S+/cert-assistant --background\n')
        self.assertEqual([line for line in lines if line.split('=')[0] in BREAKING], [])


if __name__ == '__main__':
    import tap
    tap.main()
