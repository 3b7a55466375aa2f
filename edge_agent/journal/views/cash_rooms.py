"""View: what orders may take out of the account, as the cloud told it last."""

import apsw

from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.cash import CashRoom
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS cash_room(supplier TEXT PRIMARY KEY, told_at INTEGER NOT NULL, body TEXT NOT NULL)
STRICT, WITHOUT ROWID;
"""
TABLES = ("cash_room",)
FOLDS = ()


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    """Only the cloud knows the account."""


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    if isinstance(body, CashRoom):
        db.execute("REPLACE INTO cash_room VALUES(?, ?, ?)", (body.supplier, entry.at, body.model_dump_json()))


class CashRoomReads:
    """What is asked of the account."""

    db: apsw.Connection

    def cash_room(self, supplier: str) -> tuple[CashRoom, int] | None:
        """What was told of orders to a supplier, and when (UTC ms); None where nothing ever was."""
        row = self.db.execute("SELECT body, told_at FROM cash_room WHERE supplier = ?", (supplier,)).fetchone()
        return (CashRoom.model_validate_json(row[0]), int(row[1])) if row else None
