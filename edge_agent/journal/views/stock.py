"""View: what is on the shelf, in milli-units, as the sum of all that moved it (sales: `sold`, others: `elsewhere`)."""

from dataclasses import dataclass

import apsw

from edge_agent.journal.views.elsewhere import ElsewhereReads
from edge_agent.journal.views.movers import MOVERS
from edge_agent.journal.views.sold import added_up, settles
from edge_agent.rules.stock import moves
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.popups import PopUpClosed, StockCame, StockSent
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.samples import SampleGiven
from edge_agent.wire.events.selling import CodeMatched
from edge_agent.wire.events.stock import ReceivedElsewhere, StockAdjusted, StockCounted, StockReceived
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS stock(
    sku TEXT PRIMARY KEY, on_hand INTEGER NOT NULL, counted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS expiry(
    sku TEXT NOT NULL, expires INTEGER NOT NULL, qty INTEGER NOT NULL, PRIMARY KEY(sku, expires)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dated(id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
"""
TABLES = ("stock", "expiry", "dated")
FOLDS = MOVERS

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
    """What the shop has on hand, as far as this till knows (may be negative: a miscount shows), and when it was last
    counted (0: never)."""

    on_hand: int
    counted_at: int

    @property
    def counted(self) -> bool:
        return self.counted_at > 0


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    if settles(body):
        db.executemany(MOVE, [(sku, -qty) for sku, qty in sorted(added_up(db).skus.items())])
    match body:
        case StockReceived():
            db.executemany(MOVE, [(line.sku, line.qty) for line in body.lines])
            _is_new(db, event.id)
            db.executemany(EXPIRES, [(line.sku, line.expires, line.qty) for line in body.lines if line.expires])
        case StockCounted():
            # A count is the difference it found, so that sales recorded by others meanwhile still add up.
            db.executemany(COUNT, [(line.sku, line.counted - line.expected, event.at) for line in body.lines])
        case StockAdjusted() | CodeMatched() | RefundMade() | SampleGiven() | StockSent() | StockCame() | PopUpClosed():
            db.executemany(MOVE, list(moves(event.kind, body.model_dump())))


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """Dates of what another till received; its quantities are in what the cloud says the shop's stock is."""
    if isinstance(body, ReceivedElsewhere) and _is_new(db, body.id):
        db.executemany(EXPIRES, [(line.sku, line.expires, line.qty) for line in body.received.lines if line.expires])


def _is_new(db: apsw.Connection, id_: str) -> bool:
    """A till that went on in a new journal may be told of its own delivery."""
    known = db.execute("SELECT 1 FROM dated WHERE id = ?", (id_,)).fetchone()
    db.execute("INSERT OR IGNORE INTO dated VALUES(?)", (id_,))
    return known is None


class StockReads(ElsewhereReads):
    """What is asked of the stock."""

    def stock(self, sku: str) -> Stock:
        with self.db:
            sold = self.waiting().skus[sku]
            row = self.db.execute("SELECT on_hand, counted_at FROM stock WHERE sku = ?", (sku,)).fetchone()
            others, told_at = self.elsewhere(sku)
        on_hand, counted_at = row or (0, 0)
        return Stock(on_hand - sold + others, max(counted_at, told_at))

    def expiries(self, sku: str) -> list[tuple[int, int]]:
        """(ordinal day, milli-units received with that date), soonest first."""
        rows = self.db.execute("SELECT expires, qty FROM expiry WHERE sku = ? ORDER BY expires", (sku,))
        return [(int(day), int(qty)) for day, qty in rows]
