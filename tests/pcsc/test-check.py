"""Check, on a machine that is put into each state that a row is there for: what it says, and what it offers."""
import contextlib
import gettext
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import pcsc  # noqa: E402
import tap  # noqa: E402
from assistant import Watch, cli, environment, state_of  # noqa: E402
from cards import make_authority, make_certificate, piv_token  # noqa: E402
from desktop import Desktop  # noqa: E402
from pcscd import ANY, FOREVER, Pcscd, enter_private  # noqa: E402
from vcard import build_root, source_root  # noqa: E402

PROGRAM = build_root() / 'src' / 'cli' / 'cert-assistant-cli'
LAYERS = ['usb', 'driver', 'service-installed', 'service-socket', 'service-running', 'service-answering', 'service-allowed',
          'reader', 'token', 'applet', 'certificate', 'holder', 'validity', 'chain', 'pin', 'one-token', 'programs', 'vendor-service',
          'tray', 'notifications', 'autostart', 'clock']
START = 'sudo systemctl enable --now pcscd.socket'
RESTART = 'sudo systemctl restart pcscd'
SHARE = 'echo pcsc-shared >> ~/.gnupg/scdaemon.conf; gpgconf --kill scdaemon'
AGAIN = 'Then check again.'


def mount(*arguments):
    subprocess.run(['mount', *arguments], check=True)


class Bench(unittest.TestCase):
    """self.rows is what the last check has said: layer → (state, text, remedy or None)."""

    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.addCleanup(self.home.cleanup)
        self.environ = {'XDG_CONFIG_HOME': self.home.name, 'DBUS_SESSION_BUS_ADDRESS': '', 'GNUPGHOME': self.home.name,
                        'XDG_RUNTIME_DIR': self.home.name}
        own = Path(self.home.name) / 'cert-assistant'
        own.mkdir()
        shutil.copytree(source_root() / 'data' / 'issuers.d', own / 'issuers.d')
        shutil.copy(source_root() / 'data' / 'check.ini', own)

    def check(self, **more):
        """The exit status."""
        begun = time.monotonic()
        done = cli('check', '--json', **{**self.environ, **more})
        self.assertLess(time.monotonic() - begun, 15)
        self.take(done)
        return done.returncode

    def take(self, done):
        self.assertEqual(done.stderr, '')
        report = json.loads(done.stdout)
        self.assertEqual(report['version'], 1)
        self.assertEqual([row['layer'] for row in report['rows']], LAYERS)
        self.rows = {row['layer']: (row['state'], row['text'], row.get('remedy')) for row in report['rows']}

    def told(self, layer, state, text, remedy=None):
        self.assertEqual(self.rows[layer], (state, text, remedy))

    def not_known(self, layers, why):
        for layer in layers:
            state, text, remedy = self.rows[layer]
            self.assertEqual((state, remedy), ('unknown', None), layer)
            self.assertRegex(text, r' not known\. ' + why)

    def all_well(self, layers):
        self.assertEqual({layer: self.rows[layer] for layer in layers if self.rows[layer][0] != 'ok'}, {})

    def put_autostart(self, lines='', base=None):
        folder = Path(base or self.home.name) / 'autostart'
        folder.mkdir(exist_ok=True)
        (folder / 'org.certassistant.CertAssistant.autostart.desktop').write_text(
            f'[Desktop Entry]\nType=Application\nName=Test\nExec=test\n{lines}')


