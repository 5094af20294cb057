"""What `list --json` says of a PIV token is what yubico-piv-tool, pkcs15-tool and openssl say of it."""
import datetime
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import der  # noqa: E402
import tap  # noqa: E402
from assistant import cli, kinds, list_tokens  # noqa: E402
from cards import (HOLDER, HOLDER_EN, KEY_HISTORY, PIN, extension, make_authority, make_certificate, now,  # noqa: E402
                   piv_token)
from pcscd import Pcscd, enter_private  # noqa: E402
from vcard import source_root  # noqa: E402

DAY = datetime.timedelta(days=1)


def openssl(certificate, *fields):
    """{'subject': …} as openssl x509 prints it."""
    done = subprocess.run(['openssl', 'x509', '-inform', 'DER', '-noout', '-nameopt', 'RFC2253,utf8,-esc_msb',
                           *(f'-{field}' for field in fields)], input=certificate.der, capture_output=True, check=True)
    return dict(line.split('=', 1) for line in done.stdout.decode().splitlines() if '=' in line)


def moment(text):
    """Nov 23 09:53:02 2027 GMT -> 2027-11-23T09:53:02Z"""
    return datetime.datetime.strptime(text, '%b %d %H:%M:%S %Y %Z').strftime('%Y-%m-%dT%H:%M:%SZ')


def tool(*command):
    return subprocess.run(command, capture_output=True, text=True, errors='replace', timeout=20,
                          env=dict(os.environ, LC_ALL='C.UTF-8')).stdout


