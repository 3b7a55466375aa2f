"""View: shifts, what was done at the drawer without a sale, and closings: by place in the journal, never by a clock."""

from collections.abc import Iterator
from dataclasses import dataclass

import apsw

from edge_agent.journal.views.receipts import ReceiptReads
from edge_agent.rules.closing import UNSIGNED, Act, totals
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.fiscal import FiscalFailed
from edge_agent.wire.events.sales import TenderKind
from edge_agent.wire.events.shift import (
    CashMoved,
    Closing,
    PeriodClosed,
    ReceiptReprinted,
    ShiftClosed,
    ShiftOpened,
    TenderMoved,
    Totals,
)
from edge_agent.wire.messages import FeedEntry

# `act.place` counts as the acts were lived: an ancestor's seq goes the other way.
SCHEMA = """
CREATE TABLE IF NOT EXISTS shift(
    number INTEGER PRIMARY KEY, seq INTEGER NOT NULL, day INTEGER NOT NULL, opening INTEGER NOT NULL,
    last_receipt INTEGER NOT NULL, last_act INTEGER NOT NULL, kept INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS act(
    place INTEGER PRIMARY KEY, seq INTEGER NOT NULL, what TEXT NOT NULL, tender TEXT, amount INTEGER NOT NULL,
    receipt INTEGER NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS closing(
    place INTEGER PRIMARY KEY, what TEXT NOT NULL, number INTEGER NOT NULL, seq INTEGER NOT NULL,
    label INTEGER NOT NULL, last_receipt INTEGER NOT NULL, last_act INTEGER NOT NULL,
    journal TEXT NOT NULL, covered INTEGER NOT NULL
) STRICT;
"""
TABLES = ("shift", "act", "closing")
FOLDS = (ShiftOpened, CashMoved, TenderMoved, ReceiptReprinted, FiscalFailed, ShiftClosed, PeriodClosed)

