"""Tokens that are read through a vendor's library: from the library to the command line, beside a real pcscd."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from assistant import Watch, cli, list_tokens  # noqa: E402
from cards import make_certificate, piv_token  # noqa: E402
from module import SYSTEM_IS_OURS, find_library  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402
from vcard import build_root, ins  # noqa: E402

SKF = build_root() / 'tests' / 'softskf' / 'libsoftskf.so'
SOFTHSM = find_library('softhsm/libsofthsm2.so', '*/softhsm/libsofthsm2.so')
OPENSC = find_library('*/opensc-pkcs11.so')
PIN, NEW, WRONG, OFFICER = '111111', '24681357', '97531864', '12345678'


class Bench(unittest.TestCase):
    """self.environ is a user's who has no libraries but those that a test names."""

    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd()
        cls.addClassCleanup(cls.pcscd.close)

    def setUp(self):
        self.home = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.devices = self.home / 'devices'
        self.devices.mkdir()
        self.environ = {'XDG_CONFIG_HOME': str(self.home), 'SOFTSKF_DIR': str(self.devices)}

    def enterContext(self, context):  # unittest has it from Python 3.11 on
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def profile(self, name='soft', kind='skf', library=SKF, **keys):
        folder = self.home / 'cert-assistant' / 'modules.d'
        folder.mkdir(parents=True, exist_ok=True)
        lines = {'Name': 'Vendor', 'Type': kind, 'Library': library, **keys}
        (folder / f'{name}.ini').write_text('[Module]\n' + ''.join(f'{key}={value}\n' for key, value in lines.items()))

    def list(self):
        return list_tokens(**self.environ)[1]

    def cli(self, *arguments, **more):
        return cli(*arguments, **{**self.environ, **more})

    def watch(self):
        return self.enterContext(Watch(**self.environ))

    def kinds(self, report):
        return {finding['kind'] for finding in report['findings']}

    def assert_no_library_is_kept(self, watch):
        """A library that is asked once, or no more, may need a moment to end."""
        end = time.monotonic() + 10
        while watch.worker('module') and time.monotonic() < end:
            time.sleep(.1)
        self.assertEqual(watch.worker('module'), [])

    def wait_finding(self, watch, name):
        def find(report):
            return next((finding for finding in report['findings'] if finding['id'] == name), None)
        return find(watch.wait_last(find))

    def change(self, old, new, verb='change-pin'):
        """The exit status and what is said."""
        done = subprocess.run([build_root() / 'src' / 'cli' / 'cert-assistant-cli', verb], text=True,
                              input=f'{old}\n{new}\n{new}\n', capture_output=True, timeout=60,
                              env=dict(os.environ, CERT_ASSISTANT_LIBEXEC=str(build_root() / 'src' / 'token'),
                                       LC_ALL='C.UTF-8', LANGUAGE='C', **self.environ))
        return done.returncode, done.stdout + done.stderr


class SkfBench(Bench):
    def setUp(self):
        super().setUp()
        self.profile()

    def plug(self, name='K1234', left=10, certificate=None):
        """A token as an authority in Beijing hands them out."""
        folder = self.home / 'new' / name
        application = folder / 'BJCA-Application'
        container = application / 'personalCert00'
        container.mkdir(parents=True)
        (folder / 'label').write_text('BJCA-UserKey')
        (folder / 'serial').write_text(name)
        (application / 'user').write_text(f'{PIN} {left} 10 1\n')
        (application / 'admin').write_text(f'{OFFICER} 10 10 0\n')
        certificate = certificate or make_certificate('sm2', key_name=name)
        (container / 'sign').write_bytes(certificate.der)
        (container / 'enc').write_bytes(make_certificate('sm2', key_name=f'enc {name}', usages=('keyEncipherment',)).der)
        folder.rename(self.devices / name)  # all of it at once

    def pin(self, whose='user'):
        return (self.devices / 'K1234' / 'BJCA-Application' / whose).read_text().split()

    def fault(self, name, text=''):
        folder = self.devices / '.faults'
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text)


