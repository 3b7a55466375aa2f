"""A real printer on a real TCP port, as far as a till can tell: it keeps the bytes and answers status like one."""

import socket
import threading
from typing import Self

WELL = {1: 0x12, 2: 0x12, 3: 0x12, 4: 0x12}
NO_PAPER = {1: 0x1E, 2: 0x32, 3: 0x12, 4: 0x7E}
COVER_OPEN = {1: 0x1E, 2: 0x16, 3: 0x12, 4: 0x12}


class TcpPrinter:
    """Listens on loopback. `answers` are its replies to DLE EOT n (empty: mute); `reads` off: it takes no byte.

    With `ends_after` its paper ends after so many bytes, with `gone_after` its plug is pulled then.
    """

    def __init__(self, port: int = 0, *, answers: dict[int, int] = WELL, reads: bool = True) -> None:
        self.answers, self.reads = answers, reads
        self.paper = bytearray()
        self.ends_after: int | None = None
        self.gone_after: int | None = None
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._peers: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def unplug(self) -> None:
        """Gone: the port refuses, every connection breaks."""
        # A listener that is only closed goes on accepting in the thread that waits on it.
        for end in (self._listener, *self._peers):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for end in (self._listener, *self._peers):
            end.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self._peers.append(peer)
            if self.reads:
                threading.Thread(target=self._print, args=(peer,), daemon=True).start()

    def _print(self, peer: socket.socket) -> None:
        rest = b""
        try:
            while data := peer.recv(4096):
                rest = self._take(peer, rest + data)
        except OSError:
            return

    def _take(self, peer: socket.socket, data: bytes) -> bytes:
        """Answer what is asked, keep what is printed; half a question waits."""
        while (at := data.find(b"\x10\x04")) >= 0 and len(data) > at + 2:
            self._out(data[:at])
            if (answer := self.answers.get(data[at + 2])) is not None:
                peer.sendall(bytes([answer]))
            data = data[at + 3 :]
        keep = max((size for size in (1, 2) if data.endswith(b"\x10\x04"[:size])), default=0)
        self._out(data[: len(data) - keep])
        return data[len(data) - keep :]

    def _out(self, data: bytes) -> None:
        self.paper += data
        if self.ends_after is not None and len(self.paper) >= self.ends_after:
            self.answers = NO_PAPER
        if self.gone_after is not None and len(self.paper) >= self.gone_after:
            self.unplug()
            raise OSError("unplugged")
