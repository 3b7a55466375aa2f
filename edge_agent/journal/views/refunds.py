"""View: what came back of each receipt's lines, this till's and others'; a limit for what comes without a receipt."""

import apsw

from edge_agent.journal.views.shift import ShiftReads
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.messages import FeedEntry

# Line -1 keeps what cash was rounded by over all refunds of the receipt.
SCHEMA = """
CREATE TABLE IF NOT EXISTS refunded(
    origin TEXT NOT NULL, receipt INTEGER NOT NULL, line INTEGER NOT NULL,
    qty INTEGER NOT NULL, gross INTEGER NOT NULL, tax INTEGER NOT NULL, PRIMARY KEY(origin, receipt, line)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refunded_to(
    origin TEXT NOT NULL, receipt INTEGER NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL,
    amount INTEGER NOT NULL, points INTEGER NOT NULL, PRIMARY KEY(origin, receipt, account, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unproved(day INTEGER PRIMARY KEY, total INTEGER NOT NULL) STRICT;
"""
TABLES = ("refunded", "refunded_to", "unproved")
FOLDS = (RefundMade,)

BACK = """
INSERT INTO refunded VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(origin, receipt, line)
DO UPDATE SET qty = qty + excluded.qty, gross = gross + excluded.gross, tax = tax + excluded.tax
"""
BACK_TO = """
INSERT INTO refunded_to VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(origin, receipt, account, kind)
DO UPDATE SET amount = amount + excluded.amount, points = points + excluded.points
"""
UNPROVED = "INSERT INTO unproved VALUES(?, ?) ON CONFLICT(day) DO UPDATE SET total = total + excluded.total"


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    if not isinstance(body, RefundMade):
        return
    if body.of is None:
        db.execute(UNPROVED, (body.day, body.total))
        return
    key = (body.of.origin, body.of.receipt)
    db.executemany(BACK, [(*key, line.line, line.qty, line.gross, line.tax) for line in body.lines])
    onto = [one for one in body.tenders if one.kind in ("gift", "points")]
    db.executemany(BACK_TO, [(*key, one.account, one.kind, one.amount, one.points) for one in onto])
    rounding = sum(tender.amount for tender in body.tenders if tender.kind == "rounding")
    if rounding:
        db.execute(BACK, (*key, -1, 0, rounding, 0))


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """What came back at other tills is not told here."""


class RefundReads(ShiftReads):
    """What is asked of refunds."""

    def refunded(self, origin: str, receipt: int) -> dict[int, tuple[int, int, int]]:
        """{line: (milli-units, gross, tax)} that came back of a receipt (`origin` empty: an own one, else the id of
        another till's sale); line -1 holds what cash was rounded by."""
        sql = "SELECT line, qty, gross, tax FROM refunded WHERE origin = ? AND receipt = ?"
        rows = self.db.execute(sql, (origin, receipt))
        return {int(line): (int(qty), int(gross), int(tax)) for line, qty, gross, tax in rows}

    def refunded_to(self, origin: str, receipt: int) -> dict[tuple[str, str], tuple[int, int]]:
        """{(account, gift or points): (minor units, points)} of a receipt that went back there (0 or less)."""
        sql = "SELECT account, kind, amount, points FROM refunded_to WHERE origin = ? AND receipt = ?"
        rows = self.db.execute(sql, (origin, receipt))
        return {(str(account), str(kind)): (int(amount), int(points)) for account, kind, amount, points in rows}

    def unproved(self, day: int) -> int:
        """What was given back without a receipt on a business day (0 or less)."""
        row = self.db.execute("SELECT total FROM unproved WHERE day = ?", (day,)).fetchone()
        return int(row[0]) if row else 0
