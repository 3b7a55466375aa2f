"""View: what the shop's other tills did to stock and demand, and how far this till has seen each journal.

The cloud says totals of the whole shop, as of a cut through its journals. What is kept here is the total less this
till's own part up to that cut; the till's own later acts add to it. So a total may come twice, or late.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from edge_agent.journal.views import gone
from edge_agent.journal.views.movers import MOVERS
from edge_agent.journal.views.own import later_of, own_of
from edge_agent.journal.views.sold import SoldReads, added_up, unsettled
from edge_agent.rules.quota import quota
from edge_agent.rules.stock import moves
from edge_agent.wire.envelope import Contract, Envelope, Event
from edge_agent.wire.events import KIND_OF
from edge_agent.wire.events.device import Genesis
from edge_agent.wire.events.popups import StockCame
from edge_agent.wire.events.quota import QuotaGiven, QuotaSet
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.stock import StockAdjusted, StockCounted, StockReceived, StockStands
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS elsewhere(
    sku TEXT PRIMARY KEY, qty INTEGER NOT NULL, counts INTEGER NOT NULL, counted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS elsewhere_day(
    day INTEGER NOT NULL, sku TEXT NOT NULL, qty INTEGER NOT NULL, PRIMARY KEY(day, sku)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal_seen(journal TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS own_move(
    seq INTEGER NOT NULL, sku TEXT NOT NULL, qty INTEGER NOT NULL, PRIMARY KEY(seq, sku)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS own_journal(
    one INTEGER PRIMARY KEY CHECK(one = 1), journal TEXT NOT NULL, seq INTEGER NOT NULL, born_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS quota(
    sku TEXT PRIMARY KEY, inherited INTEGER NOT NULL, given INTEGER NOT NULL, granted INTEGER NOT NULL, keep INTEGER
) STRICT, WITHOUT ROWID;
"""
TABLES = ("elsewhere", "elsewhere_day", "journal_seen", "own_move", "own_journal", "quota")
FOLDS = (Genesis, QuotaGiven, *MOVERS)

SAID_AGAIN = (StockReceived, StockCounted, StockAdjusted, RefundMade, StockCame)
"""What a new journal says again of its parent's may have been received there: it is no quota of its own."""
KINDS_AGAIN = frozenset(KIND_OF[body][0] for body in SAID_AGAIN)

INHERIT = """
INSERT INTO quota VALUES(?, ?, 0, 0, NULL) ON CONFLICT(sku) DO UPDATE SET inherited = inherited + excluded.inherited
"""
GIVE = """
INSERT INTO quota VALUES(?, 0, ?, 0, NULL) ON CONFLICT(sku) DO UPDATE SET given = given + excluded.given
"""
GRANT = """
INSERT INTO quota VALUES(?, 0, 0, ?, ?) ON CONFLICT(sku) DO UPDATE SET granted = excluded.granted, keep = excluded.keep
"""
STANDS = """
INSERT INTO elsewhere VALUES(?1, ?2 - coalesce((SELECT on_hand FROM stock WHERE sku = ?1), 0), ?3, ?4)
ON CONFLICT(sku) DO UPDATE SET qty = excluded.qty, counts = excluded.counts,
counted_at = CASE WHEN excluded.counts > counts THEN excluded.counted_at ELSE counted_at END
"""
LAST_OWN = """
SELECT max(coalesce((SELECT seq FROM receipt ORDER BY number DESC LIMIT 1), 0),
           coalesce((SELECT max(seq) FROM own_move), 0), 0)
"""
STANDS_DAY = """
REPLACE INTO elsewhere_day VALUES(
    ?1, ?2, ?3 - coalesce((SELECT qty - imported FROM demand_day WHERE day = ?1 AND sku = ?2), 0)
)
"""
SEEN = "INSERT INTO journal_seen VALUES(?, ?) ON CONFLICT(journal) DO UPDATE SET seq = max(seq, excluded.seq)"


@dataclass(frozen=True)
class Quota:
    """Milli-units of a limited item: what may still be sold, and what may be kept of it (None: all)."""

    left: int
    keep: int | None


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    if event.seq > 0 and isinstance(body, SaleCompleted):
        return
    match body:
        case Genesis() if event.seq > 1:
            pass  # The parent's own, said again because the cloud may lack it.
        case Genesis():
            db.execute("REPLACE INTO own_journal VALUES(1, ?, ?, ?)", (body.journal, event.seq, event.at))
            db.execute("UPDATE quota SET given = 0, granted = 0, keep = NULL")
        case QuotaGiven() if event.seq > 0:
            db.execute(GIVE, (body.sku, body.qty))
        case SaleCompleted():
            pass
        case _:
            moved = _summed(event, body)
            db.executemany("INSERT INTO own_move VALUES(?, ?, ?)", [(event.seq, *row) for row in moved.items()])
    _inherit(db, event, body)


