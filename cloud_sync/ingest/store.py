"""Writing raw lines by the hundred: PostgreSQL by COPY, SQLite by one prepared insert, in the caller's transaction."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import psycopg
from sqlmodel import Session

TYPES = ("text", "text", "int8", "text", "text", "bytea", "bytea", "int8")
FILL = "COPY raw_event (tenant, journal, seq, id, kind, hash, line, received_at) FROM STDIN (FORMAT BINARY)"
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
        _copy(connection, lines)
    elif isinstance(connection, sqlite3.Connection):
        connection.executemany(PUT, lines)
    else:
        raise TypeError(f"lines are not written by {type(connection).__name__}")


def _copy(connection: "psycopg.Connection[tuple[object, ...]]", lines: Sequence[RawLine]) -> None:
    with connection.cursor() as cursor, cursor.copy(FILL) as copy:
        copy.set_types(TYPES)
        for line in lines:
            copy.write_row(line)
