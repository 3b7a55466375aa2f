"""View: the receipts of this till, and its takings by business day, VAT rate and tender, summed as stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import apsw

from edge_agent.journal.views.sold import as_text
from edge_agent.rules.closing import Taken
from edge_agent.wire.envelope import Contract, Envelope, event_of
from edge_agent.wire.events.device import Genesis
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.sales import SaleCompleted, TaxTotal, TenderKind
from edge_agent.wire.events.shift import Perpetual
from edge_agent.wire.messages import FeedEntry

# Taxes and tenders stay on the receipt's row and are summed when asked: a sale then writes one page for all of it.
SCHEMA = """
CREATE TABLE IF NOT EXISTS receipt(
    number INTEGER PRIMARY KEY, seq INTEGER NOT NULL, day INTEGER NOT NULL, total INTEGER NOT NULL,
    at INTEGER NOT NULL, taxes TEXT NOT NULL, tenders TEXT NOT NULL, sold TEXT NOT NULL, refund INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS next_receipt(one INTEGER PRIMARY KEY CHECK(one = 1), number INTEGER NOT NULL) STRICT;
"""
TABLES = ("receipt", "next_receipt")
GIVEN = (SaleCompleted, RefundMade)
FOLDS = (*GIVEN, Genesis)
COLUMNS = "number, seq, day, total, refund"


NEXT = """
SELECT max(coalesce((SELECT max(number) + 1 FROM receipt), 1), coalesce((SELECT number FROM next_receipt), 1))
"""


@dataclass(frozen=True)
class Receipt:
    """A receipt's number and the seq of its sale (or refund: `total` is 0 or less) in the journal."""

    number: int
    seq: int
    day: int
    total: int
    refund: bool = False


@dataclass(frozen=True)
class Takings:
    """A business day's takings: `rates` {rate: (gross, tax)}, `tenders` {kind: amount}."""

    receipts: int
    total: int
    rates: dict[int, tuple[int, int]]
    tenders: dict[str, int]


AT_LEAST = """
INSERT INTO next_receipt VALUES(1, ?) ON CONFLICT(one) DO UPDATE SET number = max(number, excluded.number)
"""


def number_behind(body: Contract) -> int:
    """The least number of a receipt behind an event of this body."""
    match body:
        case SaleCompleted() | RefundMade():
            return body.receipt + 1
        case Genesis():
            return body.next_receipt
    return 1


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    if isinstance(body, GIVEN):
        taxes = " ".join([f"{tax.rate}:{tax.gross}:{tax.tax}" for tax in body.taxes])
        tenders = " ".join([f"{tender.kind}:{tender.amount}" for tender in body.tenders])
        # What came back moves stock at once, and is no demand.
        sold, refund = (as_text(body), 0) if isinstance(body, SaleCompleted) else ("[]", 1)
        row = (body.receipt, event.seq, body.day, body.total, event.at, taxes, tenders, sold, refund)
        db.execute("INSERT INTO receipt VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    elif isinstance(body, Genesis):
        db.execute(AT_LEAST, (body.next_receipt,))


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """Receipts have one author: this till."""


class ReceiptReads:
    """What is asked of receipts and takings."""

    db: apsw.Connection

    def next_receipt(self) -> int:
        """The number that the next sale gets: gap-free per till."""
        row = self.db.execute(NEXT).fetchone()
        return int(row[0]) if row else 1

    def receipt(self, number: int) -> Receipt | None:
        row = self.db.execute(f"SELECT {COLUMNS} FROM receipt WHERE number = ?", (number,)).fetchone()
        return _receipt(*row) if row else None

    def last_receipt(self) -> Receipt | None:
        row = self.db.execute(f"SELECT {COLUMNS} FROM receipt ORDER BY number DESC LIMIT 1").fetchone()
        return _receipt(*row) if row else None

    def receipts_after(self, number: int, limit: int = 100) -> list[Receipt]:
        """Receipts with a higher number, oldest first."""
        sql = f"SELECT {COLUMNS} FROM receipt WHERE number > ? ORDER BY number LIMIT ?"
        return [_receipt(*row) for row in self.db.execute(sql, (number, limit))]

    def taken_after(self, number: int) -> Iterator[Taken]:
        """Receipts with a higher number as they are summed, oldest first."""
        sql = "SELECT number, refund, total, taxes, tenders FROM receipt WHERE number > ? ORDER BY number"
        for row in self.db.execute(sql, (number,)):
            yield _taken(*row)

    def cash_given(self, limit: int = 300) -> list[tuple[int, int]]:
        """(due in cash, given) of the newest sales that were paid in cash alone, the oldest first."""
        sql = """SELECT seq FROM receipt WHERE refund = 0 AND tenders LIKE 'cash:%' AND seq > 0
                 ORDER BY number DESC LIMIT ?"""
        found = []
        for (seq,) in self.db.execute(sql, (limit,)).fetchall():
            line = self.db.execute("SELECT line FROM journal WHERE seq = ?", (seq,)).fetchone()
            body = SaleCompleted.model_validate(event_of(line[0]).body) if line else None
            if body is not None and body.tenders[0].given > body.tenders[0].amount:
                found.append((body.tenders[0].amount, body.tenders[0].given))
        return found[::-1]

    def ever(self) -> Perpetual:
        """What was ever sold and given back, since the till's first receipt."""
        sql = """SELECT count(*), coalesce(sum(total * (1 - refund)), 0), coalesce(sum(total * refund), 0)
                 FROM receipt"""
        many, sold, refunded = self.db.execute(sql).fetchone() or (0, 0, 0)
        return Perpetual(receipts=int(many), sold=int(sold), refunded=int(refunded))

    def takings(self, day: int) -> Takings:
        """What a business day took, summed as stored."""
        receipts = total = 0
        rates: dict[int, tuple[int, int]] = {}
        tenders: dict[str, int] = {}
        for amount, taxes, kept in self.db.execute("SELECT total, taxes, tenders FROM receipt WHERE day = ?", (day,)):
            receipts, total = receipts + 1, total + amount
            for part in str(taxes).split():
                rate, gross, tax = map(int, part.split(":"))
                before = rates.get(rate, (0, 0))
                rates[rate] = (before[0] + gross, before[1] + tax)
            for part in str(kept).split():
                kind, _, money = part.partition(":")
                tenders[kind] = tenders.get(kind, 0) + int(money)
        return Takings(receipts, total, rates, tenders)


def _receipt(number: int, seq: int, day: int, total: int, refund: int) -> Receipt:
    return Receipt(number, seq, day, total, bool(refund))


def _taken(number: int, refund: int, total: int, taxes: str, tenders: str) -> Taken:
    rates = (tuple(map(int, part.split(":"))) for part in taxes.split())
    kept = (part.partition(":") for part in tenders.split())
    return Taken(
        number=number,
        refund=bool(refund),
        total=total,
        taxes=tuple(TaxTotal(rate=rate, gross=gross, tax=tax) for rate, gross, tax in rates),
        tenders=tuple((cast("TenderKind", kind), int(amount)) for kind, _, amount in kept),
    )
