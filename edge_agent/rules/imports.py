"""A shop's own files (items, stock, suppliers, past sales) as plain rows: all of a file is right, or none is taken."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, cast

from edge_agent.errors import BadRow
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.barcode import is_gtin, normalise, readable
from edge_agent.rules.day import HOUR_MS
from edge_agent.rules.imports_rivals import foreign
from edge_agent.rules.imports_table import Cells, Columns, Refuse, at_once, rows
from edge_agent.rules.text import clean_name, from_csv_cell

MOST_SALES = 1_000_000
MOST_SHELF_DAYS = 3_650
MOST_LEAD_DAYS = 60
MOST_EMAIL = 254
MOST_CODES = 100
MOST_AGE = 99
MOST_UNIT = 8
MOST_SKU, MOST_PARTS = 64, 12
YES, NO = ("yes", "1", "true"), ("", "no", "0", "false")
DAY_START = 480
MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)
_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]+")

EXPECTED = ("expect_low", "expect_likely", "expect_high")
"""What the owner expects a week: all three, or none."""

ITEMS = Columns(
    ("sku", "name", "price", "cost", "vat"),
    (
        "item",
        "category",
        "codes",
        "pack",
        "supplier",
        "shelf_life_days",
        "unit",
        "deposit",
        "age",
        "asks",
        "bundle",
        *EXPECTED,
    ),
)
STOCK = Columns(("sku", "qty"))
SUPPLIERS = Columns(
    ("supplier", "name", "order_days", "cutoff", "lead_days"),
    ("working_days", "delivery_days", "arrives", "min_order", "email", "ordered_from"),
)
SALES = Columns(("ts", "sku", "qty"), ("price", "receipt", "name", "category"))


@dataclass(frozen=True)
class ItemRow:
    """A SKU: money in minor units (price a piece with VAT, cost a pack without), VAT in basis points."""

    line: int
    sku: str
    item: str
    name: str
    category: str
    price_minor: int
    cost_per_pack_minor: int
    rate_bp: int
    codes: tuple[str, ...]
    pack_milli: int
    supplier: str
    shelf_life_days: int | None
    unit: str = ""
    deposit_minor: int = 0
    age: int = 0
    asks: bool = False
    expects: tuple[()] | tuple[int, int, int] = ()
    bundle: tuple[tuple[str, int], ...] = ()
    """Of a bundle: what is in one of it, in milli-units."""


@dataclass(frozen=True)
class StockRow:
    """What is on the shelf of a SKU, in milli-units."""

    line: int
    sku: str
    qty_milli: int


@dataclass(frozen=True)
class SupplierRow:
    """A supplier and its calendar: weekdays count from Monday = 0, times are minutes of the shop's day."""

    line: int
    supplier: str
    name: str
    order_days: tuple[int, ...]
    cutoff: int
    lead_days: int
    working_days: tuple[int, ...]
    delivery_days: tuple[int, ...]
    arrives: int
    min_order_minor: int
    email: str
    ordered_from: Literal["cloud", "shop"]


@dataclass(frozen=True)
class SaleRow:
    """What was sold of a SKU in an hour (UTC ms // 3,600,000), or on a whole day when only the date is known."""

    hour_utc: int
    day_only: bool
    sku: str
    qty_milli: int


T = TypeVar("T")
Row = TypeVar("Row", ItemRow, StockRow, SupplierRow)


def read_items(
    file: str,
    content: bytes,
    decimals: int,
    vat: str = "",
    *,
    refuse: Refuse = at_once,
    over: Callable[[Cells], Cells] | None = None,
) -> list[ItemRow]:
    """Items from the bytes of a CSV file, ours or another till's export; `decimals` are the currency's, `vat` the
    percentage where such an export only says "taxed". A row that is off goes to `refuse`. `over` may lay a row over
    what is known of its item, suppliers that such an export names with it; without, those are left."""
    theirs = foreign(file, content, "items", vat, sellers=over is not None)
    every = rows(file, content, ITEMS, refuse=refuse) if theirs is None else theirs
    found = list(_read(every, lambda cells: item_row(over(cells) if over else cells, decimals), refuse))
    found = _once(file, "sku", found, lambda row: (row.sku,), refuse)
    skus = {row.sku: row.line for row in found}
    return [
        row for row in _once(file, "codes", found, lambda row: row.codes, refuse) if _no_sku(file, row, skus, refuse)
    ]


def _no_sku(file: str, row: ItemRow, skus: Mapping[str, int], refuse: Refuse) -> bool:
    for code in row.codes:
        if skus.get(code, row.line) != row.line:
            refuse(BadRow(file, row.line, "codes", f"{code} is the SKU in line {skus[code]}"))
            return False
    return True