class List(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd()
        cls.addClassCleanup(cls.pcscd.close)

    def insert(self, token, *personality, **options):
        self.card = token.load(self.pcscd.card(*(personality or ('piv',)), **options))
        self.card.insert()
        self.addCleanup(self.pcscd.host.eject)

    def read(self):
        status, report = list_tokens()
        self.assertEqual(len(report['tokens']), 1, report)
        return report['tokens'][0]

    def compare(self, token, found):
        """Every certificate of TOKEN is FOUND, in openssl's words."""
        self.assertEqual({c['id'] for c in found['certificates']}, {f'{slot:x}' for slot in token.certificates})
        for entry in found['certificates']:
            certificate = token.certificates[int(entry['id'], 16)]
            said = openssl(certificate, 'subject', 'issuer', 'serial', 'startdate', 'enddate')
            self.assertEqual(entry['sha256'], certificate.sha256)
            self.assertEqual(entry['subject'], said['subject'])
            self.assertEqual(entry['issuer'], said['issuer'])
            self.assertEqual(entry['serial'], said['serial'])
            self.assertEqual(entry['not_before'], moment(said['notBefore']))
            self.assertEqual(entry['not_after'], moment(said['notAfter']))

    def test_whole_token(self):
        token = piv_token(serial=4711)
        self.insert(token, 'piv', 'yubico', serial=4711)
        found = self.read()
        self.compare(token, found)
        self.assertEqual(found['serial'], '4711')
        self.assertEqual(found['id'], 'piv-4711')
        self.assertEqual(found['family'], 'piv')
        self.assertEqual([c['id'] for c in found['certificates'] if c['primary']], ['9a'])
        self.assertEqual([c['role'] for c in found['certificates']],
                         ['authentication', 'signature', 'encryption', 'authentication'])
        self.assertEqual(found['certificates'][0]['holder'], '张三')
        self.assertEqual(found['certificates'][0]['organization'], '北京示例商贸有限公司')

    def test_agrees_with_yubico_piv_tool(self):
        token = piv_token(subject=HOLDER_EN, serial=4711)
        self.insert(token, 'piv', 'yubico', serial=4711)
        found = self.read()
        said = tool('yubico-piv-tool', '-a', 'status')
        self.assertIn(f'Serial Number:\t{found["serial"]}', said)
        self.assertIn(f'PIN tries left:\t{found["pins"][0]["tries_left"]}', said)
        for entry in found['certificates']:
            part = said.split(f'Slot {entry["id"]}:')[1].split('Slot ')[0]
            self.assertIn(entry['sha256'], part)
            self.assertIn(entry['holder'], part)
        self.assertEqual(len(re.findall(r'^Slot ', said, re.M)), len(found['certificates']))

    def test_agrees_with_pkcs15_tool(self):
        token = piv_token(serial=4711)
        self.insert(token)
        found = self.read()
        said = tool('pkcs15-tool', '--list-certificates')
        names = {'9a': 'Certificate for PIV Authentication', '9c': 'Certificate for Digital Signature',
                 '9d': 'Certificate for Key Management', '9e': 'Certificate for Card Authentication'}
        self.assertEqual({names[c['id']] for c in found['certificates']},
                         set(re.findall(r'\[(Certificate for .*)\]', said)))
        for number, entry in (('01', '9a'), ('02', '9c'), ('03', '9d')):
            pem = tool('pkcs15-tool', '--read-certificate', number)
            der = subprocess.run(['openssl', 'x509', '-outform', 'DER'], input=pem.encode(), capture_output=True).stdout
            self.assertEqual(der, token.certificates[int(entry, 16)].der)

    def test_key_kinds(self):
        for kind, key in (('rsa1024', 'RSA 1024'), ('rsa2048', 'RSA 2048'), ('rsa4096', 'RSA 4096'),
                          ('p256', 'EC P-256'), ('p384', 'EC P-384'), ('ed25519', 'Ed25519'), ('sm2', 'SM2')):
            with self.subTest(kind):
                token = piv_token(kind=kind, slots=(0x9A,))
                self.insert(token)
                found = self.read()
                self.compare(token, found)
                self.assertEqual(found['certificates'][0]['key'], key)
                self.doCleanups()

    def test_validity(self):
        cases = {
            'valid': (now() - DAY, now() + 200 * DAY, range(199, 201)),
            'expiring': (now() - DAY, now() + 43 * DAY, range(42, 44)),
            'expired': (now() - 40 * DAY, now() - 3 * DAY, range(-4, -2)),
            'not-yet-valid': (now() + DAY, now() + 300 * DAY, range(299, 301)),
        }
        for validity, (start, end, days) in cases.items():
            with self.subTest(validity):
                token = piv_token(slots=())
                token.add(0x9A, make_certificate('p256', not_before=start, not_after=end))
                self.insert(token)
                entry = self.read()['certificates'][0]
                self.assertEqual(entry['validity'], validity)
                self.assertIn(entry['days_left'], days)
                self.doCleanups()

    def test_chain(self):
        """Whom the machine vouches for, by the anchors in the user's folder and by nothing else."""
        for kind in ('p256', 'sm2'):
            root = make_authority(kind)
            middle = make_certificate(kind, [('CN', 'Middle CA')], key_name='middle', issuer=root, ca=True,
                                      usages=('keyCertSign',))
            leaf = make_certificate(kind, days=-10, issuer=middle)
            damaged = replace(leaf, der=leaf.der[:-1] + bytes([leaf.der[-1] ^ 1]))
            cases = (((leaf, middle), root, ('trusted', 'trusted')),
                     ((leaf, middle), None, ('no-root', 'no-root')),
                     ((leaf,), root, ('no-root',)),
                     ((damaged, middle), root, ('broken', 'trusted')),
                     ((leaf, root), middle, ('trusted', 'no-root')))
            for certificates, anchor, expected in cases:
                with self.subTest(kind, certificates=len(certificates), expected=expected):
                    token = piv_token(slots=())
                    for slot, certificate in zip((0x9A, 0x9C), certificates):
                        token.add(slot, certificate)
                    self.insert(token)
                    self.assertEqual(self.read_chains(anchor), expected)
                    self.doCleanups()

    def read_chains(self, anchor):
        """What is said of each certificate, and that none of it is a finding."""
        with tempfile.TemporaryDirectory() as folder:
            anchors = Path(folder) / 'cert-assistant' / 'anchors.d'
            anchors.mkdir(parents=True)
            if anchor:
                (anchors / 'authority.pem').write_text(anchor.pem)
            _, report = list_tokens(XDG_CONFIG_HOME=folder)
            self.assertIn('Chain', cli('show', XDG_CONFIG_HOME=folder).stdout)
        self.assertEqual(set(kinds(report)) - {'expired', 'pin-default'}, set())
        return tuple(certificate['chain'] for certificate in report['tokens'][0]['certificates'])

    def test_compressed(self):
        token = piv_token(slots=(0x9C,))
        token.add(0x9A, make_certificate('rsa4096'), compressed=True)
        self.insert(token)
        self.compare(token, self.read())

    def test_certificate_without_key(self):
        token = piv_token(slots=())
        token.add(0x9D, make_certificate('p256'))
        self.card = token.load(self.pcscd.card('piv', 'yubico'))
        self.card.delete(0xF79D)
        self.card.insert()
        self.addCleanup(self.pcscd.host.eject)
        found = self.read()
        self.compare(token, found)
        self.assertTrue(found['certificates'][0]['primary'])

    def test_retired_slots(self):
        """The key history says 0, says the truth, or is not there."""
        for history, slots, personality in (('C10100C20100FE00', (0x82, 0x83), ('piv',)),
                                            ('C10102C20100FE00', (0x85, 0x95), ('piv',)),
                                            (None, (0x95,), ('piv',)),
                                            ('C10100C20100FE00', (0x95,), ('piv', 'yubico'))):
            with self.subTest(history=history, slots=slots):
                token = piv_token(slots=(0x9A,))
                for slot in slots:
                    token.add(slot, make_certificate('p256', key_name=f'{slot:x}'))
                if history is None:
                    del token.objects[KEY_HISTORY]
                else:
                    token.objects[KEY_HISTORY] = bytes.fromhex(history)
                self.insert(token, *personality)
                self.compare(token, self.read())
                self.doCleanups()

    def make_configuration(self):
        """A configuration folder with the table of identifiers that comes with the program."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        shutil.copytree(source_root() / 'data' / 'oids.d', Path(folder) / 'cert-assistant' / 'oids.d')
        return Path(folder)

    def insert_with(self, *extensions, subject=HOLDER):
        token = piv_token(slots=())
        token.add(0x9A, make_certificate('p256', subject, extensions=[extension(*each) for each in extensions]))
        self.insert(token)

    def test_whom_it_names(self):
        """As the SM2 and the RSA certificates of BJCA have it, and one with a number that does not fit."""
        code, card = '91350100M000100Y43', '11010519491231002X'
        choice = der.tlv(der.SET, der.tlv(0xA0, der.string(card, der.PRINTABLE_STRING)))
        cases = (
            ((('1.2.156.10260.4.1.4', der.string(code)), ('1.2.156.112562.2.1.1.23', der.string('1@215009JJ0782543244')),
              ('1.2.156.10260.4.1.1', choice), ('1.2.156.10260.4.1.5', der.string(code)),
              ('1.2.156.112562.2.1.1.1', der.string('JJ78254324-4')), ('1.2.3.4', der.string('nothing'))),
             [('taxpayer-id', code, 'ok'), ('uscc', code, 'ok'), ('id-card', card, 'ok'),
              ('organization-code', '78254324-4', 'ok'), ('entity-id', '1@215009JJ0782543244', 'none')]),
            ((('1.2.86.11.7.1', b'110105194912310282'), ('1.2.86.11.7.3', b'110105012345678'),
              ('1.2.86.11.7.4', code[:-1].encode() + b'Z'), ('1.2.86.11.7.5', code.encode()),
              ('2.16.840.1.113732.2', b'SF' + card.encode()), ('1.2.86.11.7.9', b'\x0c\x20' + card.encode())),
             [('taxpayer-id', code, 'ok'), ('uscc', code[:-1] + 'Z', 'mismatch'),
              ('business-registration', '110105012345678', 'none'), ('id-card', '110105194912310282', 'mismatch'),
              ('id-card', card, 'ok')]),
            ((), []),
        )
        where = {'XDG_CONFIG_HOME': str(self.make_configuration())}
        for extensions, expected in cases:
            with self.subTest(expected=expected):
                self.insert_with(*extensions)
                status, report = list_tokens(**where)
                said = report['tokens'][0]['certificates'][0]['identity']
                self.assertEqual([(each['kind'], each['value'], each['check']) for each in said], expected)
                self.assertEqual(status, 0)
                row = f'  Taxpayer number: {code}\n'
                self.assertEqual(row in cli('list', **where).stdout, bool(extensions))
                self.doCleanups()
                where['XDG_CONFIG_HOME'] = str(self.make_configuration())

    def test_personal_numbers_are_hidden(self):
        card = '11010519491231002X'
        where = {'XDG_CONFIG_HOME': str(self.make_configuration())}
        self.insert_with(('1.2.156.10260.4.1.5', der.string(card)), ('1.2.156.10260.4.1.1', card.encode()))
        self.assertIn('  Taxpayer number: ··············002X\n', cli('list', **where).stdout)
        self.assertNotIn(card[:-4], cli('list', **where).stdout)
        self.assertIn(f'  ID number: {card}\n', cli('show', **where).stdout)

    def test_table_of_the_user(self):
        """A file of the user adds a field; a broken one is said to be broken, and hides nothing."""
        folder = self.make_configuration()
        table = folder / 'cert-assistant' / 'oids.d'
        (table / 'mine.ini').write_text('[1.2.3.4]\nKind=taxpayer-id\nLabel=Number of mine\n')
        self.insert_with(('1.2.3.4', b'110108782543244'), ('1.2.86.11.7.4', b'91350100M000100Y43'))
        _, report = list_tokens(XDG_CONFIG_HOME=str(folder))
        self.assertEqual([each['kind'] for each in report['tokens'][0]['certificates'][0]['identity']],
                         ['uscc', 'taxpayer-id'])
        self.assertIn('  Number of mine: 110108782543244\n', cli('show', XDG_CONFIG_HOME=str(folder)).stdout)
        self.assertIn('  Taxpayer number: 110108782543244\n', cli('list', XDG_CONFIG_HOME=str(folder)).stdout)
        (table / 'mine.ini').write_text('no key file')
        done = cli('list', XDG_CONFIG_HOME=str(folder))
        self.assertIn('mine.ini is left out', done.stderr)
        self.assertIn('  Taxpayer number: 91350100M000100Y43\n', done.stdout)

    def test_names_as_they_were_meant(self):
        """GBK and UTF-8 where the standard wants ASCII."""
        for tag in (der.T61_STRING, der.PRINTABLE_STRING, der.IA5_STRING):
            for encoding in ('gb18030', 'utf-8'):
                with self.subTest(tag=tag, encoding=encoding):
                    token = piv_token(slots=())
                    subject = [(name, value.encode(encoding)) for name, value in HOLDER]
                    token.add(0x9A, make_certificate('p256', subject, tag=tag))
                    self.insert(token)
                    entry = self.read()['certificates'][0]
                    self.assertEqual((entry['holder'], entry['organization']), ('张三', '北京示例商贸有限公司'))
                    self.doCleanups()

    def test_one_bad_slot_hides_nothing(self):
        token = piv_token()
        good = dict(token.certificates)
        token.objects[0x5FC105] = b'\x70\x05rubbi'
        del good[0x9A]
        self.insert(token)
        status, report = list_tokens()
        found = report['tokens'][0]
        self.assertEqual({c['id'] for c in found['certificates']}, {'9c', '9d', '9e'})
        self.assertEqual([c['id'] for c in found['certificates'] if c['primary']], ['9c'])
        self.assertEqual(kinds(report), ['token-unreadable'])
        self.assertEqual(status, 1)

    def test_tries(self):
        for pin, expected in (((PIN, 3, 3), (3, False)), ((PIN, 1, 3), (1, False)), ((PIN, 0, 3), (0, True))):
            for personality in (('piv',), ('piv', 'yubico'), ('piv', 'extended')):
                with self.subTest(pin=pin, personality=personality):
                    token = piv_token(slots=(0x9A,))
                    card = token.load(self.pcscd.card(*personality))
                    card.pin(*pin)
                    card.insert()
                    self.addCleanup(self.pcscd.host.eject)
                    found = self.read()['pins'][0]
                    self.assertEqual((found['tries_left'], found['blocked']), expected)
                    self.assertEqual(card.tries()[0], pin[1])
                    self.assertEqual(card.counters()['verifies'], 0)
                    self.doCleanups()

    def test_empty_token(self):
        self.insert(piv_token(slots=()))
        status, report = list_tokens()
        self.assertEqual(report['tokens'][0]['certificates'], [])
        self.assertEqual(status, 0)

    def test_show(self):
        token = piv_token(serial=4711)
        self.insert(token, 'piv', 'yubico', serial=4711)
        pem = cli('show', '--token', 'piv-4711', '--pem')
        self.assertEqual(pem.returncode, 0)
        self.assertEqual(pem.stdout, ''.join(c.pem for c in token.certificates.values()))
        self.assertIn('张三', cli('show').stdout)
        other = cli('show', '--token', 'piv-4712')
        self.assertEqual((other.returncode, other.stdout), (1, ''))
        self.assertIn('piv-4712', other.stderr)

    def test_usage(self):
        for arguments in ((), ('dance',), ('list', 'more'), ('list', '--pem'), ('--nonsense',)):
            done = cli(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ''), arguments)
            self.assertNotEqual(done.stderr, '')


if __name__ == '__main__':
    enter_private()
    tap.main()
