"""What a desktop shows us in: panels and notification servers. Through Desktop; not for tests to call."""

import configparser
import json
import sys

PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="{dark}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="{size}"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="known-items" type="array"/>
      <property name="known-legacy-items" type="array"/>
    </property>
  </property>
</channel>
"""

DUNST = """[global]
origin = top-right
offset = 10x50
width = 340
height = 200
notification_limit = 5
font = Sans 10
markup = full
enable_recursive_icon_lookup = false
icon_path = {icons}/apps:{icons}/status
mouse_left_click = do_action, close_current
mouse_right_click = close_current
"""

XFCONF = 'home/.config/xfce4/xfconf/xfce-perchannel-xml/'
NOTIFYD = '/usr/share/dbus-1/services/org.xfce.xfce4-notifyd.Notifications.service'
NOTIFICATIONS = 'org.freedesktop.Notifications'
WATCHER = 'org.kde.StatusNotifierWatcher'


def write_config(desktop, size=32):
    """Before the first program asks: xfconfd reads its files once."""
    dark = str(desktop.theme.endswith(':dark')).lower()
    desktop.write(XFCONF + 'xfce4-panel.xml', PANEL.format(dark=dark, size=size))


def panel(desktop, size):
    if size != 32:
        write_config(desktop, size)
    bare = desktop.pixels(0, 0, size, size)
    child = desktop.spawn(['xfce4-panel', '--disable-wm-check'])
    desktop.wait_owner(WATCHER)
    desktop.wait_pixels(0, 0, size, size, lambda seen: seen != bare)
    return child


def notifyd(desktop, which):
    if which == 'dunst':
        # By folder: dunst finds a theme only where its index.theme is.
        icons = desktop.environ['XDG_DATA_HOME'] + '/icons/hicolor/scalable'
        argv = ['dunst', '-config', desktop.write('dunstrc', DUNST.format(icons=icons))]
    else:
        # Not in PATH; the service file knows where it is.
        service = configparser.ConfigParser(interpolation=None)
        service.read(NOTIFYD)
        argv = service['D-BUS Service']['Exec'].split()
    child = desktop.spawn(argv)
    desktop.wait_owner(NOTIFICATIONS)
    return child


def mock_notifications(desktop, capabilities):
    import notify
    child = desktop.spawn([sys.executable, '-m', 'dbusmock', '--session', '--template', 'notification_daemon', '--parameters',
                           json.dumps({'capabilities': capabilities})])
    desktop.wait_owner(NOTIFICATIONS)
    return notify.Notifications(desktop, child)