class Skf(SkfBench):
    def test_list(self):
        certificate = make_certificate('sm2')
        self.plug(certificate=certificate)
        report = self.list()
        (token,) = report['tokens']
        self.assertEqual((token['family'], token['label'], token['serial'], token['reader']),
                         ('skf', 'BJCA-UserKey', 'K1234', 'Vendor: K1234'))
        (pin,) = token['pins']
        self.assertEqual((pin['tries_left'], pin['tries_max'], pin['is_default'], pin['unlock']), (10, 10, True, 'issuer'))
        signature, encryption = token['certificates']
        self.assertEqual((signature['role'], signature['primary'], signature['holder'], signature['key']),
                         ('signature', True, '张三', 'SM2'))
        self.assertEqual((encryption['role'], encryption['primary']), ('encryption', False))
        self.assertEqual(signature['sha256'], certificate.sha256)

    def test_beside_a_card(self):
        """Two tokens, one of them natively; and one that both show is there once."""
        token = piv_token(serial=4821)
        token.load(self.pcscd.card('piv', 'yubico', serial=4821)).insert()
        self.addCleanup(self.pcscd.host.eject)
        self.plug()
        self.assertEqual({each['family'] for each in self.list()['tokens']}, {'piv', 'skf'})
        shutil.rmtree(self.devices / 'K1234')
        self.plug('K5678', certificate=token.certificates[0x9A])
        self.assertEqual([each['family'] for each in self.list()['tokens']], ['piv'])

    def test_plugged_and_pulled(self):
        watch = self.watch()
        watch.wait_last(lambda report: not report['tokens'])
        self.plug()
        watch.wait_last(lambda report: [token['serial'] for token in report['tokens']] == ['K1234'])
        self.plug('K5678')
        watch.wait_last(lambda report: len(report['tokens']) == 2 and 'multiple-tokens' in self.kinds(report))
        shutil.rmtree(self.devices / 'K1234')
        watch.wait_last(lambda report: [token['serial'] for token in report['tokens']] == ['K5678'])

    def test_change_pin(self):
        self.plug()
        status, said = self.change(PIN, NEW)
        self.assertIn('The PIN was changed. 10 tries left.', said)
        self.assertEqual((status, self.pin()), (0, [NEW, '10', '10', '0']))

    def test_wrong_pin(self):
        self.plug()
        status, said = self.change(WRONG, NEW)
        self.assertIn('Sent: the current PIN is wrong. 9 tries left.', said)
        self.assertEqual((status, self.pin()), (1, [PIN, '9', '10', '1']))

    def test_last_try(self):
        """Not without a second confirmation."""
        self.plug(left=1)
        status, said = self.change(PIN, NEW)
        self.assertEqual((status, self.pin()), (1, [PIN, '1', '10', '1']), said)
        self.assertNotIn('The PIN was changed', said)

    def test_locked(self):
        self.plug(left=0)
        self.assertIn('pin-blocked', self.kinds(self.list()))
        status, said = self.change(PIN, NEW)
        self.assertIn('Its issuer can unlock it.', said)
        self.assertNotIn('administrator', said)
        self.assertEqual((status, self.pin()[:2]), (1, [PIN, '0']))

    def test_unlock(self):
        """The issuer is named first; who has the administrator's PIN may use it."""
        self.plug(left=0)
        (pin,) = self.list()['tokens'][0]['pins']
        self.assertEqual((pin['unlock'], pin['unlock_tries_left']), ('issuer', 10))
        status, said = self.change(WRONG, NEW, 'unlock')
        lines = said.splitlines()
        self.assertLess(lines.index('Its issuer can unlock it.'),
                        lines.index("Who has the administrator's PIN can unlock it here; Ctrl+C gives up."))
        self.assertIn("10 tries left with the administrator's PIN.", lines)
        self.assertEqual((status, lines[-1]), (1, "Sent: the administrator's PIN is wrong. 9 tries left."))
        self.assertEqual((self.pin('admin'), self.pin()[:2]), ([OFFICER, '9', '10', '0'], [PIN, '0']))
        status, said = self.change(OFFICER, NEW, 'unlock')
        self.assertEqual((status, said.splitlines()[-1]), (0, 'The PIN is unlocked, and the new one holds. 10 tries left.'))
        self.assertEqual((self.pin('admin'), self.pin()[:2]), ([OFFICER, '10', '10', '0'], [NEW, '10']))

    def test_unlock_by_the_issuer_alone(self):
        """Without an administrator's PIN nothing is asked for."""
        self.plug(left=0)
        (self.devices / 'K1234' / 'BJCA-Application' / 'admin').unlink()
        status, said = self.change(OFFICER, NEW, 'unlock')
        self.assertIn('Its issuer can unlock it.', said)
        self.assertNotIn('administrator', said)
        self.assertEqual((status, self.pin()[:2]), (1, [PIN, '0']))

    def test_crash(self):
        """What does not work is named; what else there is stays."""
        card = piv_token(serial=4821).load(self.pcscd.card('piv', 'yubico', serial=4821))
        card.insert()
        self.addCleanup(self.pcscd.host.eject)
        self.plug()
        self.fault('crash-SKF_EnumDev')
        report = self.list()
        self.assertEqual([token['family'] for token in report['tokens']], ['piv'])
        (finding,) = (finding for finding in report['findings'] if finding['kind'] == 'module-failed')
        self.assertEqual((finding['id'], finding['level'], finding['action']), ('module-failed:soft', 'warning', 'check'))
        self.assertEqual(finding['text'], 'Vendor: It has crashed. Ask its vendor for a newer version.')

    def test_crash_and_back(self):
        watch = self.watch()
        self.plug()
        watch.wait_last(lambda report: len(report['tokens']) == 1)
        self.fault('crash-SKF_EnumDev')
        self.plug('K5678')
        watch.wait_last(lambda report: 'module-failed' in self.kinds(report) and not report['tokens'])

    def test_hung(self):
        self.fault('hang-load')
        begun = time.monotonic()
        report = self.list()
        self.assertLess(time.monotonic() - begun, 18)
        self.assertIn('Vendor: It does not answer. Pull the token and insert it again.',
                      [finding['text'] for finding in report['findings']])

    def test_anybody_can_write_it(self):
        """With the command that mends it in the check; and not loaded."""
        folder = self.home / 'lib'
        folder.mkdir()
        library = shutil.copy(SKF, folder)
        folder.chmod(0o777)
        self.profile(library=library)
        self.plug()
        self.assertEqual(self.list()['tokens'], [])
        rows = json.loads(self.cli('check', '--json').stdout)['rows']
        (row,) = (row for row in rows if row['layer'] == 'applet')
        self.assertEqual(row['text'], 'Vendor: Others than the administrator can change its file, so it is not loaded.')
        self.assertEqual(row['remedy'], f"sudo chown -R root: '{folder}'; sudo chmod -R go-w '{folder}'")
        folder.chmod(0o755)
        self.assertEqual(len(self.list()['tokens']), 1)

    def test_no_such_library(self):
        """Of what is not installed nothing is said."""
        self.profile(library='/opt/nothing/lib.so')
        self.assertEqual(self.kinds(self.list()) - {'no-reader'}, set())

    def test_switched_off(self):
        self.plug()
        self.profile(Enabled='false')
        self.assertEqual(self.list()['tokens'], [])


