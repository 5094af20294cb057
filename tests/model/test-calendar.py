"""The calendar entry, as a calendar program reads it: the parser is somebody else's (python3-icalendar)."""
import datetime
import os
import random
import subprocess
import sys
import unittest
from pathlib import Path

import icalendar

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402

PRINT = Path(os.environ['TEST_BUILD']) / 'tests/model/print-calendar'
NOON = 1830168000  # 2027-12-30T12:00:00Z


def build(end=NOON, holder='张三', organization='北京'):
    return subprocess.run([PRINT, str(end), holder, organization], capture_output=True, check=True,
                          env={**os.environ, 'TZ': 'UTC', 'LC_ALL': 'C.UTF-8'}).stdout


def read(data):
    """The one event."""
    calendar = icalendar.Calendar.from_ical(data)
    events = calendar.walk('VEVENT')
    assert calendar['VERSION'] == '2.0' and len(events) == 1 and not events[0].errors, data
    return events[0]


class Calendar(unittest.TestCase):
    def test_event(self):
        event = read(build())
        self.assertEqual(event.decoded('DTSTART'), datetime.date(2027, 12, 30))
        self.assertEqual(event.decoded('DTSTAMP'), datetime.datetime(2027, 1, 15, 8, tzinfo=datetime.timezone.utc))
        self.assertEqual(event['SUMMARY'], 'Certificate of 张三 expires')
        self.assertEqual(event['DESCRIPTION'], '北京\nIssued by Example Test CA')
        self.assertRegex(event['UID'], '^[0-9a-f]{64}@org.certassistant.CertAssistant$')
        self.assertEqual(event['UID'], read(build(holder='示例'))['UID'])

    def test_alarms(self):
        alarms = read(build()).walk('VALARM')
        self.assertEqual([alarm.decoded('TRIGGER').days for alarm in alarms], [-30, -7])
        for alarm in alarms:
            self.assertEqual(alarm['ACTION'], 'DISPLAY')
            self.assertEqual(alarm['DESCRIPTION'], 'Certificate of 张三 expires')

    def test_last_day(self):
        self.assertEqual(read(build(253402300799)).decoded('DTSTART'), datetime.date(9999, 12, 31))

    def test_hostile_names(self):
        """Whatever stands in a name stands in the summary, and nowhere else. Without backslashes: this parser takes the
        second of two together with what follows."""
        source = random.Random(4)
        for _ in range(100):
            name = 'x' + ''.join(source.choice('a;,":=n张é😀%N') for _ in range(source.randrange(120))) + 'x'
            with self.subTest(name=name):
                event = read(build(holder=name, organization=name[::-1]))
                self.assertEqual(event['SUMMARY'], f'Certificate of {name} expires')
                self.assertEqual(sorted(event), sorted(read(build())))
        event = read(build(holder='a\r\nEND:VEVENT\r\nATTACH:file:///etc/passwd'))
        self.assertEqual(event['SUMMARY'], 'Certificate of a END:VEVENT ATTACH:file:///etc/passwd expires')
        self.assertNotIn('ATTACH', event)


if __name__ == '__main__':
    tap.main()
