"""The cloud's doors are narrow: long, endless, packed and senseless bodies, guessed and old codes."""

import asyncio
import gzip
import socket
import tracemalloc
import zlib
from collections.abc import Iterator

import httpx
import pytest
import zstandard
from starlette.types import Message, Receive, Scope, Send

from cloud_sync.accounts.attempts import forgive
from cloud_sync.ingest.body import BodyLimit, TooLarge, unpack
from edge_agent.errors import BadInput
from edge_agent.wire.limits import PACKED_BYTES, PAIR_CODE_MS, UNPACKED_BYTES
from tests.cloud import TLS, Cloud, FakeTill, error, sells
from tests.shop import TUESDAY_14


@pytest.fixture
def till(cloud: Cloud) -> Iterator[FakeTill]:
    till = FakeTill(cloud)
    yield till
    till.close()


def test_too_long_a_body_is_refused_by_its_stated_length_before_it_is_read(till: FakeTill) -> None:
    host, port = till.cloud.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as wire:
        wire.sendall(b"POST /v1/push HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n")
        assert b" 413 " in wire.recv(4096)


def test_an_endless_chunked_body_is_cut_off(till: FakeTill) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b"x" * 65_536

    till.open()
    try:
        answer = till.http.post("/v1/push", content=endless(), headers={"Content-Encoding": "gzip"})
        assert answer.status_code == 413
    except httpx.TransportError:
        pass  # The door may close while we still write: that is a refusal too.
    assert till.open()["ack"] == 0


def bomb(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(bytes(1024 * 1024)) for _ in range(mebibytes)]
    return b"".join([*parts, packer.flush()])


def test_a_bomb_is_refused_in_little_memory(till: FakeTill) -> None:
    packed = bomb(100)
    till.open()
    assert error(till.push(packed=packed)) == (413, "SIZE")
    tracemalloc.start()
    with pytest.raises(TooLarge):
        unpack(packed)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= 3 * UNPACKED_BYTES


def test_a_zstd_bomb_is_refused_before_it_is_unpacked(till: FakeTill) -> None:
    packed = zstandard.compress(bytes(100 * 1024 * 1024))
    assert len(packed) < PACKED_BYTES
    till.open()
    assert error(till.push(packed=packed)) == (413, "SIZE")
    tracemalloc.start()
    with pytest.raises(TooLarge):
        unpack(packed)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= UNPACKED_BYTES


def test_a_zstd_frame_that_hides_its_size_or_goes_on_is_refused() -> None:
    streamed = zstandard.ZstdCompressor().compressobj()
    hidden = streamed.compress(b"x" * 10_000) + streamed.flush()
    for packed in (hidden, zstandard.compress(b"x") + b"y", zstandard.compress(b"x" * 500)[:-3]):
        with pytest.raises(BadInput):
            unpack(packed)


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"plain",
        gzip.compress(b"", mtime=0),
        gzip.compress(b"{}\n{}", mtime=0),
        gzip.compress(b"x", mtime=0)[:-4],
        zstandard.FRAME_HEADER,
        zstandard.compress(b"{}\n{}"),
    ],
)
def test_what_is_no_batch_is_refused_and_changes_nothing(till: FakeTill, packed: bytes) -> None:
    till.open()
    assert error(till.push(packed=packed)) == (400, "ENVELOPE")


def test_a_wrong_code_says_so_and_the_right_one_works_once(cloud: Cloud) -> None:
    asked = {"code": "00000000", "public_key": "0" * 64, "till": "Till"}
    with httpx.Client(base_url=cloud.url, trust_env=False, verify=TLS) as http:
        assert error(http.post("/v1/pair", json=asked)) == (403, "CODE")
        code = cloud.code()
        asked["code"] = f"{code[:4]}-{code[4:]}".lower()
        assert http.post("/v1/pair", json=asked).status_code == 200
        assert error(http.post("/v1/pair", json=asked)) == (403, "CODE")


def test_a_code_is_dead_after_ten_minutes(cloud: Cloud) -> None:
    asked = {"code": cloud.code(), "public_key": "0" * 64, "till": "Till"}
    cloud.set_clock(TUESDAY_14 + PAIR_CODE_MS)
    with httpx.Client(base_url=cloud.url, trust_env=False, verify=TLS) as http:
        assert error(http.post("/v1/pair", json=asked)) == (403, "CODE")


def test_guessing_codes_is_stopped_after_five_tries(cloud: Cloud) -> None:
    code = cloud.code()
    with httpx.Client(base_url=cloud.url, trust_env=False, verify=TLS) as http:
        for guess in range(5):
            asked = {"code": f"{code[:3]}{guess:05d}", "public_key": "0" * 64, "till": "Till"}
            assert error(http.post("/v1/pair", json=asked)) == (403, "CODE")
        answer = http.post("/v1/pair", json={**asked, "code": code})
        assert error(answer) == (429, "BUSY")
        assert int(answer.headers["retry-after"]) > 0
        # Also later, from anywhere: this code has had its five tries.
        cloud.set_clock(TUESDAY_14 + PAIR_CODE_MS - 1)
        with cloud.database.writing() as session:
            forgive(session, "pair:127.0.0.1")
        assert error(http.post("/v1/pair", json={**asked, "code": code})) == (403, "CODE")


def test_a_till_paired_again_goes_on_with_its_journal(till: FakeTill) -> None:
    sells(till, 2)
    till.sends()
    again = FakeTill(till.cloud, till.journal)
    again.lines, again.hashes = till.lines, till.hashes
    assert again.open()["ack"] == 2
    sells(again, 1)
    assert again.push(3, 3).json()["received"] == 3
    assert error(till.push(3, 3)) == (409, "FENCED")
    again.close()


def test_a_body_that_drips_is_given_up() -> None:
    said: list[Message] = []

    async def drips() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def never(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError("the app must not see it")

    async def send(message: Message) -> None:
        said.append(message)

    scope = {"type": "http", "path": "/v1/push", "headers": []}
    asyncio.run(BodyLimit(never, seconds=0.1)(scope, drips, send))
    assert said[0]["status"] == 408
