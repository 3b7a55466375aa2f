"""A keyboard scanner read from its input device and grabbed, so that its keys reach no terminal and no field."""

import errno
import fcntl
import os
import struct
from contextlib import suppress

from edge_agent.errors import Unreachable

EVENT = struct.Struct("llHHi")
"""`struct input_event` of 64-bit Linux: seconds, microseconds, type, code, value; 24 bytes."""
_EV_SYN, _EV_KEY = 0, 1
_SYN_DROPPED = 3
_EVIOCGRAB = 0x40044590
_UP, _DOWN = 0, 1
_SHIFTS = frozenset({42, 54})


def _row(first: int, plain: str, shifted: str) -> dict[int, tuple[str, str]]:
    return {first + place: pair for place, pair in enumerate(zip(plain, shifted, strict=True))}


# Linux key codes (input-event-codes.h) on a US layout, as scanners type by default.
_KEYS: dict[int, tuple[str, str]] = {
    **_row(2, "1234567890-=", "!@#$%^&*()_+"),
    **_row(15, "\tqwertyuiop[]\r", "\tQWERTYUIOP{}\r"),
    **_row(30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    **_row(43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    57: (" ", " "),
    **{code: (sign, sign) for code, sign in zip((71, 72, 73, 75, 76, 77, 79, 80, 81, 82), "7894561230", strict=True)},
    55: ("*", "*"), 74: ("-", "-"), 78: ("+", "+"), 83: (".", "."), 96: ("\r", "\r"), 98: ("/", "/"),
}  # fmt: skip


class Keys:
    """Key events to characters: presses only (no auto-repeat), Shift by its own up and down."""

    def __init__(self) -> None:
        self._shifts: set[int] = set()

    def typed(self, event: bytes) -> str:
        """The character of one event, or ""; "\\x00" where the kernel lost events, so that the code is refused."""
        _, _, kind, code, value = EVENT.unpack(event)
        if kind == _EV_SYN and code == _SYN_DROPPED:
            self._shifts.clear()
            return "\x00"
        if kind != _EV_KEY:
            return ""
        if code in _SHIFTS:
            (self._shifts.discard if value == _UP else self._shifts.add)(code)
            return ""
        if value != _DOWN or code not in _KEYS:
            return ""
        return _KEYS[code][1 if self._shifts else 0]


class InputSource:
    """An input device such as `/dev/input/by-id/...-event-kbd`, for this process alone (`grab`)."""

    def __init__(self, path: str, *, grab: bool = True) -> None:
        self.name = path
        self._path, self._grab = path, grab
        self._fd = -1
        self._keys = Keys()
        self._rest = b""

    def open(self) -> None:
        self.close()
        self._keys, self._rest = Keys(), b""
        try:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            if self._grab:
                fcntl.ioctl(self._fd, _EVIOCGRAB, 1)
        except OSError as missing:
            self.close()
            held = ": another program holds it" if missing.errno == errno.EBUSY else ""
            raise Unreachable(f"no scanner at {self.name}{held}") from missing

    def fileno(self) -> int:
        return self._fd

    def read(self) -> bytes:
        try:
            data = os.read(self._fd, EVENT.size * 64)
        except BlockingIOError:
            return b""
        if not data:
            raise OSError(errno.ENODEV, "unplugged")
        data = self._rest + data
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        events = (data[at : at + EVENT.size] for at in range(0, whole, EVENT.size))
        return "".join(map(self._keys.typed, events)).encode()

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with suppress(OSError):
                os.close(fd)
