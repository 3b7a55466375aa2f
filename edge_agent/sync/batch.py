"""Packing: the lines of a journal as a signed, gzipped batch within the contract's limits."""

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge_agent.wire.limits import PACKED_BYTES
from edge_agent.wire.messages import BatchHeader

Sign = Callable[[BatchHeader], BatchHeader]


@dataclass(frozen=True)
class Packed:
    """A batch on its way: the gzip bytes, the last seq in it and the chain's hash there."""

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


def pack(
    lines: Sequence[bytes], *, journal: str, session: int, first: int, hash_at: Callable[[int], str], sign: Sign
) -> Packed:
    """Sign and gzip lines that begin with seq `first`; half of them as long as the batch is too big packed."""
    while True:
        last = first + len(lines) - 1
        unsigned = BatchHeader(
            journal=journal, session=session, first=first, last=last, head_hash=hash_at(last), signature="0" * 128
        )
        header = sign(unsigned)
        plain = b"\n".join([header.model_dump_json().encode(), *lines, b""])
        body = gzip.compress(plain, 6, mtime=0)
        if len(body) <= PACKED_BYTES or len(lines) == 1:
            return Packed(body, last, header.head_hash)
        lines = lines[: len(lines) // 2]
