"""The hash chain: where the journal ends, and the walk that finds the first wrong line."""

from collections.abc import Iterable
from dataclasses import dataclass

import apsw
from pydantic import ValidationError

from edge_agent.errors import Broken
from edge_agent.wire.envelope import GENESIS_HASH, Event, event_of, link


@dataclass(frozen=True)
class Head:
    """The last line of a journal: its seq (0: empty), its link of the chain and its time."""

    seq: int
    hash: bytes
    at: int


def head_of(db: apsw.Connection) -> Head:
    """The newest line's seq and link."""
    row = db.execute("SELECT seq, line, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(row[0], row[2], event_of(row[1]).at) if row else Head(0, GENESIS_HASH, 0)


def walk(db: apsw.Connection) -> Head:
    """Check every line: no gap, an envelope that says its own seq, the right link. Broken names the first wrong one.

    Ancestors are checked too, each from its own beginning; the head is that of the journal being written.
    """
    for (name,) in db.execute("SELECT journal FROM ancestor GROUP BY journal ORDER BY min(place)").fetchall():
        _walk(db.execute("SELECT seq, line, hash FROM ancestor WHERE journal = ? ORDER BY place", (name,)))
    return _walk(db.execute("SELECT seq, line, hash FROM journal ORDER BY seq"))


def _walk(rows: Iterable[tuple[int, bytes, bytes]]) -> Head:
    previous, expected, at = GENESIS_HASH, 1, 0
    for seq, line, stored in rows:
        previous = _checked(expected, seq, line, stored, previous)
        expected, at = seq + 1, event_of(line).at
    return Head(expected - 1, previous, at)


def _checked(expected: int, seq: int, line: bytes, stored: bytes, previous: bytes) -> bytes:
    if seq != expected:
        raise Broken(f"event {expected} is missing from the journal")
    event = readable(seq, line)
    if event.seq != seq:
        raise Broken(f"event {seq} says that it is {event.seq}")
    fresh = link(previous, line)
    if fresh != stored:
        raise Broken(f"event {seq} ({event.kind}) is not what was written: its link of the chain differs")
    return fresh


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
