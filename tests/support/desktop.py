"""A private desktop for one test: home, X server, session bus, window manager; panel and notification server on demand.

    with Desktop(language='zh_CN') as desktop:
        desktop.panel()
        desktop.spawn([program])
        desktop.click(17, 16)

Nothing is changed in this process: what belongs to the desktop is in desktop.environ (what spawn() hands on), desktop.bus (a
connection of its own) and desktop.dir (a temporary folder). So desktops can stand beside and after one another. The session
bus knows only the services that were asked for: a stock bus would start a real notification daemon behind the mock's back.
"""

import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

from gi.repository import Gio, GLib

import hosts
import pixels

SERVICE_FILES = {'a11y': 'org.a11y.Bus.service', 'xfconf': 'org.xfce.Xfconf.service'}

# What would let the desktop of whoever runs the test, or his taste, leak in.
FOREIGN = ('AT_SPI_BUS_ADDRESS', 'DBUS_SESSION_BUS_ADDRESS', 'DBUS_STARTER_ADDRESS', 'DBUS_STARTER_BUS_TYPE', 'DESKTOP_SESSION',
           'DISPLAY', 'GDK_DPI_SCALE', 'GDK_SCALE', 'GTK_MODULES', 'GTK_THEME', 'LC_ALL', 'LC_MESSAGES', 'NO_AT_BRIDGE',
           'SESSION_MANAGER', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_CURRENT_DESKTOP', 'XDG_SESSION_ID', 'XDG_SESSION_TYPE')

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={dir}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{dir}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

# No animation and no blinking cursor: a picture of a thing at rest is always the same picture.
GTK_SETTINGS = """[Settings]
gtk-theme-name={theme}
gtk-icon-theme-name=Adwaita
gtk-application-prefer-dark-theme={dark}
gtk-font-name=Sans 10
gtk-enable-animations=0
gtk-cursor-blink=0
"""


# Seconds after which what has not come is not coming: long, because a machine that builds and tests is busy.
PATIENCE = 20.0


def wait_for(condition, timeout=PATIENCE, what=None):
    """Runs the main context until condition () is true; returns its value, or raises TimeoutError."""
    deadline = time.monotonic() + timeout
    tick = GLib.timeout_add(20, lambda: True)
    try:
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() >= deadline:
                raise TimeoutError(f'{what or "condition"}: not within {timeout} s')
            GLib.MainContext.default().iteration(True)
    finally:
        GLib.source_remove(tick)


def pause(seconds):
    """Lets time pass, and whatever serves in this process serve: a server that sleeps is one that hangs."""
    over = []
    GLib.timeout_add(int(seconds * 1000), lambda: over.append(True))
    wait_for(lambda: over)


def call(bus, name, path, interface, method, args=None, timeout=PATIENCE):
    """Calls a D-Bus method and returns its unpacked values. The main context runs meanwhile, so that a server in this process
    can be asked by the one whom we ask."""
    answer = []
    bus.call(name, path, interface, method, args, None, Gio.DBusCallFlags.NONE, int(timeout * 1000), None,
             lambda source, result: answer.append(result))
    wait_for(lambda: answer, timeout + 1, f'{interface}.{method}')
    value = bus.call_finish(answer[0])
    return value.unpack() if value else ()


def connect(address):
    """A connection of one's own. GLib's shared one would end this process together with its bus."""
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    return Gio.DBusConnection.new_for_address_sync(address, flags, None, None)


def read_line(fd, timeout, what):
    """The first line that a server writes when it is ready."""
    line = b''
    deadline = time.monotonic() + timeout
    while not line.endswith(b'\n'):
        ready, _, _ = select.select([fd], [], [], max(0, deadline - time.monotonic()))
        chunk = os.read(fd, 200) if ready else b''
        if not chunk:
            raise RuntimeError(f'{what} did not start')
        line += chunk
    return line.decode().strip()


class Desktop:
    """wm: a program's name or None; services: those of SERVICE_FILES that the bus may start; language: en or zh_CN;
    theme: Adwaita, Adwaita:dark or HighContrast; scale: 1 or 2; environ: variables on top."""

    def __init__(self, wm='openbox', services=('a11y', 'xfconf'), geometry='1280x800x24', language='en', theme='Adwaita',
                 scale=1, environ=None):
        self.wm, self.services, self.geometry = wm, services, geometry
        self.language, self.theme, self.scale = language, theme, scale
        self.extra = dict(environ or {})
        self.children = []
        self.bus = None

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix='desktop-')
        try:
            self._make_home()
            self._start_x()
            self._start_bus()
            self._start_wm()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends what was started here, the youngest first, and nothing else."""
        if self.bus:
            try:
                self.bus.close_sync(None)
            except GLib.Error:
                pass  # a test may have ended the bus
        for child in reversed(self.children):
            self.stop(child)
        self.children.clear()
        if os.environ.get('TEST_KEEP'):
            print(f'# kept {self.dir}')
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    # Programs

    def spawn(self, argv, environ=None, **options):
        """Starts a program on this desktop; it ends with it. Its output is in log (NAME), unless options say otherwise."""
        name = os.path.basename(argv[0])
        options.setdefault('stdin', subprocess.DEVNULL)
        with open(os.path.join(self.dir, 'log', name), 'ab') as log:
            options.setdefault('stdout', log)
            options.setdefault('stderr', log)
            child = subprocess.Popen([str(arg) for arg in argv], env={**self.environ, **(environ or {})}, **options)
        self.children.append(child)
        return child

    def run(self, argv, timeout=PATIENCE, **options):
        """Runs a tool on this desktop to its end and returns its output as bytes; raises if it fails."""
        return subprocess.run(argv, env=self.environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=timeout,
                              check=True, **options).stdout

    def log(self, name):
        """What the programs of this name have said."""
        with open(os.path.join(self.dir, 'log', name), encoding='utf-8', errors='replace') as log:
            return log.read()

    def stop(self, child, how=signal.SIGTERM):
        """Ends a child and returns its exit status."""
        if child.poll() is None:
            child.send_signal(how)
            try:
                child.wait(3)
            except subprocess.TimeoutExpired:
                child.kill()
        return child.wait()

    # The session bus

    def connect(self):
        """Another connection to the session bus: one that can be closed like a program that crashed."""
        return connect(self.environ['DBUS_SESSION_BUS_ADDRESS'])

    def owner(self, name):
        """The unique name of the owner of a bus name, or None."""
        try:
            return call(self.bus, 'org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'GetNameOwner',
                        GLib.Variant('(s)', (name,)))[0]
        except GLib.Error as error:
            if Gio.DBusError.get_remote_error(error) == 'org.freedesktop.DBus.Error.NameHasNoOwner':
                return None
            raise

    def wait_owner(self, name, timeout=PATIENCE):
        return wait_for(lambda: self.owner(name), timeout, f'owner of {name}')

    # The rest of the desktop; see hosts.py

    def panel(self, size=32):
        """xfce4-panel with nothing but a tray, at the top left; returns when it takes items."""
        return hosts.panel(self, size)

    def notifyd(self, which='dunst'):
        """A real notification server, dunst or xfce4-notifyd; popups appear at the top right."""
        return hosts.notifyd(self, which)

    def mock_notifications(self, capabilities='body body-markup actions'):
        """A notification server that shows nothing and remembers all: a notify.Notifications."""
        return hosts.mock_notifications(self, capabilities)

    def settings(self, **values):
        """Sets keys of the program's GSettings, for programs that start afterwards: hide_icon_without_token=False."""
        path = os.path.join(self.environ['XDG_CONFIG_HOME'], 'glib-2.0', 'settings')
        os.makedirs(path, exist_ok=True)
        with open(os.path.join(path, 'keyfile'), 'w', encoding='utf-8') as keyfile:
            keyfile.write('[org/certassistant/CertAssistant]\n')
            for key, value in values.items():
                keyfile.write(f'{key.replace("_", "-")}={GLib.Variant("b", value).print_(False)}\n')

    # Eyes and hands

    def screenshot(self, path):
        self.run(['import', '-window', 'root', str(path)])
        return path

    def pixels(self, x, y, width, height):
        return pixels.grab(self, x, y, width, height)

    def wait_pixels(self, x, y, width, height, condition, timeout=PATIENCE):
        """Waits until condition (Pixels) is true of a place on the screen and the place is at rest: a half-drawn thing is
        nothing to compare with. Returns the Pixels."""
        looks = [None]

        def look():
            looks.append(self.pixels(x, y, width, height))
            return looks[-1] if looks[-1] == looks[-2] and condition(looks[-1]) else None
        return wait_for(look, timeout, f'pixels at {x},{y}')

    def click(self, x, y, button=1):
        self.run(['xdotool', 'mousemove', str(x), str(y), 'click', str(button)])

    def key(self, *names):
        """Presses keys, by their X names: key ('Down', 'Return')."""
        self.run(['xdotool', 'key', '--clearmodifiers', *names])

    def type(self, text):
        self.run(['xdotool', 'type', '--delay', '5', text])

    def focus(self, title):
        """Gives the keyboard to the window whose whole title is this; waits until there is one."""
        self.run(['xdotool', 'search', '--sync', '--onlyvisible', '--name', f'^{title}$', 'windowfocus', '--sync'])

    # Building it

    def _make_home(self):
        home = os.path.join(self.dir, 'home')
        self.environ = {key: value for key, value in os.environ.items() if key not in FOREIGN}
        self.environ.update(
            HOME=home, XDG_RUNTIME_DIR=os.path.join(self.dir, 'run'), XDG_CONFIG_HOME=os.path.join(home, '.config'),
            XDG_DATA_HOME=os.path.join(home, '.local/share'), XDG_STATE_HOME=os.path.join(home, '.local/state'),
            XDG_CACHE_HOME=os.path.join(home, '.cache'), GDK_BACKEND='x11', GDK_SCALE=str(self.scale), GIO_USE_VFS='local',
            GSETTINGS_BACKEND='keyfile', LANG='C.UTF-8', LANGUAGE=self.language)
        for key in ('XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME'):
            os.makedirs(self.environ[key], mode=0o700)
        os.mkdir(os.path.join(self.dir, 'log'))
        self._add_build()
        self.environ.update(self.extra)
        theme, _, dark = self.theme.partition(':')
        self.write('home/.config/gtk-3.0/settings.ini', GTK_SETTINGS.format(theme=theme, dark=int(dark == 'dark')))
        hosts.write_config(self)

    def _add_build(self):
        """Icons and settings of a program that is not installed. The icons' index.theme stays behind: where hosts find it, it
        would hide the one of the system, and with it everybody else's icons."""
        source, build = os.environ.get('TEST_SOURCE'), os.environ.get('TEST_BUILD')
        if source:
            shutil.copytree(os.path.join(source, 'icons/hicolor'), os.path.join(self.environ['XDG_DATA_HOME'], 'icons/hicolor'),
                            ignore=shutil.ignore_patterns('index.theme'))
        if build and os.path.exists(os.path.join(build, 'data/gschemas.compiled')):
            self.environ['GSETTINGS_SCHEMA_DIR'] = os.path.join(build, 'data')

    def write(self, path, text):
        """Writes a file into the desktop's folder."""
        path = os.path.join(self.dir, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def _start_server(self, argv, option, what):
        """Starts a server that writes its address to a descriptor when it is ready; returns the address."""
        ours, theirs = os.pipe()
        try:
            self.spawn([*argv, option.format(theirs)] if '=' in option else [*argv, option, theirs], pass_fds=[theirs])
            os.close(theirs)
            return read_line(ours, 10, what)
        finally:
            os.close(ours)

    def _start_x(self):
        # A lock file holds a process id, which means nothing in another PID namespace: of two benches that share a folder of
        # lock files, each would take the other's for stale. The socket itself is lock enough. Only root may say so.
        lock = ['-nolock'] if os.geteuid() == 0 else []
        number = self._start_server(['Xvfb', *lock, '-screen', '0', self.geometry, '-nolisten', 'tcp', '-dpi', '96', '-noreset',
                                     '-extension', 'GLX'], '-displayfd', 'Xvfb')
        self.environ['DISPLAY'] = f':{number}'

    def _start_bus(self):
        """After the X server, because what the bus starts inherits its environment."""
        services = os.path.join(self.dir, 'services')
        os.mkdir(services)
        for service in self.services:
            self.allow_service(os.path.join('/usr/share/dbus-1/services', SERVICE_FILES[service]))
        config = self.write('bus.conf', BUS_CONFIG.format(dir=self.dir))
        self.environ['DBUS_SESSION_BUS_ADDRESS'] = f'unix:path={self.dir}/bus'
        self._start_server(['dbus-daemon', f'--config-file={config}', '--nofork', '--nopidfile'], '--print-address={}',
                           'dbus-daemon')
        self.bus = self.connect()

    def allow_service(self, path):
        """Lets the bus start the service of this file. Without systemd: there is none on this bus."""
        with open(path, encoding='utf-8') as file:
            lines = [line for line in file if not line.startswith('SystemdService=')]
        self.write(os.path.join('services', os.path.basename(path)), ''.join(lines))

    def _start_wm(self):
        if not self.wm:
            return
        self.spawn([self.wm])
        wait_for(lambda: b'window id' in self.run(['xprop', '-root', '_NET_SUPPORTING_WM_CHECK']), what=self.wm)
