"""View: orders to suppliers, from the device's proposal through the owner's word to the goods in the shop."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import apsw

from edge_agent.rules.order import rank
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.orders import OrderOutcome, OrderPlacedByHand, OrderStands, OrderWasSent
from edge_agent.wire.events.reorder import ReorderDecided
from edge_agent.wire.events.stock import ReceivedElsewhere, StockReceived
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS purchase(
    key TEXT PRIMARY KEY, number TEXT NOT NULL, supplier TEXT NOT NULL, cycle INTEGER NOT NULL,
    revision INTEGER NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL, seq INTEGER NOT NULL,
    cutoff_at INTEGER NOT NULL, arrives_at INTEGER NOT NULL, next_arrives_at INTEGER NOT NULL, value INTEGER NOT NULL,
    reason TEXT NOT NULL, author TEXT NOT NULL, saw TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS purchase_line(
    key TEXT NOT NULL, sku TEXT NOT NULL, packs INTEGER NOT NULL, qty INTEGER NOT NULL, came INTEGER NOT NULL,
    PRIMARY KEY(key, sku)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS delivered(id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS placed(key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS purchase_line_sku ON purchase_line(sku);
CREATE INDEX IF NOT EXISTS purchase_state ON purchase(state, cutoff_at);
CREATE INDEX IF NOT EXISTS purchase_supplier ON purchase(supplier, cutoff_at);
"""
TABLES = ("purchase", "purchase_line", "delivered", "placed")
FOLDS = (ReorderDecided, StockReceived, OrderPlacedByHand, OrderWasSent)

# What was approved may differ from what was proposed: packs were edited, or the proposal moved on meanwhile.
WORTH = """
UPDATE purchase SET value = (
    SELECT coalesce(sum(packs * (item.body ->> 'pack_cost')), 0)
    FROM purchase_line JOIN item ON item.sku = purchase_line.sku WHERE purchase_line.key = ?
) WHERE key = ?
"""

KNOWN = "SELECT version, state, revision, saw, author, seq FROM purchase WHERE key = ?"

OPEN = ("proposed", "held", "withdrawn")
COMING = ("approved", "sent")


@dataclass(frozen=True)
class OrderedLine:
    """A SKU on an order: packs and milli-units as they stand, and what came of it."""

    sku: str
    packs: int
    qty: int
    came: int


@dataclass(frozen=True)
class Order:
    """An order; `seq` is the event that decided it last, `state` one of proposed, held, withdrawn, approved,
    rejected, sent (by the cloud or by hand), expired, received.

    `author` is the journal of another till whose proposal holds, and `seq` is its (empty: this till decided). `saw` is
    the vector of journals that the proposal saw.
    """

    key: str
    number: str
    supplier: str
    cycle: int
    revision: int
    version: int
    state: str
    seq: int
    cutoff_at: int
    arrives_at: int
    next_arrives_at: int
    value: int
    reason: str
    author: str
    saw: dict[str, int]
    lines: tuple[OrderedLine, ...]


@dataclass(frozen=True)
class Incoming:
    """Goods on their way: milli-units of a SKU on an order, and when they are due."""

    order: str
    qty: int
    eta_at: int


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    match body:
        case ReorderDecided():
            _propose(db, body, Proposed(body.revision, body.saw, "", event.seq), body.state)
        case StockReceived() if body.order:
            _received(db, event.id, body)
        case OrderPlacedByHand() | OrderWasSent():
            db.execute("INSERT OR IGNORE INTO placed VALUES(?)", (body.order,))
            db.execute("UPDATE purchase SET state = 'sent' WHERE key = ? AND state != 'received'", (body.order,))
            if _state(db, body.order) == "sent":
                _replace_lines(db, body.order, [(line.sku, line.packs, line.qty) for line in body.lines])


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    match body:
        case OrderOutcome():
            _outcome(db, body)
        case OrderStands():
            _propose(db, body, Proposed(body.revision, body.saw, body.journal, body.seq), body.state)
        case ReceivedElsewhere() if body.received.order:
            _received(db, body.id, body.received)