# Not the next number less one: a new journal says which numbers were given before it says what they were.
LAST_RECEIPT = "SELECT coalesce(max(number), 0) FROM receipt"
LAST_ACT = "SELECT coalesce(max(place), 0) FROM act"
DO = "INSERT INTO act(seq, what, tender, amount, receipt, reason) VALUES(?, ?, ?, ?, ?, ?)"
CLOSE = """
INSERT INTO closing(what, number, seq, label, last_receipt, last_act, journal, covered) VALUES(?, ?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True)
class Shift:
    """A shift: its number, its business day, what was in the drawer; `last_receipt` and `last_act` came before it.

    `kept` is what it left in the drawer, None while it is open.
    """

    number: int
    seq: int
    day: int
    opening: int
    last_receipt: int
    last_act: int
    kept: int | None


@dataclass(frozen=True)
class Closed:
    """A closing: `what` is shift, day, month or year; it covers up to `covered` of `journal`."""

    what: str
    number: int
    seq: int
    label: int
    last_receipt: int
    last_act: int
    journal: str
    covered: int


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    match body:
        case ShiftOpened():
            shift = (body.number, event.seq, body.day, body.opening, _one(db, LAST_RECEIPT), _one(db, LAST_ACT), None)
            db.execute("REPLACE INTO shift VALUES(?, ?, ?, ?, ?, ?, ?)", shift)
        case CashMoved():
            db.execute(DO, (event.seq, body.what, "", body.amount, 0, body.reason))
        case TenderMoved():
            db.execute(DO, (event.seq, "tender", body.tender, body.amount, body.receipt, ""))
        case ReceiptReprinted():
            db.execute(DO, (event.seq, "reprint", "", 0, body.receipt, ""))
        case FiscalFailed():
            db.execute(DO, (event.seq, UNSIGNED, "", 0, body.receipt, body.why))
        case ShiftClosed():
            db.execute("UPDATE shift SET kept = ? WHERE number = ?", (body.kept, body.number))
            _close(db, event, body, "shift", body.day)
        case PeriodClosed():
            _close(db, event, body, body.period, body.label)


def _close(db: apsw.Connection, event: Envelope, body: Closing, what: str, label: int) -> None:
    behind = (_one(db, LAST_RECEIPT), _one(db, LAST_ACT), body.covers[-1].journal, body.covers[-1].last)
    db.execute(CLOSE, (what, body.number, event.seq, label, *behind))


def _one(db: apsw.Connection, sql: str) -> int:
    row = db.execute(sql).fetchone()
    return int(row[0]) if row else 0


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """The drawer has one author: this till."""


class ShiftReads(ReceiptReads):
    """What is asked of shifts, drawer and closings."""

    def last_shift(self) -> Shift | None:
        """The newest shift, open or not."""
        row = self.db.execute("SELECT * FROM shift ORDER BY number DESC LIMIT 1").fetchone()
        return Shift(*row) if row else None

    def open_shift(self) -> Shift | None:
        """The shift that is open."""
        shift = self.last_shift()
        return shift if shift and shift.kept is None else None

    def last_closing(self, what: str) -> Closed | None:
        """The newest closing of a kind: shift, day, month or year."""
        return next(iter(self.closings(what, 1)), None)

    def closings(self, what: str, limit: int = 100) -> list[Closed]:
        """Closings of a kind, the newest first."""
        sql = """SELECT what, number, seq, label, last_receipt, last_act, journal, covered FROM closing
                 WHERE what = ? ORDER BY place DESC LIMIT ?"""
        return [Closed(*row) for row in self.db.execute(sql, (what, limit))]

    def totals_after(self, receipt: int, act: int) -> Totals:
        """The sums of all receipts and acts behind these."""
        return totals(self.taken_after(receipt), self.acts_after(act))

    def acts_after(self, place: int) -> Iterator[Act]:
        """What was done at the drawer behind a place, in its order."""
        for what, tender, amount, receipt in self.db.execute(
            "SELECT what, tender, amount, receipt FROM act WHERE place > ? ORDER BY place", (place,)
        ):
            yield Act(str(what), tender or None, int(amount), int(receipt))

    def kept(self, receipt: int) -> dict[TenderKind, int]:
        """How a receipt of this till was paid, corrections taken in; empty for none."""
        row = self.db.execute("SELECT tenders FROM receipt WHERE number = ?", (receipt,)).fetchone()
        found: dict[TenderKind, int] = {}
        parts = [part.split(":") for part in str(row[0]).split()] if row else []
        sql = "SELECT tender, amount FROM act WHERE what = 'tender' AND receipt = ?"
        for kind, amount in [*parts, *self.db.execute(sql, (receipt,))]:
            found[kind] = found.get(kind, 0) + int(amount)
        return {kind: amount for kind, amount in found.items() if amount}

    def copies(self, receipt: int) -> int:
        """How often a receipt was printed once more."""
        sql = "SELECT count(*) FROM act WHERE what = 'reprint' AND receipt = ?"
        row = self.db.execute(sql, (receipt,)).fetchone()
        return int(row[0]) if row else 0

    def covered_since(self, journal: str, seq: int) -> list[tuple[str, int, int]]:
        """(journal, first, last) of the lines lived behind line `seq` of `journal` (empty: all there are)."""
        head = self.db.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()
        own = self.db.execute("SELECT value FROM mark WHERE name = 'journal'").fetchone()
        name, last = str(own[0]) if own else "", int(head[0]) if head else 0
        if journal == name:
            return [(name, seq + 1, last)]
        sql = """SELECT journal, min(seq), max(seq) FROM ancestor
                 WHERE place > coalesce((SELECT place FROM ancestor WHERE journal = ? AND seq = ?),
                                        (SELECT max(place) FROM ancestor WHERE ? != ''), 0)
                 GROUP BY journal ORDER BY min(place)"""
        elders = [
            (str(name), int(first), int(end)) for name, first, end in self.db.execute(sql, (journal, seq, journal))
        ]
        return [*elders, (name, 1, last)]
