"""Another token comes into the reader while a PIN is on its way: it gets nothing, whenever that is. tests/bench/swaps.py does the
same a thousand times."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import swapping  # noqa: E402
import tap  # noqa: E402


class Swaps(unittest.TestCase):
    def test_swaps(self):
        figures = swapping.run(40, seed=1)
        print(f'# {figures}')
        self.assertEqual(figures.faults, [])
        # Some came before the command and some after it: or nothing was tried.
        self.assertGreater(figures.sent, 0)
        self.assertGreater(figures.not_sent, 0)


if __name__ == '__main__':
    tap.main()
