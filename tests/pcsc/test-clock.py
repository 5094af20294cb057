"""What is said of an end by a clock that shows another day: over leap days, changes of summer time and the year 2038."""
import datetime
import json
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402
from assistant import environment  # noqa: E402
from cards import piv_token  # noqa: E402
from pcscd import Pcscd, enter_private  # noqa: E402
from vcard import build_root  # noqa: E402

UTC = datetime.timezone.utc
ENDS = [datetime.datetime(2028, 3, 1, 0, 0, 0, tzinfo=UTC), datetime.datetime(2029, 3, 25, 1, 30, 0, tzinfo=UTC),
        datetime.datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), datetime.datetime(2039, 11, 6, 6, 59, 59, tzinfo=UTC)]
# Whole days before the end → the step that is reminded of; None: of none
STEPS = {91: None, 90: 90, 60: 60, 30: 30, 8: 14, 7: 7, 1: 1, 0: 0}


class Clock(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pcscd = Pcscd()
        cls.addClassCleanup(cls.pcscd.close)

    def list_at(self, moment, **more):
        done = subprocess.run(['faketime', '-f', moment.strftime('%Y-%m-%d %H:%M:%S'),
                               build_root() / 'src/cli/cert-assistant-cli', 'list', '--json'],
                              capture_output=True, text=True, timeout=60, env=environment(**more))
        return json.loads(done.stdout)

    def test_steps(self):
        for end in ENDS:
            card = piv_token(serial=5, slots=(0x9A,), not_after=end).load(self.pcscd.card('piv', 'yubico', serial=5))
            card.insert()
            for days, step in STEPS.items():
                with self.subTest(end=end.isoformat(), days=days):
                    report = self.list_at(end - datetime.timedelta(days=days + 1) + datetime.timedelta(seconds=10))
                    (certificate,) = report['tokens'][0]['certificates']
                    self.assertEqual(certificate['days_left'], days)
                    said = [finding['id'].rpartition(':')[2] for finding in report['findings'] if finding['kind'] == 'expiring']
                    self.assertEqual(said, [] if step is None else [str(step)])
            report = self.list_at(end + datetime.timedelta(seconds=10))
            self.assertIn('expired', [finding['kind'] for finding in report['findings']])
            self.pcscd.host.eject()

    def test_clock_that_is_wrong(self):
        card = piv_token(serial=6, slots=(0x9A,), days=5).load(self.pcscd.card('piv', 'yubico', serial=6))
        card.insert()
        self.addCleanup(self.pcscd.host.eject)
        report = self.list_at(datetime.datetime(2001, 1, 1, tzinfo=UTC))
        kinds = [finding['kind'] for finding in report['findings'] if finding['level'] != 'info']
        self.assertEqual(kinds, ['clock-suspect'])
        self.assertIn('It shows 2001-01-01', next(finding['text'] for finding in report['findings']
                                                  if finding['kind'] == 'clock-suspect'))


if __name__ == '__main__':
    enter_private()
    tap.main()
