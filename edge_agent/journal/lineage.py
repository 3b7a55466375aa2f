"""One till, several journals: a new one goes on from its parent when the parent's numbers can no longer be trusted.

The parent's lines up to what the cloud surely has become ancestors: kept for ever, folded first, never sent again. What
the cloud may not have is written once more under the new journal with its own ids, so that it is counted once.
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


def succeed(db: apsw.Connection, parent: str, kept: int, birth: Birth) -> Head:
    """Make the parent's first `kept` events ancestors and begin the new journal; its head. Inside the transaction."""
    suffix = [event_of(row[0]) for row in db.execute("SELECT line FROM journal WHERE seq > ? ORDER BY seq", (kept,))]
    row = db.execute("SELECT hash FROM journal WHERE seq = ?", (kept,)).fetchone()
    sql = "INSERT INTO ancestor(journal, seq, line, hash) SELECT ?, seq, line, hash FROM journal WHERE seq <= ?"
    db.execute(f"{sql} ORDER BY seq", (parent, kept))
    db.execute("DELETE FROM journal")
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


def _lines(suffix: list[Event], genesis: Event) -> Iterator[Event]:
    """The new journal's first events: its birth, then what the cloud may not have, under new numbers."""
    seen = {event.seq: place for place, event in enumerate(suffix, 2)}
    yield genesis.model_copy(update={"feed": suffix[0].feed if suffix else 0})
    for place, event in enumerate(suffix, 2):
        because = seen.get(event.because) if event.because else None
        yield event.model_copy(update={"seq": place, "because": because})