def read_stock(file: str, content: bytes, *, refuse: Refuse = at_once) -> list[StockRow]:
    """A count from the bytes of a CSV file."""

    def counted(cells: Cells) -> StockRow:
        return StockRow(cells.line, cell.identifier(cells, "sku", needed=True), cell.milli(cells, "qty"))

    found = list(_read(_of(file, content, "stock", STOCK, refuse), counted, refuse))
    return _once(file, "sku", found, lambda row: (row.sku,), refuse)


def read_suppliers(
    file: str,
    content: bytes,
    decimals: int,
    calendar: Mapping[str, str] | None = None,
    *,
    refuse: Refuse = at_once,
    over: Callable[[Cells], Cells] | None = None,
) -> list[SupplierRow]:
    """Suppliers from the bytes of a CSV file; of another till's export, which has names alone, with the `calendar`'s
    order_days, cutoff and lead_days. `over` may lay a row over what is known of its supplier."""
    theirs = foreign(file, content, "suppliers", "0", calendar=calendar) if calendar is not None else None
    every = rows(file, content, SUPPLIERS, refuse=refuse) if theirs is None else theirs
    found = list(_read(every, lambda cells: supplier_row(over(cells) if over else cells, decimals), refuse))
    return _once(file, "supplier", found, lambda row: (row.supplier,), refuse)


def read_sales(file: str, content: bytes, zone: str, until: int | None, *, refuse: Refuse = at_once) -> list[SaleRow]:
    """Past sales, added up by SKU and hour (by SKU and day where a date stands alone), in order of time and SKU.

    `until` (UTC ms) is the moment after which nothing can have been sold; None when no clock is to be trusted.
    """
    last = until // HOUR_MS if until is not None else None

    def read(cells: Cells) -> tuple[int, bool, str, int]:
        hour, day_only = cell.hour(cells, "ts", zone)
        if last is not None and hour > last:
            raise cells.bad("ts", f"{cells.text('ts')} is still to come")
        return hour, day_only, cell.identifier(cells, "sku", needed=True), _sold(cells)

    sold: Counter[tuple[int, bool, str]] = Counter()
    for hour, day_only, sku, qty in _read(_of(file, content, "sales", SALES, refuse), read, refuse):
        sold[hour, day_only, sku] += qty
    return [SaleRow(hour, day_only, sku, qty) for (hour, day_only, sku), qty in sorted(sold.items()) if qty]


def _read(every: Iterable[Cells], make: Callable[[Cells], T], refuse: Refuse) -> Iterator[T]:
    """What is made of each row; one that is off goes to `refuse`."""
    for cells in every:
        try:
            made = make(cells)
        except BadRow as bad:
            refuse(bad)
        else:
            yield made


def _of(
    file: str, content: bytes, kind: Literal["stock", "sales"], columns: Columns, refuse: Refuse
) -> Iterator[Cells]:
    """The rows of our own file, or of another till's export. An export's VAT is no matter here."""
    theirs = foreign(file, content, kind, "0")
    return rows(file, content, columns, MOST_SALES, refuse) if theirs is None else theirs


def _sold(cells: Cells) -> int:
    if cells.text("qty").startswith("-"):
        raise cells.bad("qty", "is negative; leave returns out, they are not demand")
    return cell.milli(cells, "qty")


def item_row(cells: Cells, decimals: int) -> ItemRow:
    """A row of ITEMS, or the fields of a form by the same names."""
    pack = _pack(cells)
    supplier = cell.identifier(cells, "supplier", needed=False)
    life = cells.text("shelf_life_days")
    return ItemRow(
        line=cells.line,
        sku=cell.identifier(cells, "sku", needed=True),
        item=cell.identifier(cells, "item", needed=False),
        name=_name(cells),
        category=clean_name(from_csv_cell(cells.text("category"))),
        price_minor=cell.amount(cells, "price", decimals),
        cost_per_pack_minor=cell.cost_of_pack(cells, "cost", pack, decimals),
        rate_bp=cell.basis_points(cells, "vat"),
        codes=_codes(cells),
        pack_milli=pack,
        supplier=supplier,
        shelf_life_days=cell.whole(cells, "shelf_life_days", MOST_SHELF_DAYS) if life else None,
        unit=_unit(cells),
        deposit_minor=cell.amount(cells, "deposit", decimals) if cells.text("deposit") else 0,
        age=cell.whole(cells, "age", MOST_AGE) if cells.text("age") else 0,
        asks=_yes(cells, "asks"),
        expects=_expects(cells),
        bundle=_bundle(cells),
    )


def _bundle(cells: Cells) -> tuple[tuple[str, int], ...]:
    """`mug-s 2, spoon`: SKUs with their pieces, which are one where nothing is said."""
    found: dict[str, int] = {}
    for part in filter(None, (one.strip() for one in cells.text("bundle").split(","))):
        sku, _, much = part.rpartition(" ")
        pieces = int(much) if sku and much.isascii() and much.isdigit() and len(much) < 4 else 0
        sku = sku.strip() if pieces else part
        if sku in found or sku == cells.text("sku") or len(sku) > MOST_SKU:
            raise cells.bad("bundle", f"{sku[:40]} can't be in it so")
        found[sku] = (pieces or 1) * 1000
    if len(found) > MOST_PARTS:
        raise cells.bad("bundle", f"a bundle has {MOST_PARTS} components at most")
    return tuple(found.items())


