"""Writing raw lines by the hundred, in the caller's transaction: PostgreSQL by one insert of whole columns, SQLite by
one prepared insert."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import psycopg

from cloud_sync.bare import Bare

FILL = """INSERT INTO raw_event (tenant, journal, seq, id, kind, hash, line, received_at)
    SELECT %b, %b, %b + place - 1, coalesce(id, ''), coalesce(kind, ''),
        substr(%b::bytea, (place::int - 1) * 32 + 1, 32), line, %b
    FROM unnest(string_to_array(%b, ','), string_to_array(%b, ','), %b::bytea[]) WITH ORDINALITY
        AS fresh (id, kind, line, place)"""
"""What has no comma, or is always as long, goes in one piece: the driver takes its time over each item of an array."""
PUT = """INSERT INTO raw_event (tenant, journal, seq, id, kind, hash, line, received_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""


@dataclass(frozen=True)
class RawLines:
    """Rows of `raw_event` that follow each other in one journal from `first` on, by their columns."""

    tenant: str
    journal: str
    first: int
    received_at: int
    ids: Sequence[str]
    kinds: Sequence[str]
    hashes: Sequence[bytes]
    lines: Sequence[bytes]


def store_lines(bare: Bare, raw: RawLines) -> None:
    """Insert lines that are not there yet."""
    if isinstance(bare.driver, psycopg.Connection):
        _fill(bare.driver, raw)
    elif isinstance(bare.driver, sqlite3.Connection):
        _put(bare.driver, raw)


def _fill(connection: "psycopg.Connection[tuple[object, ...]]", raw: RawLines) -> None:
    """COPY would not go through the wall between tenants."""
    place, hashes = (raw.tenant, raw.journal, raw.first), b"".join(raw.hashes)
    names = (",".join(raw.ids), ",".join(raw.kinds))
    connection.execute(FILL, (*place, hashes, raw.received_at, *names, list(raw.lines)))


def _put(connection: sqlite3.Connection, raw: RawLines) -> None:
    rows = zip(count(raw.first), raw.ids, raw.kinds, raw.hashes, raw.lines, strict=False)
    connection.executemany(PUT, ((raw.tenant, raw.journal, *row, raw.received_at) for row in rows))
