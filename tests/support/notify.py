"""The mock notification server: what was asked of it, and a person who clicks. From Desktop.mock_notifications ()."""

from dataclasses import dataclass

from gi.repository import GLib

from desktop import PATIENCE, call, wait_for

NAME = 'org.freedesktop.Notifications'
PATH = '/org/freedesktop/Notifications'
MOCK = 'org.freedesktop.DBus.Mock'

DISMISSED = 2


@dataclass(frozen=True)
class Notification:
    id: int
    app: str
    replaces: int
    icon: str
    summary: str
    body: str
    actions: dict  # action → label
    hints: dict
    timeout: int

    @property
    def urgency(self):
        return self.hints.get('urgency', 1)


class Notifications:
    """child is the server: stop it, or send it SIGSTOP, to see how the program takes it."""

    def __init__(self, desktop, child):
        self.desktop, self.child = desktop, child

    def _calls(self, method):
        return [args for _, args in self._mock('GetMethodCalls', GLib.Variant('(s)', (method,)))[0]]

    def _mock(self, method, args=None):
        return call(self.desktop.bus, NAME, PATH, MOCK, method, args)

    def shown(self):
        """Every Notify so far, the oldest first. An update has the id of what it replaces."""
        result, fresh = [], 0
        for app, replaces, icon, summary, body, actions, hints, timeout in self._calls('Notify'):
            # As the server counts: it gives a new number to each that replaces nothing.
            fresh += not replaces
            labels = dict(zip(actions[::2], actions[1::2]))
            result.append(Notification(replaces or fresh, app, replaces, icon, summary, body, labels, hints, timeout))
        return result

    def closed(self):
        """The ids that the program has closed, in order."""
        return [id for (id,) in self._calls('CloseNotification')]

    def wait(self, condition, timeout=PATIENCE):
        """Waits for a notification of which condition (Notification) is true; returns the newest such."""
        return wait_for(lambda: next((shown for shown in reversed(self.shown()) if condition(shown)), None), timeout,
                        'notification')

    def wait_closed(self, id, timeout=PATIENCE):
        wait_for(lambda: id in self.closed(), timeout, f'closing of notification {id}')

    def invoke(self, id, action):
        """The person presses a button of the notification, or the notification itself: action 'default'."""
        self._emit('ActionInvoked', 'us', id, GLib.Variant('s', action))

    def dismiss(self, id, reason=DISMISSED):
        self._emit('NotificationClosed', 'uu', id, GLib.Variant('u', reason))

    def _emit(self, signal, signature, id, argument):
        # The mock itself must send it: a client listens only to the owner of the name.
        self._mock('EmitSignal', GLib.Variant('(sssav)', (NAME, signal, signature, [GLib.Variant('u', id), argument])))
