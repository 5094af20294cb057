"""What is said of 0, 1, 2 and 5 tries, before an attempt and after it, as it stands on the screen; in both languages."""
import program
from pinflow import CHANGE, NEW, OLD, PUK, UNLOCK, WRONG, Flow

from show import wait_no_window


class Sentences(Flow):
    titles = CHANGE, UNLOCK
    entries = 'Change PIN…', 'Unlock…'
    pin_before = {1: '1 of 5 tries left before this token locks.', 2: '2 of 5 tries left before this token locks.',
                  5: '5 of 5 tries left before this token locks.'}
    pin_after = {0: 'Sent: the current PIN is wrong. No tries are left: it is locked.',
                 1: 'Sent: the current PIN is wrong. 1 try left.', 2: 'Sent: the current PIN is wrong. 2 tries left.',
                 5: 'Sent: the current PIN is wrong. 5 tries left.'}
    puk_before = {0: 'The PUK is locked: no tries are left.', 1: '1 try left with the PUK.',
                  2: '2 tries left with the PUK.', 5: '5 tries left with the PUK.'}
    puk_after = {0: 'Sent: the PUK is wrong. No tries are left: it is locked.', 1: 'Sent: the PUK is wrong. 1 try left.',
                 2: 'Sent: the PUK is wrong. 2 tries left.', 5: 'Sent: the PUK is wrong. 5 tries left.'}

    def ask(self, which, before):
        """Opens the dialog about the token as it is now, and reads what it says of the tries."""
        self.card.insert('First Reader')
        self.item.wait_menu(lambda labels: any(label.startswith(self.entries[which]) for label in labels))
        label = next(label for label in self.item.labels() if label.startswith(self.entries[which]))
        self.open(self.titles[which], label)
        self.say(before)

    def leave(self, which):
        self.desktop.key('Escape')
        wait_no_window(self.desktop, self.titles[which])
        self.pcscd.host.eject('First Reader')
        self.item.wait_menu(lambda labels: not any('4821' in label for label in labels))

    def confirm(self, left):
        if left == 1:
            next(node for node in self.dialog.find_all('text') if 'editable' in node.states).set_text('1')

    def test_pin(self):
        for left, before in self.pin_before.items():
            self.card.pin(OLD, left=left, maximum=5)
            self.ask(0, before)
            self.confirm(left)
            self.type(WRONG, NEW, NEW)
            self.say(self.pin_after[left - 1] if left - 1 in self.pin_after else self.pin_after[5].replace('5 ', '4 '))
            self.leave(0 if left > 1 else 1)
        self.card.pin(OLD, left=6, maximum=6)
        self.ask(0, self.pin_before[5].replace('5 ', '6 '))
        self.type(WRONG, NEW, NEW)
        self.say(self.pin_after[5])

    def test_puk(self):
        for left, before in self.puk_before.items():
            self.card.pin(OLD, left=0)
            self.card.puk(PUK, left=left, maximum=6)
            self.ask(1, before)
            if left:
                self.confirm(left)
                self.type('87654312', NEW, NEW)
                self.say(self.puk_after[left - 1] if left - 1 in self.puk_after else self.puk_after[5].replace('5 ', '4 '))
            self.leave(1)


class ChineseSentences(Sentences):
    language = 'zh_CN'
    titles = '修改证书密码', '解锁证书密码'
    entries = '修改证书密码', '解锁'
    pin_before = {n: f'还可尝试 {n} 次（共 5 次），用完后介质将锁死。' for n in (1, 2, 5)}
    pin_after = {0: '已发送：当前密码错误。没有剩余次数，已锁死。',
                 **{n: f'已发送：当前密码错误。还可尝试 {n} 次。' for n in (1, 2, 5)}}
    puk_before = {0: '解锁码（PUK）已锁死：没有剩余次数。', **{n: f'解锁码（PUK）还可尝试 {n} 次。' for n in (1, 2, 5)}}
    puk_after = {0: '已发送：解锁码（PUK）错误。没有剩余次数，已锁死。',
                 **{n: f'已发送：解锁码（PUK）错误。还可尝试 {n} 次。' for n in (1, 2, 5)}}


if __name__ == '__main__':
    program.main()
