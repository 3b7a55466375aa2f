"""A micro-hub on loopback that speaks our interface and fails where it is told to, for tests and for looking at it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote, urlsplit

from scripts.answering_ import answering

Fault = int | str
SILENT, CUT, GARBLED = "done, no answer", "not done, no answer", "done, answered with half a word"


@dataclass
class Parcel:
    """An order at the hub: its lines, and how often it really left the building (more than once: a double)."""

    lines: dict[str, int]
    state: str = "reserved"
    left: int = 0


@dataclass
class Simulator:
    """What the hub has and did. `faults` gives for each request what goes wrong (None: nothing): a status before
    anything is done, or `CUT`, `SILENT`, `GARBLED`."""

    stock: dict[str, int]
    faults: Callable[[int], Fault | None] = lambda _number: None
    port: int = 0
    parcels: dict[str, Parcel] = field(default_factory=dict)
    charged: list[dict[str, object]] = field(default_factory=list)
    asked: int = 0
    signatures: list[str] = field(default_factory=list)
    forgets_keys: bool = False
    """A hub that counts what is said twice as two orders: what our checks must be able to see."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def left(self) -> int:
        """Pieces that really left."""
        return sum(sum(parcel.lines.values()) * parcel.left for parcel in self.parcels.values())

    def committed(self, sku: str) -> int:
        return sum(one.lines.get(sku, 0) for one in self.parcels.values() if one.state == "reserved")

    def act(self, method: str, path: str, said: dict[str, Any]) -> tuple[int, dict[str, object]]:
        """Do what is asked; status and answer."""
        parts = [unquote(part) for part in urlsplit(path).path.removeprefix("/api/").split("/")]
        match (method, parts):
            case "GET", ["stock"]:
                return 200, {"stock": [self._row(sku) for sku in sorted(self.stock)]}
            case "GET", ["charges"]:
                return 200, {"charges": self.charged}
            case "PUT", ["orders", key]:
                return self._reserve(key, {str(one["sku"]): int(one["qty"]) for one in said["lines"]})
            case _, ["orders", key, *rest] if key in self.parcels:
                return self._known(method, self.parcels[key], rest)
        return 404, {"words": "The hub knows no such order."}

    def _row(self, sku: str) -> dict[str, object]:
        return {"sku": sku, "on_hand": self.stock[sku], "committed": self.committed(sku), "exceptions": 0}

    def _reserve(self, key: str, lines: dict[str, int]) -> tuple[int, dict[str, object]]:
        if key in self.parcels and not self.forgets_keys:
            return 200, {"state": self.parcels[key].state}
        for sku, pieces in lines.items():
            if self.stock.get(sku, 0) - self.committed(sku) < pieces:
                return 409, {"words": f"Not enough of {sku} at the hub."}
        self.parcels.setdefault(key, Parcel(lines))
        return 201, {"state": "reserved"}

    def _known(self, method: str, parcel: Parcel, rest: list[str]) -> tuple[int, dict[str, object]]:
        if method == "DELETE" and parcel.state in ("shipped", "delivered"):
            return 409, {"words": "It has left already."}
        if method == "DELETE":
            parcel.state = "released"
        if method == "POST" and rest == ["ship"]:
            if parcel.state == "released":
                return 409, {"words": "It was released."}
            if parcel.state == "reserved" or self.forgets_keys:
                parcel.left += 1
                for sku, pieces in parcel.lines.items():
                    self.stock[sku] -= pieces
            parcel.state = "shipped"
        return 200, {"state": parcel.state}


@contextmanager
def hub(**how: Any) -> Iterator[Simulator]:
    """A hub that runs until the block ends."""
    box = Simulator(**how)

    class Answers(_Answers):
        hub = box

    with answering(Answers, box.port) as box.port:
        yield box


class _Answers(BaseHTTPRequestHandler):
    hub: Simulator

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        said = json.loads(self.rfile.read(length) or b"{}")
        box = self.hub
        with box.lock:
            box.asked += 1
            box.signatures.append(self.headers.get("Dropshelf-Signature") or "")
            fault = box.faults(box.asked)
            if fault == CUT or isinstance(fault, int):
                status, told = (fault if isinstance(fault, int) else 0), dict[str, object]()
            else:
                status, told = box.act(self.command, self.path, said)
        self.close_connection = True
        if fault in (CUT, SILENT):
            return
        body = json.dumps(told).encode()
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if fault == GARBLED else body)

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()
