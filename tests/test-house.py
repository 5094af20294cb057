"""The rules of the house that a program can check: who includes whom, names, translations."""
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / 'support'))
import tap  # noqa: E402
from vcard import source_root  # noqa: E402

SOURCE = source_root() / 'src'
PO = source_root() / 'po'

# Of our own rooms, and of foreign headers by their beginning; the C library is free to all.
ROOMS = {
    'model': ((), ('glib.h', 'glib/')),
    'module-host': ((), ('p11-kit/pkcs11.h',)),
    'token': (('model', 'module-host'), ('glib.h', 'winscard.h', 'reader.h', 'p11-kit/pkcs11.h', 'openssl/', 'zlib.h')),
    'engine': (('model',), ('glib', 'gio/', 'json-glib/')),
    'desktop': (('model', 'engine'), ('glib', 'gio/', 'gtk/', 'gdk/', 'libayatana-appindicator/', 'libnotify/',
                                      'ui/gcr-ui.h')),
    'cli': (('model', 'engine'), ('glib', 'gio/')),
}
LIBC = re.compile(r'(sys/|linux/)?[a-z0-9_]+\.h$')
FOREIGN = ('glib', 'gio', 'gtk', 'winscard', 'openssl', 'zlib', 'json-glib', 'libnotify', 'reader.h')


def sources(pattern):
    return sorted(SOURCE.rglob(pattern))


def includes(path):
    return re.findall(r'^#include ([<"])(.+?)[>"]', path.read_text(), re.M)


class House(unittest.TestCase):
    def test_top_level(self):
        """Nothing lies about but what people build in (as .gitignore says)."""
        rooms = {'meson.build', 'src', 'ui', 'icons', 'po', 'data', 'tests', 'README.md', 'COPYING'}
        here = {path.name for path in source_root().iterdir() if not path.name.startswith(('.', 'build'))}
        self.assertEqual(here - {'__pycache__', 'compile_commands.json'}, rooms)

    def test_rooms(self):
        for path in sources('*.[ch]'):
            room = path.relative_to(SOURCE).parts[0]
            ours, foreign = ROOMS[room]
            for mark, name in includes(path):
                with self.subTest(file=str(path.relative_to(SOURCE)), include=name):
                    if mark == '"':
                        other = name.split('/')[0] if '/' in name else room
                        self.assertIn(other, (room, *ours))
                    elif not name.startswith(foreign):
                        self.assertRegex(name, LIBC)
                        self.assertFalse(name.startswith(FOREIGN))

    def test_public_functions_carry_the_name_of_their_file(self):
        """Of the values: `certificate_…`, `token_…`. A header may hold two nouns that belong together."""
        also = {'token': ('token', 'pin'), 'view': ('view',), 'judge': ('judge', 'judgement', 'validity', 'finding'),
                'world': ('world', 'slot'), 'phrases': ('phrase',), 'reader': ('reader',), 'certificate': ('certificate',),
                'attempt': ('attempt', 'pin_task')}
        for path in sorted((SOURCE / 'model').glob('*.h')):
            prefixes = also.get(path.stem, (path.stem.replace('-', '_'),))
            for name in re.findall(r'^[A-Za-z][\w \*]*?\b([a-z]\w+) +\(', path.read_text(), re.M):
                with self.subTest(header=path.name, function=name):
                    self.assertTrue(name.startswith(prefixes))

    def test_every_sentence_is_offered_for_translation(self):
        listed = set((PO / 'POTFILES').read_text().split())
        marked = {str(path.relative_to(source_root())) for path in sources('*.c')
                  if re.search(r'\b(N?_|C_|ngettext) \("', path.read_text())}
        marked |= {str(path.relative_to(source_root())) for path in (source_root() / 'ui').glob('*.ui')
                   if 'translatable="yes"' in path.read_text()}
        self.assertEqual(marked - listed, set())
        self.assertEqual({name for name in listed if not (source_root() / name).exists()}, set())

    def test_translations_are_complete(self):
        for language in (PO / 'LINGUAS').read_text().split():
            done = subprocess.run(['msgfmt', '--check', '--check-accelerators=_', '--statistics', '-o', '/dev/null',
                                   PO / f'{language}.po'], capture_output=True, text=True, env={'LC_ALL': 'C'})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotRegex(done.stderr, 'fuzzy|untranslated')

    def test_translations_are_up_to_date(self):
        """Every sentence in the code is in the translation, word for word."""
        pot = subprocess.run(['xgettext', '--from-code=UTF-8', '--keyword=_', '--keyword=N_', '--keyword=C_:1c,2',
                              '-o', '-', '--files-from', PO / 'POTFILES', '--directory', source_root()],
                             capture_output=True, text=True, check=True, cwd=source_root()).stdout
        for language in (PO / 'LINGUAS').read_text().split():
            done = subprocess.run(['msgcmp', '--use-untranslated', PO / f'{language}.po', '/dev/stdin'], input=pot,
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == '__main__':
    tap.main()
