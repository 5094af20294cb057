"""Another token comes into the reader while a PIN is on its way: again and again, at moments that only a seed knows.

    figures = run(1000, seed=1)             # several benches beside one another
    figures.faults                          # what must not be: empty

Of two tokens in one reader the first is shown and asked for; around the moment of the answer, half a second to either side,
the second takes its place. The first may get one command with a PIN, the second none, and “not sent” must be true.
"""
import json
import os
import random
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from assistant import environment
from cards import piv_token
from pcscd import Pcscd
from vcard import FOREVER, build_root, ins

PIN, NEW = '123456', '24681357'
LINES = f'{PIN}\n{NEW}\n{NEW}\n'
NOT_SENT = 'Not sent: no try was used.'

AROUND = .5         # seconds to either side of the answer
GAPS_MS = 0, 0, 20, 100
# A token of usual speed, that takes its time over a PIN: so many swaps find the worker or the token at work.
APDU_MS, PIN_MS = 5, 100

# They wait most of the time.
BENCHES = 4 * (os.cpu_count() or 1)


@dataclass
class Figures:
    swaps: int = 0
    sent: int = 0        # commands with a PIN to the token that was shown
    not_sent: int = 0    # times that this was said
    elsewhere: int = 0   # commands with a PIN to the other token
    faults: list = field(default_factory=list)

    def add(self, other):
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)

    def __str__(self):
        return (f'{self.swaps} swaps: {self.sent} PINs sent to the token that was shown, {self.not_sent} said to be not sent, '
                f'{self.elsewhere} sent to the other token, {len(self.faults)} faults')


def sent(card):
    counters = card.counters()
    return counters['verifies'] + counters['changes'] + counters['unblocks']


def make_card(pcscd, serial):
    card = piv_token(serial=serial, slots=(0x9A,)).load(pcscd.card('piv', 'yubico', serial=serial))
    card.delay(APDU_MS)
    card.delay(PIN_MS, ins(0x24), FOREVER)
    return card


def wait_asked(process):
    for line in process.stdout:
        if 'tries left' in line:
            return
    raise RuntimeError('it did not ask')


def swap_once(other, choice):
    """Asks and answers; OTHER comes before or after that. Returns what was said."""
    offset, gap = choice.uniform(-AROUND, AROUND), choice.choice(GAPS_MS)
    process = subprocess.Popen([build_root() / 'src' / 'cli' / 'cert-assistant-cli', 'change-pin'], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment())
    wait_asked(process)
    if offset < 0:
        other.replace(gap_ms=gap, wait=False)
        time.sleep(-offset)
    try:
        process.stdin.write(LINES)
        process.stdin.close()
    except BrokenPipeError:
        pass
    if offset >= 0:
        time.sleep(offset)
        other.replace(gap_ms=gap, wait=False)
    said = process.stdout.read()
    process.wait(90)
    process.stdout.close()
    return f'{offset:+.3f} s: {said.strip()}'


def share(n, seed):
    """N swaps on the bench that this process has, in private."""
    figures = Figures()
    choice = random.Random(seed)
    with Pcscd() as pcscd:
        shown, other = make_card(pcscd, 5), make_card(pcscd, 7)
        for _ in range(n):
            shown.pin(PIN)
            shown.replace()
            before = sent(shown)
            said = swap_once(other, choice)
            now = sent(shown) - before
            figures.swaps += 1
            figures.sent += now
            figures.not_sent += NOT_SENT in said
            if now > 1 or (now and NOT_SENT in said):
                figures.faults.append(f'{now} sent; {said}')
        figures.elsewhere = sent(other)
        if sent(shown) != figures.sent:
            figures.faults.append('something was sent after it was said what came of it')
        if figures.elsewhere or other.tries() != (3, 3):
            figures.faults.append(f'{figures.elsewhere} sent to the other token, tries {other.tries()}')
    return figures


def run(n, seed, benches=BENCHES):
    """N swaps on several benches, each in namespaces of its own."""
    counts = [n // benches + (i < n % benches) for i in range(benches)]
    command = [Path(__file__).with_name('private'), sys.executable, __file__]
    processes = [subprocess.Popen([*command, str(count), f'{seed}.{i}'], stdout=subprocess.PIPE, text=True)
                 for i, count in enumerate(counts) if count]
    outputs = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise RuntimeError('a bench failed')
    figures = Figures()
    for output in outputs:
        figures.add(Figures(**json.loads(output)))
    return figures


if __name__ == '__main__':
    print(json.dumps(asdict(share(int(sys.argv[1]), sys.argv[2]))))
