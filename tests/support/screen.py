"""Windows as a screen reader sees them: find by role and name, read, press, type. Speaks AT-SPI over D-Bus itself: the usual
library holds one connection a process for ever, and a process here may see several desktops.

    screen = Screen(desktop)
    dialog = screen.find('dialog', 'Change PIN')
    dialog.find('password text', label='New PIN').set_text('123456')
    dialog.find('push button', 'Change').press()
"""

from gi.repository import GLib

from desktop import PATIENCE, call, connect, wait_for

ACCESSIBLE = 'org.a11y.atspi.Accessible'
ROOT = ('org.a11y.atspi.Registry', '/org/a11y/atspi/accessible/root')
NULL = '/org/a11y/atspi/null'

# AtspiStateType and AtspiRelationType, those that tests ask for
STATES = {'active': 1, 'checked': 4, 'editable': 7, 'enabled': 8, 'expanded': 10, 'focusable': 11, 'focused': 12, 'modal': 16,
          'selected': 23, 'sensitive': 24, 'showing': 25, 'visible': 30, 'is-default': 39}
LABELLED_BY = 2


def matches(pattern, text):
    """pattern: None for any, a string for the whole text, or a compiled regular expression to search for."""
    if pattern is None:
        return True
    return pattern.search(text) is not None if hasattr(pattern, 'search') else pattern == text


class Node:
    """One widget. Whatever is asked is asked anew; a widget that has gone raises GLib.Error."""

    def __init__(self, bus, owner, path):
        self.bus, self.owner, self.path = bus, owner, path

    def __repr__(self):
        return f'{self.role} {self.name!r}'

    def call(self, interface, method, args=None):
        return call(self.bus, self.owner, self.path, interface, method, args)

    def _get(self, interface, name):
        return self.call('org.freedesktop.DBus.Properties', 'Get', GLib.Variant('(ss)', (interface, name)))[0]

    @property
    def name(self):
        return self._get(ACCESSIBLE, 'Name')

    @property
    def description(self):
        return self._get(ACCESSIBLE, 'Description')

    @property
    def role(self):
        return self.call(ACCESSIBLE, 'GetRoleName')[0]

    @property
    def states(self):
        """The names of STATES that hold."""
        low, high = self.call(ACCESSIBLE, 'GetState')[0]
        bits = low | high << 32
        return {name for name, bit in STATES.items() if bits >> bit & 1}

    @property
    def sensitive(self):
        return 'sensitive' in self.states

    @property
    def showing(self):
        return 'showing' in self.states

    @property
    def label(self):
        """The text of the label that stands for this widget, or None."""
        for kind, targets in self.call(ACCESSIBLE, 'GetRelationSet')[0]:
            if kind == LABELLED_BY and targets:
                return Node(self.bus, *targets[0]).name
        return None

    @property
    def text(self):
        """The text inside; of a password, as many dots."""
        return self.call('org.a11y.atspi.Text', 'GetText', GLib.Variant('(ii)', (0, -1)))[0]

    @property
    def extents(self):
        """x, y, width, height on the screen."""
        return self.call('org.a11y.atspi.Component', 'GetExtents', GLib.Variant('(u)', (0,)))[0]

    def children(self):
        return [Node(self.bus, *child) for child in self.call(ACCESSIBLE, 'GetChildren')[0] if child[1] != NULL]

    def walk(self):
        """All below, from top to bottom. Widgets may go while we walk: those are left out."""
        try:
            children = self.children()
        except GLib.Error:
            return
        for child in children:
            yield child
            yield from child.walk()

    def find_all(self, role=None, name=None, label=None, showing=True):
        found = []
        for node in self.walk():
            try:
                if ((role is None or node.role == role) and matches(name, node.name)
                        and (label is None or matches(label, node.label or '')) and (not showing or node.showing)):
                    found.append(node)
            except GLib.Error:
                pass
        return found

    def find(self, role=None, name=None, label=None, showing=True, timeout=PATIENCE):
        """The first that fits; waits for it."""
        try:
            return wait_for(lambda: self.find_all(role, name, label, showing), timeout)[0]
        except TimeoutError:
            raise TimeoutError(f'no {role} {name or label!r} within {timeout} s in:\n{self.dump()}') from None

    def wait_gone(self, role=None, name=None, timeout=PATIENCE):
        wait_for(lambda: not self.find_all(role, name), timeout, f'end of {role} {name!r}')

    def texts(self):
        """What can be read here, from top to bottom: names, and texts that are not names. Empty ones and repetitions are left
        out."""
        result = []
        for node in self.find_all():
            try:
                text = node.name or node.text
            except GLib.Error:
                continue
            if text and text not in result[-1:]:
                result.append(text)
        return result

    def press(self):
        """Clicks. An insensitive widget is an error of the test: a person could not."""
        if not self.sensitive:
            raise RuntimeError(f'{self!r} is insensitive')
        self.call('org.a11y.atspi.Action', 'DoAction', GLib.Variant('(i)', (0,)))

    def set_text(self, text):
        self.call('org.a11y.atspi.EditableText', 'SetTextContents', GLib.Variant('(s)', (text,)))

    def wait(self, condition, timeout=PATIENCE):
        """Waits until condition (node) is true."""
        wait_for(lambda: condition(self), timeout, repr(self))
        return self

    def dump(self, depth=0):
        try:
            lines = ['  ' * depth + repr(self) + ('' if self.showing else ' (hidden)')]
            children = self.children()
        except GLib.Error:
            return ''
        return '\n'.join(lines + [child.dump(depth + 1) for child in children])


class Screen(Node):
    """All windows of all programs. Needs the desktop's service a11y."""

    def __init__(self, desktop):
        (address,) = call(desktop.bus, 'org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus', 'GetAddress', None, 10)
        super().__init__(connect(address), *ROOT)

    def application(self, name, timeout=PATIENCE):
        """A program, by the name that it gives itself; waits for it."""
        return wait_for(lambda: next((child for child in self.children() if child.name == name), None), timeout,
                        f'program {name}')