def _outcome(db: apsw.Connection, body: OrderOutcome) -> None:
    known = db.execute("SELECT version, state FROM purchase WHERE key = ?", (body.order,)).fetchone()
    if known is None or known[0] >= body.version or known[1] == "received":
        return
    if body.state != "sent" and _is_placed(db, body.order):
        return
    sql = "UPDATE purchase SET version = ?, state = ?, reason = ? WHERE key = ?"
    db.execute(sql, (body.version, body.state, body.reason, body.order))
    if body.arrives_at:
        db.execute("UPDATE purchase SET arrives_at = ? WHERE key = ?", (body.arrives_at, body.order))
    if body.state in COMING and body.lines:
        _replace_lines(db, body.order, [(line.sku, line.packs, line.qty) for line in body.lines])
        db.execute(WORTH, (body.order, body.order))


def _state(db: apsw.Connection, key: str) -> str:
    row = db.execute("SELECT state FROM purchase WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""


def _is_placed(db: apsw.Connection, key: str) -> bool:
    """What was ordered stays ordered, whatever a cloud says that does not know it (yet, or any more)."""
    return db.execute("SELECT 1 FROM placed WHERE key = ?", (key,)).fetchone() is not None


@dataclass(frozen=True)
class Proposed:
    """Whose proposal it is, and what it saw."""

    revision: int
    saw: dict[str, int]
    author: str
    seq: int


def _propose(db: apsw.Connection, body: ReorderDecided | OrderStands, by: Proposed, state: str) -> None:
    """Another till's proposal holds where it saw more; this till's own comes after what it knew."""
    known = db.execute(KNOWN, (body.order,)).fetchone()
    if known and (known[1] not in OPEN or (by.author and not _saw_more(db, by, known[2:]))):
        return
    state = "sent" if _is_placed(db, body.order) else state
    times = (body.cutoff_at, body.arrives_at, body.next_arrives_at)
    row = (body.order, body.number, body.supplier, body.cycle, body.revision, known[0] if known else 0)
    full = (*row, state, by.seq, *times, body.value, "", by.author, json.dumps(by.saw))
    db.execute("REPLACE INTO purchase VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", full)
    _replace_lines(db, body.order, [(line.sku, line.packs, line.qty) for line in body.lines])


def _saw_more(db: apsw.Connection, by: Proposed, known: tuple[int, str, str, int]) -> bool:
    revision, saw, author, seq = known
    (own,) = db.execute("SELECT journal FROM own_journal").fetchone() or ("",)
    if by.author == own:
        # Our own word, come back.
        return False
    return rank(by.saw, by.revision, by.author, by.seq) > rank(json.loads(saw), revision, author or own, seq)


def _replace_lines(db: apsw.Connection, key: str, lines: list[tuple[str, int, int]]) -> None:
    db.execute("DELETE FROM purchase_line WHERE key = ?", (key,))
    db.executemany("INSERT INTO purchase_line VALUES(?, ?, ?, ?, 0)", [(key, *line) for line in lines])


def _received(db: apsw.Connection, id_: str, body: StockReceived) -> None:
    """Goods came for an order; a till that went on in a new journal may be told of its own delivery."""
    if db.execute("SELECT 1 FROM delivered WHERE id = ?", (id_,)).fetchone():
        return
    db.execute("INSERT INTO delivered VALUES(?)", (id_,))
    db.execute("UPDATE purchase SET state = 'received' WHERE key = ?", (body.order,))
    sql = """INSERT INTO purchase_line VALUES(?, ?, 0, 0, ?)
             ON CONFLICT(key, sku) DO UPDATE SET came = came + excluded.came"""
    db.executemany(sql, [(body.order, line.sku, line.qty) for line in body.lines])


class OrderReads:
    """What is asked of orders."""

    db: apsw.Connection

    def orders(self, states: Collection[str] = ()) -> list[Order]:
        """Orders in the given states (none given: all), the soonest cut-off first."""
        marks = ",".join("?" * len(states))
        where = f"WHERE state IN ({marks})" if states else ""
        rows = self.db.execute(f"SELECT * FROM purchase {where} ORDER BY cutoff_at, key", tuple(states)).fetchall()
        return [self._order(row) for row in rows]

    def open_orders(self, supplier: str, since: int) -> list[Order]:
        """What nobody has settled of a supplier, with its cut-off at `since` or later."""
        sql = """SELECT * FROM purchase WHERE supplier = ? AND cutoff_at >= ?
                 AND state IN ('proposed', 'held', 'withdrawn') ORDER BY cutoff_at, key"""
        return [self._order(row) for row in self.db.execute(sql, (supplier, since)).fetchall()]

    def order(self, key: str) -> Order | None:
        """The order whose key or number begins so; None if there is none, or more than one."""
        exact = self.db.execute("SELECT * FROM purchase WHERE key = ?", (key,)).fetchone()
        if exact is not None:
            return self._order(exact)
        word = key.replace("%", "").replace("_", "")
        sql = "SELECT * FROM purchase WHERE key LIKE ? OR number = ?"
        rows = self.db.execute(sql, (f"{word}%", key)).fetchall()
        return self._order(rows[0]) if len(rows) == 1 else None

    def _order(self, row: tuple[object, ...]) -> Order:
        sql = "SELECT sku, packs, qty, came FROM purchase_line WHERE key = ? ORDER BY sku"
        lines = tuple(OrderedLine(*line) for line in self.db.execute(sql, (str(row[0]),)))
        values: list[Any] = [*row[:-1], json.loads(str(row[-1])), lines]
        return Order(*values)

    def refused(self, sku: str, since: int) -> int:
        """Milli-units of a SKU that the owner refused and that nobody ordered since; 0: none since that cut-off."""
        # The first look spares the second in all shops that refuse little.
        sql = """SELECT purchase.state, purchase_line.qty FROM purchase_line JOIN purchase USING(key)
                 WHERE EXISTS(SELECT 1 FROM purchase WHERE state = 'rejected' AND cutoff_at >= ?2)
                 AND sku = ?1 AND cutoff_at >= ?2 AND state IN ('rejected', 'approved', 'sent', 'received')
                 AND (qty > 0 OR came > 0) ORDER BY cutoff_at DESC LIMIT 1"""
        row = self.db.execute(sql, (sku, since)).fetchone()
        return int(row[1]) if row and row[0] == "rejected" else 0

    def worth_of_gone(self, supplier: str, after: int, until: int) -> list[tuple[str, int, int]]:
        """(key, cut-off, value) of a supplier's orders that were approved or went, the cut-off in (after, until];
        of all suppliers' where its name is empty."""
        sql = """SELECT key, cutoff_at, value FROM purchase WHERE (supplier = ? OR ? = '') AND cutoff_at > ?
                 AND cutoff_at <= ? AND state IN ('approved', 'sent', 'received')"""
        rows = self.db.execute(sql, (supplier, supplier, after, until))
        return [(str(key), int(at), int(value)) for key, at, value in rows]

    def placed_since(self, since: int) -> list[Order]:
        """What was ordered by hand at this till, with its cut-off at `since` or later."""
        sql = """SELECT purchase.* FROM placed JOIN purchase ON purchase.key = placed.key
                 WHERE cutoff_at >= ? AND state = 'sent' ORDER BY cutoff_at, purchase.key"""
        return [self._order(row) for row in self.db.execute(sql, (since,)).fetchall()]

    def ordered_before(self, sku: str, most: int) -> list[tuple[int, int]]:
        """(seq of the own event that decided it, 0 for another till's; milli-units) of the last orders that went."""
        sql = """SELECT CASE purchase.author WHEN '' THEN purchase.seq ELSE 0 END, purchase_line.qty FROM purchase_line
                 JOIN purchase ON purchase.key = purchase_line.key
                 WHERE purchase_line.sku = ? AND purchase_line.qty > 0
                 AND purchase.state IN ('approved', 'sent', 'received') ORDER BY purchase.cutoff_at DESC LIMIT ?"""
        return [(int(seq), int(qty)) for seq, qty in self.db.execute(sql, (sku, most))]

    def incoming(self, sku: str) -> list[Incoming]:
        """What is approved or sent and has not come, soonest first."""
        # From the few that are on their way: a SKU stands on hundreds of orders of a year.
        sql = """SELECT purchase.key, purchase_line.qty, purchase.arrives_at FROM purchase
                 CROSS JOIN purchase_line ON purchase_line.key = purchase.key
                 WHERE purchase_line.sku = ? AND purchase.state IN ('approved', 'sent') AND purchase_line.qty > 0
                 ORDER BY purchase.arrives_at, purchase.key"""
        return [Incoming(*row) for row in self.db.execute(sql, (sku,))]
