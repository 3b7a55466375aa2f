"""Reads a shop's sales history from files for the back-test: CSV, .csv.gz, or parquet with the extra `train`."""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_agent.demand.series import (
    ALWAYS_OPEN,
    RAN_OUT,
    WEEK,
    Facts,
    Opening,
    ShopHistory,
    SkuHistory,
    sku_histories,
    weekday,
)
from edge_agent.errors import BadInput, BadRow

if TYPE_CHECKING:
    from edge_agent.proof.owner import Row as ItemRow
from edge_agent.wire.events.signals import EVENT_DAYS, LocalEventAdded

Row = Mapping[str, Any]
_FURTHEST = Decimal(1_000_000)


def shop_from_files(
    sales: Path, *, stock: Path | None = None, calendar: Path | None = None, items: Path | None = None
) -> ShopHistory:
    """The shop as its files tell it, `today` being the day after the last sale; errors name file, line and column."""
    skus, profile, facts = _sales(sales)
    if items:
        facts = {**facts, **_facts_of(items)}
    if stock:
        skus = _with_stock(skus, stock)
    opening = _opening(calendar) if calendar else Opening(ALWAYS_OPEN)
    last = max(one.days[-1] for one in skus.values() if one.days)
    return ShopHistory("UTC", opening, last + 1, skus, profile, _events(calendar) if calendar else (), facts)


def _sales(path: Path) -> tuple[dict[str, SkuHistory], tuple[tuple[int, ...], ...], dict[str, Facts]]:
    """Sales by SKU and local day, the shop's hourly profile (from rows that tell a time), and what a SKU's first row
    says of it."""
    sums: dict[tuple[str, int], int] = {}
    profile = [[0] * 24 for _ in range(WEEK)]
    days: dict[str, int] = {}
    facts: dict[str, Facts] = {}
    for line, row in _rows(path, ("sku", "qty")):
        stamp = str(row["ts"] if "ts" in row else row.get("date") or "")
        day = days.get(stamp[:10]) or days.setdefault(stamp[:10], _day(path, line, "ts", stamp))
        qty = _milli(path, line, "qty", row["qty"])
        key = (str(row["sku"]), day)
        if key[0] not in facts:
            facts[key[0]] = _facts(row)
        sums[key] = sums.get(key, 0) + qty
        if len(stamp) >= 13 and _has_time(stamp):
            profile[weekday(day)][_hour(path, line, stamp)] += qty
    if not any(qty > 0 for qty in sums.values()):
        raise BadInput(f"{path.name} tells no sales")
    skus = sku_histories((sku, day, qty) for (sku, day), qty in sums.items())
    return skus, tuple(tuple(max(0, qty) for qty in hours) for hours in profile), facts


def _has_time(stamp: str) -> bool:
    """A day total written as midnight (as parquet does) tells no hour."""
    return stamp[11:19] not in {"", "00:00", "00:00:00"}


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, Row]]:
    """Line numbers (the header is line 1) and rows by column name; every named column must be there."""
    if path.suffix == ".parquet":
        yield from _parquet_rows(path, columns)
        return
    try:
        with path.open("rb") as plain:
            data = gzip.GzipFile(fileobj=plain) if path.suffix == ".gz" else plain
            reader = csv.DictReader(io.TextIOWrapper(data, encoding="utf-8-sig", newline=""))
            _check_columns(path, reader.fieldnames or (), columns)
            for row in reader:
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error, EOFError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from None


def _parquet_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, Row]]:
    try:
        import pyarrow.parquet as parquet  # noqa: PLR0402  (pyarrow has no such attribute before this import)
    except ImportError:
        raise BadInput("reading .parquet needs the extra `train`; CSV and .csv.gz always work") from None
    try:
        table = parquet.read_table(path)
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from None
    _check_columns(path, table.column_names, columns)
    wanted = [name for name in table.column_names if name in {"ts", "date", "sku", "qty", "price", "name", "category"}]
    values = [table.column(name).to_pylist() for name in wanted]
    for line, row in enumerate(zip(*values, strict=True), start=2):
        yield line, dict(zip(wanted, row, strict=True))


def _check_columns(path: Path, there: Any, wanted: tuple[str, ...]) -> None:
    for name in wanted:
        if name not in there:
            raise BadRow(path.name, 1, name, "the column is missing")


def _day(path: Path, line: int, column: str, text: str) -> int:
    try:
        return date.fromisoformat(text[:10]).toordinal()
    except ValueError:
        raise BadRow(path.name, line, column, f"{text[:40]!r} is not a date like 2026-03-31") from None


def _hour(path: Path, line: int, stamp: str) -> int:
    if stamp[11:13].isdigit() and int(stamp[11:13]) < 24:
        return int(stamp[11:13])
    raise BadRow(path.name, line, "ts", f"{stamp[:40]!r} is not a time like 2026-03-31T14:05")


def _milli(path: Path, line: int, column: str, value: Any) -> int:
    try:
        qty = Decimal(str(value))
    except InvalidOperation:
        qty = Decimal("NaN")
    if not qty.is_finite() or abs(qty) > _FURTHEST:
        raise BadRow(path.name, line, column, f"{str(value)[:40]!r} is not a quantity")
    return round(qty * 1000)


