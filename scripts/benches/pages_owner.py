"""The owner of the pages' bench: asks for pages at a steady pace, many of them, or keeps lines of open pages open."""

import asyncio
import gzip
import http.client
import os
import queue
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ASKERS = 16
"""So many may wait for an answer at once; who comes later waits with them."""
OPENING = 20
RECEIPTS = re.compile(rb"(\d+) receipts?")


@dataclass(frozen=True)
class Owner:
    """Who is signed in where."""

    url: str
    cookie: str

    def connection(self) -> http.client.HTTPConnection:
        where = urlsplit(self.url)
        return http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)

    def page(self, over: http.client.HTTPConnection, path: str) -> bytes:
        """A page as a browser gets it, unpacked."""
        over.request("GET", path, headers={"Cookie": self.cookie, "Accept-Encoding": "gzip"})
        answer = over.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered with {answer.status}")
        return gzip.decompress(body)


def paced(owner: Owner, paths: Sequence[str], *, each_s: float, chance: random.Random) -> list[float]:
    """Seconds of every page from the moment that it was to be asked for; moments come by chance, `each_s` a second."""
    due: queue.Queue[tuple[float, str] | None] = queue.Queue()
    took: list[float] = []
    faults: list[Exception] = []

    def asker() -> None:
        over = owner.connection()
        while (one := due.get()) is not None:
            try:
                owner.page(over, one[1])
            except (OSError, RuntimeError, http.client.HTTPException) as error:
                faults.append(error)
                return
            took.append(time.perf_counter() - one[0])
        over.close()

    askers = [threading.Thread(target=asker) for _ in range(ASKERS)]
    for one in askers:
        one.start()
    at = time.perf_counter()
    for path in paths:
        at += chance.expovariate(each_s)
        time.sleep(max(0.0, at - time.perf_counter()))
        due.put((at, path))
    for _ in askers:
        due.put(None)
    for one in askers:
        one.join()
    if faults:
        raise faults[0]
    return took


def many(owner: Owner, paths: Iterator[str], number: int) -> None:
    """So many pages, one after the other."""
    over = owner.connection()
    for _, path in zip(range(number), paths, strict=False):
        owner.page(over, path)
    over.close()


class OpenPages:
    """Lines of open pages; what comes over them is told by `heard` with the line's number."""

    def __init__(self, owner: Owner, shops: Sequence[str], heard: Callable[[int], None]) -> None:
        self._owner, self._shops, self._heard = owner, shops, heard
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._readers: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Every line is there, and the service has begun to answer it."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(120)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> None:
        waiting = iter(enumerate(self._shops))

        async def one_after_the_other() -> None:
            for number, shop in waiting:
                wires = await self._line(shop)
                self._readers.append(asyncio.create_task(self._read(number, *wires)))

        await asyncio.gather(*[one_after_the_other() for _ in range(OPENING)])

    async def _line(self, shop: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        where = urlsplit(self._owner.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        asked = f"GET /live?shop={shop} HTTP/1.1\r\nHost: {where.netloc}\r\nCookie: {self._owner.cookie}\r\n\r\n"
        writer.write(asked.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(f"an open page was refused: {head!r}")
        await reader.readuntil(b"retry: 3000\n\n")
        return reader, writer

    async def _read(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                if line.startswith(b"event: changed"):
                    self._heard(number)
        finally:
            writer.close()

    async def _end(self) -> None:
        for one in self._readers:
            one.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)


@contextmanager
def open_pages(owner: Owner, shops: Sequence[str], heard: Callable[[int], None] = lambda _: None) -> Iterator[None]:
    """So many open pages while the block lasts."""
    lines = OpenPages(owner, shops, heard)
    lines.open()
    try:
        yield
    finally:
        lines.close()


def receipts_on(page: bytes) -> int:
    """How many receipts of today the first page tells."""
    found = RECEIPTS.search(page)
    return int(found[1]) if found else 0


def rss_mb(pid: int) -> float:
    """What a process holds in memory now."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def cpu_s(pid: int) -> float:
    """Processor seconds of a process so far."""
    # Linux numbers the clock of another process so (clock_getcpuclockid).
    return time.clock_gettime((~pid << 3) | 2)


def children_cpu_s(pid: int) -> float:
    """Processor seconds of the processes that a process has started and that still run."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(told[1]) == pid:
            ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")
