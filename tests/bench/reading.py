"""How much is said to a token until its certificate is known, and how fast: ours beside the others', in one run.

    counts ()         APDUs and bytes until the first certificate and the tries left, and for a whole token
    counts_pkcs15 ()  the same of a PKCS#15 card
    counts_openpgp () the same of an OpenPGP token
    counts_unknown () APDUs, and SELECTs among them, until a card that nobody knows is known as that
    insertion ()      insertion -> line of `watch`, over the time that the token itself takes
"""
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from assistant import Watch, list_tokens
from cards import gids_token, make_authority, openpgp_token, piv_token, pkcs15_token
from module import find_library
from pcscd import ANY, FOREVER, Pcscd
from vcard import source_root

YKCS11 = next((str(path) for path in Path('/usr/lib').glob('*/libykcs11.so*')), None)
OPENSC = find_library('*/opensc-pkcs11.so')
OPENSC_CONFIG = source_root() / 'tests' / 'support' / 'opensc.conf'
OTHERS = {
    'yubico-piv-tool -a read-certificate': ['yubico-piv-tool', '-a', 'read-certificate', '-s', '9a'],
    'yubico-piv-tool -a status': ['yubico-piv-tool', '-a', 'status'],
    'pkcs15-tool --read-certificate': ['pkcs15-tool', '--read-certificate', '01'],
    'pkcs15-tool --list-certificates': ['pkcs15-tool', '--list-certificates'],
    'pkcs11-tool -O (opensc)': ['pkcs11-tool', '-O', '--type', 'cert'],
    'pkcs11-tool -O (ykcs11)': ['pkcs11-tool', '--module', YKCS11, '-O', '--type', 'cert'],
}
# SELECT of the directory of PINs, which is read when the first certificate is there.
PKCS15_PINS = 'A408000450154401'
PKCS15_OTHERS = ('pkcs15-tool --read-certificate', 'pkcs15-tool --list-certificates', 'pkcs11-tool -O (opensc)')
OPENPGP_OTHERS = {
    'gpg --card-status': ['gpg', '--homedir', '{home}', '--card-status'],
    'openpgp-tool --card-info': ['openpgp-tool', '--card-info'],
    'pkcs15-tool --read-certificate': ['pkcs15-tool', '--read-certificate', '3'],
    'pkcs15-tool --list-certificates': OTHERS['pkcs15-tool --list-certificates'],
    'pkcs11-tool -O (opensc)': OTHERS['pkcs11-tool -O (opensc)'],
}
UNKNOWN_OTHERS = {**{name: OTHERS[name] for name in ('pkcs15-tool --list-certificates', 'pkcs11-tool -O (opensc)')},
                  'gpg --card-status': OPENPGP_OTHERS['gpg --card-status']}
APDU_MS = 15
INSERTIONS = 15


def token():
    """Four certificates of about 900 bytes, as most authorities issue them: signed with RSA-2048."""
    return piv_token(serial=1, issuer=make_authority('rsa2048'))


def pkcs15():
    """Three of them, in the files of a card."""
    return pkcs15_token(issuer=make_authority('rsa2048'))


def first_report(card, last='002000'):
    """APDUs and bytes out and in until the tries left are known: everything up to the empty VERIFY, or to LAST and the
    rest of its answer."""
    return count(card, lambda said, command: any(last in other for other in said) and command[2:4] != 'C0')


def before(card, first):
    """The same of what was said before the command that contains FIRST."""
    return count(card, lambda said, command: first in command)


def count(card, is_behind):
    """APDUs, bytes out and bytes in, up to the command for which is_behind (those that were said before it, it) holds."""
    commands, out, back = [], 0, 0
    for line in card.log():
        command, arrow, answer = line.partition(' -> ')
        if not arrow:
            continue
        if is_behind(commands, command):
            break
        commands.append(command)
        out += len(command) // 2
        back += int(answer.split('(')[1].rstrip(')')) + 2
    return len(commands), out, back


def row(what, *figures):
    print(f'{what:42}', *(f'{figure:>8}' for figure in figures), flush=True)


def counts():
    print(f'\nAPDUs and bytes, RSA-2048, PIV{"":13}    APDUs      out       in')
    with Pcscd() as pcscd:
        for form, personality in (('short', ('piv',)), ('extended', ('piv', 'extended'))):
            card = token().load(pcscd.card(*personality))
            card.insert()
            list_tokens()
            row(f'ours, first certificate and tries, {form}', *first_report(card))
            counters = card.counters()
            row(f'ours, whole token, 4 certificates, {form}', counters['apdus'], counters['bytes_in'], counters['bytes_out'])
            pcscd.host.eject()
        for form, personality in (('short', ('gids',)), ('extended', ('gids', 'extended'))):
            card = gids_token(issuer=make_authority('rsa2048')).load(pcscd.card(*personality))
            card.insert()
            list_tokens()
            row(f'ours, GIDS, first certificate, {form}', *first_report(card, '5C027F71'))
            pcscd.host.eject()
        card = token().load(pcscd.card('piv', 'yubico', serial=1))
        card.insert()
        list_tokens()
        counters = card.counters()
        row('ours, whole YubiKey, extended', counters['apdus'], counters['bytes_in'], counters['bytes_out'])
        for name, command in OTHERS.items():
            card.reset_counters()
            subprocess.run(command, capture_output=True, timeout=60, env=dict(os.environ, LC_ALL='C'))
            counters = card.counters()
            row(name, counters['apdus'], counters['bytes_in'], counters['bytes_out'])
        pcscd.host.eject()
        card = token().load(pcscd.card('piv', 'openpgp', 'yubico', serial=1, version='5.7.1'))
        openpgp_token(serial=1, issuer=make_authority('rsa2048')).load(card.of('openpgp'))
        card.insert()
        list_tokens()
        counters = card.counters()
        row('ours, whole YubiKey with OpenPGP, extended', counters['apdus'], counters['bytes_in'], counters['bytes_out'])


