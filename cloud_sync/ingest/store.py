"""Writing raw lines by the hundred, in the caller's transaction: PostgreSQL by one insert of whole columns, SQLite by
one prepared insert."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import psycopg
from sqlmodel import Session

FILL = """INSERT INTO raw_event (tenant, journal, seq, id, kind, hash, line, received_at)
    SELECT %s, %s, seq, id, kind, hash, line, %s
    FROM unnest(%b::int8[], %b::text[], %b::text[], %b::bytea[], %b::bytea[]) AS fresh (seq, id, kind, hash, line)"""
PUT = """INSERT INTO raw_event (tenant, journal, seq, id, kind, hash, line, received_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""


class RawLine(NamedTuple):
    """A row of `raw_event`, in the order of its columns."""

    tenant: str
    journal: str
    seq: int
    id: str
    kind: str
    hash: bytes
    line: bytes
    received_at: int


def store_lines(session: Session, lines: Sequence[RawLine]) -> None:
    """Insert lines that are not there yet; what was added to the session before is written first."""
    session.flush()
    connection = session.connection().connection.driver_connection
    if isinstance(connection, psycopg.Connection):
        _fill(connection, lines)
    elif isinstance(connection, sqlite3.Connection):
        connection.executemany(PUT, lines)
    else:
        raise TypeError(f"lines are not written by {type(connection).__name__}")


def _fill(connection: "psycopg.Connection[tuple[object, ...]]", lines: Sequence[RawLine]) -> None:
    """One statement for all of them: COPY does not go through the wall between tenants."""
    if not lines:
        return
    tenant, journal, received_at = lines[0].tenant, lines[0].journal, lines[0].received_at
    columns = [[getattr(line, name) for line in lines] for name in ("seq", "id", "kind", "hash", "line")]
    connection.execute(FILL, (tenant, journal, received_at, *columns))
