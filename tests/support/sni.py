"""The tray over D-Bus, without a panel: a watcher to which items register, and the item as a panel sees it.

    watcher = Watcher(desktop)
    desktop.spawn([program])
    item = watcher.item()
    item.wait(lambda props: props['IconName'] == 'cert-assistant-token')
    item.click('Details')
"""

from dataclasses import dataclass

from gi.repository import Gio, GLib

from desktop import PATIENCE, call, wait_for

WATCHER = 'org.kde.StatusNotifierWatcher'
ITEM = 'org.kde.StatusNotifierItem'
MENU = 'com.canonical.dbusmenu'
DBUS = 'org.freedesktop.DBus'

INTERFACE = Gio.DBusNodeInfo.new_for_xml(f"""<node><interface name='{WATCHER}'>
  <method name='RegisterStatusNotifierItem'><arg type='s' direction='in'/></method>
  <method name='RegisterStatusNotifierHost'><arg type='s' direction='in'/></method>
  <property name='RegisteredStatusNotifierItems' type='as' access='read'/>
  <property name='IsStatusNotifierHostRegistered' type='b' access='read'/>
  <property name='ProtocolVersion' type='i' access='read'/>
  <signal name='StatusNotifierItemRegistered'><arg type='s'/></signal>
  <signal name='StatusNotifierItemUnregistered'><arg type='s'/></signal>
  <signal name='StatusNotifierHostRegistered'/>
</interface></node>""").interfaces[0]


class Watcher:
    """On a connection of its own, so that close () looks like a crash; another Watcher is then the restarted one.
    host=False: a watcher with no panel behind it."""

    def __init__(self, desktop, host=True):
        self.desktop, self.host = desktop, host
        self.items = []  # (owner, path)
        self.bus = desktop.connect()
        self.bus.register_object('/StatusNotifierWatcher', INTERFACE, self._on_call, self._on_get, None)
        self.bus.signal_subscribe(DBUS, DBUS, 'NameOwnerChanged', None, None, Gio.DBusSignalFlags.NONE, self._on_owner_changed)
        (got,) = call(self.bus, DBUS, '/org/freedesktop/DBus', DBUS, 'RequestName', GLib.Variant('(su)', (WATCHER, 4)))
        if got != 1:
            raise RuntimeError(f'{WATCHER} is taken')

    def item(self, timeout=PATIENCE):
        """The newest item; waits for the first."""
        wait_for(lambda: self.items, timeout, 'tray item')
        return Item(self.desktop, *self.items[-1])

    def close(self):
        self.bus.close_sync(None)

    def _on_call(self, bus, sender, path, interface, method, args, invocation):
        if method == 'RegisterStatusNotifierItem':
            # Ayatana's library gives a path, KDE's a bus name.
            (service,) = args.unpack()
            item = (sender, service) if service.startswith('/') else (service, '/StatusNotifierItem')
            if item not in self.items:
                self.items.append(item)
            self._emit('StatusNotifierItemRegistered', item)
        invocation.return_value(None)

    def _on_get(self, bus, sender, path, interface, name):
        return {'RegisteredStatusNotifierItems': GLib.Variant('as', [owner + path for owner, path in self.items]),
                'IsStatusNotifierHostRegistered': GLib.Variant('b', self.host),
                'ProtocolVersion': GLib.Variant('i', 0)}[name]

    def _on_owner_changed(self, bus, sender, path, interface, signal, args):
        name, _, new = args.unpack()
        for item in [item for item in self.items if item[0] == name and not new]:
            self.items.remove(item)
            self._emit('StatusNotifierItemUnregistered', item)

    def _emit(self, signal, item):
        if self.bus.is_closed():
            return
        self.bus.emit_signal(None, '/StatusNotifierWatcher', WATCHER, signal, GLib.Variant('(s)', (''.join(item),)))


@dataclass(frozen=True)
class Row:
    """One entry of the menu. The path is the labels from the top, joined by /."""
    id: int
    label: str
    path: str
    separator: bool
    enabled: bool
    visible: bool
    checked: bool


def plain(label):
    """A label without its mnemonic: one underscore marks it, two are one."""
    return label.replace('__', '\0').replace('_', '').replace('\0', '_')


def flatten(node, parent=''):
    rows = []
    for id, props, children in node[2]:
        label = plain(props.get('label', ''))
        path = f'{parent}/{label}' if parent else label
        rows.append(Row(id, label, path, props.get('type') == 'separator', props.get('enabled', True),
                        props.get('visible', True), props.get('toggle-state', 0) == 1))
        rows += flatten((id, props, children), path)
    return rows


class Item:
    """A tray item, by its owner's unique name and its path."""

    def __init__(self, desktop, name, path):
        self.desktop, self.name, self.path = desktop, name, path
        self.changes = 0
        desktop.bus.signal_subscribe(name, None, None, None, None, Gio.DBusSignalFlags.NONE, self._on_signal)

    def _on_signal(self, *_):
        self.changes += 1

    def call(self, interface, method, args=None, path=None):
        return call(self.desktop.bus, self.name, path or self.path, interface, method, args)

    def props(self):
        """All properties: IconName, IconAccessibleDesc, Title, Status (Active, Passive), Menu …"""
        return self.call(f'{DBUS}.Properties', 'GetAll', GLib.Variant('(s)', (ITEM,)))[0]

    def menu(self):
        """The visible rows of the menu, from top to bottom, without separators."""
        return [row for row in self.rows() if row.visible and not row.separator]

    def rows(self):
        """All rows, hidden ones and separators too."""
        layout = self.call(MENU, 'GetLayout', GLib.Variant('(iias)', (0, -1, [])), self._menu_path())[1]
        return flatten(layout)

    def labels(self):
        return [row.path for row in self.menu()]

    def row(self, label):
        """A row by its label or path, without mnemonic; hidden ones are found too."""
        for row in self.rows():
            if label in (row.label, row.path):
                return row
        raise LookupError(f'no {label!r} among {self.labels()}')

    def click(self, label):
        """As a panel does. A stale one can click what is insensitive or hidden, and so can this."""
        self.call(MENU, 'Event', GLib.Variant('(isvu)', (self.row(label).id, 'clicked', GLib.Variant('s', ''), 0)),
                  self._menu_path())

    def secondary_activate(self):
        """The middle button."""
        self.call(ITEM, 'SecondaryActivate', GLib.Variant('(ii)', (0, 0)))

    def wait(self, condition, timeout=PATIENCE):
        """Waits until condition (props) is true; looks again at each signal of the item. Returns the properties."""
        return self._wait(self.props, condition, timeout)

    def wait_menu(self, condition, timeout=PATIENCE):
        """Waits until condition (labels) is true; returns the labels."""
        return self._wait(self.labels, condition, timeout)

    def _wait(self, read, condition, timeout):
        seen, value = None, None

        def look():
            nonlocal seen, value
            if seen == self.changes:
                return False
            changes = self.changes
            try:
                value = read()
            except GLib.Error:
                return False  # of an item that has only just been registered, not all is there yet
            seen = changes
            return condition(value)
        try:
            wait_for(look, timeout)
        except TimeoutError:
            raise TimeoutError(f'not within {timeout} s; the last was {value}') from None
        return value

    def _menu_path(self):
        return self.props()['Menu']