def _facts_of(path: Path) -> dict[str, Facts]:
    """By SKU, what an items file says of it besides its sales."""
    return {str(row["sku"]): _facts(row) for _, row in _rows(path, ("sku",))}


def _facts(row: Row) -> Facts:
    name, category, item = (str(row.get(column) or "").strip() for column in ("name", "category", "item"))
    return Facts(_price(row.get("price")), name, category, item)


def _price(value: Any) -> int:
    """In hundredths; 0 where it is unknown or no price."""
    try:
        price = Decimal(str(value or "0").strip() or "0")
    except InvalidOperation:
        return 0
    return round(price * 100) if price.is_finite() and 0 < price <= _FURTHEST else 0


def item_rows(path: Path) -> "dict[str, ItemRow]":
    """What an items file says of each SKU's money, pack and shelf life."""
    from edge_agent.proof.owner import Row as ItemRow

    found = {}
    for line, row in _rows(path, ("sku",)):

        def thousandth(column: str, row: Any = row, line: int = line) -> int | None:
            value = str(row.get(column) or "").strip()
            return max(0, _milli(path, line, column, value)) if value else None

        names = ("price", "cost", "pack", "shelf_life_days", "vat")
        price, cost, pack, life, vat = (thousandth(column) for column in names)
        found[str(row["sku"])] = ItemRow(
            price=round(price / 10) if price else None,
            cost=round(cost / 10) if cost is not None else None,
            pack=max(1, pack // 1000) if pack else None,
            life_days=life // 1000 if life else None,
            rate=(vat or 0) // 10,
        )
    return found


def _with_stock(skus: Mapping[str, SkuHistory], path: Path) -> dict[str, SkuHistory]:
    """Marks the days that `date, sku, in_stock_share` tells a SKU was not there all day (empty: it ran out some time);
    `asked`, where it stands, is what was asked for in vain."""
    short: dict[str, dict[int, int]] = {}
    asked: dict[str, dict[int, int]] = {}
    for line, row in _rows(path, ("date", "sku", "in_stock_share")):
        told = str(row["in_stock_share"] or "").strip()
        share = _milli(path, line, "in_stock_share", told) if told else RAN_OUT
        if told and not 0 <= share <= 1000:
            raise BadRow(path.name, line, "in_stock_share", "a share lies within 0 and 1")
        day = _day(path, line, "date", str(row["date"]))
        if share < 1000:
            short.setdefault(str(row["sku"]), {})[day] = share
        if row.get("asked"):
            asked.setdefault(str(row["sku"]), {})[day] = max(0, _milli(path, line, "asked", row["asked"]))
    return {
        sku: SkuHistory(sku, one.days, one.qtys, short.get(sku, {}), asked.get(sku, {})) for sku, one in skus.items()
    }


def _opening(path: Path) -> Opening:
    """Single days from `date, name, open_from, open_to` (both times empty: closed); rows of events close nothing."""
    closed, special = set(), {}
    for line, row in _rows(path, ("date",)):
        if row.get("kind") or "open_from" not in row:
            continue
        day = _day(path, line, "date", str(row["date"]))
        if row["open_from"] or row["open_to"]:
            special[day] = (_minutes(path, line, row, "open_from"), _minutes(path, line, row, "open_to"))
        else:
            closed.add(day)
    return Opening(ALWAYS_OPEN, frozenset(closed), special)


def _events(path: Path) -> tuple[LocalEventAdded, ...]:
    """Events from `date, name, kind, expected_attendance`, a row a day; the same on days that follow each other is one
    event. A history knows SKUs alone: `about`, where it stands, names one of them."""
    days: dict[tuple[str, str, str], dict[int, int]] = {}
    for line, row in _rows(path, ("date",)):
        if row.get("kind"):
            key = str(row["kind"])[:32].lower(), str(row.get("name") or row["kind"])[:80], str(row.get("about") or "")
            crowd = _milli(path, line, "expected_attendance", row.get("expected_attendance") or 0) // 1000
            days.setdefault(key, {})[_day(path, line, "date", str(row["date"]))] = max(0, crowd)
    return tuple(event for key, seen in days.items() for event in _runs(key, seen))


def _runs(key: tuple[str, str, str], days: Mapping[int, int]) -> Iterator[LocalEventAdded]:
    first = 0
    for day in sorted(days):
        first = first if day - 1 in days and day - first < EVENT_DAYS else day
        if day + 1 not in days or day + 1 - first >= EVENT_DAYS:
            kind, name, about = key
            yield LocalEventAdded(
                name=name,
                kind=kind,
                about=about,
                first_day=first,
                last_day=day,
                attendance=max(days[one] for one in range(first, day + 1)),
                distance=0,
                source="calendar",
            )


def _minutes(path: Path, line: int, row: Row, column: str) -> int:
    parts = str(row[column]).split(":")
    if len(parts) >= 2 and parts[0].isdigit() and parts[1].isdigit() and int(parts[0]) <= 24 and int(parts[1]) < 60:
        return int(parts[0]) * 60 + int(parts[1])
    raise BadRow(path.name, line, column, f"{str(row[column])[:40]!r} is not a time like 07:30")