class Device(SkfBench):
    """Libraries that name the devices they are for."""

    usb = Path('/sys/bus/usb/devices')

    def setUp(self):
        super().setUp()
        subprocess.run(['mount', '-t', 'tmpfs', 'none', '/sys'], check=True)
        self.addCleanup(subprocess.run, ['umount', '-l', '/sys'], check=True)
        self.usb.mkdir(parents=True)

    def plug_usb(self, vendor='055c', product='e618', name='1-1'):
        device = self.usb / name
        device.mkdir()
        (device / 'idVendor').write_text(f'{vendor}\n')
        (device / 'idProduct').write_text(f'{product}\n')
        self.say(f'add@/devices/usb1/{name}')

    def say(self, text):
        """As the kernel does."""
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 15) as kernel:
            kernel.bind((0, 0))
            kernel.sendto(text.encode() + b'\0', (0, 1))

    def test_only_with_its_device(self):
        self.profile(Usb='055c:e618')
        self.plug()
        self.assertEqual(self.list()['tokens'], [])
        watch = self.watch()
        watch.wait_last(lambda report: not report['tokens'])
        self.assert_no_library_is_kept(watch)
        self.plug_usb()
        watch.wait_last(lambda report: [token['serial'] for token in report['tokens']] == ['K1234'])
        shutil.rmtree(self.usb / '1-1')
        self.say('remove@/devices/usb1/1-1')
        watch.wait_last(lambda report: not report['tokens'])
        self.assert_no_library_is_kept(watch)

    def test_device_without_its_software(self):
        self.profile(library='/opt/nothing/lib.so', Usb='055c')
        self.assertNotIn('module-failed', self.kinds(self.list()))
        watch = self.watch()
        watch.wait_last(lambda report: report.get('service') == 'running')
        self.plug_usb()
        finding = self.wait_finding(watch, 'module-failed:soft')
        self.assertEqual(finding['title'], 'The software for the token is missing')
        self.assertEqual(finding['text'], 'Vendor: A token of this kind is plugged in, and its software is not installed. Ask '
                                          'its issuer or its vendor for the one for Linux.')
        shutil.rmtree(self.usb / '1-1')
        self.say('remove@/devices/usb1/1-1')
        watch.wait_last(lambda report: 'module-failed' not in self.kinds(report))

    def test_library_that_cannot_wait(self):
        """The kernel tells that something was plugged in."""
        self.fault('fail-SKF_WaitForDevEvent', '0A000003 1000')
        watch = self.watch()
        watch.wait_last(lambda report: not report['tokens'])
        time.sleep(1)
        self.plug()
        self.plug_usb('1234', '5678')
        watch.wait_last(lambda report: len(report['tokens']) == 1)

    def test_plugged_while_another_is_read(self):
        """The library tells only of what comes while it waits; the kernel of all."""
        self.fault('fail-SKF_ConnectDev', '0A000001 2')  # it takes two seconds
        self.plug()
        watch = self.watch()
        journal = self.devices / '.journal'
        end = time.monotonic() + 10
        while not (journal.exists() and 'SKF_ConnectDev' in journal.read_text()) and time.monotonic() < end:
            time.sleep(.02)
        self.plug('K5678')
        self.plug_usb('1234', '5678')
        watch.wait_last(lambda report: len(report['tokens']) == 2)


