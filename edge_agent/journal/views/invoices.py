"""View: the invoices of this till, by their own gap-free numbers."""

from dataclasses import dataclass

import apsw

from edge_agent.journal.views.cards import CardReads
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.invoices import InvoiceIssued
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS invoice(
    number INTEGER PRIMARY KEY, receipt INTEGER NOT NULL, buyer TEXT NOT NULL, credits INTEGER NOT NULL
) STRICT;
"""
TABLES = ("invoice",)
FOLDS = (InvoiceIssued,)


@dataclass(frozen=True)
class Invoice:
    """An invoice, or (`credits` above 0) the credit note of one."""

    number: int
    receipt: int
    buyer: str
    credits: int


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    if isinstance(body, InvoiceIssued):
        row = (body.number, body.receipt, body.buyer, body.credits)
        db.execute("REPLACE INTO invoice VALUES(?, ?, ?, ?)", row)


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """Invoices have one author: this till."""


class InvoiceReads(CardReads):
    """What is asked of invoices."""

    def invoice_of(self, receipt: int) -> Invoice | None:
        """The invoice that a receipt has."""
        sql = "SELECT number, receipt, buyer, credits FROM invoice WHERE receipt = ? ORDER BY number LIMIT 1"
        row = self.db.execute(sql, (receipt,)).fetchone()
        return Invoice(*row) if row else None

    def next_invoice(self) -> int:
        """The number that the next invoice gets."""
        row = self.db.execute("SELECT coalesce(max(number), 0) + 1 FROM invoice").fetchone()
        return int(row[0]) if row else 1
