"""The till talks to the cloud that it was paired with and to no other: real certificates, good and bad."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from edge_agent.errors import BadInput, Unreachable
from edge_agent.sync.http import Door
from edge_agent.wire.messages import Limits, Session, SessionRequest
from tests.certificates import own_authority

ASKED = SessionRequest(journal="a" * 32, head_seq=0, head_hash="0" * 64, boot="", version="", accept=1)
LIMITS = Limits(batch_events=1, batch_bytes=1, spread_s=0, idle_s=1)
SAID = Session(session=1, ack=0, ack_hash="0" * 64, safe=0, generation="g", limits=LIMITS, time=0)


class Cloud(BaseHTTPRequestHandler):
    """Says yes to every session."""

    def do_POST(self) -> None:
        body = SAID.model_dump_json().encode()
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Quiet(HTTPServer):
    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def cloud_with(folder: Path, *, days: tuple[int, int] = (-1, 9), host: str = "127.0.0.1") -> Iterator[tuple[str, str]]:
    """A cloud with a certificate of an own authority: its address, and the authority's file."""
    ca, context = own_authority(folder, days=days, host=host)
    with serving_by(context) as url:
        yield url, str(ca)


@contextmanager
def serving_by(context: ssl.SSLContext) -> Iterator[str]:
    """The same by a context of one's own: its address."""
    server = Quiet(("127.0.0.1", 0), Cloud)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def asks(url: str, ca: str) -> Session:
    with Door(url, "credential", ca) as door:
        return door.open_session(ASKED)


def test_a_cloud_of_an_own_authority_is_trusted_by_its_file(tmp_path: Path) -> None:
    with cloud_with(tmp_path) as (url, ca):
        assert asks(url, ca) == SAID


def test_an_unknown_authority_is_not_trusted(tmp_path: Path) -> None:
    with cloud_with(tmp_path) as (url, _), pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        asks(url, "")


@pytest.mark.parametrize(
    ("days", "host", "says"),
    [((-9, -1), "127.0.0.1", "expired"), ((5, 9), "127.0.0.1", "not yet valid"), ((-1, 9), "10.0.0.1", "mismatch")],
)
def test_an_expired_an_early_and_another_hosts_certificate_are_refused(
    tmp_path: Path, days: tuple[int, int], host: str, says: str
) -> None:
    with cloud_with(tmp_path, days=days, host=host) as (url, ca), pytest.raises(Unreachable, match=says):
        asks(url, ca)


def test_a_cloud_that_speaks_old_tls_alone_is_refused(tmp_path: Path) -> None:
    ca, context = own_authority(tmp_path)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with serving_by(context) as url:
        with pytest.raises(Unreachable, match=r"(?i)protocol|version|alert"):
            asks(url, str(ca))
        assert _speaks_old_tls(url, ca), "who takes it is answered: it was the till that refused"


def _speaks_old_tls(url: str, ca: Path) -> bool:
    old = ssl.create_default_context(cafile=str(ca))
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    line = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 5)
    with line, old.wrap_socket(line, server_hostname="127.0.0.1") as spoken:
        return spoken.version() in ("TLSv1", "TLSv1.1")


def test_a_file_that_is_no_authority_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(BadInput, match=r"ca\.pem"):
        asks("https://127.0.0.1:1", str(tmp_path / "ca.pem"))


def test_nowhere_is_verification_switched_off() -> None:
    from tests.house import ROOT

    off = "verify=" + "False"
    for folder in ("edge_agent", "cloud_sync", "scripts", "tests"):
        assert [file for file in (ROOT / folder).rglob("*.py") if off in file.read_text(encoding="utf-8")] == []
