"""A printer on loopback that keeps every byte: the paper and the drawer of scripted days, and their judge."""

import contextlib
import re
import socket
import threading

KICK = re.compile(rb"\x1bp[\x00\x01\x30\x31]")
DLE_EOT = re.compile(rb"\x10\x04[\x01-\x04]")
READY = b"\x12"


class RecordingPrinter:
    """Listens on a port of its own; answers status questions as a printer that is well. `down()` closes the socket."""

    def __init__(self) -> None:
        self.port = 0
        self._bytes = bytearray()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self.up()

    def up(self) -> None:
        """Listen (again) on the same port."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), name="printer", daemon=True).start()

    def down(self) -> None:
        """Out of the wall: nothing listens, open connections are cut."""
        listener, self._listener = self._listener, None
        if listener:
            # Closing alone would leave the accepting thread holding the port.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._take, args=(connection,), name="paper", daemon=True).start()

    def _take(self, connection: socket.socket) -> None:
        with connection:
            while data := self._read(connection):
                asked = len(DLE_EOT.findall(data))
                with self._lock:
                    self._bytes += DLE_EOT.sub(b"", data)
                if asked:
                    connection.sendall(READY * asked)
        self._open.discard(connection)

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        try:
            return connection.recv(65_536)
        except OSError:
            return b""

    @property
    def paper(self) -> bytes:
        """Everything that was printed so far."""
        with self._lock:
            return bytes(self._bytes)

    def receipts(self) -> list[int]:
        """The numbers of the receipts on the paper, in order."""
        return [int(number) for number in re.findall(rb"Receipt\s+0*(\d+)", self.paper)]

    def kicks(self) -> int:
        """How often the drawer was opened."""
        return len(KICK.findall(self.paper))