class Service(Bench):
    def setUp(self):
        super().setUp()
        self.pcscd = Pcscd(readers=['Test Reader'], start=False)
        self.addCleanup(self.pcscd.close)

    def test_stopped(self):
        self.assertEqual(self.check(), 3)
        self.told('service-installed', 'ok', 'The smart card service (pcscd) is installed.')
        self.told('service-socket', 'problem', 'Its socket is not there, so no program can reach it.', START)
        self.told('service-running', 'problem',
                  'The smart card service (pcscd) is not running. Start it, or restart the computer.', START)
        self.not_known(LAYERS[5:15], r'The smart card service is not running\.')

    def test_crashed(self):
        self.pcscd.start()
        self.pcscd.kill()
        self.assertEqual(self.check(), 3)
        self.told('service-socket', 'problem', 'Its socket is there, but nobody listens: it ended without tidying up.', START)

    def test_missing(self):
        script = 'mount -t tmpfs none /usr/sbin && exec "$0" check --json'
        done = subprocess.run(['unshare', '--mount', 'sh', '-c', script, PROGRAM], capture_output=True, text=True, timeout=20,
                              env=environment(**self.environ, PCSCLITE_CSOCK_NAME='/nonexistent/socket'))
        self.take(done)
        self.assertEqual(done.returncode, 3)
        self.told('service-installed', 'problem', 'The smart card service is not installed. Install the package “pcscd”.',
                  'sudo apt install pcscd')
        self.not_known(LAYERS[3:15], r'The smart card service is not installed\.')

    def test_frozen(self):
        self.pcscd.start()
        self.pcscd.suspend()
        self.addCleanup(self.pcscd.resume)
        self.assertEqual(self.check(), 1)
        self.told('service-socket', 'ok', 'Programs can reach it.')
        self.told('service-running', 'problem', 'The smart card service is there, but somebody has suspended it.', RESTART)
        self.told('service-answering', 'problem',
                  'The smart card service does not answer. Pull the token and insert it again; if that does not help, restart '
                  'the computer.', RESTART)
        self.not_known(['service-allowed', 'reader', 'token', 'pin'], r'The smart card service does not answer\.')

    def test_denied(self):
        """As in test-service.py: whoever comes is shown the door before a word is said."""
        path = os.path.join(self.home.name, 'refuses')
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(path)
            door.listen()

            def refuse():
                with contextlib.suppress(OSError):
                    while True:
                        door.accept()[0].close()
            doorman = threading.Thread(target=refuse)
            doorman.start()
            self.assertEqual(self.check(PCSCLITE_CSOCK_NAME=path), 3)
            door.shutdown(socket.SHUT_RDWR)
            doorman.join()
        self.all_well(['service-installed', 'service-socket', 'service-answering'])
        self.told('service-allowed', 'problem',
                  'The smart card service refuses this user. Log in at the computer itself, or ask the administrator for '
                  'access to smart cards.', AGAIN)
        self.not_known(['reader', 'token'], r'The smart card service refuses this user\.')

    def test_worker_missing(self):
        done = cli('check', '--json', **self.environ, CERT_ASSISTANT_LIBEXEC='/nonexistent')
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, 3)
        self.assertEqual(report['rows'][7]['text'], 'Which readers there are is not known. A part of Certificate Assistant '
                                                    'cannot be started. Install it again.')

    def test_no_proc_for_others(self):
        """As somebody who may not look into the processes of others, and does not even see them."""
        self.pcscd.start()
        os.chmod(self.home.name, 0o755)
        self.addCleanup(mount, '-o', 'remount,hidepid=0', '/proc')
        with pcsc.Context():
            for hide, running in (('0', ('ok', 'It is running.', None)),
                                  ('2', ('ok', 'It is not in its usual place, and it answers.', None))):
                mount('-o', f'remount,hidepid={hide}', '/proc')
                done = subprocess.run(['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', PROGRAM, 'check',
                                       '--json'], capture_output=True, text=True, timeout=20, env=environment(**self.environ))
                if 'setresuid failed' in done.stderr:
                    self.skipTest('only one user here')
                self.take(done)
                self.assertEqual(self.rows['service-running'], running)
                self.told('programs', 'unknown', '1 program of another user is connected. Its name cannot be seen.')