def counts_pkcs15():
    print(f'\nAPDUs and bytes, RSA-2048, PKCS#15{"":10}APDUs      out       in')
    with Pcscd() as pcscd:
        for form, personality in (('short', ('pkcs15',)), ('extended', ('pkcs15', 'extended'))):
            card = pkcs15().load(pcscd.card(*personality))
            card.insert()
            list_tokens()
            row(f'ours, first certificate, {form}', *before(card, PKCS15_PINS))
            row(f'ours, first certificate and tries, {form}', *first_report(card, '00200001'))
            counters = card.counters()
            row(f'ours, whole token, 3 certificates, {form}', counters['apdus'], counters['bytes_in'],
                counters['bytes_out'])
            if form == 'short':
                pcscd.host.eject()
        for name in PKCS15_OTHERS:
            card.reset_counters()
            subprocess.run(OTHERS[name], capture_output=True, timeout=60,
                           env=dict(os.environ, LC_ALL='C', OPENSC_CONF=str(source_root() / 'tests/support/opensc.conf')))
            counters = card.counters()
            row(name, counters['apdus'], counters['bytes_in'], counters['bytes_out'])


def measure_others(card, others):
    """APDUs, bytes out and in of each, and SELECTs. What gpg starts ends with it, as it would keep the card."""
    for name, command in others.items():
        with tempfile.TemporaryDirectory() as home:
            Path(home, 'scdaemon.conf').write_text('disable-ccid\n')
            if not shutil.which(command[0]):
                row(f'{name}: not installed')
                continue
            card.reset_counters()
            before = count_selects(card)
            subprocess.run([word.format(home=home) for word in command], capture_output=True, timeout=60,
                           env=dict(os.environ, LC_ALL='C', OPENSC_CONF=str(OPENSC_CONFIG)))
            counters, selects = card.counters(), count_selects(card) - before
            if command[0] == 'gpg':
                subprocess.run(['gpgconf', '--homedir', home, '--kill', 'all'], capture_output=True)
        row(name, counters['apdus'], counters['bytes_in'], counters['bytes_out'], selects)


def count_selects(card):
    return sum(line[2:4] == 'A4' for line in card.log() if ' -> ' in line)


def measure_ours(card, name, **environment):
    card.reset_counters()
    before = count_selects(card)
    list_tokens(**environment)
    counters = card.counters()
    row(name, counters['apdus'], counters['bytes_in'], counters['bytes_out'], count_selects(card) - before)


def counts_openpgp():
    print(f'\nAPDUs and bytes, RSA-2048, OpenPGP{"":9}    APDUs      out       in  SELECTs')
    with Pcscd() as pcscd:
        for form, personality in (('short', ('openpgp',)), ('extended', ('openpgp', 'extended'))):
            token = openpgp_token(issuer=make_authority('rsa2048'), serial=4711)
            card = token.load(pcscd.card(*personality, serial=4711))
            card.insert()
            list_tokens()
            row(f'ours, first certificate and tries, {form}', *first_report(card, '7F21'))
            counters = card.counters()
            row(f'ours, whole token, 3 certificates, {form}', counters['apdus'], counters['bytes_in'],
                counters['bytes_out'], count_selects(card))
            if form == 'short':
                pcscd.host.eject()
        measure_others(card, OPENPGP_OTHERS)


def counts_unknown():
    print(f'\nAPDUs and bytes, a card that nobody knows{"":2}    APDUs      out       in  SELECTs')
    with Pcscd() as pcscd:
        card = pcscd.card('piv')
        card.answer(ANY, bytes.fromhex('6A82'), FOREVER)
        card.insert()
        measure_ours(card, 'ours')
        if OPENSC:
            with tempfile.TemporaryDirectory() as home:
                modules = Path(home, 'cert-assistant', 'modules.d')
                modules.mkdir(parents=True)
                (modules / 'opensc.ini').write_text(f'[Module]\nName=OpenSC\nType=pkcs11\nLibrary={OPENSC}\n')
                measure_ours(card, 'ours, and OpenSC\'s library asked about it', XDG_CONFIG_HOME=home)
        measure_others(card, UNKNOWN_OTHERS)


def insertion():
    print(f'\nInsertion to the line of `watch`, {APDU_MS} ms an APDU, {INSERTIONS} insertions, over the token\'s own time')
    with Pcscd() as pcscd:
        for form, personality in (('short', ('piv',)), ('extended', ('piv', 'extended'))):
            card = token().load(pcscd.card(*personality))
            card.delay(APDU_MS)
            ratios = []
            with Watch() as watch:
                watch.wait_last(lambda r: r['readers'] and not r['tokens'])
                for _ in range(INSERTIONS):
                    card.reset_counters()
                    begin = time.monotonic()
                    card.insert(wait=False)
                    watch.wait_last(lambda r: r['tokens'])
                    own = card.counters()['apdus'] * APDU_MS / 1000
                    ratios.append((watch.reports[-1][0] - begin) / own)
                    pcscd.host.eject()
                    watch.wait_last(lambda r: not r['tokens'])
            row(f'{form}: median, least, most', *(f'{figure:.3f}' for figure in
                                                  (statistics.median(ratios), min(ratios), max(ratios))))
