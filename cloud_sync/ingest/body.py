"""Bodies of requests: bounded before they are read (length given or chunked), unpacked with a cap, never on trust."""

import asyncio
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import zstandard
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge_agent.errors import BadInput
from edge_agent.wire.limits import PACKED_BYTES, REQUEST_SECONDS, UNPACKED_BYTES
from edge_agent.wire.messages import Refusal

SMALL = 64 * 1024
FILE_BYTES = 4 * 1024 * 1024
"""An owner's file to import."""
PIECE = 1024 * 1024


class TooLarge(BadInput):
    """A body is longer than the contract allows, packed or unpacked."""


@dataclass(frozen=True)
class BodyLimit:
    """Reads each body whole, up to the limit of its path and within the contract's time, before the app sees it.

    A longer body is answered 413, a slower one 408; what was read is thrown away.
    """

    app: ASGIApp
    limits: Mapping[str, int] = field(default_factory=lambda: {"/v1/push": PACKED_BYTES, "/imports": FILE_BYTES})
    seconds: float = REQUEST_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self.seconds):
                body = await _read(scope, receive, self.limits.get(scope["path"], SMALL))
        except TooLarge as error:
            await _refuse(send, 413, error.message)
        except TimeoutError:
            await _refuse(send, 408, f"the body did not arrive within {self.seconds:g} s")
        else:
            await self.app(scope, _replay(body, receive), send)


async def _read(scope: Scope, receive: Receive, limit: int) -> bytes:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if not declared.isdigit() or int(declared[:19]) > limit:
        raise TooLarge(f"a body here has at most {limit} bytes")
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise TooLarge(f"a body here has at most {limit} bytes")
        parts.append(part)
        more = message["type"] == "http.request" and message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _refuse(send: Send, status: int, words: str) -> None:
    answer = Refusal(error="SIZE", words=words).model_dump_json().encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def unpack(packed: bytes, limit: int = UNPACKED_BYTES) -> bytes:
    """Unpack at most `limit` bytes of zstd or gzip, whichever it begins like; a bomb costs no more memory than that.

    One frame or member, whole, and nothing behind it; a zstd frame says its size.
    """
    return _zstd(packed, limit) if packed.startswith(zstandard.FRAME_HEADER) else _gzip(packed, limit)


def _zstd(packed: bytes, limit: int) -> bytes:
    try:
        if zstandard.get_frame_parameters(packed).content_size > limit:
            raise _too_large(limit)
        return zstandard.ZstdDecompressor(max_window_size=limit).decompress(packed, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise BadInput(f"the batch is not zstd: {error}") from error


def _gzip(packed: bytes, limit: int) -> bytes:
    """Piece by piece: what is too long is thrown away before it is ever put together."""
    stream, parts, size, left = zlib.decompressobj(wbits=31), [], 0, packed
    while left and not stream.eof:
        try:
            part = stream.decompress(left, PIECE)
        except zlib.error as error:
            raise BadInput(f"the batch is neither zstd nor gzip: {error}") from error
        parts.append(part)
        size, left = size + len(part), stream.unconsumed_tail
        if size > limit:
            raise _too_large(limit)
    if not stream.eof or stream.unused_data:
        raise BadInput("the gzip stream is cut short or has bytes behind it")
    return b"".join(parts)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"a batch has at most {limit} bytes unpacked")