@unittest.skipUnless(SOFTHSM, 'softhsm2 is not installed')
@unittest.skipUnless(SYSTEM_IS_OURS, 'the libraries of the system are not of root here')
class Pkcs11(Bench):
    def setUp(self):
        super().setUp()
        (self.home / 'tokens').mkdir()
        (self.home / 'conf').write_text(f'directories.tokendir = {self.home}/tokens\nlog.level = ERROR\n')
        self.environ['SOFTHSM2_CONF'] = str(self.home / 'conf')
        self.run_tool('softhsm2-util', '--init-token', '--free', '--label', '张三', '--pin', PIN, '--so-pin', OFFICER)
        certificate = self.home / 'certificate'
        certificate.write_bytes(make_certificate('rsa2048').der)
        self.run_tool('pkcs11-tool', '--module', SOFTHSM, '--token-label', '张三', '--login', '--pin', PIN,
                      '--write-object', certificate, '--type', 'cert', '--id', '01')

    def run_tool(self, *command):
        return subprocess.run(command, check=True, capture_output=True, env=dict(os.environ, **self.environ))

    def test_software_where_it_is_wanted(self):
        self.profile(kind='pkcs11', library=SOFTHSM)
        self.assertEqual(self.list()['tokens'], [])
        self.profile(kind='pkcs11', library=SOFTHSM, SoftwareTokens='true')
        (token,) = self.list()['tokens']
        self.assertEqual((token['family'], token['label'], token['certificates'][0]['holder']), ('pkcs11', '张三', '张三'))

    def test_what_others_say(self):
        """pkcs11-tool and p11tool name the same token, with the same certificates."""
        self.profile(kind='pkcs11', library=SOFTHSM, SoftwareTokens='true')
        (token,) = self.list()['tokens']
        slots = self.run_tool('pkcs11-tool', '--module', SOFTHSM, '--list-slots').stdout.decode()
        (objects, urls) = (self.run_tool(*command).stdout.decode() for command in (
            ('pkcs11-tool', '--module', SOFTHSM, '--list-objects', '--type', 'cert'),
            ('p11tool', '--provider', SOFTHSM, '--list-all-certs', '--only-urls')))
        for name, said in ('label', r'token label +: (.+)'), ('serial', r'serial num +: (\S+)'):
            self.assertIn(token[name], re.findall(said, slots))
        ids = [certificate['id'] for certificate in token['certificates']]
        self.assertEqual(re.findall(r'ID: +(\S+)', objects), ids)
        self.assertEqual(re.findall(r'id=%(\w\w)', urls), ids)
        self.assertIn(f'serial={token["serial"]}', urls)
        exported = self.run_tool('p11tool', '--provider', SOFTHSM, '--export', urls.split()[0]).stdout.decode()
        self.assertEqual(exported.strip(), self.cli('show', '--pem').stdout.strip())

    def test_registered(self):
        """With p11-kit; and what is software is left alone, and not kept."""
        modules = self.home / 'pkcs11' / 'modules'
        modules.mkdir(parents=True)
        (modules / 'mine.module').write_text(f'module: {SOFTHSM}\n')
        watch = self.watch()
        report = watch.wait_last(lambda report: report.get('service') == 'running')
        self.assertEqual(report['tokens'], [])
        self.assert_no_library_is_kept(watch)

    def test_change_pin(self):
        self.profile(kind='pkcs11', library=SOFTHSM, SoftwareTokens='true')
        status, said = self.change(PIN, NEW)
        self.assertEqual(status, 0, said)
        self.assertIn('The PIN was changed.', said)
        status, said = self.change(PIN, WRONG)
        self.assertEqual(status, 1)
        self.assertIn('Sent: the current PIN is wrong.', said)
        self.assertEqual(self.change(NEW, WRONG)[0], 0)

    def test_unlock(self):
        """With the PIN of the administrator, whom the token calls its security officer."""
        self.profile(kind='pkcs11', library=SOFTHSM, SoftwareTokens='true')
        status, said = self.change(WRONG, NEW, 'unlock')
        self.assertEqual(status, 1)
        self.assertIn("Sent: the administrator's PIN is wrong.", said)
        status, said = self.change(OFFICER, NEW, 'unlock')
        self.assertEqual(status, 0, said)
        self.assertIn('The PIN is unlocked, and the new one holds.', said)
        self.assertEqual(self.change(NEW, WRONG)[0], 0)


