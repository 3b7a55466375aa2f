"""View: what was sold under codes that nobody knows, until somebody says what it was."""

from dataclasses import dataclass

import apsw

from edge_agent.rules.stock import unmatched
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.selling import CodeMatched
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS unmatched(
    code TEXT PRIMARY KEY, price INTEGER NOT NULL, qty INTEGER NOT NULL, last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
TABLES = ("unmatched",)
FOLDS = (SaleCompleted, CodeMatched)
SOLD = """
INSERT INTO unmatched VALUES(?, ?, ?, ?) ON CONFLICT(code) DO UPDATE
SET price = excluded.price, qty = qty + excluded.qty, last_at = excluded.last_at
"""


@dataclass(frozen=True)
class Unmatched:
    """A code that was sold unknown: its last price, milli-units in all, and when it was last sold (UTC ms)."""

    code: str
    price: int
    qty: int
    last_at: int


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    match body:
        case SaleCompleted():
            for line in body.lines:
                if line.code and line.sku == unmatched(line.code):
                    db.execute(SOLD, (line.code, line.price, line.qty, event.at))
        case CodeMatched():
            db.execute("DELETE FROM unmatched WHERE code = ?", (body.code,))


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """Who sold a code unknown also says what it was."""


class UnmatchedReads:
    """What is asked of the list to match."""

    db: apsw.Connection

    def unmatched(self) -> list[Unmatched]:
        """The codes to match, the last sold first."""
        rows = self.db.execute("SELECT code, price, qty, last_at FROM unmatched ORDER BY last_at DESC, code")
        return [Unmatched(*row) for row in rows]
