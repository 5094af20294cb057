"""The interface for other programs on the session bus, as the README and the manual have it."""
import json
import re
import select
import subprocess
import sys

import program
from program import NAME, Bench, wait_for

from assistant import cli
from desktop import call
from gi.repository import Gio
from vcard import source_root

PATH = '/org/certassistant/CertAssistant'
INTERFACE = 'org.certassistant.Tokens1'


class Bus(Bench):
    def setUp(self):
        super().setUp()
        self.desktop.mock_notifications()
        self.item = self.start_in_tray()
        self.heard = []
        self.desktop.bus.signal_subscribe(NAME, INTERFACE, None, PATH, None, Gio.DBusSignalFlags.NONE, self.on_signal)

    def on_signal(self, bus, sender, path, interface, signal, parameters):
        self.heard.append((signal, *parameters.unpack()))

    def status(self):
        return json.loads(call(self.desktop.bus, NAME, PATH, INTERFACE, 'GetStatus')[0])

    def test_comes_and_goes(self):
        wait_for(lambda: self.status().get('service') == 'running')
        self.assertEqual(self.status()['tokens'], [])
        for _ in range(2):
            self.heard.clear()
            self.card.insert('First Reader')
            wait_for(lambda: ('TokenAdded', 'piv-12344821', 'Zhang San') in self.heard)
            (token,) = self.status()['tokens']
            self.assertEqual((token['id'], token['certificates'][0]['holder']), ('piv-12344821', 'Zhang San'))
            self.pcscd.host.eject('First Reader')
            wait_for(lambda: ('TokenRemoved', 'piv-12344821') in self.heard)
            self.assertEqual([name for name, *_ in self.heard if name.startswith('Token')], ['TokenAdded', 'TokenRemoved'])

    def test_findings(self):
        self.card.pin('123456', left=0)
        self.card.insert('First Reader')
        wait_for(lambda: any(name == 'FindingsChanged' and 'pin-blocked:piv-12344821:user' in ids[0]
                             for name, *ids in self.heard))
        self.assertEqual([finding['id'] for finding in self.status()['findings']],
                         [ids for name, *ids in self.heard if name == 'FindingsChanged'][-1][0])
        self.pcscd.host.eject('First Reader')
        wait_for(lambda: ('FindingsChanged', []) in self.heard)

    def test_same_as_the_command_line(self):
        self.card.insert('First Reader')
        wait_for(lambda: any(name == 'TokenAdded' for name, *_ in self.heard))
        listed = json.loads(cli('list', '--json').stdout)
        self.assertEqual(self.status()['tokens'], listed['tokens'])

    def test_nothing_can_be_changed(self):
        """There is one method, and no property."""
        xml = call(self.desktop.bus, NAME, PATH, 'org.freedesktop.DBus.Introspectable', 'Introspect')[0]
        part = re.search(f'<interface name="{INTERFACE}">.*?</interface>', xml, re.S).group()
        self.assertEqual(re.findall('<(method|property) name="(.*?)"', part), [('method', 'GetStatus')])

    def test_manual_shows_what_is_there(self):
        shown = self.desktop.run(['gdbus', 'introspect', '--session', '--dest', NAME, '--object-path', PATH]).decode()
        part = re.search(rf'  interface {INTERFACE} \{{.*?\n  \}};\n', shown, re.S).group()
        manual = (source_root() / 'data' / 'cert-assistant-dbus.7').read_text()
        self.assertIn(part, manual)

    def test_client_of_the_readme(self):
        code = re.search('```python\n(.*?)```', (source_root() / 'README.md').read_text(), re.S).group(1)
        client = self.desktop.spawn([sys.executable, '-c', code], stdout=subprocess.PIPE)
        line = ''
        for _ in range(20):  # until it has begun to listen
            self.card.insert('First Reader')
            wait_for(lambda: self.status()['tokens'])
            if select.select([client.stdout], [], [], .5)[0]:
                line = client.stdout.readline().decode()
                break
            self.pcscd.host.eject('First Reader')
            wait_for(lambda: not self.status()['tokens'])
        client.stdout.close()
        self.assertEqual(line, 'Zhang San (piv-12344821)\n')


if __name__ == '__main__':
    program.main()
