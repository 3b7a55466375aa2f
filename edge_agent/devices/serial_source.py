"""A scanner on a serial port (USB-COM or RS-232), held for this process alone."""

import errno
import os
from typing import TYPE_CHECKING

from edge_agent.errors import Unreachable

if TYPE_CHECKING:
    from serial import Serial


class SerialSource:
    """`path` may be a by-path link: it is resolved at each opening, so a changed port number does not matter."""

    def __init__(self, path: str, *, baud: int = 9600) -> None:
        self.name = path
        self._path, self._baud = path, baud
        self._port: Serial | None = None

    def open(self) -> None:
        import serial

        self.close()
        try:
            self._port = serial.Serial(self._path, self._baud, timeout=0, exclusive=True)
        except (OSError, ValueError) as missing:
            raise Unreachable(f"no scanner at {self.name}{_why(missing)}") from missing

    def fileno(self) -> int:
        return int(self._open_port().fileno())

    def read(self) -> bytes:
        # Straight from the descriptor: readable and empty means unplugged, which pyserial would only word differently.
        try:
            data = os.read(self.fileno(), 4096)
        except BlockingIOError:
            return b""
        if not data:
            raise OSError(errno.EIO, "unplugged")
        return data

    def close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.close()

    def _open_port(self) -> "Serial":
        if self._port is None:
            raise OSError(errno.ENODEV, "not open")
        return self._port


def _why(error: Exception) -> str:
    code = getattr(error, "errno", None)
    if code in {errno.EAGAIN, errno.EBUSY}:
        return ": another program holds it"
    if code in {errno.EACCES, errno.EPERM}:
        return ": not allowed (is the user in the group dialout?)"
    return ""
