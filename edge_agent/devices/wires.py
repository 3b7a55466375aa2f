"""The wires to a printer: TCP, serial, the kernel's USB printer device, or a folder; every wait has an end."""

import os
import select
import socket
import time
from pathlib import Path
from typing import Protocol

from edge_agent.errors import BadInput, Unreachable

TCP_PORT = 9100
_CONNECT_S = 3.0
_STALL_S = 5.0
"""A printer that takes no byte for this long has stopped taking any."""
_WHOLE_S = 60.0


class Wire(Protocol):
    """A way to a printer. Every call ends; a lost or stuck printer raises Unreachable; `open` may be called again."""

    name: str
    answers: bool
    """Whether anything can come back over it."""

    def open(self) -> None: ...

    def write(self, data: bytes) -> None:
        """Hand all bytes over, or raise Unreachable."""
        ...

    def read(self, seconds: float) -> bytes:
        """What the printer says within `seconds`; b"" for silence."""
        ...

    def close(self) -> None: ...


class _Descriptor:
    """A wire that is an open file descriptor, never blocking."""

    answers = True

    def __init__(self, name: str) -> None:
        self.name = name
        self._fd = -1

    def write(self, data: bytes) -> None:
        rest, ends = memoryview(data), time.monotonic() + _WHOLE_S
        while rest:
            if time.monotonic() > ends or not self._ready(_STALL_S, writing=True):
                raise Unreachable(f"takes no more data: {self.name}")
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:
                continue
            except OSError as lost:
                raise self._lost(lost) from lost

    def read(self, seconds: float) -> bytes:
        if not self._ready(seconds, writing=False):
            return b""
        try:
            heard = os.read(self._fd, 256)
        except BlockingIOError:
            return b""
        except OSError as lost:
            raise self._lost(lost) from lost
        return heard or self._nothing(seconds)

    def _nothing(self, seconds: float) -> bytes:
        raise Unreachable(f"hung up: {self.name}")

    def _ready(self, seconds: float, *, writing: bool) -> bool:
        if self._fd < 0:
            raise Unreachable(f"the printer at {self.name} is not open")
        watch = select.poll()
        watch.register(self._fd, select.POLLOUT if writing else select.POLLIN)
        return bool(watch.poll(seconds * 1000))

    def _lost(self, error: OSError) -> Unreachable:
        return Unreachable(f"went away: {self.name} ({error.strerror or error})")


class TcpWire(_Descriptor):
    """A network printer's raw port, usually 9100."""

    def __init__(self, host: str, port: int = TCP_PORT) -> None:
        super().__init__(f"{host}:{port}")
        self._address = (host, port)
        self._socket: socket.socket | None = None

    def open(self) -> None:
        self.close()
        try:
            self._socket = socket.create_connection(self._address, timeout=_CONNECT_S)
        except OSError as missing:
            raise Unreachable(f"no printer at {self.name} ({missing.strerror or missing})") from missing
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._fd = self._socket.fileno()

    def close(self) -> None:
        self._fd = -1
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class SerialWire(_Descriptor):
    """A printer on a serial port, held for this process alone; 8 data bits, no parity."""

    def __init__(self, path: str, *, baud: int = 9600, rtscts: bool = False) -> None:
        super().__init__(path)
        self._path, self._baud, self._rtscts = path, baud, rtscts
        self._port: object | None = None

    def open(self) -> None:
        import serial

        self.close()
        try:
            port = serial.Serial(self._path, self._baud, timeout=0, rtscts=self._rtscts, exclusive=True)
        except (OSError, ValueError) as missing:
            raise Unreachable(f"no printer at {self.name} ({missing})") from missing
        self._port, self._fd = port, port.fileno()

    def close(self) -> None:
        port, self._port, self._fd = self._port, None, -1
        if port is not None:
            port.close()  # type: ignore[attr-defined]


class DeviceWire(_Descriptor):
    """The kernel's USB printer device (`/dev/usb/lp0`)."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._path = path

    def open(self) -> None:
        self.close()
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as missing:
            raise Unreachable(f"no printer at {self.name} ({missing.strerror})") from missing

    def _nothing(self, seconds: float) -> bytes:
        # An empty USB packet is no farewell: a printer that is gone gives ENODEV.
        time.sleep(min(seconds, 0.02))
        return b""

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


class FolderWire:
    """Paper as files: each job becomes one file in a folder, in order. For trials and for keeping copies."""

    answers = False

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self._folder = folder
        self._next = 1

    def open(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._next = 1 + max((int(path.stem) for path in self._folder.glob("[0-9]*.escpos")), default=0)
        except OSError as missing:
            raise Unreachable(f"no folder for paper at {self.name} ({missing.strerror})") from missing

    def write(self, data: bytes) -> None:
        try:
            (self._folder / f"{self._next:06d}.escpos").write_bytes(data)
        except OSError as lost:
            raise Unreachable(f"no paper into {self.name} ({lost.strerror})") from lost
        self._next += 1

    def read(self, seconds: float) -> bytes:
        """A folder says nothing."""
        return b""

    def close(self) -> None:
        """Nothing is held open."""


def wire_from(kind: str, address: str, *, baud: int = 9600, rtscts: bool = False) -> Wire:
    """The wire that the settings name: `tcp` host[:port], `serial` path, `usb` path or `file` folder; else BadInput."""
    if kind == "tcp":
        host, _, port = address.partition(":")
        if not host or (port and not port.isdigit()):
            raise BadInput(f"printer address {address!r}: write it as host or host:port")
        return TcpWire(host, int(port or TCP_PORT))
    if kind == "serial":
        return SerialWire(address, baud=baud, rtscts=rtscts)
    if kind == "usb":
        return DeviceWire(address)
    if kind == "file":
        return FolderWire(Path(address))
    raise BadInput(f"printer wire {kind!r}: one of tcp, serial, usb, file")
