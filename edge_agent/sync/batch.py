"""Packing: the lines of a journal as a signed batch, compressed (zstd), within the contract's limits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge_agent.wire.envelope import link
from edge_agent.wire.limits import PACKED_BYTES
from edge_agent.wire.messages import BatchHeader

Sign = Callable[[BatchHeader], BatchHeader]
LEVEL, TABLES_LOG = 12, 17
"""Of zstd: 54 bytes for a sale of five lines in a long batch, where gzip takes 82 for the same work. Its own tables for
that level would take 21 MB of a till's memory, to save two bytes more; these take one."""


@dataclass(frozen=True)
class Packed:
    """A batch on its way: the compressed bytes, the last seq in it and the chain's hash there, as the lines give it."""

    body: bytes
    last: int
    head_hash: str


def closed(lines: Sequence[bytes], most_bytes: int) -> Sequence[bytes]:
    """As many of the lines as stay within `most_bytes` with their newlines; always at least one."""
    size = 0
    for place, line in enumerate(lines):
        size += len(line) + 1
        if place and size > most_bytes:
            return lines[:place]
    return lines


def pack(lines: Sequence[bytes], *, journal: str, session: int, first: int, behind: str, sign: Sign) -> Packed:
    """Sign and compress lines that begin with seq `first`, where the chain stood at `behind` (hex); half of them as
    long as the batch is too big packed."""
    while True:
        last, head_hash = first + len(lines) - 1, _head_of(lines, behind)
        unsigned = BatchHeader(
            journal=journal, session=session, first=first, last=last, head_hash=head_hash, signature="0" * 128
        )
        body = _compressed(b"\n".join([sign(unsigned).model_dump_json().encode(), *lines, b""]))
        if len(body) <= PACKED_BYTES or len(lines) == 1:
            return Packed(body, last, head_hash)
        lines = lines[: len(lines) // 2]


def _head_of(lines: Sequence[bytes], behind: str) -> str:
    head = bytes.fromhex(behind)
    for line in lines:
        head = link(head, line)
    return head.hex()


def _compressed(plain: bytes) -> bytes:
    # Loaded with the first batch: a till that is never paired does without it.
    from zstandard import ZstdCompressionParameters, ZstdCompressor

    small = ZstdCompressionParameters.from_level(
        LEVEL, source_size=len(plain), hash_log=TABLES_LOG, chain_log=TABLES_LOG
    )
    return ZstdCompressor(compression_params=small).compress(plain)
