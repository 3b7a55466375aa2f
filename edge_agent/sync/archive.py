"""An archive: every journal of a till in one file of text, with signed heads, to be checked with the public key alone.

The first line says whose it is: `{"archive": "till-archive/1", "audience", "tenant", "device", "public_key"}`. Then
batches: a `BatchHeader` (session 0), and a line for each event of it: the chain's hash in hex, a space, the raw line.
"""

import json
from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.journal.reading import Reading
from edge_agent.sync.keys import Keys
from edge_agent.wire.messages import BatchHeader, signed_bytes

FORMAT = "till-archive/1"
BATCH = 100

Row = tuple[bytes, bytes]
"""A line and the chain's hash after it."""


def archived(memory: Reading, keys: Keys | None, private: Ed25519PrivateKey) -> Iterator[bytes]:
    """The lines of the archive. A till that was never paired signs for nobody's cloud."""
    audience, tenant, device = "", "", ""
    if keys is not None:
        audience, tenant, device = keys.pairing.paired.audience, keys.pairing.paired.tenant, keys.pairing.paired.device
    public = private.public_key().public_bytes_raw().hex()
    whose = {"archive": FORMAT, "audience": audience, "tenant": tenant, "device": device, "public_key": public}
    yield json.dumps(whose).encode()

    def sign(header: BatchHeader) -> BatchHeader:
        return header.model_copy(update={"signature": private.sign(signed_bytes(audience, tenant, header)).hex()})

    for (name,) in memory.db.execute("SELECT journal FROM ancestor GROUP BY journal ORDER BY min(place)").fetchall():
        rows = memory.db.execute("SELECT line, hash FROM ancestor WHERE journal = ? ORDER BY place", (name,))
        yield from _batches(str(name), rows, sign)
    yield from _batches(memory.journal_id(), memory.db.execute("SELECT line, hash FROM journal ORDER BY seq"), sign)


def _batches(journal: str, rows: Iterator[Row], sign: Callable[[BatchHeader], BatchHeader]) -> Iterator[bytes]:
    first, batch = 1, list[Row]()
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield from _batch(journal, first, batch, sign)
            first, batch = first + BATCH, []
    if batch:
        yield from _batch(journal, first, batch, sign)


def _batch(journal: str, first: int, batch: list[Row], sign: Callable[[BatchHeader], BatchHeader]) -> Iterator[bytes]:
    head = batch[-1][1].hex()
    last = first + len(batch) - 1
    unsigned = BatchHeader(journal=journal, session=0, first=first, last=last, head_hash=head, signature="0" * 128)
    yield sign(unsigned).model_dump_json().encode()
    for line, link in batch:
        yield link.hex().encode() + b" " + line
