"""A real pcscd with virtual readers and tokens, inside the namespaces that tests/support/private made.

    enter_private()                                     # at the top of a test program: runs it again under private
    with Pcscd(readers=['Test Reader']) as pcscd:
        card = pcscd.card('piv', 'yubico')
        card.insert('Test Reader')
    with Pcscd(['Keypad'], pads=['Keypad']) as pcscd:   # a reader with a keypad
        pcscd.host.type('123456', '24681357')           # what the person will type there
    with Pcscd(readers=[], hotplug=True) as pcscd:      # readers that come and go
        plug = pcscd.plug('Test Reader', serial='0001')
        card.insert(plug.reader)
        plug.unplug()

One Pcscd at a time in one private run: the path of pcscd's socket is compiled in.
"""
import json
import os
import plistlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pcsc
from vcard import ANY, FOREVER, Card, Error, Host, ins, source_root, vcard_build

__all__ = ['ANY', 'FOREVER', 'Card', 'Error', 'Host', 'Pcscd', 'enter_private', 'ins']

SUPPORT = Path(__file__).resolve().parent
SOCKET = '/run/pcscd/pcscd.comm'
DRIVERS = '/usr/lib/pcsc/drivers'
YUBIKEY = 'Yubico YubiKey OTP+FIDO+CCID'
DEADLINE = 10


def enter_private():
    """Does nothing inside private; outside it, runs this program again in there."""
    if 'TEST_PRIVATE' not in os.environ:
        private = str(SUPPORT / 'private')
        os.execv(private, [private, sys.executable, *sys.argv])


def _await(condition, what):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(.005)


def _answers(path):
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
        except OSError:
            return False
    return True


class Plug:
    """A USB reader that is plugged in. reader is what Card.insert () and Pcscd.reader_name () want."""

    def __init__(self, owner, reader, device):
        self.reader = reader
        self._owner = owner
        self._device = device

    def unplug(self):
        self._owner.unplug(self.reader, self._device)


