#!/usr/bin/python3
"""cert-assistant-worker as an enemy would write it. $LIE says how; every start is a line in $STARTS."""
import os
import struct
import sys
import time

from gi.repository import GLib

READERS, STAGE, IN_USE, PARTIAL, TOKEN, FAILURE, ATTEMPT = range(1, 8)
REVOCATION = 11
SEND = 3  # the stage
SHA256, SHA1 = 'ab' * 32, 'cd' * 20


def frame(kind, signature, value):
    data = GLib.Variant(signature, value).get_data_as_bytes().get_data()
    return struct.pack('=IB', len(data), kind) + data


def certificate(**more):
    values = {'id': GLib.Variant('s', '9a'), 'sha256': GLib.Variant('s', SHA256), 'sha1': GLib.Variant('s', SHA1),
              'der': GLib.Variant('ay', b'not DER'), **more}
    return values


def token(complete=1, **more):
    return frame(TOKEN, 'a{sv}', {'id': GLib.Variant('s', 'piv-1'), 'complete': GLib.Variant('i', complete), **more})


def certificates(*values):
    return {'certificates': GLib.Variant('aa{sv}', list(values))}


def readers(*names):
    return frame(READERS, '(uta(ayuub))', (0, 1, [(name, 1, 1, False) for name in names]))


def attempt(sent, failure, status=-1, tries_left=-1):
    return frame(ATTEMPT, 'a{sv}', {name: GLib.Variant('i', value) for name, value in
                                    (('sent', sent), ('failure', failure), ('status', status), ('tries_left', tries_left))})


def revocation(sha256=SHA256, **more):
    return frame(REVOCATION, 'a{sv}', {'sha256': GLib.Variant('s', sha256), **more})


def state(number, **more):
    return {'state': GLib.Variant('i', number), **{name: GLib.Variant('i', value) for name, value in more.items()}}


ONE = readers(b'Reader\0')
PIN = {'pins': GLib.Variant('aa{sv}', [{'ref': GLib.Variant('s', 'user'), 'tries_left': GLib.Variant('i', 3),
                                        'min_length': GLib.Variant('i', 6), 'max_length': GLib.Variant('i', 8)}])}
WHOLE = token(**PIN)
ABOUT_TO_SEND = frame(STAGE, 'u', SEND)
WRONG = 18  # ERROR_PIN_WRONG

# lie -> what the worker for a PIN sends; the token has been read
PIN_LIES = {
    'pin-ends': b'',
    'pin-silent': None,
    'pin-garbage': os.urandom(64),
    'pin-token-only': WHOLE,
    'pin-not-sent': attempt(0, WRONG) + WHOLE,
    'pin-done-unsent': attempt(0, 0) + WHOLE,
    'pin-answer-unsent': attempt(0, WRONG, 0x63C2, 2) + WHOLE,
    'pin-ends-sending': ABOUT_TO_SEND,
    'pin-garbage-sending': ABOUT_TO_SEND + os.urandom(64),
    'pin-failure-sending': ABOUT_TO_SEND + frame(FAILURE, 'u', 9999),
    'pin-done': ABOUT_TO_SEND + attempt(1, 0, 0x9000) + WHOLE,
    'pin-twice': ABOUT_TO_SEND + attempt(1, 0, 0x9000) + attempt(1, WRONG, 0x63C2, 2) + WHOLE,
    'pin-other-token': ABOUT_TO_SEND + attempt(1, 0, 0x9000) + token(serial=GLib.Variant('s', '2'), **PIN),
}

GOOD, REVOKED = revocation(**state(2)), revocation(**state(3))

# lie -> what the worker that asks an issuer sends; the token has been read
REVOCATION_LIES = {
    'revocation-ends': b'',
    'revocation-silent': None,
    'revocation-garbage': os.urandom(4096),
    'revocation-huge-frame': struct.pack('=IB', 0xFFFFFFFF, REVOCATION) + b'x' * 100,
    'revocation-half-frame': GOOD[:-1],
    'revocation-sends-token': WHOLE,
    'revocation-of-another': revocation('cd' * 32, **state(2)),
    'revocation-of-nobody': frame(REVOCATION, 'a{sv}', state(2)),
    'revocation-asking': revocation(**state(0)),
    'revocation-unknown-state': revocation(**state(99)),
    'revocation-good-and-failed': revocation(**state(2, failure=1)),
    'revocation-good': GOOD,
    'revocation-twice': REVOKED + GOOD,
    'revocation-odd': revocation(**state(3, reason=99), host=GLib.Variant('s', '\x1b[31m\u202e<b>'),
                                 revoked_at=GLib.Variant('x', 2 ** 63 - 1)),
}
ASKABLE = {'revocation_hosts': GLib.Variant('as', ['ocsp.example.com'])}

# lie -> what the watcher sends, and what the reader sends; None: nothing, for ever
LIES = {
    'ends': (b'', b''),
    'garbage': (os.urandom(4096), b''),
    'huge-frame': (struct.pack('=IB', 0xFFFFFFFF, READERS) + b'x' * 100, b''),
    'wrong-kind': (token(), b''),
    'nonsense-readers': (frame(READERS, '(uta(ayuub))', (77, 1, [])), b''),
    'thousand-readers': (readers(*(b'%d\0' % i for i in range(1000))), b''),
    'reader-ends': (ONE, b''),
    'reader-garbage': (ONE, os.urandom(4096)),
    'reader-silent': (ONE, None),
    'reader-sends-readers': (ONE, ONE),
    'reader-unknown-failure': (ONE, frame(FAILURE, 'u', 9999)),
    'half-token-as-whole': (ONE, token(complete=0)),
    'token-without-id': (ONE, frame(TOKEN, 'a{sv}', {'complete': GLib.Variant('i', 1)})),
    'bad-fingerprint': (ONE, token(**certificates(certificate(sha256=GLib.Variant('s', '../../etc/passwd'))))),
    'thousand-certificates': (ONE, token(**certificates(*[certificate()] * 1000))),
    'odd-token': (ONE, token(**certificates(certificate(holder=GLib.Variant('s', '\x1b[31m\u202e<b>'),
                                                        not_after=GLib.Variant('x', 2 ** 63 - 1),
                                                        not_before=GLib.Variant('x', -2 ** 63)))))
}

with open(os.environ['STARTS'], 'a', encoding='ascii') as starts:
    starts.write(sys.argv[1] + '\n')
lie = os.environ['LIE']
if lie in REVOCATION_LIES:
    LIES[lie] = ONE, token(**certificates(certificate(**ASKABLE)))
watcher, reader = LIES.get(lie, (ONE, WHOLE))
answer = PIN_LIES.get(lie) if lie in PIN_LIES else REVOCATION_LIES.get(lie)
data = watcher if sys.argv[1] == 'watch' else reader if sys.argv[1] == 'read' else answer
if data:
    with os.fdopen(3, 'wb') as socket:
        socket.write(data)
        socket.flush()
        if sys.argv[1] == 'watch' or (sys.argv[1] == 'change-pin' and 'ends' not in lie):
            time.sleep(3600)
elif data is None:
    time.sleep(3600)
