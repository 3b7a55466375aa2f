"""A webhook receiver on loopback that keeps what it takes and fails where it is told to, for tests and torture."""

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from scripts.answering_ import answering

Fault = int | str
TAKEN_SILENTLY, LOST_SILENTLY, CUT = "taken, no answer", "not taken, no answer", "cut"


@dataclass
class Hook:
    """What the receiver took. `faults` gives for each request what to do: a status, `CUT` before the body is read, or
    after it `TAKEN_SILENTLY` and `LOST_SILENTLY` (None: take it). `before` is called when the whole body is there."""

    port: int = 0
    taken: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    asked: int = 0
    faults: Callable[[int], Fault | None] = lambda _number: None
    before: Callable[[str], None] = lambda _step: None
    tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/orders?shop=1"

    def orders(self) -> list[str]:
        """The orders' keys of all that was taken, in its order."""
        return [str(one["order"]) for one in self.taken]


@contextmanager
def hook(**how: Any) -> Iterator[Hook]:
    """A receiver that runs until the block ends."""
    box = Hook(**how)

    class Receives(_Receives):
        hook = box

    with answering(Receives, box.port, box.tls) as box.port:
        yield box


class _Receives(BaseHTTPRequestHandler):
    hook: Hook

    def do_POST(self) -> None:
        box = self.hook
        fault = box.faults(box.asked)
        box.asked += 1
        if fault == CUT:
            self._hang_up()
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if len(body) < int(self.headers["Content-Length"]):
            return
        box.before("end")
        if fault is None or fault == TAKEN_SILENTLY:
            box.bodies.append(body)
            box.headers.append(dict(self.headers.items()))
            box.taken.append(json.loads(body))
        if isinstance(fault, str):
            self._hang_up()
            return
        self.send_response(fault or 200)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Nothing is said."""
