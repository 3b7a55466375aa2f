"""View: the shop's other tills and their public keys, as the cloud tells them: whose receipts may be trusted here."""

import apsw

from edge_agent.journal.views.invoices import InvoiceReads
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.device import TillKnown
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS till_known(device TEXT PRIMARY KEY, public_key TEXT NOT NULL, trusted INTEGER NOT NULL)
STRICT, WITHOUT ROWID;
"""
TABLES = ("till_known",)
FOLDS = ()


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    """Only the cloud knows the shop's tills."""


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    if isinstance(body, TillKnown):
        db.execute("REPLACE INTO till_known VALUES(?, ?, ?)", (body.device, body.public_key, int(body.trusted)))


class TillReads(InvoiceReads):
    """What is asked of the other tills."""

    def has_other_tills(self, device: str) -> bool:
        """True when the shop has tills beside this one."""
        sql = "SELECT 1 FROM till_known WHERE trusted = 1 AND device != ? LIMIT 1"
        return self.db.execute(sql, (device,)).fetchone() is not None

    def trusted_keys(self) -> list[str]:
        """Public keys (hex) of the shop's tills whose receipts hold."""
        return [str(key) for (key,) in self.db.execute("SELECT public_key FROM till_known WHERE trusted = 1")]
