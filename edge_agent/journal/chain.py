"""The hash chain: where the journal ends, and the walk that finds the first wrong line."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import apsw
from pydantic import ValidationError

from edge_agent.errors import Broken
from edge_agent.wire.envelope import GENESIS_HASH, Event, event_of, link


class Head(NamedTuple):
    """The last line of a journal: its seq (0: empty), its link of the chain and its time."""

    seq: int
    hash: bytes
    at: int


BEGINNING = Head(0, GENESIS_HASH, 0)
TAIL = 1000
Row = tuple[int, bytes, bytes]
"""A line's seq, its bytes, and its link of the chain as it is stored."""


def head_of(db: apsw.Connection) -> Head:
    """The newest line's seq and link. Broken when it cannot be read."""
    row = db.execute("SELECT seq, line, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(row[0], row[2], readable(row[0], row[1]).at) if row else Head(0, GENESIS_HASH, 0)


def walk(db: apsw.Connection) -> Head:
    """Check every line: no gap, an envelope that says its own seq, the right link. Broken names the first wrong one.

    Ancestors are checked too, each from its own beginning; the head is that of the journal being written.
    """
    for (name,) in db.execute("SELECT journal FROM ancestor GROUP BY journal ORDER BY min(place)").fetchall():
        _walk(db.execute("SELECT seq, line, hash FROM ancestor WHERE journal = ? ORDER BY place", (name,)))
    return walk_own(db)


def walk_own(db: apsw.Connection) -> Head:
    """As `walk`, of the journal being written alone."""
    return _walk(db.execute("SELECT seq, line, hash FROM journal ORDER BY seq"))


def walk_on(db: apsw.Connection, behind: Head, most: int) -> Head:
    """As `walk_own`, of so many lines behind one that was reached; the same again at the end."""
    sql = "SELECT seq, line, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"
    on = _walk(db.execute(sql, (behind.seq, most)), behind)
    return on if on.seq > behind.seq else behind


def walk_tail(db: apsw.Connection, most: int = TAIL) -> Head:
    """As `walk`, of the last lines of the journal being written alone: cheap enough for every start."""
    before = db.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1 OFFSET ?", (most,)).fetchone()
    behind = Head(before[0], before[1], 0) if before else BEGINNING
    return _walk(db.execute("SELECT seq, line, hash FROM journal WHERE seq > ? ORDER BY seq", (behind.seq,)), behind)


def _walk(rows: Iterable[Row], behind: Head = BEGINNING) -> Head:
    head = Head(behind.seq, behind.hash, 0)
    for seq, line, stored in rows:
        head = _checked(head.seq + 1, seq, line, stored, head.hash)
    return head


def _checked(expected: int, seq: int, line: bytes, stored: bytes, previous: bytes) -> Head:
    if seq != expected:
        raise Broken(f"event {expected} is missing from the journal")
    event = readable(seq, line)
    if event.seq != seq:
        raise Broken(f"event {seq} says that it is {event.seq}")
    fresh = link(previous, line)
    if fresh != stored:
        raise Broken(f"event {seq} ({event.kind}) is not what was written: its link of the chain differs")
    return Head(seq, fresh, event.at)


def sound_lines(rows: Iterable[Row], known: bytes = b"") -> Iterator[Row]:
    """The lines that are surely what was written, with their right links: a damaged line costs itself alone.

    A line is proved by its own link or, when that is what was damaged, by the next line's; the last also by `known`,
    a link that was kept elsewhere.
    """
    previous: bytes | None = GENESIS_HASH
    doubted: Row | None = None
    last = 0
    for seq, line, stored in rows:
        fresh = _linked(previous, doubted) if doubted else None
        if doubted and fresh and seq == last + 1 and _linked(fresh, (seq, line, stored)) == stored:
            yield doubted[0], doubted[1], fresh
            previous = fresh
        elif doubted:
            previous = doubted[2]
        if seq != last + 1:
            previous = None
        own, last, doubted = _linked(previous, (seq, line, stored)), seq, None
        if own is not None and own == stored:
            yield seq, line, stored
            previous = own
        else:
            doubted = seq, line, stored
    if doubted and (fresh := _linked(previous, doubted)) is not None and fresh == known:
        yield doubted[0], doubted[1], fresh


def _linked(previous: bytes | None, row: Row) -> bytes | None:
    """The link that a row has behind `previous`; None when it is no event of its seq, or nothing is known before."""
    seq, line, _ = row
    try:
        return link(previous, line) if previous is not None and event_of(line).seq == seq else None
    except (ValidationError, TypeError):
        return None


def reached(head: Head, lines: Iterable[bytes]) -> str | None:
    """The chain's hash (hex) when these lines follow behind `head`; None when one is no event of its place."""
    seq, previous = head.seq, head.hash
    for line in lines:
        seq += 1
        try:
            event = event_of(line)
        except ValidationError:
            return None
        if event.seq != seq:
            return None
        previous = link(previous, line)
    return previous.hex()


def readable(seq: int, line: bytes) -> Event:
    """The envelope of a stored line; Broken if it is none."""
    try:
        return event_of(line)
    except ValidationError:
        raise Broken(f"event {seq} cannot be read") from None