def stand_for_nothing(db: apsw.Connection, again: Sequence[Event]) -> None:
    """A new journal was begun without folding all anew: whatever moved before is no quota of its own, but for what it
    says `again` and did not receive."""
    inherits = db.execute("SELECT 1 FROM own_move WHERE seq < 0 UNION SELECT 1 FROM receipt WHERE seq < 0").fetchone()
    own, given = Counter[str](), Counter[str]()
    for event in again:
        received = inherits is not None and event.kind in KINDS_AGAIN
        own.update({sku: qty for sku, qty in _total(event.kind, event.body).items() if qty < 0 or not received})
        if event.kind == "quota_given":
            given[event.body["sku"]] += event.body["qty"]
    stock, waiting = Counter[str](dict(iter(db.execute("SELECT sku, on_hand FROM stock")))), added_up(db).skus
    known = {sku: stock[sku] - waiting[sku] - own[sku] for sku in stock.keys() | waiting.keys()}
    fresh = [(sku, inherited, given[sku], 0, None) for sku, inherited in known.items()]
    db.executemany("REPLACE INTO quota VALUES(?, ?, ?, ?, ?)", fresh)


def _summed(event: Envelope, body: Contract) -> Counter[str]:
    return _total(event.kind, body.model_dump())


def _total(kind: str, body: Mapping[str, Any]) -> Counter[str]:
    moved: Counter[str] = Counter()
    for sku, qty in moves(kind, body):
        moved[sku] += qty
    return moved


def _inherit(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    """What an ancestor moved is no quota of this journal; nor is what it received and the new one says again."""
    if event.seq < 0:
        db.executemany(INHERIT, list(_summed(event, body).items()))
    elif isinstance(body, SAID_AGAIN) and _is_said_again(db, event):
        db.executemany(INHERIT, [row for row in _summed(event, body).items() if row[1] > 0])


def _is_said_again(db: apsw.Connection, event: Envelope) -> bool:
    sql = "SELECT 1 FROM own_journal WHERE born_at >= ? AND EXISTS (SELECT 1 FROM own_move WHERE seq < 0)"
    return db.execute(sql, (event.at,)).fetchone() is not None


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    match body:
        case StockStands():
            _stands(db, entry, body)
        case QuotaSet():
            own = own_of(db).journal
            db.execute(GRANT, (body.sku, body.granted.get(own, 0), body.keep.get(own)))


def _stands(db: apsw.Connection, entry: FeedEntry, body: StockStands) -> None:
    skus, waiting, own = {sku for sku, _, _ in body.stock}, unsettled(db), own_of(db)
    gone.look_through(db, skus, waiting)
    db.executemany(SEEN, list(body.saw.items()))
    # What waits is this till's own already, and stands in no view yet; what lies behind the cut is not in the totals.
    days = [(day, sku) for day, sku, _ in body.sold]
    owed = later_of(db, own, body.saw.get(own.journal, 0), skus, days)
    for _, day, lines in waiting:
        owed.sell(day, lines, -1)
    stock = [(sku, total + owed.moved[sku], counts, entry.at if counts else 0) for sku, total, counts in body.stock]
    db.executemany(STANDS, stock)
    db.executemany(STANDS_DAY, [(day, sku, total + owed.sold[day, sku]) for day, sku, total in body.sold])
    gone.stand_anew(db, skus, entry.at, waiting)


class ElsewhereReads(SoldReads):
    """What is asked of the other tills' part."""

    def elsewhere(self, sku: str) -> tuple[int, int]:
        """(milli-units that others moved, when the shop was told that it was counted: 0 for never)."""
        row = self.db.execute("SELECT qty, counted_at FROM elsewhere WHERE sku = ?", (sku,)).fetchone()
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def seen(self) -> dict[str, int]:
        """{journal: seq}: the last own event that moved stock, and how far each other journal's were told."""
        own = own_of(self.db).journal
        seen = {str(journal): int(seq) for journal, seq in self.db.execute("SELECT * FROM journal_seen")}
        row = self.db.execute(LAST_OWN).fetchone()
        return dict(sorted({**seen, own: max(seen.get(own, 0), row[0] if row else 0)}.items()))

    def quota(self, sku: str) -> "Quota":
        """What this journal may still sell of a limited item, and how much of it the cloud lets it keep."""
        with self.db:
            sold = self.waiting().skus[sku]
            stock = self.db.execute("SELECT on_hand FROM stock WHERE sku = ?", (sku,)).fetchone()
            row = self.db.execute("SELECT inherited, given, granted, keep FROM quota WHERE sku = ?", (sku,)).fetchone()
        inherited, given, granted, keep = row or (0, 0, 0, None)
        return Quota(quota((stock[0] if stock else 0) - sold - inherited, granted, given), keep)

    def quotas_to_keep(self) -> list[str]:
        """SKUs of which the cloud lets this till keep only so much."""
        return [str(row[0]) for row in self.db.execute("SELECT sku FROM quota WHERE keep IS NOT NULL ORDER BY sku")]
