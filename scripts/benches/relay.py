"""A wire with a meter: a relay on loopback that counts bytes both ways and requests."""

import contextlib
import socket
import threading
from dataclasses import dataclass, field

STARTS = (b"GET ", b"POST ", b"PUT ")


@dataclass
class Relay:
    """Listens on a port of its own and passes everything on to `target`."""

    target: tuple[str, int]
    sent: int = 0
    answered: int = 0
    requests: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def crossed(self) -> int:
        """Everything that crossed, heads of HTTP with it."""
        return self.sent + self.answered

    def close(self) -> None:
        """Take no more connections."""
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            threading.Thread(target=self._pump, args=(near, far), kwargs={"up": True}, daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near), kwargs={"up": False}, daemon=True).start()

    def _pump(self, come: socket.socket, go: socket.socket, *, up: bool) -> None:
        """One direction, until either end is closed."""
        try:
            while part := come.recv(65536):
                self._count(part, up=up)
                go.sendall(part)
        except OSError:
            pass
        finally:
            # A close alone is not heard as long as the other thread still reads.
            for end in (come, go):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _count(self, part: bytes, *, up: bool) -> None:
        with self._lock:
            if up:
                self.sent += len(part)
                self.requests += part.startswith(STARTS)
            else:
                self.answered += len(part)
