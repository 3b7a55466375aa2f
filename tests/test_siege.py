"""A real server under siege: a bomb, an endless body, deep JSON and dripping connections cost little, stop nobody."""

import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

from cloud_sync.impatience import Impatient
from edge_agent.wire.limits import PACKED_BYTES
from scripts.cloud_ import founded, server
from tests.cloud import TLS, Cloud, FakeTill, error, sells

MIB = 1024 * 1024
MOST_GROWTH, MOST_S = 16 * MIB, 1.0
DRIPPING = 200


@dataclass
class Siege:
    """A server process, and a till of its shop."""

    cloud: Cloud
    pid: int
    till: FakeTill

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.cloud.url.removeprefix("http://").split(":")
        return host, int(port)

    def peak(self) -> int:
        """The most memory that it has held since `forget`, in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))

    def costs(self, act: Callable[[], object]) -> int:
        """By how much `act` made the server's memory grow, at its highest."""
        act()
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        before = self.peak()
        act()
        return self.peak() - before


@pytest.fixture(scope="module")
def siege(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    data = tmp_path_factory.mktemp("siege")
    with founded(data, "") as (service, shop), server(data, "") as (url, pid):
        cloud = Cloud(url, service, shop, data / "clock")
        till = FakeTill(cloud)
        sells(till, 1)
        till.open()
        yield Siege(cloud, pid, till)
        till.close()


def soonest(ask: Callable[[], object]) -> float:
    """The quickest of three tries, in seconds: what the server takes, and not what else the machine does."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        ask()
        took.append(time.perf_counter() - began)
    return min(took)


def gibibyte() -> bytes:
    """A bomb: 1 GiB of zeros as gzip, within what a push may be long. Each flush makes the next part look the same."""
    packer = zlib.compressobj(9, wbits=31)
    head, part = (packer.compress(bytes(4 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    assert len(zlib.decompressobj(wbits=31).decompress(head + 3 * part)) == 16 * MIB
    return head + 255 * part


def test_a_bomb_of_a_gibibyte_is_refused_at_once_in_little_memory(siege: Siege) -> None:
    packed = gibibyte()
    assert len(packed) <= PACKED_BYTES
    siege.till.open()

    def explodes() -> None:
        assert error(siege.till.push(packed=packed)) == (413, "SIZE")

    assert siege.costs(explodes) <= MOST_GROWTH
    assert soonest(explodes) <= MOST_S


@pytest.mark.parametrize("path", ["/v1/push", "/v1/session", "/v1/owner/sign-in", "/sign-in", "/"])
def test_a_chunked_body_of_64_mebibytes_is_cut_off_in_little_memory(siege: Siege, path: str) -> None:
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"

    def floods() -> bytes:
        with socket.create_connection(siege.address, timeout=20) as wire:
            wire.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
            try:
                for _ in range(1024):
                    wire.sendall(chunk)
            except OSError:
                pass  # The door closes while we still write.
            try:
                return wire.recv(4096)
            except OSError:
                return b""

    assert siege.costs(floods) <= MOST_GROWTH
    assert soonest(floods) <= MOST_S
    assert floods().startswith((b"HTTP/1.1 413", b"")) or path == "/"
    assert httpx.get(siege.cloud.url + "/health/live", trust_env=False, verify=TLS).status_code == 200


@pytest.mark.parametrize("path", ["/v1/pair", "/v1/session", "/v1/owner/sign-in"])
@pytest.mark.parametrize("opens", ["[", '{"a":'])
def test_json_without_a_bottom_is_a_refusal_and_no_fault(siege: Siege, path: str, opens: str) -> None:
    deep = (opens * (60_000 // len(opens))).encode()
    headers = {"Content-Type": "application/json"}

    def digs() -> None:
        assert siege.till.http.post(path, content=deep, headers=headers).status_code in (400, 422)

    assert siege.costs(digs) <= MOST_GROWTH
    assert soonest(digs) <= MOST_S


def test_a_line_without_a_bottom_is_kept_aside_and_stops_nothing(siege: Siege) -> None:
    till, head = siege.till, len(siege.till.lines)
    envelope = json.loads(till.lines[0])
    whole = json.dumps({**envelope, "seq": head + 1, "id": "f" * 16, "body": {"a": "MARK"}}, separators=(",", ":"))
    till.says_raw(whole.replace('"MARK"', "[" * 20_000 + "]" * 20_000).encode())
    sells(till, 1)
    till.open()
    assert till.push(1, len(till.lines)).json()["received"] == len(till.lines)


def test_two_hundred_connections_that_drip_stop_nobody_else(siege: Siege) -> None:
    begun = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "

    def drips() -> None:
        wires = [socket.create_connection(siege.address, timeout=20) for _ in range(DRIPPING)]
        try:
            for byte in (begun, b"a", b"b"):
                for wire in wires:
                    wire.sendall(byte)
            live = siege.cloud.url + "/health/live"
            assert soonest(lambda: httpx.get(live, trust_env=False, verify=TLS).raise_for_status()) <= MOST_S
        finally:
            for wire in wires:
                wire.close()

    assert siege.costs(drips) <= MOST_GROWTH


class Hasty(Impatient):
    """The same with less patience."""

    head_seconds = 0.3


@pytest.fixture
def hasty() -> Iterator[tuple[str, int]]:
    """A server that answers every whole request with its path."""

    async def app(scope: dict[str, object], _receive: object, send: Callable[..., object]) -> None:
        if scope["type"] != "http":
            return
        body = str(scope["path"]).encode()
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})  # type: ignore[misc]
        await send({"type": "http.response.body", "body": body})  # type: ignore[misc]

    config = uvicorn.Config(app, port=0, log_level="critical", ws="none", http=Hasty, lifespan="off")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.005)
    yield running.servers[0].sockets[0].getsockname()
    running.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("before", [b"", b"GET /first HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_a_head_that_drips_is_hung_up_on_also_behind_a_whole_request(hasty: tuple[str, int], before: bytes) -> None:
    with socket.create_connection(hasty, timeout=20) as wire:
        heard = b""
        if before:
            wire.sendall(before)
            while b"/first" not in heard:
                heard += wire.recv(4096)
        wire.setblocking(False)
        heard, gone = b"", False
        while not gone:
            try:
                wire.sendall(b"G" if not heard else b"")
                part = wire.recv(4096)
                heard, gone = heard + part, not part
            except BlockingIOError:
                time.sleep(0.05)
            except OSError:
                gone = True
    assert heard == b"" or heard.startswith((b"HTTP/1.1 408", b"HTTP/1.1 400"))


def test_a_connection_that_says_nothing_is_hung_up_on(hasty: tuple[str, int]) -> None:
    with socket.create_connection(hasty, timeout=20) as wire:
        assert wire.recv(4096).startswith(b"HTTP/1.1 408")
        assert wire.recv(1) == b""
