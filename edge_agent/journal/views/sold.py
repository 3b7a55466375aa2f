"""View: what was sold and is not added up yet: it waits on the receipts' rows and is settled 64 receipts at a time.

Stock and demand of five SKUs lie on ten pages all over the file, and every one of them would be written before the
drawer may open. A sale writes them once, on its receipt; who asks for stock or demand adds what waits.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import apsw

from edge_agent.rules.day import local
from edge_agent.wire.envelope import Contract, Envelope, canonical
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS settled(one INTEGER PRIMARY KEY CHECK(one = 1), number INTEGER NOT NULL) STRICT;
"""
TABLES = ("settled",)
FOLDS = (SaleCompleted,)

# By the receipt's number, so that a rebuild settles where the day did.
EVERY = 64
WAITING = """
SELECT at, day, sold FROM receipt WHERE number > coalesce((SELECT number FROM settled), 0) ORDER BY number
"""
WAITING_DAYS = """
SELECT day, value ->> 0 AS sku, sum(value ->> 1) FROM receipt, json_each(sold)
WHERE number > coalesce((SELECT number FROM settled), 0) AND day >= ?1 GROUP BY day, sku
"""
STANDING = "SELECT (SELECT max(number) FROM receipt), (SELECT number FROM settled)"


class Unsettled(NamedTuple):
    """A receipt that is not added up yet: when (UTC ms), its ordinal business day, its lines as its row keeps them."""

    at: int
    day: int
    lines: str


@dataclass
class Sold:
    """Milli-units: `skus` {sku: qty}, `days` {(ordinal business day, sku): qty}, `hours` {(weekday, hour): qty}."""

    skus: Counter[str] = field(default_factory=Counter)
    days: Counter[tuple[int, str]] = field(default_factory=Counter)
    hours: Counter[tuple[int, int]] = field(default_factory=Counter)


def as_text(body: SaleCompleted) -> str:
    """What a receipt's row keeps of its lines: `[[sku, milli-units], ...]`."""
    return canonical([(line.sku, line.qty) for line in body.lines]).decode()


@lru_cache(maxsize=4 * EVERY)
def lines_of(text: str) -> tuple[tuple[str, int], ...]:
    """(sku, milli-units) of what a receipt's row keeps: all that waits is read several times with each entry of the
    feed."""
    return tuple((str(sku), int(qty)) for sku, qty in json.loads(text))


def settles(body: Contract) -> bool:
    """True for the sale with which all that waits is added up; stock and demand then take their part."""
    return isinstance(body, SaleCompleted) and body.receipt % EVERY == 0


def waits(body: Contract) -> bool:
    """True for a sale that is added up with a later one."""
    return isinstance(body, SaleCompleted) and body.receipt % EVERY != 0


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    if isinstance(body, SaleCompleted) and settles(body):
        db.execute("REPLACE INTO settled VALUES(1, ?)", (body.receipt,))


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    """What is sold has one author: this till."""


def zone_of(db: apsw.Connection) -> tuple[str, int]:
    """The shop's zone, and minutes after midnight at which its business day closes."""
    row = db.execute("SELECT body ->> 'zone', body ->> 'day_closes' FROM shop").fetchone()
    return (row[0], row[1]) if row else ("UTC", 0)


def unsettled(db: apsw.Connection) -> list[Unsettled]:
    """What waits, in the order of the receipts' numbers."""
    return [Unsettled(*row) for row in db.execute(WAITING)]


def added_up(db: apsw.Connection) -> Sold:
    """The sum of what waits."""
    zone, _ = zone_of(db)
    sold = Sold()
    for at, day, lines in unsettled(db):
        when = local(at, zone)
        for sku, qty in lines_of(lines):
            sold.skus[sku] += qty
            sold.days[day, sku] += qty
            sold.hours[when.weekday(), when.hour] += qty
    return sold


class SoldReads:
    """What was sold and is not added up yet; for the other nouns' questions."""

    db: apsw.Connection
    _sold: tuple[object, Sold] | None = None

    def waiting(self) -> Sold:
        """What stock and demand do not hold yet. Ask in the transaction (`with self.db`) that asks them."""
        standing = self.db.execute(STANDING).fetchone()
        if self._sold is None or self._sold[0] != standing:
            self._sold = standing, added_up(self.db)
        return self._sold[1]
