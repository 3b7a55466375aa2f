"""The demo shop with twelve months of sales, and 100,000 further items beside it; the same items for the bare loop."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge_agent.clock import SystemClock
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Draft, Journal
from edge_agent.rules.barcode import check_digit, normalise
from edge_agent.wire.events.catalogue import ItemSet
from scripts.demo_shop.moved import moved_receipts
from scripts.house_ import House, shop_settings
from tests.shop import item

ITEMS = 100_000
CHUNK = 1_000


def name_of(number: int) -> str:
    """A name that stands nowhere else on a screen."""
    return f"Ware {number:06d} of the shelf"


def code_of(number: int) -> str:
    """An EAN-13 as the scanner reads it."""
    body = f"50{number:010d}"
    return body + check_digit(body)


def price_of(number: int) -> int:
    return 50 + number % 997


def stocked(folder: Path) -> House:
    """The shop's house in a bench's folder: stocked by whichever room comes first."""
    house = House(folder / "house", None)
    if not house.till_data.exists():
        stock(house)
    return house


def stock(house: House) -> None:
    """The demo shop by its import commands, then the further items by the journal, a thousand an act."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    house.stock_the_shop(moved_receipts(yesterday), shop_settings('[till]\nname = "Till 1"\nstaff = "Ana"'))
    journal = Journal.open(house.till_data, SystemClock(), random_id)
    for first in range(0, ITEMS, CHUNK):
        chunk = [_item(number) for number in range(first, first + CHUNK)]
        journal.record(lambda _, chunk=chunk: [Draft(body) for body in chunk]).result()  # type: ignore[misc]
    journal.close()


def _item(number: int) -> ItemSet:
    fresh = item(f"W{number:06d}", name_of(number), price_of(number), 2000, normalise(code_of(number)))
    return fresh.model_copy(update={"supplier": "", "pack": 1000})


def table(file: Path) -> Path:
    """The items as one SQLite table for the bare loop."""
    db = sqlite3.connect(file)
    with db:
        db.execute("CREATE TABLE item(code TEXT PRIMARY KEY, name TEXT, price INTEGER) WITHOUT ROWID")
        rows = ((code_of(number), name_of(number), price_of(number)) for number in range(ITEMS))
        db.executemany("INSERT INTO item VALUES(?, ?, ?)", rows)
    db.close()
    return file
