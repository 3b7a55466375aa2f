"""View: what is on gift cards, and customers' points: this till's moves, and what the others moved."""

import apsw

from edge_agent.journal.views.own import own_of
from edge_agent.rules.stored import Standing, moves
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.stored import BalancesStand
from edge_agent.wire.messages import FeedEntry

# By the event's id: what a new journal says again of its parent's is moved once.
SCHEMA = """
CREATE TABLE IF NOT EXISTS stored_move(
    account TEXT NOT NULL, event TEXT NOT NULL, seq INTEGER NOT NULL, day INTEGER NOT NULL, amount INTEGER NOT NULL,
    PRIMARY KEY(account, event)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stored_elsewhere(account TEXT PRIMARY KEY, amount INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""
TABLES = ("stored_move", "stored_elsewhere")
FOLDS = (SaleCompleted, RefundMade)

STANDING = """
SELECT coalesce(sum(amount), 0), coalesce(sum(CASE WHEN day = ?2 AND amount < 0 THEN -amount END), 0)
FROM stored_move WHERE account = ?1
"""


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    if not isinstance(body, FOLDS):
        return
    if not body.customer and not any(tender.account for tender in body.tenders):
        return
    moved = {body.customer: 0} if body.customer else {}
    for account, amount in moves(event.kind, body.model_dump()):
        moved[account] = moved.get(account, 0) + amount
    rows = [(account, event.id, event.seq, body.day, amount) for account, amount in moved.items()]
    db.executemany("REPLACE INTO stored_move VALUES(?, ?, ?, ?, ?)", rows)


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    if not isinstance(body, BalancesStand):
        return
    own = own_of(db)
    cut = body.saw.get(own.journal, 0)
    for account, total in body.balances:
        rows = db.execute("SELECT seq, amount FROM stored_move WHERE account = ?", (account,))
        mine = sum(amount for seq, amount in rows if not own.is_behind(seq, cut))
        db.execute("REPLACE INTO stored_elsewhere VALUES(?, ?)", (account, total - mine))


class StoredReads:
    """What is asked of gift cards and points."""

    db: apsw.Connection

    def standing(self, account: str, day: int) -> Standing | None:
        """What is known of an account on a business day; None for one that this till never heard of."""
        own, spent = self.db.execute(STANDING, (account, day)).fetchone() or (0, 0)
        row = self.db.execute("SELECT amount FROM stored_elsewhere WHERE account = ?", (account,)).fetchone()
        known = row or self.db.execute("SELECT 1 FROM stored_move WHERE account = ? LIMIT 1", (account,)).fetchone()
        return Standing(int(own), int(row[0]) if row else 0, int(spent)) if known else None

    def sales_of(self, account: str, limit: int = 10) -> list[int]:
        """The seqs of what a customer bought and gave back at this till, the newest first."""
        sql = "SELECT seq FROM stored_move WHERE account = ? ORDER BY day DESC, seq DESC LIMIT ?"
        return [int(seq) for (seq,) in self.db.execute(sql, (account, limit))]