class Pcscd:
    """READERS are the names of readers that are there from the beginning, PADS of those that have a keypad. MAX_APDU is
    what they say of themselves (dwMaxAPDUDataSize; 0: short APDUs only). With start=False, start () comes later."""

    def __init__(self, readers=(YUBIKEY,), pads=(), hotplug=False, max_apdu=None, arguments=(), start=True):
        if 'TEST_PRIVATE' not in os.environ:
            raise RuntimeError('run this under tests/support/private')
        self._temporary = tempfile.TemporaryDirectory(prefix='pcscd.')
        self.folder = Path(self._temporary.name)
        self.log_path = self.folder / 'pcscd.log'
        self.process = None
        self._usb = None
        self._devices = 0
        self._arguments = arguments
        self._environment = dict(os.environ, IFDVCARD_DIR=str(self.folder))
        if max_apdu is not None:
            self._environment['IFDVCARD_MAX_APDU'] = str(max_apdu)
        self._links = {name: self.folder / f'r{i}' for i, name in enumerate(readers)}
        self._write_configuration(pads)
        self._mount_drivers(hotplug)
        self._names = {name: name for name in self._links}  # what Card.insert () wants -> how its PC/SC name begins
        self.host = Host(self._links)
        self.host.settle = self._settle
        if hotplug:
            self._start_usb()
        if start:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _write_configuration(self, pads):
        folder = self.folder / 'readers'
        folder.mkdir()
        library = vcard_build() / 'libifdvcard.so'
        (folder / 'vcard').write_text(''.join(
            f'FRIENDLYNAME "{name}"\nDEVICENAME {"vcard-pad" if name in pads else "vcard"}:{link}\nLIBPATH {library}\nCHANNELID {i}\n\n'
            for i, (name, link) in enumerate(self._links.items())))

    def _mount_drivers(self, hotplug):
        """No driver but ours: a real reader of this machine is none of a test's business."""
        drivers = self.folder / 'drivers'
        drivers.mkdir()
        if hotplug:
            contents = drivers / 'ifd-vcard.bundle' / 'Contents'
            (contents / 'Linux').mkdir(parents=True)
            shutil.copy(source_root() / 'tests' / 'vcard' / 'Info.plist', contents)
            shutil.copy(vcard_build() / 'libifdvcard.so', contents / 'Linux')
        subprocess.run(['mount', '--bind', drivers, DRIVERS], check=True)

    def card(self, *personality, **options):
        return self.host.card(*personality, **options)

    def reader_name(self, reader=0):
        """How PC/SC calls a reader: with the numbers that pcscd appends. None if it is not there."""
        reader = self.host.reader_name(reader)
        with pcsc.Context() as context:
            return self._find(context, reader)

    def _find(self, context, reader):
        shape = re.escape(self._names[reader]) + ' [0-9A-F]{2} [0-9A-F]{2}'
        twins = [other for other in self._names if self._names[other] == self._names[reader]]
        found = [name for name in context.list_readers() if re.fullmatch(shape, name, re.DOTALL)]
        i = twins.index(reader)
        return found[i] if i < len(found) else None

    def _settle(self, reader, present):
        """Returns when pcscd says that the reader has a token, or none; at once when pcscd does not run."""
        if self.process is None:
            return
        with pcsc.Context() as context:
            name = self._find(context, reader)
            wanted = pcsc.PRESENT if present else pcsc.EMPTY
            end = time.monotonic() + DEADLINE
            state = {name: pcsc.UNAWARE}
            while name is not None and time.monotonic() < end:
                state = context.wait(state, 1000 * DEADLINE)
                if state[name] & (wanted | pcsc.UNKNOWN):
                    return

    # The life of the daemon

    def start(self):
        log = open(self.log_path, 'ab')
        for link in self._links.values():
            link.unlink(missing_ok=True)
        self.process = subprocess.Popen(['pcscd', '--foreground', '--config', self.folder / 'readers',
                                         *self._arguments], env=self._environment, stdout=log, stderr=log)
        log.close()
        _await(lambda: self._is_up() or self.process.poll() is not None, 'pcscd does not listen')
        if self.process.poll() is not None:
            raise RuntimeError('pcscd ended: ' + self.log_path.read_text(errors='replace')[-2000:])

    def _is_up(self):
        return all(link.exists() for link in self._links.values()) and _answers(SOCKET)

    def stop(self):
        """As the service manager does it."""
        self._end(signal.SIGTERM)

    def kill(self):
        """As a crash: the socket stays behind."""
        self._end(signal.SIGKILL)

    def _end(self, number):
        if self.process is None:
            return
        self.process.send_signal(number)
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def suspend(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        if self._temporary is None:
            return
        self._end(signal.SIGTERM)
        self.host.close()
        if self._usb is not None:
            self._usb.stdin.close()
            self._usb.wait()
            self._usb.stdout.close()
        subprocess.run(['umount', '--lazy', DRIVERS], check=False)
        self._temporary.cleanup()
        self._temporary = None

    # Hot-plug: usbplug.py owns the mock of /sys and udev that pcscd sees

    def _start_usb(self):
        self._usb = subprocess.Popen(['umockdev-wrapper', '/usr/bin/python3', SUPPORT / 'usbplug.py'],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._environment.update(json.loads(self._usb.stdout.readline()))

    def usb(self, *words):
        self._usb.stdin.write(json.dumps(words) + '\n')
        self._usb.stdin.flush()
        if self._usb.stdout.readline() != 'ok\n':
            raise RuntimeError(f'{words}: refused')

    def unplug(self, reader, device):
        del self._names[reader]
        self.usb('unplug', device)

    def plug(self, name, serial='', interface='', wait=True):
        """A reader of Info.plist is plugged in; SERIAL and INTERFACE become part of its name in PC/SC."""
        info = plistlib.loads((source_root() / 'tests' / 'vcard' / 'Info.plist').read_bytes())
        i = info['ifdFriendlyName'].index(name)
        self._devices += 1
        device = f'{self._devices:03}'
        reader = f'usb-001-{device}'
        link = self.folder / reader
        self._names[reader] = name + (f' [{interface}]' if interface else '') + (f' ({serial})' if serial else '')
        self.host.add_reader(reader, link)
        vendor, product = (info[key][i][2:].lower() for key in ('ifdVendorID', 'ifdProductID'))
        self.usb('plug', device, vendor, product, serial, interface)
        if wait:
            _await(link.exists, 'pcscd does not see the reader')
        return Plug(self, reader, device)
