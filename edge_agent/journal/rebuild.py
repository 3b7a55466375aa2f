"""Proof that the views are only a fold of the truth: rebuild them elsewhere and compare, or rebuild them in place."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import apsw

from edge_agent.errors import Broken
from edge_agent.journal.chain import Head, walk
from edge_agent.journal.fold import fold_all, is_stale, lay_out, tables
from edge_agent.journal.reading import Reading


@dataclass(frozen=True)
class Verified:
    """What was proved: the chain up to `head`, and every view equal to its rebuild."""

    head: Head
    views: dict[str, int]
    """Rows of each table."""


def verify_file(file: Path) -> tuple[str, Verified]:
    """The journal's id and what was proved of its file; Broken also for a file that is no sound database any more."""
    try:
        with Reading.open(file) as memory:
            said = memory.db.execute("PRAGMA integrity_check(1)").fetchall()
            if said != [("ok",)]:
                raise Broken(f"the journal's file is damaged: {said[0][0]}")
            return memory.journal_id(), verify(memory.db)
    except (apsw.Error, ValueError, TypeError) as error:
        raise Broken(f"the journal's file is damaged: {error}") from error


def verify(db: apsw.Connection) -> Verified:
    """Walk the chain and rebuild every view in memory; Broken names the first wrong event or the table that differs.

    Views that are said to wait for a rebuild are not looked at: `views` is empty then.
    """
    with db:
        head = walk(db)
        _check_names(db)
        if is_stale(Reading(db).views_mark()):
            return Verified(head, {})
        fresh = apsw.Connection(":memory:")
        lay_out(fresh)
        fold_all(db, fresh)
        rows = {table: _same(table, db, fresh) for table in tables()}
        fresh.close()
    return Verified(head, rows)


def _check_names(db: apsw.Connection) -> None:
    """What is kept beside the lines says the same as they do: the journal's id, and the feed's cursors."""
    memory = Reading(db)
    if memory.head().seq and memory.event(1).body.get("journal") != memory.journal_id():
        raise Broken("the journal goes by another id than its first event says")
    row = db.execute("SELECT cursor FROM feed WHERE CAST(line AS TEXT) ->> 'cursor' IS NOT cursor LIMIT 1").fetchone()
    if row is not None:
        raise Broken(f"feed entry {row[0]} says that it is another")


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
