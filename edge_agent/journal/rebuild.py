"""Proof that the views are only a fold of the truth: rebuild them elsewhere and compare, or rebuild them in place."""

import hashlib
from dataclasses import dataclass

import apsw

from edge_agent.errors import Broken
from edge_agent.journal.chain import Head, walk
from edge_agent.journal.fold import fold_all, lay_out, tables


@dataclass(frozen=True)
class Verified:
    """What was proved: the chain up to `head`, and every view equal to its rebuild."""

    head: Head
    views: dict[str, int]
    """Rows of each table."""


def verify(db: apsw.Connection) -> Verified:
    """Walk the chain and rebuild every view in memory; Broken names the first wrong event or the table that differs."""
    with db:
        head = walk(db)
        fresh = apsw.Connection(":memory:")
        lay_out(fresh)
        fold_all(db, fresh)
        rows = {table: _same(table, db, fresh) for table in tables()}
        fresh.close()
    return Verified(head, rows)


def _same(table: str, stored: apsw.Connection, fresh: apsw.Connection) -> int:
    count, content = content_of(stored, table)
    if (count, content) != content_of(fresh, table):
        raise Broken(f"the table {table} is not what journal and feed say; rebuild it")
    return count


def content_of(db: apsw.Connection, table: str) -> tuple[int, str]:
    """Rows of a table and a SHA-256 over them in the order of their keys."""
    digest, count = hashlib.sha256(), 0
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    for row in db.execute(f"SELECT * FROM {table} ORDER BY {', '.join(columns)}"):
        digest.update(repr(row).encode())
        count += 1
    return count, digest.hexdigest()
