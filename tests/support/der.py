"""DER, written: just enough ASN.1 to say anything in a certificate, also what no tool would sign."""
import datetime

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
UTF8_STRING, PRINTABLE_STRING, T61_STRING, IA5_STRING = 0x0C, 0x13, 0x14, 0x16
UTC_TIME, GENERALIZED_TIME, BMP_STRING, SEQUENCE, SET = 0x17, 0x18, 0x1E, 0x30, 0x31

ENCODINGS = {UTF8_STRING: 'utf-8', PRINTABLE_STRING: 'ascii', T61_STRING: 'latin-1', IA5_STRING: 'ascii',
             BMP_STRING: 'utf-16-be'}


def tlv(tag, *parts):
    """Also BER-TLV of cards: TAG may have more than one byte."""
    content = b''.join(parts)
    n = len(content)
    if n < 0x80:
        length = bytes([n])
    else:
        size = (n.bit_length() + 7) // 8
        length = bytes([0x80 | size]) + n.to_bytes(size, 'big')
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, 'big') + length + content


def sequence(*parts):
    return tlv(SEQUENCE, *parts)


def integer(value):
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, 'big', signed=True))


def boolean(value):
    return tlv(BOOLEAN, b'\xff' if value else b'\0')


def bit_string(data, unused=0):
    return tlv(BIT_STRING, bytes([unused]), data)


def octet_string(data):
    return tlv(OCTET_STRING, data)


def oid(dotted):
    first, second, *rest = map(int, dotted.split('.'))
    content = b''
    for arc in [40 * first + second, *rest]:
        chunk = bytes([arc & 0x7F])
        while arc := arc >> 7:
            chunk = bytes([0x80 | arc & 0x7F]) + chunk
        content += chunk
    return tlv(OID, content)


def string(value, tag=UTF8_STRING):
    """VALUE may be bytes: then nothing is checked or encoded."""
    return tlv(tag, value if isinstance(value, bytes) else value.encode(ENCODINGS[tag]))


def time(value):
    """A datetime in UTC, as RFC 5280 wants it (UTCTime until 2049); bytes are taken as a GeneralizedTime."""
    if isinstance(value, bytes):
        return tlv(GENERALIZED_TIME, value)
    value = value.astimezone(datetime.timezone.utc)
    text = f'{value.year:04}' + value.strftime('%m%d%H%M%SZ')
    if 1950 <= value.year < 2050:
        return tlv(UTC_TIME, text[2:].encode())
    return tlv(GENERALIZED_TIME, text.encode())


def split(data):
    """The elements of DATA, [(tag, content), …]: for the one-byte tags of well-formed DER only."""
    found = []
    while data:
        n, at = data[1], 2
        if n & 0x80:
            at += n & 0x7F
            n = int.from_bytes(data[2:at], 'big')
        found.append((data[0], data[at:at + n]))
        data = data[at + n:]
    return found
