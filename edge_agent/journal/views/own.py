"""The journal that is being folded, and what this till did behind a cut through it.

A feed that is taken anew tells a long journal of old cuts. To add up all that lies behind each of them would cost the
journal's length for every entry: what is long is kept in temporary tables of the connection, and the next cut takes
off what it has passed. A rollback takes that back with all else.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import apsw

from edge_agent.journal.views.sold import lines_of

NEAR = 64
"""So many receipts behind a cut are added up each time."""
SUMS = """
CREATE TEMP TABLE IF NOT EXISTS later_cut(
    one INTEGER PRIMARY KEY CHECK(one = 1), standing TEXT NOT NULL, cut INTEGER NOT NULL, receipt INTEGER NOT NULL
);
CREATE TEMP TABLE IF NOT EXISTS later_moved(sku TEXT PRIMARY KEY, qty INTEGER NOT NULL) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS later_sold(
    day INTEGER NOT NULL, sku TEXT NOT NULL, qty INTEGER NOT NULL, PRIMARY KEY(day, sku)
) WITHOUT ROWID;
"""
STANDING = "SELECT (SELECT max(number) FROM receipt), (SELECT max(seq) FROM own_move), (SELECT min(seq) FROM own_move)"
NEWEST = "SELECT number, seq, day, sold FROM receipt ORDER BY number DESC LIMIT ?"
FROM = "SELECT number, seq, day, sold FROM receipt WHERE number >= ? ORDER BY number"
MOVES = "SELECT seq, sku, qty FROM own_move WHERE seq > ?1 OR (?2 < 0 AND seq < 0)"
MOVES_TO = "SELECT seq, sku, qty FROM own_move WHERE (seq > ?1 AND seq <= ?3) OR (?2 < 0 AND seq < 0)"
TAKE_OFF_MOVED = "UPDATE later_moved SET qty = qty - ?2 WHERE sku = ?1"
TAKE_OFF_SOLD = "UPDATE later_sold SET qty = qty - ?3 WHERE day = ?1 AND sku = ?2"
MOVED_OF = """
SELECT kept.sku, kept.qty FROM json_each(?) AS one CROSS JOIN temp.later_moved AS kept ON kept.sku = one.value
"""
SOLD_OF = """
SELECT kept.day, kept.sku, kept.qty FROM json_each(?) AS one
CROSS JOIN temp.later_sold AS kept ON kept.day = one.value ->> 0 AND kept.sku = one.value ->> 1
"""


@dataclass(frozen=True)
class Own:
    """The journal being folded: its id, and the seq of its first event (negative: an ancestor's, by its place)."""

    journal: str
    seq: int

    def is_behind(self, seq: int, cut: int) -> bool:
        """True for an own event that a cut through this journal does not hold yet."""
        return seq > cut if self.seq > 0 else -seq >= cut - self.seq


@dataclass
class Later:
    """What this till did behind a cut: milli-units moved, and sold by (day, sku)."""

    moved: Counter[str] = field(default_factory=Counter)
    sold: Counter[tuple[int, str]] = field(default_factory=Counter)

    def sell(self, day: int, lines: str, times: int = 1) -> None:
        """Add what a receipt's row keeps of its lines."""
        for sku, qty in lines_of(lines):
            self.moved[sku] -= times * qty
            self.sold[day, sku] += times * qty


class Receipt(NamedTuple):
    """A receipt's row."""

    number: int
    seq: int
    day: int
    lines: str


def own_of(db: apsw.Connection) -> Own:
    """The journal that is being folded."""
    row = db.execute("SELECT journal, seq FROM own_journal").fetchone()
    return Own(*row) if row else Own("", 1)


def later_of(
    db: apsw.Connection, own: Own, cut: int, skus: Collection[str], days: Collection[tuple[int, str]]
) -> Later:
    """What this till did behind a cut, of these SKUs and (day, sku); there may be more in it."""
    newest = [*_receipts(db, NEWEST, NEAR)]
    if len(newest) < NEAR or not own.is_behind(newest[-1].seq, cut):
        return _added_up(db, own, cut, newest)[0]
    db.execute(SUMS).fetchall()
    _bring_to(db, own, cut)
    moved = {str(sku): int(str(qty)) for sku, qty in db.execute(MOVED_OF, (json.dumps([*skus]),))}
    sold = {(int(str(day)), str(sku)): int(str(qty)) for day, sku, qty in db.execute(SOLD_OF, (json.dumps([*days]),))}
    return Later(Counter(moved), Counter(sold))


def _receipts(db: apsw.Connection, sql: str, bound: int) -> Iterator[Receipt]:
    return (Receipt(*row) for row in db.execute(sql, (bound,)))


def _added_up(db: apsw.Connection, own: Own, cut: int, newest: Iterable[Receipt]) -> tuple[Later, int]:
    """The sum, and the number of the first receipt behind the cut (0: none is)."""
    later, first = Later(), 0
    for one in newest:
        if not own.is_behind(one.seq, cut):
            break
        later.sell(one.day, one.lines)
        first = one.number
    for seq, sku, qty in db.execute(MOVES, (cut, own.seq)):
        if own.is_behind(int(str(seq)), cut):
            later.moved[str(sku)] += int(str(qty))
    return later, first


def _bring_to(db: apsw.Connection, own: Own, cut: int) -> None:
    """Let the kept sums be those behind this cut: on from an earlier one where nothing was recorded meanwhile."""
    standing = json.dumps([own.journal, own.seq, *(db.execute(STANDING).fetchone() or ())])
    row = db.execute("SELECT cut, receipt FROM later_cut WHERE standing = ? AND cut <= ?", (standing, cut)).fetchone()
    first = _passed(db, own, (int(str(row[0])), int(str(row[1]))), cut) if row else _begun(db, own, cut)
    db.execute("REPLACE INTO later_cut VALUES(1, ?, ?, ?)", (standing, cut, first))


def _begun(db: apsw.Connection, own: Own, cut: int) -> int:
    later, first = _added_up(db, own, cut, _receipts(db, NEWEST, -1))
    db.execute("DELETE FROM later_moved")
    db.execute("DELETE FROM later_sold")
    db.executemany("INSERT INTO later_moved VALUES(?, ?)", list(later.moved.items()))
    db.executemany("INSERT INTO later_sold VALUES(?, ?, ?)", [(*key, qty) for key, qty in later.sold.items()])
    return first


def _passed(db: apsw.Connection, own: Own, kept: tuple[int, int], cut: int) -> int:
    """Take off what lies between the cut that was kept, with its first receipt, and this one; the first receipt of
    this one."""
    passed, (before, first) = Later(), kept
    for one in _receipts(db, FROM, first):
        first = one.number
        if own.is_behind(one.seq, cut):
            break
        passed.sell(one.day, one.lines)
    for seq, sku, qty in db.execute(MOVES_TO, (before, own.seq, cut)):
        if own.is_behind(int(str(seq)), before) and not own.is_behind(int(str(seq)), cut):
            passed.moved[str(sku)] += int(str(qty))
    db.executemany(TAKE_OFF_MOVED, list(passed.moved.items()))
    db.executemany(TAKE_OFF_SOLD, [(*key, qty) for key, qty in passed.sold.items()])
    return first