class Machine(Bench):
    """What is plugged in: a tree of /sys made for it."""

    def setUp(self):
        super().setUp()
        mount('-t', 'tmpfs', 'none', '/sys/bus')
        self.addCleanup(subprocess.run, ['umount', '/sys/bus'], check=True)
        self.devices = Path('/sys/bus/usb/devices')
        self.devices.mkdir(parents=True)

    def plug(self, entry, vendor, product, name='', interface='ff'):
        for folder, attributes in ((entry, {'idVendor': vendor, 'idProduct': product, 'product': name}),
                                   (f'{entry}:1.0', {'bInterfaceClass': interface})):
            (self.devices / folder).mkdir()
            for key, value in attributes.items():
                (self.devices / folder / key).write_text(value + '\n')

    def test_nothing_plugged_in(self):
        self.plug('1-1', '046d', 'c077', 'USB Optical Mouse', '03')
        with Pcscd(readers=[]):
            self.assertEqual(self.check(), 1)
        self.told('usb', 'warning', 'No smart card reader and no USB key is plugged in. If it is, try another socket of the '
                                    'computer itself.', AGAIN)
        self.not_known(['driver'], 'There is no device that needs one')
        self.told('reader', 'warning', 'There is no reader. Plug in the reader or the USB key.', AGAIN)
        self.not_known(['token', 'applet', 'pin'], 'There is no reader')

    def test_without_its_makers_software(self):
        self.plug('1-1.2', '055c', 'e618', interface='03')
        with Pcscd(readers=[]):
            self.assertEqual(self.check(), 1)
        self.told('usb', 'ok', 'Plugged in: Longmai mToken (BJCA) (055c:e618).')
        self.told('driver', 'problem', 'The smart card service has no driver for Longmai mToken (BJCA). Install the Linux '
                                       'software of its maker; the issuer of the certificate has it.')
        self.told('reader', 'problem', 'The smart card service does not see what is plugged in. Pull it and insert it again; '
                                       'if that does not help, restart the service.', RESTART)

    def test_no_driver(self):
        self.plug('2-3', '1050', '0406', 'YubiKey \x1b[31m<b>FIDO+CCID\u202e', '0b')
        with Pcscd(readers=[]):
            self.check()
        self.told('usb', 'ok', 'Plugged in: Yubico YubiKey [31m<b>FIDO+CCID (1050:0406).')
        self.told('driver', 'problem', 'The driver for smart card readers is not installed. Install the package “libccid”.',
                  'sudo apt install libccid')

    def test_driver(self):
        """By the numbers in the driver's list, or because the driver takes all that call themselves readers."""
        self.plug('1-1', '1d50', '5964', 'Reader')
        with Pcscd(readers=[], hotplug=True):
            self.check()
        self.told('usb', 'ok', 'Plugged in: Reader (1d50:5964).')
        self.told('driver', 'ok', 'There is a driver for it.')

    def test_kernel_without_usb(self):
        shutil.rmtree('/sys/bus/usb')
        with Pcscd(readers=[]):
            self.check()
        self.told('usb', 'unknown', 'Which USB devices are plugged in is not known. The system does not tell.')

    def test_rubbish(self):
        for i in range(1100):
            (self.devices / f'9-{i}:1.0').mkdir()
        self.plug('1-1', 'zzzz', '', 'x' * 5000, '0b')
        (self.devices / '1-2').symlink_to('/nonexistent')
        with Pcscd(readers=[]):
            self.check()
        self.assertIn(self.rows['usb'][0], ('ok', 'unknown'))

    def test_vendor_service(self):
        with Pcscd(readers=[]), socket.create_server(('127.0.0.1', 21051)), socket.create_server(('127.0.0.1', 21061)):
            self.check()
            self.told('vendor-service', 'ok', 'Running as well: BJCA. Web pages reach the token through it.')
        with Pcscd(readers=[]):
            self.check()
            self.told('vendor-service', 'ok', 'No software of an issuer is running that uses tokens too.')


