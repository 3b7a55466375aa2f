"""View: what the fiscal device said of each receipt, and from which receipt on one is asked."""

import apsw

from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.fiscal import FiscalDeviceSet, FiscalFailed, FiscalSigned
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS fiscal(receipt INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fiscal_device(
    one INTEGER PRIMARY KEY CHECK(one = 1), model TEXT NOT NULL, first INTEGER NOT NULL
) STRICT;
"""
TABLES = ("fiscal", "fiscal_device")
FOLDS = (FiscalDeviceSet, FiscalSigned, FiscalFailed)


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    match body:
        case FiscalDeviceSet():
            db.execute("REPLACE INTO fiscal_device VALUES(1, ?, ?)", (body.model, body.first))
        case FiscalSigned() | FiscalFailed() if body.receipt:
            db.execute("INSERT OR IGNORE INTO fiscal VALUES(?, ?)", (body.receipt, event.seq))


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """A fiscal device speaks to its own till alone."""


class FiscalReads:
    """What is asked of the fiscal device's words."""

    db: apsw.Connection

    def fiscal_device(self) -> str:
        """The model that signs; empty for none."""
        row = self.db.execute("SELECT model FROM fiscal_device").fetchone()
        return str(row[0]) if row else ""

    def fiscal_seq(self, receipt: int) -> int | None:
        """The seq of what was said of a receipt; None when nothing was."""
        row = self.db.execute("SELECT seq FROM fiscal WHERE receipt = ?", (receipt,)).fetchone()
        return int(row[0]) if row else None

    def fiscal_owed(self) -> list[int]:
        """Receipts that were to be signed, and of which nothing was said, oldest first."""
        sql = """SELECT number FROM receipt JOIN fiscal_device ON model != '' AND number >= first
                 WHERE number NOT IN (SELECT receipt FROM fiscal) ORDER BY number"""
        return [int(number) for (number,) in self.db.execute(sql)]
