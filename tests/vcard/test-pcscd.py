"""The reader side: what a PC/SC client sees of the virtual readers behind the real pcscd."""
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))
import pcsc  # noqa: E402
import tap  # noqa: E402
from cards import SLOTS, make_certificate, piv_object, piv_token  # noqa: E402
from pcscd import ANY, Error, Pcscd, enter_private, ins  # noqa: E402

SELECT = bytes.fromhex('00A4040005A000000308')
OK = b'\x90\0'
A, B = 'Test Reader A', 'Test Reader B'


def settled(context, *readers):
    return context.wait({name: pcsc.UNAWARE for name in readers}, 0)


class Readers(unittest.TestCase):
    def setUp(self):
        self.pcscd = Pcscd([A, B])
        self.addCleanup(self.pcscd.close)
        self.context = pcsc.Context()
        self.addCleanup(self.context.__exit__)
        self.a, self.b = self.context.list_readers()

    def test_names(self):
        self.assertTrue(self.a.startswith(A) and self.b.startswith(B))

    def test_insert_and_remove_are_seen_at_once(self):
        card = self.pcscd.card('piv')
        times = []
        for _ in range(50):
            before = settled(self.context, self.a)
            started = time.monotonic()
            card.insert(A, wait=False)
            after = self.context.wait(before)
            times.append(time.monotonic() - started)
            self.assertTrue(after[self.a] & pcsc.PRESENT)
            self.pcscd.host.eject(A, wait=False)
            self.assertTrue(self.context.wait(after)[self.a] & pcsc.EMPTY)
        self.assertLess(sorted(times)[25], .2)  # a handler that is asked every 400 ms would not pass

    def test_idle_costs_nothing(self):
        card = self.pcscd.card('piv')
        card.insert(A)
        status = Path(f'/proc/{self.pcscd.host.process.pid}/status')

        def switches():
            return int(status.read_text().split('voluntary_ctxt_switches:')[1].split()[0])

        before, log = switches(), card.log()
        time.sleep(1)
        self.assertLessEqual(switches() - before, 2)  # the question itself
        self.assertEqual(card.log(), log)

    def test_every_swap_is_seen(self):
        one, two = self.pcscd.card('piv'), self.pcscd.card('piv', 'yubico')
        one.insert(A)
        for gap in [0] * 30 + [1] * 30 + [20] * 5:
            before = settled(self.context, self.a)[self.a] >> 16
            two.replace(A, gap)
            one, two = two, one
            time.sleep(.02)
            self.assertEqual((settled(self.context, self.a)[self.a] >> 16) - before, 2)

    def test_slow_token_does_not_delay_the_other(self):
        slow, quick = self.pcscd.card('piv'), self.pcscd.card('piv')
        slow.delay(1500)
        slow.insert(A)
        quick.insert(B)
        finished = []

        def read_slowly():
            with pcsc.Context() as context, context.connect(self.a) as handle:
                self.assertTrue(handle.transmit(SELECT).endswith(OK))
            finished.append(time.monotonic())

        thread = threading.Thread(target=read_slowly)
        started = time.monotonic()
        thread.start()
        time.sleep(.1)
        with self.context.connect(self.b) as handle:
            self.assertTrue(handle.transmit(SELECT).endswith(OK))
        self.assertEqual(finished, [])
        thread.join()
        self.assertGreaterEqual(finished[0] - started, 1.5)

    def test_extended_and_short(self):
        data = make_certificate('rsa2048').der
        ask = bytes.fromhex('00CB3FFF0000055C035FC1050000')
        for personality, good in ((('piv', 'extended'), True), (('piv',), False)):
            card = self.pcscd.card(*personality)
            card.put(SLOTS[0x9A], piv_object(data))
            card.insert(A)
            with self.context.connect(self.a) as handle:
                handle.transmit(SELECT)
                answer = handle.transmit(ask)
            if good:
                self.assertTrue(data in answer and answer.endswith(OK))
            else:
                self.assertEqual(answer, b'\x67\0')
            self.pcscd.host.eject(A)

    def test_answer_of_64_kilobytes(self):
        card = self.pcscd.card('piv', 'extended')
        card.answer(ANY, bytes(65535) + OK)
        card.insert(A)
        with self.context.connect(self.a) as handle:
            self.assertEqual(len(handle.transmit(SELECT)), 65537)

    def test_pulled_and_reset_are_told(self):
        card = self.pcscd.card('piv')
        card.drop(1)
        card.insert(A)
        with self.context.connect(self.a) as handle:
            handle.transmit(SELECT)
            with self.assertRaises(pcsc.PcscError) as caught:
                handle.transmit(SELECT)
            self.assertIn(caught.exception.code, (0x80100016, 0x80100069))
        self.assertEqual(card.log()[-1], 'pulled')
        card.insert(A)
        self.context.connect(self.a).close(pcsc.RESET)
        self.assertEqual(card.log()[-1], 'reset')

    def test_faults_by_instruction_in_order(self):
        card = self.pcscd.card('piv')
        card.answer(ins(0xA4), b'\x6F\0')
        card.answer(ins(0xA4), b'\x6A\x81')
        card.insert(A)
        with self.context.connect(self.a) as handle:
            self.assertEqual([handle.transmit(SELECT)[-2:] for _ in range(3)], [b'\x6F\0', b'\x6A\x81', OK])

    def test_mute_and_nonsense_atr(self):
        card = self.pcscd.card('piv')
        card.mute()
        card.insert(A)
        self.assertTrue(settled(self.context, self.a)[self.a] & pcsc.MUTE)
        self.pcscd.host.eject(A)
        card.mute(False)
        card.atr(b'\0')
        card.insert(A)
        with self.assertRaises(pcsc.PcscError):
            self.context.connect(self.a)

    def test_properties_of_the_reader(self):
        self.pcscd.card('piv').insert(A)
        with self.context.connect(self.a) as handle:
            feature = handle.control(0x42000000 + 3400)
            self.assertEqual(feature[:2], b'\x12\x04')
            code = int.from_bytes(feature[2:], 'big')
            self.assertEqual(handle.control(code), bytes.fromhex('0A0400000100'))

    def test_wrong_commands_are_refused(self):
        card = self.pcscd.card('piv')
        card.insert(A)
        for words in (('insert', card.name, 'r1'), ('insert', card.name, 'r9'), ('nonsense',), ('put', card.name),
                      ('put', card.name, '5fc105', 'zz'), ('log', 'nobody'), ('card', card.name, 'piv')):
            with self.assertRaises(Error):
                self.pcscd.host.command(*words)