@unittest.skipUnless(OPENSC, 'opensc-pkcs11 is not installed')
@unittest.skipUnless(SYSTEM_IS_OURS, 'the libraries of the system are not of root here')
class OnDemand(Bench):
    """A library that speaks with the service itself."""

    def setUp(self):
        super().setUp()
        self.profile(kind='pkcs11', library=OPENSC)
        token = piv_token(serial=4821)
        self.card = token.load(self.pcscd.card('piv', 'yubico', serial=4821))

    def insert(self):
        self.card.insert()
        self.addCleanup(self.pcscd.host.eject)

    def test_not_for_what_is_known(self):
        """And not kept: nobody but us has connected."""
        self.insert()
        watch = self.watch()
        report = watch.wait_last(lambda report: report['tokens'] and report['readers'][0]['state'] == 'ready')
        self.assertEqual([token['family'] for token in report['tokens']], ['piv'])
        self.assert_no_library_is_kept(watch)

    def test_what_nobody_else_knows(self):
        self.card.answer(ins(0xA4), b'\x6A\x82', 6)  # so many questions our own drivers ask
        self.insert()
        report = self.list()
        (token,) = report['tokens']
        self.assertEqual((token['family'], token['certificates'][0]['holder']), ('pkcs11', '张三'))
        self.assertNotIn('token-unknown', self.kinds(report))

    def test_gone_with_its_token(self):
        self.card.answer(ins(0xA4), b'\x6A\x82', 6)
        self.insert()
        watch = self.watch()
        watch.wait_last(lambda report: [token['family'] for token in report['tokens']] == ['pkcs11'])
        self.pcscd.host.eject()
        watch.wait_last(lambda report: not report['tokens'])
        self.assert_no_library_is_kept(watch)


if __name__ == '__main__':
    enter_private()
    tap.main()
