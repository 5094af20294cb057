"""USB readers without hardware: the owner of an umockdev test bed. Run by pcscd.py under umockdev-wrapper.

Prints the environment that pcscd needs (JSON), then obeys one JSON list a line:
["plug", DEVICE, VENDOR, PRODUCT, SERIAL, INTERFACE] or ["unplug", DEVICE]; answers "ok".
"""
import json
import os
import sys

import gi

gi.require_version('UMockdev', '1.0')
from gi.repository import UMockdev  # noqa: E402


def plug(bed, device, vendor, product, serial, interface):
    """The pair that pcscd looks for: a usb_device, and its usb_interface."""
    attributes = ['idVendor', vendor, 'idProduct', product, 'busnum', '1', 'devnum', str(int(device))]
    if serial:
        attributes += ['serial', serial]
    parent = bed.add_device('usb', 'usb' + device, None, attributes,
                            ['DEVTYPE', 'usb_device', 'DEVNAME', '/dev/bus/usb/001/' + device])
    attributes = ['bInterfaceNumber', '00']
    if interface:
        attributes += ['interface', interface]
    return parent, bed.add_device('usb', f'usb{device}:1.0', parent, attributes, ['DEVTYPE', 'usb_interface'])


def unplug(bed, parent, child):
    bed.uevent(child, 'remove')
    bed.remove_device(child)
    bed.remove_device(parent)


def main():
    bed = UMockdev.Testbed.new()
    plugged = {}
    print(json.dumps({key: os.environ[key] for key in ('UMOCKDEV_DIR', 'LD_PRELOAD') if key in os.environ}
                     | {'UMOCKDEV_DIR': bed.get_root_dir()}), flush=True)
    for line in sys.stdin:
        word, device, *rest = json.loads(line)
        if word == 'plug':
            plugged[device] = plug(bed, device, *rest)
        else:
            unplug(bed, *plugged.pop(device))
        print('ok', flush=True)


main()