class Daemon(unittest.TestCase):
    def test_token_stays_in_the_reader_while_pcscd_comes_and_goes(self):
        with Pcscd([A], start=False) as pcscd:
            card = pcscd.card('piv')
            card.insert(A)
            for end in (pcscd.stop, pcscd.kill):
                pcscd.start()
                with pcsc.Context() as context:
                    [name] = context.list_readers()
                    with context.connect(name) as handle:
                        self.assertTrue(handle.transmit(SELECT).endswith(OK))
                end()

    def test_suspended_daemon_can_be_closed(self):
        with Pcscd([A]) as pcscd:
            pcscd.suspend()

    def test_short_only_reader(self):
        with Pcscd([A], max_apdu=0) as pcscd:
            pcscd.card('piv').insert(A)
            with pcsc.Context() as context, context.connect(context.list_readers()[0]) as handle:
                code = int.from_bytes(handle.control(0x42000000 + 3400)[2:], 'big')
                self.assertEqual(handle.control(code), bytes.fromhex('0A0400000000'))

    def test_keypad(self):
        """One reader has a keypad, the other has none; what is typed reaches the token, or a word of the reader comes."""
        structure = bytes.fromhex('3C3C82080000080806030203090400010200000015000000' '0024008010' + 16 * 'FF')
        with Pcscd([A, B], pads=[A]) as pcscd, pcsc.Context() as context:
            card, other = piv_token().load(pcscd.card('piv')), pcscd.card('piv')
            card.insert(A)
            other.insert(B)
            a, b = context.list_readers()
            with context.connect(b) as handle:
                self.assertEqual(handle.control(0x42000000 + 3400)[0::6], b'\x12')
                with self.assertRaises(pcsc.PcscError):
                    handle.control(0x42000000 + 3507, structure)
            with context.connect(a) as handle:
                self.assertEqual(handle.control(0x42000000 + 3400)[0::6], b'\x12\x07')
                code = int.from_bytes(handle.control(0x42000000 + 3400)[8:], 'big')
                handle.transmit(SELECT)
                pcscd.host.give_up('cancel', A)
                self.assertEqual(handle.control(code, structure), b'\x64\x01')
                pcscd.host.type('123456', '24681357', '24681358', A)
                self.assertEqual(handle.control(code, structure), b'\x64\x02')
                pcscd.host.type('654321', '24681357', reader=A)
                self.assertEqual(handle.control(code, structure[:-1]), b'\x6B\x80')
                self.assertEqual(card.counters()['changes'], 0)
                pcscd.host.type('654321', '24681357', reader=A)
                self.assertEqual(handle.control(code, structure), b'\x63\xC2')
                timer = threading.Timer(.3, lambda: pcscd.host.type('123456', '24681357', reader=A))
                timer.start()
                self.assertEqual(handle.control(code, structure), OK)
                timer.join()
            self.assertEqual((card.counters()['changes'], pcscd.host.keypad(A)), (2, {'asking': 0, 'asked': 5}))
            self.assertNotIn('24681357', ' '.join(card.log()))

    def test_many_readers(self):
        with Pcscd([f'Reader {i}' for i in range(16)]) as pcscd, pcsc.Context() as context:
            card = pcscd.card('piv')
            self.assertEqual(len(context.list_readers()), 16)
            card.insert('Reader 15')
            self.assertTrue(settled(context, context.list_readers()[15])[context.list_readers()[15]] & pcsc.PRESENT)


