"""A bad wire between a till and the cloud: a real proxy on loopback that loses, doubles, redirects and lies."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from tests.cloud import TLS

Fate = Callable[[str], str]
"""What happens to a request, by its path: well, lost, answer lost, twice, portal, other, redirect, busy."""

LIES: dict[str, tuple[int, str, bytes, dict[str, str]]] = {
    "portal": (200, "text/html", b"<html>Welcome to the hotel</html>", {}),
    "other": (200, "application/json", b'{"hello": "world"}', {}),
    "broken": (502, "text/plain", b"bad gateway", {}),
    "busy": (503, "text/html", b"<html>Too many</html>", {"Retry-After": "7"}),
}


class _Quiet(ThreadingHTTPServer):
    """A till that hangs up in the middle is what we are here for."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass


class Wire:
    """The proxy: set `fate` at any time; `seen` lists the paths that came."""

    def __init__(self, target: str) -> None:
        self.target, self.seen = target, list[str]()
        self.fate: Fate = well
        self.server = _Quiet(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


def well(_path: str) -> str:
    """All is well."""
    return "well"


@contextmanager
def wire_to(target: str) -> Iterator[Wire]:
    """A bad wire to an address."""
    wire = Wire(target)
    thread = threading.Thread(target=wire.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.server.shutdown()
        wire.server.server_close()


def _handler(wire: Wire) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.passes()

        def do_POST(self) -> None:
            self.passes()

        def passes(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            path = self.path.partition("?")[0]
            wire.seen.append(path)
            fate = wire.fate(path)
            if fate in LIES:
                self.says(*LIES[fate])
            elif fate == "redirect":
                self.says(302, "text/html", b"", {"Location": f"{wire.target}{self.path}"})
            elif fate == "lost":
                self.close_connection = True
            else:
                answers = [self.forwarded(body) for _ in range(2 if fate == "twice" else 1)]
                self.close_connection = fate == "answer lost"
                if fate != "answer lost":
                    last = answers[-1]
                    self.says(last.status_code, last.headers["content-type"], last.content)

        def forwarded(self, body: bytes) -> httpx.Response:
            kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            with httpx.Client(trust_env=False, verify=TLS, timeout=20) as http:
                return http.request(self.command, wire.target + self.path, content=body, headers=kept)

        def says(self, status: int, kind: str, body: bytes, more: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(more or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
