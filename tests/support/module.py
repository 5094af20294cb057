"""A vendor library through tests/module-host/driver, as a worker has it.

    with Module('pkcs11', '/usr/lib/softhsm/libsofthsm2.so') as module:
        module.start                                   # {'uses_pcsc': False, 'error': None, 'ms': 12}
        module.list()['tokens']
        module.change_pin('123456', '654321')          # of the first token's first PIN

Every answer has the word of an error, or None, and how long it took in milliseconds.
"""
import json
import os
import subprocess
from pathlib import Path

from vcard import build_root

NOBODY = 65534
SYSTEM_IS_OURS = os.stat('/usr').st_uid != NOBODY  # not so where root is only the user's own, in namespaces


def find_library(*patterns):
    return next((str(path) for pattern in patterns for path in sorted(Path('/usr/lib').glob(pattern))), None)


class Module:
    def __init__(self, kind, library, own=False, **environment):
        self.process = subprocess.Popen(
            [build_root() / 'tests' / 'module-host' / 'driver', kind, str(library), *(['own'] if own else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ, **environment))
        self.start = self.receive()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def send(self, *words):
        self.process.stdin.write(' '.join(map(str, words)) + '\n')
        self.process.stdin.flush()

    def receive(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, *words):
        self.send(*words)
        return self.receive()

    def list(self):
        return self.ask('list')

    def change_pin(self, old, new, token=0, ref='user'):
        return self.ask('change-pin', token, ref, old or '-', new or '-')

    def unblock(self, admin, new, token=0, ref='user'):
        return self.ask('unblock', token, ref, admin or '-', new or '-')

    def begin_wait(self):
        return self.ask('begin-wait')

    def end_wait(self, seconds):
        return self.ask('end-wait', int(1000 * seconds))
