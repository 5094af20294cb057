"""Where a secret stands in the memory of running processes.

    for place in find(pid, ['918273']):
        print(place)                        # '918273' as utf-8 at 55d0c8a0 in [heap] (not locked, dumped)
    loose(pid, ['918273'])                  # those that could get into the swap or into a core file
    tree(pid)                               # a process and all that it started

Give secrets that stand nowhere by chance, and keep them out of the command lines of what is searched. Needs root: a process
that hides its memory hides it from its own user.
"""
import itertools
import os
import re
from dataclasses import dataclass
from pathlib import Path

# As C has a text, as Windows and Java do, and as GTK and X have a row of characters or keys.
FORMS = ('utf-8', 'utf-16-le', 'utf-32-le')

# Whoever has this many characters in a row has the secret, whatever was written over the rest.
FRAGMENT = 5

PAGE = os.sysconf('SC_PAGESIZE')
IN_MEMORY_OR_SWAP = 3 << 62  # of an entry of /proc/PID/pagemap

MAPPING = re.compile(r'([0-9a-f]+)-([0-9a-f]+) \S{4} \S+ \S+ \S+ *(.*)')


@dataclass(frozen=True)
class Mapping:
    start: int
    end: int
    name: str
    locked: bool    # never in the swap
    excluded: bool  # in no core file


@dataclass(frozen=True)
class Place:
    """Where LENGTH characters of a secret stand in a row."""
    secret: str
    form: str
    address: int
    length: int
    mapping: Mapping

    @property
    def safe(self):
        return self.mapping.locked and self.mapping.excluded

    @property
    def whole(self):
        return self.length == len(self.secret)

    def __str__(self):
        part = '' if self.whole else f'{self.length} characters of '
        flags = f'{"" if self.mapping.locked else "not "}locked, {"not " if self.mapping.excluded else ""}dumped'
        return f'{part}{self.secret!r} as {self.form} at {self.address:x} in {self.mapping.name or "anonymous memory"} ({flags})'


def mappings(pid):
    """What a process may have written to: of a file that is only read, none but the parts with pages of the process's own."""
    found, header, own = [], None, 0
    for line in Path(f'/proc/{pid}/smaps').read_text().splitlines():
        key, _, value = line.partition(':')
        if key == 'Anonymous':
            own = int(value.split()[0])
        elif key == 'VmFlags':
            flags = value.split()
            if 'rd' in flags and ('wr' in flags or own > 0):
                found.append(Mapping(int(header[1], 16), int(header[2], 16), header[3], 'lo' in flags, 'dd' in flags))
        else:
            header = MAPPING.match(line) or header
    return found


def _read(memory, pagemap, mapping):
    """The pages that are there, as (address, bytes) for each row of them: most of what is mapped was never touched."""
    pagemap.seek(mapping.start // PAGE * 8)
    entries = memoryview(pagemap.read((mapping.end - mapping.start) // PAGE * 8)).cast('Q')
    first = 0
    for there, row in itertools.groupby(entries, lambda entry: entry & IN_MEMORY_OR_SWAP != 0):
        n = len(list(row))
        if there:
            memory.seek(mapping.start + first * PAGE)
            yield mapping.start + first * PAGE, memory.read(n * PAGE)
        first += n


def search(data, secret):
    """(form, offset, length) of every row of at least FRAGMENT characters of SECRET in DATA."""
    size = min(FRAGMENT, len(secret))
    for form in FORMS:
        width = len('0'.encode(form))
        rows = {}  # where the secret would begin -> the numbers of the fragments that stand right for it
        for i in range(len(secret) - size + 1):
            for match in re.finditer(re.escape(secret[i:i + size].encode(form)), data):
                rows.setdefault(match.start() - i * width, []).append(i)
        for begin, numbers in sorted(rows.items()):
            yield form, begin + numbers[0] * width, numbers[-1] - numbers[0] + size


def find(pid, secrets):
    """All Places in a process; none in one that has ended. A mapping that ends while it is read is passed over."""
    found = []
    try:
        for mapping in mappings(pid):
            with open(f'/proc/{pid}/mem', 'rb', 0) as memory, open(f'/proc/{pid}/pagemap', 'rb', 0) as pagemap:
                try:
                    rows = list(_read(memory, pagemap, mapping))
                except (OSError, OverflowError):
                    continue
            found += [Place(secret, form, start + offset, length, mapping)
                      for start, data in rows for secret in secrets for form, offset, length in search(data, secret)]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return found


def loose(pid, secrets):
    return [place for place in find(pid, secrets) if not place.safe]


def tree(pid):
    """The process ids of a process and of all that it started and that still runs, the oldest first."""
    pids = [pid]
    for path in Path(f'/proc/{pid}/task').glob('*/children'):
        try:
            children = path.read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in children:
            pids += tree(int(child))
    return pids


def command_line(pid):
    """The words that it was started with; none when it has ended."""
    try:
        return Path(f'/proc/{pid}/cmdline').read_bytes().decode(errors='replace').split('\0')[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []
