"""What it costs to list tokens through a worker and the host of a library, once it is loaded: beside the same calls of
the same library in one process, in the same run.

    listing ()   4 devices of the test library of GM/T 0016, and 4 tokens of SoftHSM where that is installed
"""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from cards import make_certificate
from module import find_library
from vcard import build_root

SKF = build_root() / 'tests' / 'softskf' / 'libsoftskf.so'
SOFTHSM = find_library('softhsm/libsofthsm2.so', '*/softhsm/libsofthsm2.so')
LISTING = build_root() / 'tests' / 'bench' / 'listing'
DEVICES = 4
PIN, OFFICER = '111111', '12345678'


def row(what, *figures):
    print(f'{what:42}', *(f'{figure:>10}' for figure in figures), flush=True)


def measure(name, kind, library, **environment):
    libexec = {'CERT_ASSISTANT_LIBEXEC': str(build_root() / 'src' / 'token')}
    done = subprocess.run([LISTING, kind, library], check=True, capture_output=True, text=True, timeout=120,
                          env=dict(os.environ, **libexec, **environment))
    tokens, *figures = done.stdout.split()
    alone, parsed, host, through = map(float, figures)
    row(f'{name}, {tokens} tokens: calls in one process', f'{alone:.2f}')
    row('  … and what they bring parsed', f'{parsed:.2f}')
    row('  … through the host alone', f'{host:.2f}')
    row('  … through the worker and its host', f'{through:.2f}')
    row('  added, to the calls and to their parsing', f'{through - alone:.2f}', f'{through - parsed:.2f}')


def plug(folder, name):
    container = folder / name / 'BJCA-Application' / 'personalCert00'
    container.mkdir(parents=True)
    (folder / name / 'label').write_text('BJCA-UserKey')
    (folder / name / 'serial').write_text(name)
    (container.parent / 'user').write_text(f'{PIN} 10 10 1\n')
    (container / 'sign').write_bytes(make_certificate('rsa2048', key_name=name).der)
    (container / 'enc').write_bytes(make_certificate('rsa2048', key_name=f'enc {name}').der)


def measure_skf():
    with tempfile.TemporaryDirectory() as folder:
        devices = Path(folder)
        for i in range(DEVICES):
            plug(devices, f'K{i}')
        (devices / '.faults').mkdir()
        (devices / '.faults' / 'fail-SKF_WaitForDevEvent').write_text('0A000003')
        measure('SKF', 'skf', shutil.copy(SKF, folder), SOFTSKF_DIR=folder)


def measure_softhsm():
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        environment = {'SOFTHSM2_CONF': str(home / 'conf')}
        (home / 'tokens').mkdir()
        (home / 'conf').write_text(f'directories.tokendir = {home}/tokens\nlog.level = ERROR\n')
        for i in range(DEVICES):
            (home / 'certificate').write_bytes(make_certificate('rsa2048', key_name=f'K{i}').der)
            for command in (['softhsm2-util', '--init-token', '--free', '--label', f'K{i}', '--pin', PIN,
                             '--so-pin', OFFICER],
                            ['pkcs11-tool', '--module', SOFTHSM, '--token-label', f'K{i}', '--login', '--pin', PIN,
                             '--write-object', home / 'certificate', '--type', 'cert', '--id', '01']):
                subprocess.run(command, check=True, capture_output=True, env=dict(os.environ, **environment))
        measure('SoftHSM', 'pkcs11', SOFTHSM, **environment)


def listing():
    print(f'\nA list of tokens through a vendor\'s library{"":13}    ms')
    measure_skf()
    if SOFTHSM and shutil.which('softhsm2-util') and shutil.which('pkcs11-tool'):
        measure_softhsm()
    else:
        row('SoftHSM: not installed')
