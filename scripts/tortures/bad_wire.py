"""A bad wire between tills and the cloud: a TCP and HTTP proxy on loopback that plays a fault for a request."""

import asyncio
import random
import re
import threading
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from scripts.tortures.exchange import Asked, Exchange, HangUp, read_message
from scripts.tortures.wire_faults import FAULTS, fits

Result = TypeVar("Result")
SHARE = {"session": 0.35, "push": 0.85, "feed": 0.6}
"""How many requests of a door are faulted while the wire is bad; a session must come through now and then."""


@dataclass
class Line:
    """One till's way to the cloud: the faults that lie before it, how many of them are due, and what was done."""

    chance: random.Random
    deck: list[str]
    due: int = 0
    url: str = ""
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    late: list[Asked] = field(default_factory=list)

    def fault_for(self, asked: Asked) -> str | None:
        """The next fault of the deck that fits this request; None: it goes through."""
        if self.due <= 0 or self.chance.random() >= SHARE.get(asked.door, 0):
            return None
        kind = next((kind for kind in self.deck if fits(kind, asked.door)), None)
        if kind is not None:
            self.deck.remove(kind)
            self.due -= 1
            self.done[kind, asked.door] += 1
        return kind


def shuffled(kinds: Sequence[str], requests: int, chance: random.Random) -> list[str]:
    """So many faults, as many of each kind as of any other (but for one), in a random order."""
    deck = [kinds[number % len(kinds)] for number in range(requests)]
    chance.shuffle(deck)
    return deck


class BadWire:
    """The proxy, in a thread of its own. A line is bad as long as faults are `due` on it."""

    def __init__(self, cloud: tuple[str, int]) -> None:
        self._cloud = cloud
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bad wire", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._talks: set[asyncio.Task[None]] = set()
        self._thread.start()

    def open_line(self, deck: list[str], chance: random.Random) -> Line:
        """A way to the cloud with an address of its own."""
        line = Line(chance, deck)
        line.url = self._call(self._listen(line))
        return line

    def deliver_late(self, lines: Sequence[Line]) -> None:
        """What was held back arrives now."""
        for line in lines:
            self._call(self._release(line))

    def close(self) -> None:
        """End all talks."""
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _listen(self, line: Line) -> str:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None, "a talk runs as a task"
            self._talks.add(task)
            task.add_done_callback(self._talks.discard)
            await self._talk(line, reader, writer)

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        self._servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        for talk in list(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _release(self, line: Line) -> None:
        late, line.late = line.late, []
        for asked in late:
            await Exchange(asked, self._cloud, None, line.chance).forward()

    async def _talk(self, line: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a till: request after request, until somebody hangs up."""
        try:
            while (message := await read_message(reader)) is not None:
                asked = Asked(*message)
                kind = line.fault_for(asked)
                exchange = Exchange(asked, self._cloud, writer, line.chance)
                if kind is None:
                    exchange.say(await exchange.forward())
                    if asked.door == "push":
                        await self._release(line)
                else:
                    await FAULTS[kind](exchange, line.late)
                await writer.drain()
        except (HangUp, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # Over, for one of the two or for the rig.
        finally:
            writer.close()


def address_of(url: str) -> tuple[str, int]:
    """Host and port of `http://host:port`."""
    found = re.fullmatch(r"http://([^:/]+):(\d+)", url)
    assert found, url
    return found[1], int(found[2])
