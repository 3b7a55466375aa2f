"""View: the card payments that are open: asked and not answered, or answered with nothing to go by."""

from dataclasses import dataclass

import apsw

from edge_agent.journal.views.refunds import RefundReads
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.cards import CardAnswered, CardAsked
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS card_open(attempt TEXT PRIMARY KEY, amount INTEGER NOT NULL, at INTEGER NOT NULL)
STRICT, WITHOUT ROWID;
"""
TABLES = ("card_open",)
FOLDS = (CardAsked, CardAnswered)


@dataclass(frozen=True)
class Attempt:
    """A card payment of which nobody knows yet whether it was taken."""

    attempt: str
    amount: int
    at: int


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    match body:
        case CardAsked():
            db.execute("REPLACE INTO card_open VALUES(?, ?, ?)", (body.attempt, body.amount, event.at))
        case CardAnswered(result="approved" | "declined"):
            db.execute("DELETE FROM card_open WHERE attempt = ?", (body.attempt,))


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """A terminal stands beside its own till."""


class CardReads(RefundReads):
    """What is asked of card payments."""

    def undecided(self) -> Attempt | None:
        """The card payment that must be decided before another is asked for."""
        row = self.db.execute("SELECT attempt, amount, at FROM card_open ORDER BY at, attempt LIMIT 1").fetchone()
        return Attempt(*row) if row else None
