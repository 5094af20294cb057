#!/usr/bin/python3
"""cert-assistant-worker as an enemy would write it. $LIE says how; every start is a line in $STARTS."""
import os
import struct
import sys
import time

from gi.repository import GLib

READERS, STAGE, IN_USE, PARTIAL, TOKEN, FAILURE = range(1, 7)
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
    return frame(READERS, '(uta(ayuu))', (0, 1, [(name, 1, 1) for name in names]))


ONE = readers(b'Reader\0')

# lie -> what the watcher sends, and what the reader sends; None: nothing, for ever
LIES = {
    'ends': (b'', b''),
    'garbage': (os.urandom(4096), b''),
    'huge-frame': (struct.pack('=IB', 0xFFFFFFFF, READERS) + b'x' * 100, b''),
    'wrong-kind': (token(), b''),
    'nonsense-readers': (frame(READERS, '(uta(ayuu))', (77, 1, [])), b''),
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
watcher, reader = LIES[os.environ['LIE']]
data = watcher if sys.argv[1] == 'watch' else reader
if data:
    with os.fdopen(3, 'wb') as socket:
        socket.write(data)
        socket.flush()
        if sys.argv[1] == 'watch':
            time.sleep(3600)
elif data is None:
    time.sleep(3600)
