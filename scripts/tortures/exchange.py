"""One request through the bad wire: the bytes as they came, the way to the cloud, and what may be done to either."""

import asyncio
import random
import socket
import struct
from dataclasses import dataclass

SLICE_S = 0.04
"""Between two slices of a body that drips."""


class HangUp(Exception):
    """The talk with the till ends here."""


@dataclass(frozen=True)
class Asked:
    """A request: its head as bytes (with the empty line) and its body."""

    head: bytes
    body: bytes

    @property
    def door(self) -> str:
        """Which door it is for: pair, session, push or feed."""
        path = self.head.split(b" ", 2)[1].partition(b"?")[0]
        return path.rpartition(b"/")[2].decode()

    @property
    def whole(self) -> bytes:
        return self.head + self.body


async def read_message(reader: asyncio.StreamReader) -> tuple[bytes, bytes] | None:
    """Head and body of the next HTTP message; None when the other side hung up between two."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    return head, await reader.readexactly(length_of(head))


def length_of(head: bytes) -> int:
    """What `Content-Length` says, 0 without one."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def with_length(head: bytes, length: int) -> bytes:
    """The head with another `Content-Length`."""
    lines = head.split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(b"content-length:")]
    return b"\r\n".join([kept[0], b"content-length: %d" % length, *kept[1:]])


@dataclass(frozen=True)
class Exchange:
    """A request in hand. `till` is the connection that it came by; None for one that is delivered late."""

    asked: Asked
    cloud: tuple[str, int]
    till: asyncio.StreamWriter | None
    chance: random.Random

    async def forward(self, raw: bytes | None = None, *, slices: int = 1, ends: bool = False) -> bytes:
        """Send the request (or other bytes) to the cloud, in slices with pauses; the answer as it came, or nothing.

        `ends`: the connection is closed behind it, as when somebody pulls the plug in the middle.
        """
        reader, writer = await asyncio.open_connection(*self.cloud)
        try:
            await drip(writer, self.asked.whole if raw is None else raw, slices)
            if ends:
                writer.write_eof()
            message = await read_message(reader)
            return b"".join(message) if message else b""
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        finally:
            writer.close()

    def say(self, raw: bytes) -> None:
        """Bytes to the till."""
        if not raw:
            raise HangUp
        if self.till is not None:
            self.till.write(raw)

    async def say_slowly(self, raw: bytes, slices: int) -> None:
        """Bytes to the till, in slices with pauses."""
        if self.till is not None:
            await drip(self.till, raw, slices)

    def reset(self) -> None:
        """Break the connection to the till with a RST."""
        assert self.till is not None, "a late request has no till"
        line = self.till.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.till.transport.abort()
        raise HangUp


async def drip(writer: asyncio.StreamWriter, raw: bytes, slices: int) -> None:
    """Write bytes in so many slices with a pause between two."""
    size = max(1, -(-len(raw) // slices))
    for start in range(0, len(raw), size):
        if start:
            await asyncio.sleep(SLICE_S)
        writer.write(raw[start : start + size])
        await writer.drain()
