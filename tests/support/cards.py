"""Keys, certificates and whole tokens for the tests.

    certificate = make_certificate('p256', subject=[('CN', '张三')], days=30)      # .der .pem .sha256 .key
    token = piv_token()                                                         # four certificates of Zhang San
    token.load(card)
    token = openpgp_token()                                                     # three, and a name, behind OpenPGP
    token = gids_token()                                                        # three in their containers, behind GIDS
    token = pkcs15_token()                                                      # three, in the files of a PKCS#15 card

The DER is written here (der.py) and signed by openssl, so that a certificate can say anything, also nonsense. Keys are
made once for each kind and kept in the build folder. Every name in here is an example.
"""
import base64
import datetime
import gzip
import hashlib
import os
import struct
import subprocess
import tempfile
import uuid
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import der

PIN, PUK = '123456', '12345678'
HOLDER = [('C', 'CN'), ('O', '北京示例商贸有限公司'), ('OU', '财务部'), ('CN', '张三')]
HOLDER_EN = [('C', 'CN'), ('O', 'Beijing Example Trading Co., Ltd.'), ('CN', 'Zhang San')]
ISSUER = [('C', 'CN'), ('O', 'Example Certification Authority'), ('CN', 'Example Test CA')]

# kind: what openssl genpkey is told, signature algorithm, how it signs
RSA_SHA256 = '1.2.840.113549.1.1.11'
KINDS = {
    'rsa1024': (['RSA', '-pkeyopt', 'rsa_keygen_bits:1024'], RSA_SHA256, ['-digest', 'sha256']),
    'rsa2048': (['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], RSA_SHA256, ['-digest', 'sha256']),
    'rsa4096': (['RSA', '-pkeyopt', 'rsa_keygen_bits:4096'], RSA_SHA256, ['-digest', 'sha256']),
    'p256': (['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], '1.2.840.10045.4.3.2', ['-digest', 'sha256']),
    'p384': (['EC', '-pkeyopt', 'ec_paramgen_curve:P-384'], '1.2.840.10045.4.3.3', ['-digest', 'sha384']),
    'ed25519': (['ED25519'], '1.3.101.112', []),
    'sm2': (['SM2'], '1.2.156.10197.1.501', ['-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678']),
}
NAMES = {'C': '2.5.4.6', 'ST': '2.5.4.8', 'L': '2.5.4.7', 'O': '2.5.4.10', 'OU': '2.5.4.11', 'CN': '2.5.4.3',
         'SN': '2.5.4.4', 'GN': '2.5.4.42', 'serialNumber': '2.5.4.5', 'title': '2.5.4.12',
         'organizationIdentifier': '2.5.4.97', 'emailAddress': '1.2.840.113549.1.9.1',
         'UID': '0.9.2342.19200300.100.1.1'}
USAGES = ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign',
          'cRLSign']
EXTENDED_USAGES = {'clientAuth': '1.3.6.1.5.5.7.3.2', 'serverAuth': '1.3.6.1.5.5.7.3.1',
                   'emailProtection': '1.3.6.1.5.5.7.3.4', 'smartcardLogon': '1.3.6.1.4.1.311.20.2.2'}
SANS = {'email': (0x81, None), 'DNS': (0x82, None), 'URI': (0x86, None)}


def _openssl(*arguments, stdin=None):
    return subprocess.run(['openssl', *map(str, arguments)], input=stdin, check=True, capture_output=True).stdout


# Keys

def _key_folder():
    build = Path(os.environ.get('TEST_BUILD', '/nonexistent'))
    if not os.access(build, os.W_OK):
        build = Path(tempfile.gettempdir())
    folder = build / 'tests' / 'keys'
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def make_key(kind, name=''):
    """The file of a private key (PEM). The same KIND and NAME are the same key, in every run."""
    path = _key_folder() / f'{kind}{name and "-"}{name}.pem'
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            new = Path(folder) / 'key'
            _openssl('genpkey', '-algorithm', *KINDS[kind][0], '-out', new)
            try:
                os.link(new, path)
            except FileExistsError:
                pass  # another test was faster: its key is everybody's
    return path


def public_key(key):
    """SubjectPublicKeyInfo, DER"""
    return _openssl('pkey', '-in', key, '-pubout', '-outform', 'DER')


def _sign(key, kind, data):
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return _openssl('pkeyutl', '-sign', '-rawin', '-inkey', key, *KINDS[kind][2], '-in', file.name)


# Certificates

@dataclass(frozen=True)
class Certificate:
    der: bytes
    key: Path
    kind: str
    subject: bytes  # the Name, DER
    issuer: object = None  # the Certificate that signed it; None: itself

    @property
    def pem(self):
        body = base64.encodebytes(self.der).decode().replace('\n', '')
        lines = '\n'.join(body[i:i + 64] for i in range(0, len(body), 64))
        return f'-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n'

    @property
    def sha256(self):
        return hashlib.sha256(self.der).hexdigest()


def make_name(parts, tag=der.UTF8_STRING):
    """[('CN', '张三'), …]; a value may be bytes, a type a dotted OID, and (type, value, tag) another string."""
    relative = []
    for kind, value, *own in parts:
        string_tag = own[0] if own else der.PRINTABLE_STRING if kind == 'C' else tag
        relative.append(der.tlv(der.SET, der.sequence(der.oid(NAMES.get(kind, kind)), der.string(value, string_tag))))
    return der.sequence(*relative)


def extension(dotted, value, critical=False):
    return der.sequence(der.oid(dotted), der.boolean(True) if critical else b'', der.octet_string(value))


def _usage_bits(usages):
    bits = sum(0x80 >> USAGES.index(usage) for usage in usages)
    return der.bit_string(bytes([bits]), (bits & -bits).bit_length() - 1)


def _alternative_name(kind, value):
    """('email', …), ('DNS', …), ('URI', …), or ('UPN', …) of Microsoft"""
    if kind == 'UPN':
        return der.tlv(0xA0, der.oid('1.3.6.1.4.1.311.20.2.3'), der.tlv(0xA0, der.string(value)))
    return der.tlv(SANS[kind][0], value.encode() if isinstance(value, str) else value)


def _extensions(ca, usages, extended_usages, sans, more):
    found = [extension('2.5.29.19', der.sequence(der.boolean(True)) if ca else der.sequence(), True)]
    if usages:
        found.append(extension('2.5.29.15', _usage_bits(usages), True))
    if extended_usages:
        oids = [der.oid(EXTENDED_USAGES.get(usage, usage)) for usage in extended_usages]
        found.append(extension('2.5.29.37', der.sequence(*oids)))
    if sans:
        found.append(extension('2.5.29.17', der.sequence(*(_alternative_name(*san) for san in sans))))
    return der.tlv(0xA3, der.sequence(*found, *more))


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def make_certificate(kind='rsa2048', subject=HOLDER, *, key_name='', days=365, not_before=None, not_after=None,
                     serial=None, issuer=None, ca=False, usages=('digitalSignature',), extended_usages=(), sans=(),
                     extensions=(), tag=der.UTF8_STRING):
    """DAYS is the time that is left from now (negative: expired). NOT_BEFORE and NOT_AFTER are datetimes, or bytes for
    a date that does not exist. ISSUER is a Certificate; without one it signs itself. EXTENSIONS are extension ()s."""
    key = make_key(kind, key_name)
    name = make_name(subject, tag)
    end = not_after or now() + datetime.timedelta(days=days, hours=1)
    earliest = min(now(), end) if isinstance(end, datetime.datetime) else now()
    start = not_before or earliest - datetime.timedelta(days=365)
    signer = issuer or Certificate(b'', key, kind, name)
    null = der.tlv(der.NULL) if signer.kind.startswith('rsa') else b''
    algorithm = der.sequence(der.oid(KINDS[signer.kind][1]), null)
    if serial is None:
        seed = name + repr((start, end, kind, key_name, usages)).encode()
        serial = int.from_bytes(hashlib.sha256(seed).digest()[:9], 'big') | 1 << 70
    body = der.sequence(der.tlv(0xA0, der.integer(2)), der.integer(serial), algorithm, signer.subject,
                        der.sequence(der.time(start), der.time(end)), name, public_key(key),
                        _extensions(ca, usages, extended_usages, sans, extensions))
    signature = _sign(signer.key, signer.kind, body)
    return Certificate(der.sequence(body, algorithm, der.bit_string(signature)), key, kind, name, issuer)


def make_authority(kind='p256', subject=ISSUER, **options):
    return make_certificate(kind, subject, key_name='ca', days=3650, ca=True, usages=('keyCertSign', 'cRLSign'),
                            **options)


# PIV objects, NIST SP 800-73-4 part 1, appendix A

CHUID, CCC, KEY_HISTORY = 0x5FC102, 0x5FC107, 0x5FC10C
SLOTS = {0x9A: 0x5FC105, 0x9C: 0x5FC10A, 0x9D: 0x5FC10B, 0x9E: 0x5FC101,
         **{0x82 + i: 0x5FC10D + i for i in range(20)}}
ALGORITHMS = {'rsa1024': 0x06, 'rsa2048': 0x07, 'rsa4096': 0x16, 'p256': 0x11, 'p384': 0x14, 'ed25519': 0xE0}


def piv_object(data, compressed=False):
    """A certificate (DER) as it lies on the card; without the outer 53."""
    if compressed:
        data = gzip.compress(data, mtime=0)
    return der.tlv(0x70, data) + der.tlv(0x71, bytes([compressed])) + der.tlv(0xFE)


def chuid(guid=None, expires='20401231'):
    guid = guid or uuid.uuid5(uuid.NAMESPACE_DNS, 'token.example').bytes
    fascn = bytes.fromhex('D4E739DA739CED39CE739D836858210842108421C84210C3EB')
    return (der.tlv(0x30, fascn) + der.tlv(0x34, guid) + der.tlv(0x35, expires.encode()) + der.tlv(0x3E)
            + der.tlv(0xFE))


def capabilities(serial=0):
    identifier = bytes.fromhex('A000000116FF02') + serial.to_bytes(14, 'big')
    return (der.tlv(0xF0, identifier) + der.tlv(0xF1, b'\x21') + der.tlv(0xF2, b'\x21') + der.tlv(0xF3)
            + der.tlv(0xF4, b'\0') + der.tlv(0xF5, b'\x10') + b''.join(der.tlv(t) for t in range(0xF6, 0xF8))
            + b''.join(der.tlv(t) for t in range(0xFA, 0xFF)))


def public_point(certificate):
    """The public key as tokens say it (ISO 7816-8): 81 modulus, 82 exponent; or 86 point."""
    (_, spki), = der.split(public_key(certificate.key))
    (_, _), (_, bits) = der.split(spki)
    if not certificate.kind.startswith('rsa'):
        return der.tlv(0x86, bits[1:])
    (_, numbers), = der.split(bits[1:])
    (_, modulus), (_, exponent) = der.split(numbers)
    return der.tlv(0x81, modulus.lstrip(b'\0')) + der.tlv(0x82, exponent)


def key_metadata(certificate):
    """What a YubiKey's GET METADATA says of the key: algorithm, policies, origin, public key."""
    point = public_point(certificate)
    return (der.tlv(0x01, bytes([ALGORITHMS.get(certificate.kind, 0)])) + der.tlv(0x02, b'\x02\x01')
            + der.tlv(0x03, b'\x01') + der.tlv(0x04, point))


@dataclass
class PivToken:
    """The contents of a token, before it is a card."""
    serial: int = 12345678
    pin: str = PIN
    puk: str = PUK
    certificates: dict = field(default_factory=dict)  # slot -> Certificate
    objects: dict = field(default_factory=dict)       # tag -> contents

    def add(self, slot, certificate, compressed=False):
        self.certificates[slot] = certificate
        self.objects[SLOTS[slot]] = piv_object(certificate.der, compressed)

    def load(self, card):
        card.pin(self.pin)
        card.puk(self.puk)
        for tag, data in self.objects.items():
            card.put(tag, data)
        for slot, certificate in self.certificates.items():
            card.put(0xF700 | slot, key_metadata(certificate), raw=True)
        return card


def piv_token(subject=HOLDER, kind='rsa2048', serial=12345678, issuer=None, days=365,
              sans=(('email', 'zhang.san@example.com'),), slots=(0x9A, 0x9C, 0x9D, 0x9E), **options):
    """The standard personal token: authentication, signature, encryption and card authentication."""
    issuer = issuer or make_authority()
    usages = {0x9A: ('digitalSignature',), 0x9C: ('digitalSignature', 'nonRepudiation'),
              0x9D: ('keyEncipherment', 'dataEncipherment'), 0x9E: ('digitalSignature',)}
    token = PivToken(serial)
    guid = uuid.uuid5(uuid.NAMESPACE_DNS, f'{serial}.token.example').bytes
    token.objects = {CHUID: chuid(guid), CCC: capabilities(serial), KEY_HISTORY: bytes.fromhex('C10100C20100FE00')}
    for slot in slots:
        token.add(slot, make_certificate(kind, subject, key_name=f'{slot:x}', issuer=issuer, days=days, sans=sans,
                                         usages=usages.get(slot, ('keyEncipherment',)),
                                         extended_usages=('clientAuth',) if slot == 0x9A else (), **options))
    return token


# OpenPGP card 3.4.1, sections 4.3 and 4.4

ADMIN, RESETTING_CODE = '12345678', '87654321'
CERTIFICATES = {'aut': 0x7F21, 'dec': 0x7F2101, 'sig': 0x7F2102}  # where the virtual token has them
OPENPGP_AID, OPENPGP_NAME, OPENPGP_LOGIN, OPENPGP_URL, OPENPGP_KDF = 0x4F, 0x5B, 0x5E, 0x5F50, 0xF9
OPENPGP_FINGERPRINTS = 0xC5


def openpgp_aid(serial, version=(3, 4), manufacturer=0xFF00):
    return (bytes.fromhex('D27600012401') + bytes(version) + manufacturer.to_bytes(2, 'big')
            + serial.to_bytes(4, 'big') + bytes(2))


@dataclass
class OpenPgpToken:
    """The contents of a token, before it is a card."""
    serial: int = 12345678
    pin: str = PIN
    admin: str = ADMIN
    resetting_code: str = None
    certificates: dict = field(default_factory=dict)  # 'aut', 'dec', 'sig' -> Certificate
    objects: dict = field(default_factory=dict)       # tag -> contents

    def add(self, place, certificate):
        self.certificates[place] = certificate
        self.objects[CERTIFICATES[place]] = certificate.der

    def load(self, card):
        card.pin(self.pin)
        card.admin(self.admin)
        if self.resetting_code:
            card.puk(self.resetting_code)
        for tag, data in self.objects.items():
            card.put(tag, data)
        return card


def openpgp_token(subject=HOLDER, kind='rsa2048', serial=12345678, issuer=None, places=('aut', 'dec', 'sig'), **options):
    """The standard personal token: authentication, encryption and signature."""
    issuer = issuer or make_authority()
    usages = {'aut': ('digitalSignature',), 'dec': ('keyEncipherment',), 'sig': ('digitalSignature', 'nonRepudiation')}
    token = OpenPgpToken(serial)
    token.objects = {OPENPGP_NAME: b'Zhang<<San', OPENPGP_LOGIN: b'zhang.san', OPENPGP_URL: b'https://example.com/key'}
    for place in places:
        token.add(place, make_certificate(kind, subject, key_name=place, issuer=issuer, usages=usages[place], **options))
    return token


# GIDS 2.0, and the files of the minidriver; on the virtual token a place is file and tag

GIDS_TABLE, GIDS_CARD_ID, GIDS_MAP, GIDS_KEYS, GIDS_FIRST = 0xA000DF1F, 0xA012DF20, 0xA010DF23, 0xA000DF20, 0xA010DF24
GIDS_FILES = [('mscp', '', 0xA0000000), ('', 'cardid', GIDS_CARD_ID), ('', 'cardapps', 0xA010DF21),
              ('', 'cardcf', 0xA010DF22), ('mscp', 'cmapfile', GIDS_MAP)]


def gids_table(files):
    """[(directory, name, place), …]"""
    return b'\1' + b''.join(struct.pack('<9s9s2xII', directory.encode(), name.encode(), place & 0xFFFF, place >> 16)
                            for directory, name, place in files)


def gids_pack(data):
    return struct.pack('<HH', 1, len(data)) + zlib.compress(data, 9)


@dataclass(frozen=True)
class GidsContainer:
    """A key of the token; without a certificate it has none."""
    certificate: Certificate = None
    exchange: bool = True
    default: bool = False
    valid: bool = True
    packed: bool = True


@dataclass
class GidsToken:
    """The contents of a token, before it is a card."""
    serial: int = 12345678
    pin: str = PIN
    puk: str = None
    containers: list = field(default_factory=list)

    def add(self, certificate, **options):
        self.containers.append(GidsContainer(certificate, **options))

    @property
    def certificates(self):
        """id -> Certificate, of the containers in use"""
        return {f'{"kxc" if container.exchange else "ksc"}{i:02x}': container.certificate
                for i, container in enumerate(self.containers) if container.valid and container.certificate}

    def _map(self):
        found = b''
        for i, container in enumerate(self.containers):
            name = str(uuid.uuid5(uuid.NAMESPACE_DNS, f'{i}.{self.serial}.token.example')).encode('utf-16-le')
            sizes = (0, 2048) if container.exchange else (2048, 0)
            found += struct.pack('<80sBxHH', name, container.valid | container.default << 1, *sizes)
        return found

    def _keys(self):
        """For each: in use, algorithm (RSA 2048), kind, the file of the key"""
        return b'\1' + b''.join(struct.pack('<IBBHHxx', container.valid, 7, 0x9A if container.exchange else 0x9C,
                                            0xB081 + i, 0xFFFF) for i, container in enumerate(self.containers))

    def load(self, card):
        files = list(GIDS_FILES)
        card.pin(self.pin)
        if self.puk:
            card.puk(self.puk)
        for i, container in enumerate(self.containers):
            if not container.certificate:
                continue
            data = container.certificate.der
            files.append(('mscp', f'{"kxc" if container.exchange else "ksc"}{i:02X}', GIDS_FIRST + i))
            card.put(GIDS_FIRST + i, gids_pack(data) if container.packed else data)
            card.put(0x3FFF0081 + i, public_point(container.certificate))
        card.put(GIDS_TABLE, gids_table(files))
        card.put(GIDS_MAP, self._map())
        card.put(GIDS_KEYS, self._keys())
        return card


def gids_token(subject=HOLDER, kind='rsa2048', serial=12345678, issuer=None, **options):
    """The standard personal token: signature, authentication (the default container) and encryption."""
    issuer = issuer or make_authority()
    token = GidsToken(serial)
    for name, usages, extended, exchange in (('sig', ('digitalSignature', 'nonRepudiation'), (), False),
                                             ('aut', ('digitalSignature',), ('clientAuth',), True),
                                             ('dec', ('keyEncipherment',), (), True)):
        token.add(make_certificate(kind, subject, key_name=name, issuer=issuer, usages=usages,
                                   extended_usages=extended, **options), exchange=exchange, default=name == 'aut')
    return token


# PKCS#15 v1.1 section 6 (ISO 7816-15)

APPLICATION = 0x3F005015
ODF, TOKEN_INFO, AODF, PRKDF, CDF, FIRST_CERTIFICATE = (APPLICATION << 16 | i for i in
                                                        (0x5031, 0x5032, 0x4401, 0x4402, 0x4404, 0x4501))
EF_DIR = 0x3F002F00
PKCS15_AID = bytes.fromhex('A000000063') + b'PKCS-15'
KEY_USAGES = {'digitalSignature': 2, 'nonRepudiation': 9, 'keyEncipherment': 5, 'dataEncipherment': 1}
PIN_FLAGS = {'case-sensitive': 0, 'local': 1, 'initialized': 4, 'needs-padding': 5, 'unblocks': 6, 'admin': 7}
PIN_TYPES = {'bcd': 0, 'ascii': 1, 'utf8': 2, 'half-bcd': 3, 'iso9564': 4}


def _bits(numbers):
    value = bytearray(2)
    for number in numbers:
        value[number // 8] |= 0x80 >> number % 8
    return der.bit_string(bytes(value))


def pkcs15_path(path):
    return der.sequence(der.octet_string(path.to_bytes(6, 'big')))


def pkcs15_object(common, own, kind):
    return der.sequence(der.sequence(*common), der.sequence(*own), der.tlv(0xA1, der.sequence(*kind)))


def pkcs15_pin(label, ident, reference, flags=(), protector=None, kind='ascii', shortest=4, stored=8, longest=8,
               filler=0x00):
    """A PIN object; FLAGS beside those that each one has."""
    flags = {'case-sensitive', 'initialized', 'needs-padding', *flags}
    return pkcs15_object(
        [der.string(label), _bits([0, 1]), der.octet_string(bytes([protector])) if protector else b''],
        [der.octet_string(bytes([ident]))],
        [_bits(PIN_FLAGS[flag] for flag in flags), der.tlv(0x0A, bytes([PIN_TYPES[kind]])), der.integer(shortest),
         der.integer(stored), der.integer(longest), der.tlv(0x80, bytes([reference])), der.octet_string(bytes([filler])),
         der.sequence(der.octet_string(APPLICATION.to_bytes(4, 'big')))])


@dataclass
class Pkcs15Token:
    """The contents of a token, before it is a card."""
    serial: bytes
    pin: str = PIN
    puk: str = PUK
    certificates: list = field(default_factory=list)  # Certificate: identifiers 01, 02 …
    objects: dict = field(default_factory=dict)       # path -> contents

    def load(self, card):
        card.pin(self.pin)
        card.puk(self.puk)
        for path, data in self.objects.items():
            card.put(path, data)
        return card


def pkcs15_token(subject=HOLDER, kind='rsa2048', serial=4711, issuer=None, pins=None,
                 usages=(('digitalSignature',), ('digitalSignature', 'nonRepudiation'), ('keyEncipherment',)), **options):
    """The standard personal token: authentication, signature, encryption, each with its key. USAGES are those of the
    certificates; PINS are pkcs15_pin ()s."""
    issuer = issuer or make_authority()
    token = Pkcs15Token(serial.to_bytes(8, 'big'))
    certificates = keys = b''
    for i, usage in enumerate(usages):
        ident, path = der.octet_string(bytes([i + 1])), FIRST_CERTIFICATE + i
        extended = ('clientAuth',) if i == 0 else ()
        made = make_certificate(kind, subject, key_name=f'p15-{i}', issuer=issuer, usages=usage, extended_usages=extended,
                                **options)
        token.certificates.append(made)
        token.objects[path] = made.der
        certificates += pkcs15_object([der.string(f'Certificate {i + 1}')], [ident], [pkcs15_path(path)])
        keys += pkcs15_object([der.string(f'Key {i + 1}'), _bits([0]), der.octet_string(b'\1')],
                              [ident, _bits(KEY_USAGES[name] for name in usage), _bits([0, 2, 3, 4]),
                               der.integer(i + 1)], [pkcs15_path(path + 0x100), der.integer(2048)])
    if pins is None:
        pins = [pkcs15_pin('User PIN', 1, 1, protector=2), pkcs15_pin('PUK', 2, 2, ['unblocks'], shortest=8)]
    token.objects.update({
        ODF: b''.join(der.tlv(0xA0 + number, pkcs15_path(path)) for number, path in ((0, PRKDF), (4, CDF), (8, AODF))),
        TOKEN_INFO: der.sequence(der.integer(0), der.octet_string(token.serial), der.string('Example Maker'),
                                 der.tlv(0x80, 'Example Card'.encode()), _bits([1])),
        EF_DIR: der.tlv(0x61, der.tlv(0x4F, PKCS15_AID), der.tlv(0x50, b'Example Card'),
                        der.tlv(0x51, APPLICATION.to_bytes(4, 'big'))),
        CDF: certificates, PRKDF: keys, AODF: b''.join(pins)})
    return token
