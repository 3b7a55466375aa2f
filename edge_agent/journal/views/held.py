"""View: the sales that were set aside at this till and wait to be gone on with."""

import apsw

from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.selling import SaleHeld, SaleRecalled
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS held(ticket INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
"""
TABLES = ("held",)
FOLDS = (SaleHeld, SaleRecalled)


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    match body:
        case SaleHeld():
            db.execute("REPLACE INTO held VALUES(?, ?, ?)", (body.ticket, event.at, body.model_dump_json()))
        case SaleRecalled():
            db.execute("DELETE FROM held WHERE ticket = ?", (body.ticket,))


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """A held sale has one till: where it was set aside."""


class HeldReads:
    """What is asked of held sales."""

    db: apsw.Connection

    def held(self) -> list[tuple[SaleHeld, int]]:
        """Each held sale with the time (UTC ms) since when it waits, by ticket."""
        rows = self.db.execute("SELECT body, at FROM held ORDER BY ticket")
        return [(SaleHeld.model_validate_json(body), int(at)) for body, at in rows]

    def held_count(self) -> int:
        row = self.db.execute("SELECT count(*) FROM held").fetchone()
        return int(row[0]) if row else 0

    def held_of(self, sku: str, since: int) -> int:
        """Milli-units of a SKU in sales that were set aside at `since` or later: they are some customer's."""
        sql = """SELECT coalesce(sum(max(0, line.value ->> 'qty')), 0)
                 FROM held, json_each(held.body, '$.lines') AS line WHERE held.at >= ? AND line.value ->> 'sku' = ?"""
        row = self.db.execute(sql, (since, sku)).fetchone()
        return int(row[0]) if row else 0

    def free_ticket(self) -> int:
        """The least number that no held sale has."""
        taken = {ticket for (ticket,) in self.db.execute("SELECT ticket FROM held")}
        return next(number for number in range(1, len(taken) + 2) if number not in taken)
