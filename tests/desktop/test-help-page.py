#!/usr/bin/python3
"""The help in the window, and where its questions lead: with made-up tokens, in every look. With TEST_PICTURES=FOLDER
the pictures stay there, for people."""

import os
import re
import unittest

from show import Desktop, Show, action, activate, pause, wait_for, wait_window

from screen import Screen
from sni import Watcher

NAME = 'org.certassistant.CertAssistant'
LOOKS = (('Adwaita', 'en', 1), ('Adwaita', 'zh_CN', 1), ('Adwaita:dark', 'zh_CN', 1), ('HighContrast', 'en', 1),
         ('Adwaita', 'zh_CN', 2))

# The beginnings of the questions, and the row of the check that has the answer.
ANSWERS = (('未查到纳税人信息', 'Holder'), ('证书与登录时不相同', 'One and the same token'),
           ('解析返回数据出现异常', 'One and the same token'), ('没有检测到证书', 'Token'),
           ('请确认有且仅有一个 USBkey 设备', 'One and the same token'), ('ends soon', 'Validity'), ('forgotten', 'PIN'))


class Help(unittest.TestCase):

    def open(self, scene='one', size=(600, 740), **how):
        width, height = size
        self.desktop = Desktop(geometry=f'{width}x{height}x24', **how).__enter__()
        self.addCleanup(self.desktop.close)
        self.watcher = Watcher(self.desktop)
        self.show = Show(self.desktop, scene)
        self.addCleanup(self.end)
        self.watcher.item()
        wait_for(lambda: self.desktop.owner(NAME))
        action(self.desktop, 'help')
        self.window = Screen(self.desktop).find('frame')
        return self.window

    def end(self):
        self.assertEqual(self.show.end(), 0)
        wait_for(lambda: not self.watcher.items)
        self.watcher.close()

    def in_view(self, node):
        _, top, _, height = self.window.extents
        _, y, _, h = node.extents
        return node.showing and y >= top and y + h <= top + height

    def test_questions_lead_to_rows(self):
        window = self.open()
        for question, title in ANSWERS:
            with self.subTest(question):
                row = window.find('list item', re.compile(question))
                x, y, width, height = row.extents
                self.desktop.click(x + width // 2, y + height // 2)
                answer = window.find('list item', re.compile(f'^{title}: '))
                answer.wait(lambda node: 'focused' in node.states and self.in_view(node))
                action(self.desktop, 'help')

    def test_by_the_keyboard(self):
        window = self.open()
        window.find('list item', re.compile('未查到纳税人信息'))
        activate(self.desktop, 'Help')
        self.desktop.key('Escape')
        window.find('label', 'Certificates on this token')
        self.desktop.key('F1')
        window.find('list item', re.compile('未查到纳税人信息'))
        self.desktop.key('Tab')
        self.desktop.key('Tab')
        self.desktop.key('Return')
        wait_window(self.desktop, 'Check')

    def look(self, theme, language, scale):
        folder = os.environ.get('TEST_PICTURES')
        window = self.open('two', (600 * scale, 740 * scale), theme=theme, language=language, scale=scale)
        rows = wait_for(lambda: window.find_all('list item'))
        self.assertEqual(len(rows), len(ANSWERS))
        left, _, width, _ = window.extents
        for node in window.find_all('label'):
            x, _, w, _ = node.extents
            self.assertGreaterEqual(x, left, node)
            self.assertLessEqual(x + w, left + width, node)
        pause(0.5)
        if folder:
            os.makedirs(folder, exist_ok=True)
            self.desktop.screenshot(os.path.join(folder, f'help-{theme.replace(":", "-")}-{language}-{scale}.png'))


def add(look):
    name = 'test_' + '_'.join(str(part) for part in look).replace(':', '_')
    setattr(Help, name, lambda self: self.look(*look))


for each in LOOKS:
    add(each)

if __name__ == '__main__':
    import tap
    tap.main()
