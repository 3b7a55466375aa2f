"""Make the demo shop's files: `python -m scripts.demo_shop.make_extract FOLDER` (needs the extra `train`)."""

import csv
import gzip
import io
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

HERE = Path(__file__).parent
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_SKU = 1001
STOCK_DAYS = 5
STOCK_WINDOW = 56
PENNY = Decimal("0.01")

Hours = list[tuple[int, int]]


class Row(NamedTuple):
    """One receipt line: local time, the demo shop's SKU, pieces, unit price, running number of the receipt."""

    ts: datetime
    sku: str
    qty: int
    price: Decimal
    receipt: int


class Product(NamedTuple):
    """One chosen product: the demo shop's SKU and what products.csv says of it."""

    sku: str
    row: dict[str, str]


def ean13(twelve: str) -> str:
    """Twelve digits with their check digit (GS1 General Specifications, section 7.9)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return twelve + str(-total % 10)


def products() -> list[Product]:
    """The chosen products in the order of products.csv, numbered from FIRST_SKU."""
    with (HERE / "products.csv").open(encoding="utf-8", newline="") as file:
        return [Product(str(FIRST_SKU + place), row) for place, row in enumerate(csv.DictReader(file))]


def opening_hours() -> Hours:
    """(opens, closes) in minutes of the day, Monday first."""
    shop = tomllib.loads((HERE / "shop.toml").read_text(encoding="utf-8"))["shop"]
    return [_span(shop[weekday]) for weekday in WEEKDAYS]


def _span(text: str) -> tuple[int, int]:
    opens, closes = (int(clock[:2]) * 60 + int(clock[3:]) for clock in text.split("-"))
    return opens, closes


def receipts(folder: Path, chosen: Sequence[Product], hours: Hours) -> list[Row]:
    """The real receipt lines of the chosen products that fall inside the opening hours, in order of time."""
    skus = {product.row["source"]: product.sku for product in chosen}
    lines = [line for line in _table(folder / "grocery" / "transactions.parquet") if line["sku"] in skus]
    lines = [line for line in lines if _open_at(line["ts"], hours)]
    lines.sort(key=lambda line: (line["ts"], line["receipt"], skus[line["sku"]]))
    numbers: dict[int, int] = {}
    return [
        Row(
            line["ts"],
            skus[line["sku"]],
            int(line["qty"]),
            _pence(line["price"]),
            numbers.setdefault(line["receipt"], len(numbers) + 1),
        )
        for line in lines
    ]


def _table(path: Path) -> list[dict[str, Any]]:
    from pyarrow import parquet

    rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return rows


def _open_at(ts: datetime, hours: Hours) -> bool:
    opens, closes = hours[ts.weekday()]
    return opens <= ts.hour * 60 + ts.minute < closes


def _pence(price: float) -> Decimal:
    return max(Decimal(str(round(price, 4))).quantize(PENNY, ROUND_HALF_UP), PENNY)


def items(chosen: Sequence[Product], rows: Sequence[Row]) -> Iterable[list[object]]:
    """items.csv: the price is the median of the year's receipts, the cost 0.7 of it."""
    paid: dict[str, list[Decimal]] = defaultdict(list)
    for line in rows:
        paid[line.sku].append(line.price)
    for sku, row in chosen:
        price = median(paid[sku]).quantize(PENNY, ROUND_HALF_UP)
        codes = " ".join(filter(None, [ean13(f"04{int(row['source']):010d}"), row["plu"]]))
        start = [sku, row["item"], row["name"], row["category"], price, price * Decimal("0.7")]
        yield [*start, row["vat"], codes, row["pack"], row["supplier"], row["shelf_life_days"]]


def stock(chosen: Sequence[Product], rows: Sequence[Row]) -> Iterable[list[object]]:
    """stock.csv: five days of sales at the pace of the last eight weeks, in whole pieces, rounded up."""
    first = rows[-1].ts.date() - timedelta(days=STOCK_WINDOW - 1)
    sold: Counter[str] = Counter()
    for line in rows:
        if line.ts.date() >= first:
            sold[line.sku] += line.qty
    for sku, _ in chosen:
        yield [sku, max(1, -(-sold[sku] * STOCK_DAYS // STOCK_WINDOW))]


def bakery(folder: Path) -> Iterable[list[object]]:
    """bakery.csv.gz: one row a series and day with sales."""
    days = sorted(_table(folder / "bakery" / "daily.parquet"), key=lambda day: (day["sku"], day["date"]))
    for day in days:
        yield [day["date"].date().isoformat(), day["sku"], int(day["qty"])]


def _write(name: str, header: str, rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    content = text.getvalue().encode()
    if name.endswith(".gz"):
        content = gzip.compress(content, 9, mtime=0)
    (HERE / name).write_bytes(content)


def make(folder: Path) -> None:
    """Write every generated file of the demo shop; the same folder gives the same bytes."""
    chosen = products()
    rows = receipts(folder, chosen, opening_hours())
    header = "sku,item,name,category,price,cost,vat,codes,pack,supplier,shelf_life_days"
    _write("items.csv", header, items(chosen, rows))
    _write("stock.csv", "sku,qty", stock(chosen, rows))
    _write("receipts.csv.gz", "ts,sku,qty,price,receipt", ([r.ts.isoformat(), *r[1:]] for r in rows))
    _write("bakery.csv.gz", "ts,sku,qty", bakery(folder))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m scripts.demo_shop.make_extract FOLDER  (holding grocery/ and bakery/)")
    make(Path(sys.argv[1]))
