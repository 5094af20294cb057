"""A small PC/SC client (ctypes over libpcsclite), for tests that look at pcscd themselves or play "another program".

    with Context() as context:
        context.list_readers()
        [(state, counter)] = context.wait({name: UNAWARE}, 0)
        with context.connect(name) as handle:
            answer = handle.transmit(bytes.fromhex('00A4040005A000000308'))
"""
import ctypes
from ctypes import byref, c_char_p, c_long, c_ubyte, c_ulong, c_void_p

UNAWARE, CHANGED, UNKNOWN, EMPTY, PRESENT, EXCLUSIVE, INUSE, MUTE = 0, 0x2, 0x4, 0x10, 0x20, 0x80, 0x100, 0x200
SHARE_EXCLUSIVE, SHARE_SHARED = 1, 2
LEAVE, RESET = 0, 1
T1 = 2
PNP = '\\\\?PnP?\\Notification'
INFINITE = 0xFFFFFFFF
E_TIMEOUT, E_NO_READERS = 0x8010000A, 0x8010002E

_library = ctypes.CDLL('libpcsclite.so.1')


class PcscError(Exception):
    def __init__(self, call, code):
        super().__init__(f'{call}: 0x{code:08X}')
        self.code = code


class _State(ctypes.Structure):
    _fields_ = [('reader', c_char_p), ('user', c_void_p), ('current', c_ulong), ('event', c_ulong),
                ('n_atr', c_ulong), ('atr', c_ubyte * 33)]


class _Pci(ctypes.Structure):
    _fields_ = [('protocol', c_ulong), ('length', c_ulong)]


def _call(name, *arguments):
    function = getattr(_library, name)
    function.restype = c_long
    code = function(*arguments) & 0xFFFFFFFF
    if code:
        raise PcscError(name, code)


class Context:
    def __init__(self):
        self._context = c_long()
        _call('SCardEstablishContext', c_ulong(2), None, None, byref(self._context))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        _library.SCardReleaseContext(self._context)

    def list_readers(self):
        n = c_ulong()
        try:
            _call('SCardListReaders', self._context, None, None, byref(n))
            names = ctypes.create_string_buffer(n.value)
            _call('SCardListReaders', self._context, None, names, byref(n))
        except PcscError as error:
            if error.code == E_NO_READERS:
                return []
            raise
        return [name.decode(errors='replace') for name in names.raw[:n.value].split(b'\0') if name]

    def wait(self, known, timeout_ms=5000):
        """KNOWN: reader -> state as last returned (UNAWARE at first). Returns reader -> state; TimeoutError. The
        counter of pcscd is in the upper 16 bits."""
        states = (_State * len(known))()
        for state, (name, value) in zip(states, known.items()):
            state.reader = name.encode()
            state.current = value & ~CHANGED
        try:
            _call('SCardGetStatusChange', self._context, c_ulong(timeout_ms), states, c_ulong(len(known)))
        except PcscError as error:
            if error.code == E_TIMEOUT:
                raise TimeoutError from None
            raise
        return {state.reader.decode(): state.event for state in states}

    def connect(self, reader, share=SHARE_SHARED):
        return Handle(self._context, reader, share)


class Handle:
    def __init__(self, context, reader, share):
        self._handle = c_long()
        protocol = c_ulong()
        _call('SCardConnect', context, reader.encode(), c_ulong(share), c_ulong(T1), byref(self._handle),
              byref(protocol))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self, disposition=LEAVE):
        _library.SCardDisconnect(self._handle, c_ulong(disposition))

    def begin(self):
        _call('SCardBeginTransaction', self._handle)

    def end(self, disposition=LEAVE):
        _call('SCardEndTransaction', self._handle, c_ulong(disposition))

    def transmit(self, apdu):
        answer = (c_ubyte * 65538)()
        n = c_ulong(len(answer))
        _call('SCardTransmit', self._handle, byref(_Pci(T1, ctypes.sizeof(_Pci))), bytes(apdu), c_ulong(len(apdu)),
              None, answer, byref(n))
        return bytes(answer[:n.value])

    def control(self, code, data=b''):
        answer = (c_ubyte * 264)()
        n = c_ulong()
        _call('SCardControl', self._handle, c_ulong(code), bytes(data), c_ulong(len(data)), answer,
              c_ulong(len(answer)), byref(n))
        return bytes(answer[:n.value])
