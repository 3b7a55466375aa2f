"""View: what is on the shelf, in milli-units, as the sum of everything that moved it."""

from dataclasses import dataclass

import apsw

from edge_agent.wire.envelope import Contract, Event
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.stock import StockAdjusted, StockCounted, StockReceived
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS stock(
    sku TEXT PRIMARY KEY, on_hand INTEGER NOT NULL, counted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS expiry(
    sku TEXT NOT NULL, expires INTEGER NOT NULL, qty INTEGER NOT NULL, PRIMARY KEY(sku, expires)
) STRICT, WITHOUT ROWID;
"""
TABLES = ("stock", "expiry")

MOVE = """
INSERT INTO stock VALUES(?, ?, 0) ON CONFLICT(sku) DO UPDATE SET on_hand = on_hand + excluded.on_hand
"""
COUNT = """
INSERT INTO stock VALUES(?, ?, ?) ON CONFLICT(sku) DO UPDATE
SET on_hand = on_hand + excluded.on_hand, counted_at = excluded.counted_at
"""
EXPIRES = "INSERT INTO expiry VALUES(?, ?, ?) ON CONFLICT(sku, expires) DO UPDATE SET qty = qty + excluded.qty"


@dataclass(frozen=True)
class Stock:
    """What is on hand (may be negative: a miscount shows), and when it was last counted (0: never)."""

    on_hand: int
    counted_at: int

    @property
    def counted(self) -> bool:
        return self.counted_at > 0


def apply(db: apsw.Connection, event: Event, body: Contract) -> None:
    match body:
        case SaleCompleted():
            db.executemany(MOVE, [(line.sku, -line.qty) for line in body.lines])
        case StockReceived():
            db.executemany(MOVE, [(line.sku, line.qty) for line in body.lines])
            db.executemany(EXPIRES, [(line.sku, line.expires, line.qty) for line in body.lines if line.expires])
        case StockCounted():
            # A count is the difference it found, so that sales recorded by others meanwhile still add up.
            db.executemany(COUNT, [(line.sku, line.counted - line.expected, event.at) for line in body.lines])
        case StockAdjusted():
            db.execute(MOVE, (body.sku, body.qty))


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """Stock has one author: the shop."""


class StockReads:
    """What is asked of the stock."""

    db: apsw.Connection

    def stock(self, sku: str) -> Stock:
        row = self.db.execute("SELECT on_hand, counted_at FROM stock WHERE sku = ?", (sku,)).fetchone()
        return Stock(*row) if row else Stock(0, 0)

    def expiries(self, sku: str) -> list[tuple[int, int]]:
        """(ordinal day, milli-units received with that date), soonest first."""
        rows = self.db.execute("SELECT expires, qty FROM expiry WHERE sku = ? ORDER BY expires", (sku,))
        return [(int(day), int(qty)) for day, qty in rows]
