#!/usr/bin/python3
"""tests/bench/swaps.py [N [SEED]]   Swaps of the token between the question for a PIN and the answer: how many PINs reach the
token that was not shown. A fault is said with the moment of its swap."""
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault('TEST_BUILD', str(Path(os.environ.get('BUILD', ROOT / 'build')).resolve()))
os.environ.setdefault('TEST_SOURCE', str(ROOT))
sys.path.insert(0, str(ROOT / 'tests' / 'support'))

import swapping  # noqa: E402


def swaps(n=1000, seed=1):
    print(f'\nToken swapped around the answer, seed {seed}')
    figures = swapping.run(n, seed)
    print(figures, *figures.faults, sep='\n', flush=True)
    return figures


if __name__ == '__main__':
    sys.exit(1 if swaps(*map(int, sys.argv[1:])).faults else 0)
