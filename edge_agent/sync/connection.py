"""One connection to the cloud: HTTP/1.1 over TCP or TLS, one request at a time, every step bounded in time."""

import asyncio
import contextlib
import select
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import h11

from edge_agent.sync.patience import Patience
from edge_agent.wire.limits import UNPACKED_BYTES

PART = 65_536
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What came back, whole."""

    status: int
    kind: str
    body: bytes
    retry_after: str


class Connection:
    """Open until closed by either side; after any error it is of no use, and to be closed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, step_s: float) -> None:
        self._reader, self._writer, self._step_s = reader, writer, step_s
        self._talk = h11.Connection(h11.CLIENT)

    @classmethod
    async def open(cls, host: str, port: int, tls: ssl.SSLContext | None, patience: Patience) -> "Connection":
        """Connect; with `tls` nothing is said before the certificate is found good."""
        async with asyncio.timeout(patience.connect_s):
            return cls(*await asyncio.open_connection(host, port, ssl=tls), patience.bytes_s)

    def is_fresh(self) -> bool:
        """False when the other side has hung up meanwhile, or speaks unasked."""
        ended = self._talk.our_state is not h11.IDLE or self._reader.at_eof() or self._writer.is_closing()
        return not ended and not _has_news(self._writer.get_extra_info("socket").fileno())

    async def ask(self, method: str, target: str, headers: Headers, content: bytes) -> Answer:
        """Send a request and read its answer to the end; OSError when that does not work out."""
        try:
            await self._send(method, target, headers, content)
            return await self._answer()
        except h11.ProtocolError as error:
            raise ConnectionError(str(error)) from error

    async def _send(self, method: str, target: str, headers: Headers, content: bytes) -> None:
        length = [("Content-Length", str(len(content)))] if content else []
        asked = h11.Request(method=method, target=target, headers=[*headers, *length])
        self._writer.write(self._talk.send(asked) or b"")
        self._writer.write(self._talk.send(h11.Data(data=content)) or b"")
        self._talk.send(h11.EndOfMessage())
        # A cloud that is full answers before it has read the request: its answer counts, not the broken sending.
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(self._step_s):
                await self._writer.drain()

    async def _answer(self) -> Answer:
        status, headers, body = 0, dict[bytes, bytes](), bytearray()
        async for event in self._events():
            if isinstance(event, h11.Response):
                status, headers = event.status_code, dict(event.headers)
            elif isinstance(event, h11.Data):
                body += event.data
            if len(body) > UNPACKED_BYTES:
                raise h11.RemoteProtocolError("the answer is too long")
        if self._talk.our_state is self._talk.their_state is h11.DONE:
            self._talk.start_next_cycle()
        kind = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
        return Answer(status, kind, bytes(body), headers.get(b"retry-after", b"").decode("latin-1"))

    async def _events(self) -> AsyncIterator[h11.Event]:
        """What the other side says, up to the end of its answer."""
        while not isinstance(event := self._talk.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                async with asyncio.timeout(self._step_s):
                    self._talk.receive_data(await self._reader.read(PART))
            elif isinstance(event, h11.Event) and not isinstance(event, h11.ConnectionClosed):
                yield event
            else:
                raise h11.RemoteProtocolError("the connection ended before the answer did")

    async def close(self) -> None:
        """Hang up at once."""
        self._writer.transport.abort()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def _has_news(handle: int) -> bool:
    look = select.poll()
    look.register(handle, select.POLLIN)
    return bool(look.poll(0))
