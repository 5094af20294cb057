"""A piece of the screen as a value: compare it, ask whether anything is on it."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Pixels:
    width: int
    height: int
    data: bytes  # three bytes a pixel, row by row

    @property
    def hash(self):
        return hashlib.sha256(self.data).hexdigest()

    def all(self):
        return [self.data[i:i + 3] for i in range(0, len(self.data), 3)]

    def colours(self):
        """The different colours. One alone means that nothing is shown: a missing icon is invisible, not absent."""
        return set(self.all())

    def difference(self, other):
        """The share of pixels that are not the same, from 0 to 1."""
        pairs = list(zip(self.all(), other.all(), strict=True))
        return sum(a != b for a, b in pairs) / len(pairs)


def grab(desktop, x, y, width, height):
    data = desktop.run(['import', '-window', 'root', '-crop', f'{width}x{height}+{x}+{y}', '+repage', '-depth', '8', 'rgb:-'])
    if len(data) != 3 * width * height:
        raise RuntimeError(f'{len(data)} bytes for {width}x{height} pixels at {x},{y}')
    return Pixels(width, height, data)
