"""vcard-host and its virtual tokens, driven from a test: one method for each word of the control socket.

    with Host(readers={'Test Reader': '/path/of/socket'}) as host:
        card = host.card('piv', 'yubico', serial=4711)
        card.put(0x5FC105, data)
        card.insert('Test Reader')
"""
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ANY = '*'
FOREVER = 'forever'


def source_root():
    return Path(os.environ.get('TEST_SOURCE') or Path(__file__).resolve().parents[2])


def build_root():
    if 'TEST_BUILD' not in os.environ:
        raise RuntimeError('TEST_BUILD does not name the build folder')
    return Path(os.environ['TEST_BUILD'])


def vcard_build():
    return build_root() / 'tests' / 'vcard'


def ins(code):
    """The APDUs of one instruction, where a method wants a match; a plain number is an index since insertion."""
    return f'ins:{code:02x}'


class Error(Exception):
    """vcard-host refused a command."""


class Host:
    """The process, and the client of its control socket. READERS: name -> path of the IFD handler's socket."""

    def __init__(self, readers=()):
        self._folder = tempfile.TemporaryDirectory(prefix='vcard.')
        self._readers = {}
        self._cards = 0
        self.settle = None  # settle (reader, present): returns when the service has seen it
        path = os.path.join(self._folder.name, 'control')
        self.process = subprocess.Popen([vcard_build() / 'vcard-host', path], stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != 'ready\n':
            raise RuntimeError('vcard-host did not start')
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._answers = self._socket.makefile('r', encoding='utf-8')
        for name, link in dict(readers).items():
            self.add_reader(name, link)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self._folder is None:
            return
        self._answers.close()
        self._socket.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self._folder.cleanup()
        self._folder = None

    def command(self, *words):
        """Sends one line; returns what follows "ok", or raises Error."""
        self._socket.sendall((' '.join(map(str, words)) + '\n').encode())
        answer = self._answers.readline().rstrip('\n')
        status, _, rest = answer.partition(' ')
        if status != 'ok':
            raise Error(f'{" ".join(map(str, words))[:200]}: {rest or "no answer"}')
        return rest

    def add_reader(self, name, link):
        ident = f'r{len(self._readers)}'
        self.command('reader', ident, link)
        self._readers[name] = ident

    def reader(self, name):
        """The host's own name of a reader, given by its friendly name or by its number."""
        return list(self._readers.values())[name] if isinstance(name, int) else self._readers[name]

    def card(self, *personality, name=None, serial=None, version=None):
        """A new token: card('piv'), card('piv', 'yubico'), card('piv', 'extended'), …"""
        self._cards += 1
        name = name or f'card{self._cards}'
        self.command('card', name, *personality)
        card = Card(self, name)
        if serial is not None:
            self.command('serial', name, serial)
        if version is not None:
            self.command('version', name, version)
        return card

    def eject(self, reader=0, wait=True):
        self.command('eject', self.reader(reader))
        if wait and self.settle:
            self.settle(self.reader_name(reader), False)

    def type(self, old, new, again=None, reader=0, lie=0):
        """What the person at the reader's keypad types: now if it asks, otherwise when it does. Afterwards the reader
        tells a LIE instead of the token's status word."""
        self.command('type', self.reader(reader), old, new, new if again is None else again, f'{lie:x}')

    def give_up(self, how, reader=0):
        """… or does not type: 'timeout' or 'cancel'."""
        self.command('type', self.reader(reader), how)

    def keypad(self, reader=0):
        """{'asking': 1 while it waits for the person, 'asked': how often it has}"""
        return _numbers(self.command('keypad', self.reader(reader)))

    def reader_name(self, reader):
        return list(self._readers)[reader] if isinstance(reader, int) else reader


def _hex(data):
    return bytes(data).hex() or '-'


def _numbers(text):
    return {key: int(value) for key, value in (word.split('=') for word in text.split())}


class Card:
    """One virtual token. A match is an APDU index since insertion, ins(0x20), or ANY. Objects and PINs are those of its
    first applet where none is named; card.of('openpgp') is the same token, and they are those of that one."""

    def __init__(self, host, name, applet=None):
        self.host = host
        self.name = name
        self.applet = applet

    def of(self, applet):
        return Card(self.host, self.name, applet)

    def _do(self, word, *rest):
        return self.host.command(word, self.name, *rest)

    def put(self, tag, data, raw=False, applet=None):
        """An object without its outer wrapper (53 …); with raw, the whole answer as it is."""
        self._do('put', self._tag(tag, applet), _hex(data), *(['raw'] if raw else []))

    def delete(self, tag, applet=None):
        self._do('delete', self._tag(tag, applet))

    def truncate(self, tag, length, applet=None):
        """Only the first LENGTH bytes of the object's answer are given."""
        self._do('truncate', self._tag(tag, applet), length)

    def _tag(self, tag, applet):
        applet = applet or self.applet
        return f'{applet}:{tag:x}' if applet else f'{tag:x}'

    def _own(self):
        return [self.applet] if self.applet else []

    def pin(self, value, left=3, maximum=3):
        self._do('pin', value, left, maximum, *self._own())

    def puk(self, value, left=3, maximum=3):
        self._do('puk', value, left, maximum, *self._own())

    def admin(self, value, left=3, maximum=3):
        self._do('admin', value, left, maximum, *self._own())

    def pin2(self, value, left=3, maximum=3):
        self._do('pin2', value, left, maximum, *self._own())

    def tries(self, role='pin'):
        """(left, maximum)"""
        return tuple(_numbers(self._do('tries', role, *self._own())).values())

    def atr(self, data):
        self._do('atr', _hex(data))

    def insert(self, reader=0, wait=True):
        """Returns when pcscd has powered the token up and says so; at once if there is no pcscd, or without wait."""
        before = self.counters()['power_ups']
        if self._do('insert', self.host.reader(reader)) == 'connected' and wait:
            self._await_power(before, reader)

    def replace(self, reader=0, gap_ms=0, wait=True):
        """This token comes into the reader GAP_MS after the one that is in it went."""
        before = self.counters()['power_ups']
        self.host.command('swap', self.host.reader(reader), self.name, gap_ms)
        if wait:
            self._await_power(before, reader)

    def _await_power(self, before, reader):
        end = time.monotonic() + 20
        while self.counters()['power_ups'] == before:
            if time.monotonic() > end:
                raise TimeoutError('pcscd did not power the token up')
            time.sleep(.001)
        if self.host.settle:
            self.host.settle(self.host.reader_name(reader), True)

    def delay(self, ms, match=None, count=1):
        """Holds answers back: all of them, or those that MATCH."""
        self._do('delay', ms, *([] if match is None else [match, count]))

    def drop(self, match):
        """The token is pulled when this APDU arrives."""
        self._do('drop', match)

    def answer(self, match, data, count=1):
        """DATA (with its status word) instead of what the token would say."""
        self._do('answer', match, _hex(data), count)

    def endless(self, kind):
        """'61', '61-empty', '6c' or 'grow'"""
        self._do('endless', kind)

    def mute(self, on=True):
        self._do('mute', 'on' if on else 'off')

    def clear_faults(self):
        self._do('clear-faults')

    def log(self):
        """['insert', 'power-up', '00A40400… -> 9000 (17)', …]"""
        return [line for line in self._do('log').split(';') if line]

    def counters(self):
        return _numbers(self._do('counters'))

    def reset_counters(self):
        self._do('reset-counters')