def _expects(cells: Cells) -> tuple[()] | tuple[int, int, int]:
    """Low, likely and high a week, in milli-units."""
    if not any(cells.text(column) for column in EXPECTED):
        return ()
    low, likely, high = (cell.milli(cells, column) for column in EXPECTED)
    if not 0 <= low <= likely <= high or not likely:
        raise cells.bad("expect_likely", "low, likely and high a week: likely more than 0, none below the one before")
    return low, likely, high


def _unit(cells: Cells) -> str:
    unit = clean_name(cells.text("unit"), MOST_UNIT)
    if unit != cells.text("unit"):
        raise cells.bad("unit", f"{cells.text('unit')!r} is not a short unit such as kg")
    return unit


def _yes(cells: Cells, column: str) -> bool:
    word = cells.text(column).lower()
    if word not in YES and word not in NO:
        raise cells.bad(column, f"{word!r} is not yes or no")
    return word in YES


def _pack(cells: Cells) -> int:
    pack = cell.milli(cells, "pack") if cells.text("pack") else 1000
    if pack == 0:
        raise cells.bad("pack", "is 0; a pack holds something")
    return pack


def _name(cells: Cells) -> str:
    name = clean_name(from_csv_cell(cells.text("name")))
    if not name:
        raise cells.bad("name", "is empty")
    return name


def _codes(cells: Cells) -> tuple[str, ...]:
    words = cells.text("codes").split()
    if len(words) > MOST_CODES:
        raise cells.bad("codes", f"has {len(words)} codes; {MOST_CODES} fit")
    codes = [_code(cells, word) for word in words]
    return tuple(dict.fromkeys(codes))


def _code(cells: Cells, word: str) -> str:
    if _SHORTENED.fullmatch(word):
        raise cells.bad("codes", f"{word} was shortened by a spreadsheet; make the column text, and save again")
    if word.isascii() and word.isdigit() and len(word) in {12, 13, 14} and not is_gtin(word):
        raise cells.bad("codes", f"{word} has a wrong check digit")
    code = readable(normalise(word))
    if code is None:
        raise cells.bad("codes", f"{word[:40]!r} is not a code that can be scanned")
    return code


def supplier_row(cells: Cells, decimals: int) -> SupplierRow:
    """A row of SUPPLIERS, or the fields of a form by the same names."""
    order_days = cell.weekdays(cells, "order_days")
    if not order_days:
        raise cells.bad("order_days", "is empty; on which weekdays can be ordered?")
    return SupplierRow(
        line=cells.line,
        supplier=cell.identifier(cells, "supplier", needed=True),
        name=_name(cells),
        order_days=order_days,
        cutoff=cell.minute(cells, "cutoff"),
        lead_days=cell.whole(cells, "lead_days", MOST_LEAD_DAYS),
        working_days=cell.weekdays(cells, "working_days") or MONDAY_TO_FRIDAY,
        delivery_days=cell.weekdays(cells, "delivery_days"),
        arrives=cell.minute(cells, "arrives") if cells.text("arrives") else DAY_START,
        min_order_minor=cell.amount(cells, "min_order", decimals) if cells.text("min_order") else 0,
        email=_email(cells),
        ordered_from=_ordered_from(cells),
    )


def _email(cells: Cells) -> str:
    email = cells.text("email")
    name, _, host = email.rpartition("@")
    right = name and host and email.isascii() and email.isprintable() and not set(email) & set(" ,;<>\"'()\\")
    if email and (not right or "@" in name or len(email) > MOST_EMAIL):
        raise cells.bad("email", f"{email[:60]!r} is not one e-mail address")
    return email


def _ordered_from(cells: Cells) -> Literal["cloud", "shop"]:
    word = cells.text("ordered_from").lower() or "cloud"
    if word not in ("cloud", "shop"):
        raise cells.bad("ordered_from", f"{word[:40]!r} is neither cloud nor shop")
    return cast(Literal["cloud", "shop"], word)


def _once(
    file: str, column: str, found: Iterable[Row], words: Callable[[Row], Iterable[str]], refuse: Refuse
) -> list[Row]:
    """The rows without those that say a word which stands in an earlier one; the refusal names both lines."""
    lines: dict[str, int] = {}
    kept: list[Row] = []
    for row in found:
        twice = next((word for word in words(row) if word in lines), "")
        if twice:
            refuse(BadRow(file, row.line, column, f"{twice} stands already in line {lines[twice]}"))
            continue
        lines.update(dict.fromkeys(words(row), row.line))
        kept.append(row)
    return kept
