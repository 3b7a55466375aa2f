"""View: when a counted item was not there: from the moment its stock reached nothing until more came; and what was
asked for in vain.

A sale writes nothing here: sales are looked through when they settle, and before anything else moves an item. What
sells on at or below nothing was there all the same: the record is wrong, and no absence is claimed.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import apsw

from edge_agent.journal.views.movers import MOVERS
from edge_agent.journal.views.sold import SoldReads, Unsettled, lines_of, settles, unsettled, zone_of
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

LEVELS = """
SELECT one.value, coalesce(stock.on_hand, 0) + coalesce(elsewhere.qty, 0),
       max(coalesce(stock.counted_at, 0), coalesce(elsewhere.counted_at, 0)) > 0
FROM json_each(?) AS one LEFT JOIN stock ON stock.sku = one.value LEFT JOIN elsewhere ON elsewhere.sku = one.value
"""
AWAY = "SELECT gone.sku FROM json_each(?) AS one CROSS JOIN gone ON gone.sku = one.value AND gone.back = 0"
GOES = "INSERT OR IGNORE INTO gone VALUES(?, ?, 0)"
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
                look_through(db, None, unsettled(db))
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
        traces, levels = look_through(db, moved, unsettled(db)), _levels(db, moved)
        after = {sku: (traces[sku].left if sku in traces else levels[sku][0]) + qty for sku, qty in moved.items()}
        _stands(db, [(sku, after[sku], isinstance(body, StockCounted) or levels[sku][1]) for sku in moved], event.at)


def look_through(db: apsw.Connection, skus: Collection[str] | None, waiting: Sequence[Unsettled]) -> dict[str, Trace]:
    """Note which of these (None: all) went in the sales that are not added up yet."""
    lines = _lines(waiting, skus)
    traces = _traces(lines, _levels(db, {sku for _, sku, _ in lines}))
    away = _away(db, traces)
    went = [(sku, trace.gone_at) for sku, trace in traces.items() if trace.gone_at and sku not in away]
    db.executemany(GOES, went)
    db.executemany(WAS_THERE, [(sku,) for sku, trace in traces.items() if trace.left < 0 and sku in away])
    return traces


def stand_anew(db: apsw.Connection, skus: Collection[str], at: int, waiting: Sequence[Unsettled]) -> None:
    """Other tills' part of these has just changed: who is there now, and who is gone."""
    levels = _levels(db, skus)
    traces = _traces(_lines(waiting, skus), levels)
    _stands(
        db, [(sku, traces[sku].left if sku in traces else left, known) for sku, (left, known) in levels.items()], at
    )


def _stands(db: apsw.Connection, rows: Sequence[tuple[str, int, bool]], at: int) -> None:
    """(sku, what is left, whether it was ever counted) as of a moment."""
    away = _away(db, [sku for sku, _, _ in rows])
    db.executemany(COMES, [(at, sku) for sku, left, _ in rows if left > 0 and sku in away])
    db.executemany(WAS_THERE, [(sku,) for sku, left, _ in rows if left < 0 and sku in away])
    db.executemany(GOES, [(sku, at) for sku, left, counted in rows if left == 0 and counted and sku not in away])


def _away(db: apsw.Connection, skus: Iterable[str]) -> set[str]:
    """Those of them that are not there."""
    return {str(sku) for (sku,) in db.execute(AWAY, (json.dumps([*skus]),))}


def _levels(db: apsw.Connection, skus: Iterable[str]) -> dict[str, tuple[int, bool]]:
    """Of each the milli-units without the sales that wait, and whether it was ever counted."""
    rows = db.execute(LEVELS, (json.dumps([*skus]),))
    return {str(sku): (int(str(left)), bool(counted)) for sku, left, counted in rows}


def _lines(waiting: Iterable[Unsettled], skus: Collection[str] | None) -> list[tuple[int, str, int]]:
    """(when, sku, milli-units) sold of these (None: of all)."""
    return [(one.at, sku, qty) for one in waiting for sku, qty in lines_of(one.lines) if skus is None or sku in skus]


def _traces(lines: Iterable[tuple[int, str, int]], levels: Mapping[str, tuple[int, bool]]) -> dict[str, Trace]:
    """Through the sales that wait, from these levels; an item that was never counted is gone at no time."""
    traces: dict[str, Trace] = {}
    for at, sku, qty in lines:
        level, counted = levels[sku]
        left = (traces[sku].left if sku in traces else level) - qty
        traces[sku] = Trace(left, at if left == 0 and counted else 0)
    return traces


class GoneReads(SoldReads):
    """What is asked of absences, and of what was asked for in vain."""

    def absences(self, since: int, sku: str | None = None) -> dict[str, list[Absence]]:
        """By item (or of one), those that had not ended by `since`, in order; sales of just now count."""
        with self.db:
            stored = self.db.execute(*((ABSENCES, (since,)) if sku is None else (ABSENCES_OF, (sku, since))))
            rows = [(str(name), int(str(at)), int(str(back))) for name, at, back in stored]
            lines = _lines(unsettled(self.db), None if sku is None else {sku})
            traces = _traces(lines, _levels(self.db, {name for _, name, _ in lines}))
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
