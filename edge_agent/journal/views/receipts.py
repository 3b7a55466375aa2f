"""View: the receipts of this till, and its takings by business day, VAT rate and tender, summed as stored."""

from dataclasses import dataclass

import apsw

from edge_agent.wire.envelope import Contract, Event
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS receipt(
    number INTEGER PRIMARY KEY, seq INTEGER NOT NULL, day INTEGER NOT NULL, total INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS takings(
    day INTEGER NOT NULL, part TEXT NOT NULL, gross INTEGER NOT NULL, tax INTEGER NOT NULL, PRIMARY KEY(day, part)
) STRICT, WITHOUT ROWID;
"""
TABLES = ("receipt", "takings")

ADD = """
INSERT INTO takings VALUES(?, ?, ?, ?) ON CONFLICT(day, part) DO UPDATE
SET gross = gross + excluded.gross, tax = tax + excluded.tax
"""


@dataclass(frozen=True)
class Receipt:
    """A receipt's number and the seq of its sale in the journal."""

    number: int
    seq: int
    day: int
    total: int


@dataclass(frozen=True)
class Takings:
    """A business day's takings: `rates` {rate: (gross, tax)}, `tenders` {kind: amount}."""

    receipts: int
    total: int
    rates: dict[int, tuple[int, int]]
    tenders: dict[str, int]


def apply(db: apsw.Connection, event: Event, body: Contract) -> None:
    if not isinstance(body, SaleCompleted):
        return
    db.execute("INSERT INTO receipt VALUES(?, ?, ?, ?)", (body.receipt, event.seq, body.day, body.total))
    parts = [(f"rate:{tax.rate}", tax.gross, tax.tax) for tax in body.taxes]
    parts += [(f"tender:{tender.kind}", tender.amount, 0) for tender in body.tenders]
    db.executemany(ADD, [(body.day, *part) for part in parts])


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """Receipts have one author: this till."""


class ReceiptReads:
    """What is asked of receipts and takings."""

    db: apsw.Connection

    def next_receipt(self) -> int:
        """The number that the next sale gets: gap-free per till."""
        row = self.db.execute("SELECT max(number) FROM receipt").fetchone()
        return int(row[0] or 0) + 1 if row else 1

    def receipt(self, number: int) -> Receipt | None:
        row = self.db.execute("SELECT * FROM receipt WHERE number = ?", (number,)).fetchone()
        return Receipt(*row) if row else None

    def last_receipt(self) -> Receipt | None:
        row = self.db.execute("SELECT * FROM receipt ORDER BY number DESC LIMIT 1").fetchone()
        return Receipt(*row) if row else None

    def receipts_after(self, number: int, limit: int = 100) -> list[Receipt]:
        """Receipts with a higher number, oldest first."""
        sql = "SELECT * FROM receipt WHERE number > ? ORDER BY number LIMIT ?"
        return [Receipt(*row) for row in self.db.execute(sql, (number, limit))]

    def takings(self, day: int) -> Takings:
        """What a business day took."""
        one = self.db.execute("SELECT count(*), coalesce(sum(total), 0) FROM receipt WHERE day = ?", (day,)).fetchone()
        rates: dict[int, tuple[int, int]] = {}
        tenders: dict[str, int] = {}
        for part, gross, tax in self.db.execute("SELECT part, gross, tax FROM takings WHERE day = ?", (day,)):
            word, _, name = str(part).partition(":")
            if word == "rate":
                rates[int(name)] = (gross, tax)
            else:
                tenders[name] = gross
        return Takings(one[0] if one else 0, one[1] if one else 0, rates, tenders)
