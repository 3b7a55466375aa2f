"""The demo shop's real receipts, moved by whole weeks so that they end on any day asked for."""

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
ZONE = ZoneInfo("Europe/London")
FULL_DAY_ENDS = time(19, 0)


class Sold(NamedTuple):
    """One receipt line: time in the shop's zone, quantity in milli-units, unit price in pence, receipt's number."""

    at: datetime
    sku: str
    qty: int
    price: int
    receipt: str


def moved_receipts(last_day: date) -> list[Sold]:
    """Twelve months of receipt lines in order of time, the last of them on `last_day`, every weekday kept.

    The move is by whole weeks; the few original days that would fall after `last_day` are left out.
    """
    rows = _original()
    final = _last_full_day(rows, last_day.weekday())
    by = last_day - final
    return [_moved(row, by) for row in rows if row[0].date() <= final]


def receipts_of(rows: Sequence[Sold], day: date) -> list[list[Sold]]:
    """One day's receipts, each as its lines, in order of time."""
    lines = (row for row in rows if row.at.date() == day)
    return [list(lines_of_one) for _, lines_of_one in groupby(lines, key=lambda row: row.receipt)]


def write_sales(rows: Iterable[Sold], path: Path) -> None:
    """Write rows as a sales file for `edge-agent import sales` (gzip if the name ends in .gz)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("ts", "sku", "qty", "price", "receipt"))
    for row in rows:
        price = f"{row.price // 100}.{row.price % 100:02d}"
        writer.writerow((row.at.replace(tzinfo=None).isoformat(), row.sku, row.qty // 1000, price, row.receipt))
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


Original = tuple[datetime, str, int, int, str]


@cache
def _original() -> tuple[Original, ...]:
    with gzip.open(HERE / "receipts.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return tuple(_read(cells) for cells in list(csv.reader(file))[1:])


def _read(cells: list[str]) -> Original:
    ts, sku, qty, price, receipt = cells
    at = datetime.fromisoformat(ts).replace(tzinfo=ZONE)
    return at, sku, int(qty) * 1000, int(price.replace(".", "")), receipt


def _last_full_day(rows: Sequence[Original], weekday: int) -> date:
    """The latest day of this weekday that sold until the evening (the source's very last day is cut short)."""
    return max(row[0].date() for row in rows if row[0].weekday() == weekday and row[0].time() >= FULL_DAY_ENDS)


def _moved(row: Original, by: timedelta) -> Sold:
    """Wall-clock times stay as they were, whatever summer time does in between."""
    return Sold(row[0] + by, *row[1:])
