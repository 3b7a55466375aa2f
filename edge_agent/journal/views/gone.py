"""View: when a counted item was not there: from the moment its stock reached nothing until more came; and what was
asked for in vain.

A sale writes nothing here: sales are looked through when they settle, and before anything else moves an item. What
sells on at or below nothing was there all the same: the record is wrong, and no absence is claimed.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import apsw

from edge_agent.journal.views.movers import MOVERS
from edge_agent.journal.views.sold import WAITING, SoldReads, lines_of, settles, zone_of
from edge_agent.rules.day import business_day
from edge_agent.rules.stock import moves
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.selling import LostDemandNoted
from edge_agent.wire.events.stock import StockCounted
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS gone(
    sku TEXT NOT NULL, at INTEGER NOT NULL, back INTEGER NOT NULL, PRIMARY KEY(sku, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS asked_day(
    day INTEGER NOT NULL, sku TEXT NOT NULL, qty INTEGER NOT NULL, PRIMARY KEY(day, sku)
) STRICT, WITHOUT ROWID;
"""
TABLES = ("gone", "asked_day")
FOLDS = (LostDemandNoted, *MOVERS)

LEVEL = """
SELECT coalesce(stock.on_hand, 0) + coalesce(elsewhere.qty, 0),
       max(coalesce(stock.counted_at, 0), coalesce(elsewhere.counted_at, 0)) > 0
FROM (SELECT ?1 AS sku) AS one LEFT JOIN stock ON stock.sku = one.sku LEFT JOIN elsewhere ON elsewhere.sku = one.sku
"""
GOES = "INSERT OR IGNORE INTO gone VALUES(?, ?, 0)"
SINCE = "SELECT at FROM gone WHERE sku = ? AND back = 0"
COMES = "UPDATE gone SET back = max(?, at) WHERE sku = ? AND back = 0"
WAS_THERE = "DELETE FROM gone WHERE sku = ? AND back = 0"
ASKED = "INSERT INTO asked_day VALUES(?, ?, ?) ON CONFLICT(day, sku) DO UPDATE SET qty = qty + excluded.qty"
ABSENCES = "SELECT sku, at, back FROM gone WHERE back = 0 OR back >= ? ORDER BY sku, at"
ABSENCES_OF = "SELECT sku, at, back FROM gone WHERE sku = ? AND (back = 0 OR back >= ?) ORDER BY at"


class Absence(NamedTuple):
    """An item was not there in [`at`, `back`), UTC ms; `back` 0: it is not there now."""

    at: int
    back: int


class Trace(NamedTuple):
    """What the sales that are not added up yet leave of an item (milli-units), and since when nothing (0: it is there,
    or sold on below nothing)."""

    left: int
    gone_at: int


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    match body:
        case SaleCompleted():
            if settles(body):
                look_through(db, None)
        case LostDemandNoted():
            if body.sku:
                db.execute(ASKED, (business_day(event.at, *zone_of(db)), body.sku, body.qty))
        case _:
            _moved(db, event, body)


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """What other tills moved is told by `elsewhere`, before and after it takes it."""


def _moved(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    moved: dict[str, int] = {}
    for sku, qty in moves(event.kind, body.model_dump()):
        moved[sku] = moved.get(sku, 0) + qty
    if moved:
        traces = look_through(db, moved)
        levels = {sku: _level(db, sku) for sku in moved}
        after = {sku: (traces[sku].left if sku in traces else levels[sku][0]) + qty for sku, qty in moved.items()}
        _stands(db, ((sku, after[sku], isinstance(body, StockCounted) or levels[sku][1]) for sku in moved), event.at)


def look_through(db: apsw.Connection, skus: Collection[str] | None) -> dict[str, Trace]:
    """Note which of these (None: all) went in the sales that are not added up yet."""
    traces = _traces(db, skus)
    for sku, trace in traces.items():
        if trace.gone_at and not _since(db, sku):
            db.execute(GOES, (sku, trace.gone_at))
        elif trace.left < 0:
            db.execute(WAS_THERE, (sku,))
    return traces


def stand_anew(db: apsw.Connection, skus: Collection[str], at: int) -> None:
    """Other tills' part of these has just changed: who is there now, and who is gone."""
    traces = _traces(db, skus)
    levels = {sku: _level(db, sku) for sku in skus}
    _stands(
        db, ((sku, traces[sku].left if sku in traces else left, known) for sku, (left, known) in levels.items()), at
    )


def _stands(db: apsw.Connection, rows: Iterable[tuple[str, int, bool]], at: int) -> None:
    """(sku, what is left, whether it was ever counted) as of a moment."""
    for sku, left, counted in rows:
        if left > 0:
            db.execute(COMES, (at, sku))
        elif left < 0:
            db.execute(WAS_THERE, (sku,))
        elif counted and not _since(db, sku):
            db.execute(GOES, (sku, at))


def _since(db: apsw.Connection, sku: str) -> int:
    row = db.execute(SINCE, (sku,)).fetchone()
    return int(row[0]) if row else 0


def _level(db: apsw.Connection, sku: str) -> tuple[int, bool]:
    """Milli-units without the sales that wait, and whether it was ever counted."""
    row = db.execute(LEVEL, (sku,)).fetchone()
    assert row is not None
    return int(row[0]), bool(row[1])


def _traces(db: apsw.Connection, skus: Collection[str] | None) -> dict[str, Trace]:
    """Through the sales that wait; an item that was never counted is gone at no time."""
    traces: dict[str, Trace] = {}
    uncounted: set[str] = set()
    rows: list[tuple[int, str]] = [(int(str(at)), str(lines)) for at, _, lines in db.execute(WAITING)]
    for at, lines in rows:
        for sku, qty in lines_of(lines):
            if sku not in traces and sku not in uncounted and (skus is None or sku in skus):
                left, counted = _level(db, sku)
                traces[sku] = Trace(left, 0)
                uncounted |= set() if counted else {sku}
            if sku in traces:
                left = traces[sku].left - qty
                traces[sku] = Trace(left, at if left == 0 and sku not in uncounted else 0)
    return traces


class GoneReads(SoldReads):
    """What is asked of absences, and of what was asked for in vain."""

    def absences(self, since: int, sku: str | None = None) -> dict[str, list[Absence]]:
        """By item (or of one), those that had not ended by `since`, in order; sales of just now count."""
        with self.db:
            stored = self.db.execute(*((ABSENCES, (since,)) if sku is None else (ABSENCES_OF, (sku, since))))
            rows = [(str(name), int(str(at)), int(str(back))) for name, at, back in stored]
            traces = _traces(self.db, None if sku is None else {sku})
        found: dict[str, list[Absence]] = {}
        for name, at, back in rows:
            if back or name not in traces or traces[name].left == 0:
                found.setdefault(name, []).append(Absence(at, back))
        for name, trace in traces.items():
            if trace.gone_at and not any(one.back == 0 for one in found.get(name, ())):
                found.setdefault(name, []).append(Absence(trace.gone_at, 0))
        return found

    def asked_days(self, first_day: int, sku: str | None = None) -> dict[str, dict[int, int]]:
        """{sku: {ordinal business day: milli-units}} noted at this till as asked for and not there."""
        sql = "SELECT sku, day, qty FROM asked_day WHERE day >= ?1 AND (?2 IS NULL OR sku = ?2)"
        found: dict[str, dict[int, int]] = {}
        for name, day, qty in self.db.execute(sql, (first_day, sku)):
            found.setdefault(str(name), {})[int(day)] = int(qty)
        return found
