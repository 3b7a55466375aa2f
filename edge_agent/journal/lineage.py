"""One till, several journals: a new one goes on from its parent when the parent's numbers can no longer be trusted.

The parent's lines up to what the cloud surely has become ancestors: kept for ever, folded first, never sent again. What
the cloud may not have is written once more under the new journal with its own ids, so that it is counted once. When the
cloud turns out to hold somebody else's lines where an ancestor's were, all from there on is written once more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import apsw

from edge_agent.errors import Broken
from edge_agent.journal.chain import Head, head_of
from edge_agent.journal.reading import Reading
from edge_agent.wire.envelope import GENESIS_HASH, Contract, Event, event_of, line_of, link
from edge_agent.wire.events.device import FeedRenewed, Genesis
from edge_agent.wire.events.orders import OrderWasSent, OutcomeLine

Reason = Literal["fork", "restored", "corrupt"]
SENT_TOLD = 500
OWN = "SELECT line FROM journal"
TAKEN_BACK = "taken back"
"""In place of the feed's generation: the next page begins it anew."""


@dataclass(frozen=True)
class Birth:
    """Of the new journal: its id, why, the id and time of its first event, and the least number of its next receipt."""

    journal: str
    reason: Reason
    event: str
    at: int
    next_receipt: int


def succeed(db: apsw.Connection, own: str, kept: int, birth: Birth, *, elder: str = "") -> Head:
    """Make the first `kept` events of the journal `own` ancestors and begin the new one; its head. With an `elder`
    only what was before that one's events stays an ancestor's. Inside the transaction."""
    parent, kept = (elder, 1) if elder else (own, kept)
    suffix = [
        (own, event_of(row[0])) for row in db.execute(f"{OWN} WHERE seq > ? ORDER BY seq", (0 if elder else kept,))
    ]
    if elder:
        suffix = [*_cut_off(db, elder, kept), *suffix[1:]]
    else:
        sql = "INSERT INTO ancestor(journal, seq, line, hash) SELECT ?, seq, line, hash FROM journal WHERE seq <= ?"
        db.execute(f"{sql} ORDER BY seq", (own, kept))
    db.execute("DELETE FROM journal")
    row = db.execute("SELECT hash FROM ancestor WHERE journal = ? AND seq = ?", (parent, kept)).fetchone()
    # What the cloud had acknowledged it has, as long as it is of the same generation.
    offered = ("offered", Reading(db).mark().generation)
    marks = [("journal", birth.journal), ("received", "0"), ("safe", "0"), offered]
    db.executemany("REPLACE INTO mark VALUES(?, ?)", marks)
    head = Head(0, GENESIS_HASH, 0)
    for event in _lines(suffix, _genesis(parent, kept, row[0] if row else b"", birth)):
        line = line_of(event)
        head = Head(event.seq, link(head.hash, line), event.at)
        db.execute("INSERT INTO journal VALUES(?, ?, ?)", (event.seq, line, head.hash))
    return head


def _cut_off(db: apsw.Connection, elder: str, kept: int) -> list[tuple[str, Event]]:
    """Take the ancestors behind an elder's event `kept` away: they are to be said again, but for their births."""
    here = "place > (SELECT place FROM ancestor WHERE journal = ? AND seq = ?)"
    rows = list(db.execute(f"SELECT journal, line FROM ancestor WHERE {here} ORDER BY place", (elder, kept)))
    db.execute(f"DELETE FROM ancestor WHERE {here}", (elder, kept))
    return [(str(row[0]), event) for row in rows if (event := event_of(row[1])).kind != "genesis"]


def append_taken_back(db: apsw.Connection, after: int, lines: Sequence[bytes]) -> None:
    """Put lines behind the last one, `after`; the cloud has them, and its feed is taken from the start. Broken when
    something was recorded meanwhile."""
    head = head_of(db)
    if head.seq != after:
        raise Broken(f"event {head.seq} was recorded meanwhile")
    for line in lines:
        event = event_of(line)
        head = Head(event.seq, link(head.hash, line), event.at)
        db.execute("INSERT INTO journal VALUES(?, ?, ?)", (head.seq, line, head.hash))
    marks = [("generation", TAKEN_BACK), ("received", str(head.seq))]
    db.executemany("REPLACE INTO mark VALUES(?, ?)", marks)


def lost_with_feed(memory: Reading, generation: str) -> list[Contract]:
    """What is recorded when the feed of another generation begins: the orders that the old one knew as sent, the
    latest ones, and that it begins."""
    sent = memory.orders(("sent",))[-SENT_TOLD:]
    told = [
        OrderWasSent(
            order=order.key,
            number=order.number,
            lines=tuple(OutcomeLine(sku=line.sku, packs=line.packs, qty=line.qty) for line in order.lines),
        )
        for order in sent
    ]
    return [*told, FeedRenewed(before=memory.mark().generation, generation=generation)]


def _genesis(parent: str, kept: int, parent_hash: bytes, birth: Birth) -> Event:
    body = Genesis(
        journal=birth.journal,
        parent=parent,
        parent_seq=kept,
        parent_hash=parent_hash.hex(),
        reason=birth.reason,
        next_receipt=birth.next_receipt,
    )
    return Event(
        seq=1,
        id=birth.event,
        kind="genesis",
        v=1,
        at=birth.at,
        clock="floor",
        feed=0,
        because=None,
        by="",
        body=body.model_dump(),
    )


def _lines(suffix: list[tuple[str, Event]], genesis: Event) -> Iterator[Event]:
    """The new journal's first events: its birth, then what the cloud may not have (each with the journal that it was
    in), under new numbers."""
    seen = {(journal, event.seq): place for place, (journal, event) in enumerate(suffix, 2)}
    yield genesis.model_copy(update={"feed": suffix[0][1].feed if suffix else 0})
    for place, (journal, event) in enumerate(suffix, 2):
        because = seen.get((journal, event.because)) if event.because else None
        yield event.model_copy(update={"seq": place, "because": because})