class HotPlug(unittest.TestCase):
    def test_readers_come_and_go(self):
        with Pcscd([], hotplug=True) as pcscd, pcsc.Context() as context:
            self.assertEqual(context.list_readers(), [])
            one = pcscd.plug('Test Reader', serial='S<b>1</b>&\u202e\x1b[31m', interface='CCID')
            self.assertEqual(context.list_readers(), ['Test Reader [CCID] (S<b>1</b>&\u202e\x1b[31m) 00 00'])
            two = pcscd.plug('Yubico YubiKey OTP+FIDO+CCID')
            card = piv_token().load(pcscd.card('piv', 'yubico'))
            card.insert(two.reader)
            name = pcscd.reader_name(two.reader)
            with context.connect(name) as handle:
                self.assertTrue(handle.transmit(SELECT).endswith(OK))
                two.unplug()
                end = time.monotonic() + 20
                while name in context.list_readers() and time.monotonic() < end:
                    time.sleep(.005)
                with self.assertRaises(pcsc.PcscError):
                    handle.transmit(SELECT)
            one.unplug()

    def test_plug_event(self):
        with Pcscd([], hotplug=True) as pcscd, pcsc.Context() as context:
            for _ in range(3):
                timer = threading.Timer(.1, lambda: plugs.append(pcscd.plug('Other Reader')))
                plugs = []
                timer.start()
                context.wait({pcsc.PNP: pcsc.UNAWARE}, 5000)
                timer.join()
                self.assertEqual(len(context.list_readers()), 1)
                plugs[0].unplug()
                time.sleep(.1)


if __name__ == '__main__':
    enter_private()
    tap.main()
