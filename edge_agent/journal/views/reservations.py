"""View: what the cloud keeps for customers who come with a code, and what was handed over here."""

import apsw

from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.reservations import ReservationSet
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS reservation(
    reservation TEXT PRIMARY KEY, number INTEGER NOT NULL, state TEXT NOT NULL, until INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reserved(
    sku TEXT NOT NULL, reservation TEXT NOT NULL, qty INTEGER NOT NULL, PRIMARY KEY(sku, reservation)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS collected(reservation TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
"""
TABLES = ("reservation", "reserved", "collected")
FOLDS = (SaleCompleted,)


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    if isinstance(body, SaleCompleted) and body.collected:
        db.executemany("INSERT OR IGNORE INTO collected VALUES(?)", [(one,) for one in body.collected])


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """The newest word of the cloud; what was handed over here stays so."""
    if isinstance(body, ReservationSet):
        row = (body.reservation, body.number, body.state, body.until, body.model_dump_json())
        db.execute("REPLACE INTO reservation VALUES(?, ?, ?, ?, ?)", row)
        lines = [(line.sku, body.reservation, line.qty) for line in body.lines]
        db.executemany("REPLACE INTO reserved VALUES(?, ?, ?)", lines)


class ReservationReads:
    """What is asked of reservations."""

    db: apsw.Connection

    def reservation(self, mark: str) -> ReservationSet | None:
        """A reservation as the cloud said it last, `handed` if that was done here; None: this till never heard of
        it."""
        row = self.db.execute("SELECT body FROM reservation WHERE reservation = ?", (mark,)).fetchone()
        return self._as_known(ReservationSet.model_validate_json(row[0])) if row else None

    def was_collected(self, mark: str) -> bool:
        """True when it was handed over at this till."""
        return self.db.execute("SELECT 1 FROM collected WHERE reservation = ?", (mark,)).fetchone() is not None

    def reservations(self) -> list[ReservationSet]:
        """Those that wait for their customers, in the order in which they were made."""
        sql = """SELECT body FROM reservation LEFT JOIN collected USING(reservation)
                 WHERE state = 'open' AND collected.reservation IS NULL ORDER BY number"""
        return [ReservationSet.model_validate_json(body) for (body,) in self.db.execute(sql)]

    def reserved(self, sku: str) -> int:
        """Milli-units of a SKU that wait for their customers."""
        sql = """SELECT coalesce(sum(qty), 0) FROM reserved JOIN reservation USING(reservation)
                 LEFT JOIN collected USING(reservation)
                 WHERE sku = ? AND state = 'open' AND collected.reservation IS NULL"""
        row = self.db.execute(sql, (sku,)).fetchone()
        return int(row[0]) if row else 0

    def _as_known(self, body: ReservationSet) -> ReservationSet:
        return body.model_copy(update={"state": "handed"}) if self.was_collected(body.reservation) else body