class Token(Bench):
    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd(readers=['Test Reader', 'Other Reader'])
        cls.addClassCleanup(cls.pcscd.close)

    def setUp(self):
        super().setUp()
        self.put_autostart()

    def insert(self, token=None, reader=0, card=None, wait=True):
        card = card or self.pcscd.card('piv', 'yubico', serial=token.serial)
        if token:
            token.load(card)
        card.insert(reader, wait=wait)
        self.addCleanup(self.pcscd.host.eject, reader)
        return card

    def token(self, serial=4821, slots=(0x9A,), **options):
        token = piv_token(serial=serial, slots=slots, **options)
        token.pin = '24681357'
        return token

    def test_well(self):
        self.insert(self.token())
        self.assertEqual(self.check(), 0)
        self.all_well([layer for layer in LAYERS if layer not in ('usb', 'chain', 'tray', 'notifications')])
        self.told('service-running', 'ok', 'It is running.')
        self.assertTrue(self.rows['reader'][1].startswith('The service sees Test Reader 00 00, Other Reader '))
        self.told('token', 'ok', '1 token is inserted and has power.')
        self.told('applet', 'ok', 'The token is of a kind that is known: PIV.')
        self.told('certificate', 'ok', '1 certificate has been read.')
        self.told('holder', 'ok', 'The certificate names 张三 · 北京示例商贸有限公司.')
        self.told('pin', 'ok', '3 of 3 tries left.')
        self.told('programs', 'ok', 'No other program is connected.')
        self.assertRegex(self.rows['validity'][1], r'^Valid until 20\d\d-\d\d-\d\d \(365 days left\)\.$')
        self.told('tray', 'unknown',
                  'Whether this desktop shows the icon is not known. No desktop session can be reached from here.')

    def test_for_a_person(self):
        self.insert(self.token(days=-3))
        done = cli('check', **self.environ)
        self.assertEqual(done.returncode, 1)
        lines = done.stdout.splitlines()
        self.assertIn('✓ Certificate: 1 certificate has been read.', lines)
        self.assertTrue(any(line.startswith('✗ Validity: Expired on 20') for line in lines))
        self.assertTrue(any(line.startswith('? Icon: ') for line in lines))
        self.assertEqual(lines[-1], '1 problem')
        self.assertNotIn('24681357', done.stdout)

    def test_no_token(self):
        self.assertEqual(self.check(), 1)
        self.told('token', 'warning',
                  'No token is inserted. If it is in the reader, pull it, turn it over and insert it again.', AGAIN)
        self.not_known(LAYERS[9:15], r'No token is inserted\.')

    def test_mute(self):
        card = self.pcscd.card('piv')
        card.mute()
        self.insert(card=card, wait=False)
        with Watch() as watch:
            watch.wait_last(lambda r: state_of(r) == 'mute', timeout=20)
        self.assertEqual(self.check(), 1)
        self.told('token', 'problem',
                  'Test Reader 00 00: The token does not answer. Pull it, turn it over and insert it again.', AGAIN)
        self.not_known(LAYERS[9:14], r'The token does not answer\.')
        self.told('one-token', 'ok', 'Exactly one token is inserted.')

    def test_unknown(self):
        card = self.pcscd.card('piv')
        card.answer(ANY, bytes.fromhex('6A82'), FOREVER)
        self.insert(card=card)
        self.assertEqual(self.check(), 1)
        self.told('applet', 'problem', 'Test Reader 00 00: This kind of token is not known. It may need a library of its '
                                       'vendor.', AGAIN)
        self.not_known(LAYERS[10:14], r'This kind of token is not known\.')

    def test_unreadable(self):
        card = self.pcscd.card('piv')
        card.delay(30000, ANY, 1)
        self.insert(card=card)
        self.check()
        self.told('certificate', 'problem',
                  'Test Reader 00 00: The token stopped answering. Pull it and insert it again.', AGAIN)
        self.not_known(['holder', 'validity', 'chain', 'pin'], r'The token cannot be read\.')
        token = self.token(slots=(0x9A, 0x9C))
        token.objects[0x5FC105] = b'\x70\x05rubbi'
        self.pcscd.host.eject()
        self.insert(token)
        self.check()
        self.told('certificate', 'warning', '1 certificate on the token cannot be read.')

    def test_without_a_certificate(self):
        self.insert(self.token(slots=()))
        self.assertEqual(self.check(), 1)
        self.told('certificate', 'problem', 'The token holds no certificate.')
        self.not_known(['holder', 'validity', 'chain'], r'The token holds no certificate\.')
        self.told('pin', 'ok', '3 of 3 tries left.')

    def test_without_a_holder(self):
        token = self.token(slots=())
        token.add(0x9A, make_certificate('p256', subject=[('C', 'CN')]))
        self.insert(token)
        self.assertEqual(self.check(), 1)
        self.told('holder', 'warning', 'The certificate names nobody. Services that look for a name refuse it.')

    def test_dates(self):
        authority = make_certificate('p256', [('O', 'BJCA'), ('CN', 'Public Trust CA-1')], key_name='ca', days=3650, ca=True)
        page = 'https://yzt.beijing.gov.cn/'
        for days, state, text, remedy in ((-3, 'problem', r'^Expired on ', page), (43, 'warning', r'\(43 days left\)\.$', page),
                                          (200, 'ok', r'\(200 days left\)\.$', None)):
            with self.subTest(days=days):
                self.insert(self.token(days=days, issuer=authority))
                self.check()
                self.assertEqual(self.rows['validity'][::2], (state, remedy))
                self.assertRegex(self.rows['validity'][1], text)
                self.assertEqual(self.rows['holder'][2], 'https://help.bjca.org.cn/zsjc.html')
                self.pcscd.host.eject()

    def test_chain(self):
        authority = make_authority()
        leaf = make_certificate('p256', issuer=authority)
        damaged = replace(leaf, der=leaf.der[:-1] + bytes([leaf.der[-1] ^ 1]))
        anchors = Path(self.home.name) / 'cert-assistant' / 'anchors.d'
        anchors.mkdir()
        for certificate, anchor, state, text in (
                (leaf, '', 'unknown', r' No root certificate of its issuer is configured here\. '),
                (leaf, authority.pem, 'ok', r'^This computer trusts the issuer of the certificate\.$'),
                (damaged, authority.pem, 'problem', r'^The certificate is not genuine, or damaged: 张三 does not fit ')):
            with self.subTest(state):
                (anchors / 'authority.pem').write_text(anchor)
                token = self.token(slots=())
                token.add(0x9A, certificate)
                self.insert(token)
                self.check()
                self.assertEqual(self.rows['chain'][0], state)
                self.assertRegex(self.rows['chain'][1], text)
                self.pcscd.host.eject()

    def test_pin(self):
        unlock = "cert-assistant-cli unlock --token 'piv-4821'"
        for pin, puk, state, text, remedy in (
                (('24681357', 0, 3), ('87654321', 3, 3), 'problem',
                 '张三 · 4821: no PIN tries are left. The certificate and its keys are not lost.', unlock),
                (('24681357', 1, 3), ('87654321', 3, 3), 'warning',
                 '张三 · 4821 locks when the next PIN is wrong. Make sure of it before you use it.', None),
                (('24681357', 2, 3), ('87654321', 3, 3), 'warning', '张三 · 4821: 2 PIN tries left before it locks.', None),
                (('24681357', 3, 3), ('87654321', 0, 3), 'warning',
                 '张三 · 4821: no tries of the PUK are left. Should the PIN lock, only the issuer can help.', None),
                (('123456', 3, 3), ('87654321', 3, 3), 'ok',
                 '张三 · 4821 has the PIN that it came with, which others may know. Change it.',
                 "cert-assistant-cli change-pin --token 'piv-4821'")):
            with self.subTest(pin=pin, puk=puk):
                card = self.pcscd.card('piv', 'yubico', serial=4821)
                self.token().load(card)
                card.pin(*pin)
                card.puk(*puk)
                self.insert(card=card)
                self.assertEqual(self.check(), 0 if state == 'ok' else 1)
                self.told('pin', state, text, remedy)
                self.assertEqual((card.tries()[0], card.counters()['verifies']), (pin[1], 0))
                self.pcscd.host.eject()

    def test_two_tokens(self):
        self.insert(self.token(serial=4821))
        self.insert(self.token(serial=93, subject=[('CN', '示例')]), reader=1)
        self.assertEqual(self.check(), 1)
        self.told('token', 'ok', '2 tokens are inserted and have power.')
        self.told('one-token', 'warning', '2 tokens are inserted: 张三 · 4821, 示例 · 93. Services that want exactly one may '
                                          'refuse: pull the one that you do not need.', AGAIN)

    # Who else is at it

    def other(self, share, name='signing-tool'):
        """A program of this name that has the token."""
        program = os.path.join(self.home.name, name)
        with open(program, 'w', encoding='utf-8') as file:
            file.write(f'#!/usr/bin/python3\nimport sys, time\nsys.path.insert(0, {str(Path(pcsc.__file__).parent)!r})\n'
                       f'import pcsc\ncontext = pcsc.Context()\nhandle = context.connect({self.pcscd.reader_name(0)!r}, {share})\n'
                       f'print("ready", flush=True)\ntime.sleep(100)\n')
        os.chmod(program, 0o755)
        process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)

        def end():
            process.kill()
            process.wait()
            process.stdout.close()
        self.addCleanup(end)
        self.assertEqual(process.stdout.readline(), 'ready\n')

    def test_shared_with_a_program(self):
        self.insert(self.token())
        self.other(pcsc.SHARE_SHARED)
        self.assertEqual(self.check(), 0)
        self.told('programs', 'ok', 'Connected as well: signing-tool. The token is shared.')

    def test_taken_by_a_program(self):
        self.insert(self.token())
        self.other(pcsc.SHARE_EXCLUSIVE)
        self.assertEqual(self.check(), 1)
        self.told('programs', 'problem',
                  'The token is used alone by another program. Connected are: signing-tool. Close it.', AGAIN)
        self.not_known(LAYERS[9:14], r'Another program is using the token alone\.')

    def test_taken_by_scdaemon(self):
        self.insert(self.token())
        self.other(pcsc.SHARE_EXCLUSIVE, name='scdaemon')
        self.check()
        self.told('programs', 'problem', 'scdaemon (of gpg) is using the token alone. It can be told to share it.', SHARE)

    def test_real_scdaemon(self):
        """It stays connected after gpg has looked; with the line in its configuration that is no matter."""
        self.insert(self.token())
        environ = dict(os.environ, GNUPGHOME=self.home.name)
        os.chmod(self.home.name, 0o700)
        subprocess.run(['gpg', '--card-status'], capture_output=True, timeout=30, env=environ)
        self.addCleanup(subprocess.run, ['gpgconf', '--kill', 'all'], env=environ)
        self.check()
        connected = self.rows['programs']
        if connected[0] == 'ok':
            self.assertEqual(connected[1], 'No other program is connected.')  # scdaemon has let go of a card that is not its
            return
        self.assertEqual(connected[0::2], (connected[0], SHARE))
        (Path(self.home.name) / 'scdaemon.conf').write_text('# mine\npcsc-shared\n')
        self.check()
        if self.rows['programs'][0] != 'problem':
            self.told('programs', 'ok', 'Connected as well: scdaemon (of gpg). The token is shared.')

    def test_own_programs_are_no_others(self):
        self.insert(self.token())
        with Watch() as watch:
            watch.wait_last(lambda r: r['tokens'])
            self.check()
        self.told('programs', 'ok', 'No other program is connected.')

    # The session

    def test_autostart(self):
        self.check()
        self.told('autostart', 'ok', 'The assistant starts at login.')
        self.put_autostart('Hidden=true\n')
        self.check()
        self.told('autostart', 'warning',
                  'The assistant does not start at login, and reminds of nothing until somebody starts it.',
                  'Choose it in the preferences of the assistant.')

    def test_desktop(self):
        with Desktop(wm=None, services=(), environ={'NO_AT_BRIDGE': '1'}) as desktop:
            self.put_autostart(base=desktop.environ['XDG_CONFIG_HOME'])
            more = {'DBUS_SESSION_BUS_ADDRESS': desktop.environ['DBUS_SESSION_BUS_ADDRESS'],
                    'XDG_CURRENT_DESKTOP': 'ubuntu:GNOME'}
            self.check(**more)
            self.told('tray', 'warning', 'This desktop has no place for the icon. The window opens instead when a token is '
                                         'inserted.', 'sudo apt install gnome-shell-extension-appindicator')
            self.told('notifications', 'warning',
                      'This desktop shows no notifications, so reminders are seen in the window only.')
            server = desktop.mock_notifications()
            desktop.spawn([sys.executable, '-c', HOST])
            desktop.wait_owner('org.kde.StatusNotifierWatcher')
            self.check(**more)
            self.told('tray', 'ok', 'This desktop shows the icon.')
            self.told('notifications', 'ok', 'This desktop shows notifications.')
            server.child.send_signal(signal.SIGSTOP)
            self.check(**more)
            self.told('notifications', 'unknown',
                      'Whether this desktop shows notifications is not known. No answer came in time.')
            server.child.send_signal(signal.SIGCONT)

    def test_bus_that_hangs(self):
        """A socket that takes the call and never speaks: the rest is said in time."""
        path = os.path.join(self.home.name, 'bus')
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(path)
            door.listen()
            begun = time.monotonic()
            self.check(DBUS_SESSION_BUS_ADDRESS=f'unix:path={path}')
            self.assertLess(time.monotonic() - begun, 5)
        self.told('tray', 'unknown', 'Whether this desktop shows the icon is not known. No answer came in time.')
        self.told('clock', 'ok', self.rows['clock'][1])

    # In Chinese

    def test_chinese(self):
        """Every row in the person's language: what it says is what the translation has for the English sentence."""
        with open(build_root() / 'po/zh_CN/LC_MESSAGES/cert-assistant.mo', 'rb') as file:
            chinese = gettext.GNUTranslations(file)
        self.check()
        english = self.rows
        self.check(LANGUAGE='zh_CN')
        for layer in ('service-installed', 'service-socket', 'service-running', 'service-answering', 'service-allowed', 'token',
                      'programs', 'vendor-service', 'autostart'):
            self.assertEqual(self.rows[layer][1], chinese.gettext(english[layer][1]))


HOST = """
from gi.repository import Gio, GLib
XML = '<node><interface name="org.kde.StatusNotifierWatcher"><property name="IsStatusNotifierHostRegistered" type="b" access="read"/></interface></node>'
bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
interface = Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0]
bus.register_object('/StatusNotifierWatcher', interface, None, lambda *_: GLib.Variant('b', True), None)
Gio.bus_own_name_on_connection(bus, 'org.kde.StatusNotifierWatcher', Gio.BusNameOwnerFlags.NONE, None, None)
GLib.MainLoop().run()
"""


if __name__ == '__main__':
    enter_private()
    tap.main()
