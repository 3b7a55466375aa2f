"""A drop as a shop writes it: a CSV file with one row a variant, or the fields of one form."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from edge_agent.errors import BadInput
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.creators import creators_of
from edge_agent.rules.cross_border import countries_of
from edge_agent.rules.day import zone_of
from edge_agent.rules.imports_table import Cells, Columns, rows
from edge_agent.rules.text import clean_name, from_csv_cell
from edge_agent.wire.events.drops import DropPart, DropSet

ABROAD = ("home", "countries", "checked", "override")
MORE = ("handling", "creators", *ABROAD)
COLUMNS = Columns(
    ("drop", "start", "end", "sku", "units", "likely"),
    ("product", "name", "price", "cap", "low", "high", "salvage_percent", *MORE),
)
MOST_ROWS = 1_000
MOST_PARTS = 12
PIECE = 1_000
MOST_PIECES = 1_000_000
SAME = ("start", "end", "product", "name", "cap", "low", "likely", "high", "salvage_percent", *MORE)
"""What the first row of a drop says for all of its rows."""


def read_file(file: str, content: bytes, zone: str, decimals: int) -> list[DropSet]:
    """The drops of a file, in the order in which they stand there; BadRow names line and column."""
    by_drop: dict[str, list[Cells]] = {}
    for one in rows(file, content, COLUMNS, MOST_ROWS):
        by_drop.setdefault(cell.identifier(one, "drop", needed=True), []).append(one)
    return [drop_of(drop, cells, zone, decimals) for drop, cells in by_drop.items()]


def drop_of(drop: str, cells: Sequence[Cells], zone: str, decimals: int) -> DropSet:
    """A drop from the rows of its variants. Without low and high, half and double of likely are meant."""
    first = cells[0]
    for other in cells[1:]:
        for column in SAME:
            if other.text(column) not in ("", first.text(column)):
                raise other.bad(column, f"is {other.text(column)[:40]!r}, and {first.text(column)[:40]!r} above")
    if len(cells) > MOST_PARTS:
        raise cells[MOST_PARTS].bad("sku", f"a drop has {MOST_PARTS} variants at most")
    likely = cell.whole(first, "likely", MOST_PIECES)
    name = clean_name(from_csv_cell(first.text("name"))) or drop
    return DropSet(
        drop=drop,
        product=cell.identifier(first, "product", needed=False) or drop,
        name=name,
        start=time_of(first, "start", zone),
        end=time_of(first, "end", zone),
        parts=tuple(_part(one, decimals) for one in cells),
        cap=_pieces(first, "cap", 0),
        low=_pieces(first, "low", max(1, likely // 2)),
        likely=likely,
        high=_pieces(first, "high", 2 * likely),
        salvage=cell.basis_points(first, "salvage_percent") if first.text("salvage_percent") else 0,
        order_by=0,
        handling=cell.amount(first, "handling", decimals) if first.text("handling") else 0,
        home="".join(countries_of(first.text("home"))[:1]),
        countries=countries_of(first.text("countries")),
        checked=tuple(sorted(set(first.text("checked").split()))),
        override=clean_name(from_csv_cell(first.text("override"))),
        creators=creators_of(first.text("creators")),
    )


def of_form(drop: str, fields: Mapping[str, str], zone: str, decimals: int, parts: int) -> DropSet:
    """The drop of a form whose variants' fields are `sku1`, `units1`, `price1` and so on; empty ones are left out."""
    common = {name: fields.get(name, "").strip() for name in SAME}
    found = []
    for number in range(1, parts + 1):
        own = {name: fields.get(f"{name}{number}", "").strip() for name in ("sku", "units", "price")}
        if own["sku"]:
            found.append(Cells("the form", number, {**common, **own}))
    if not found:
        raise BadInput("Name at least one variant by its SKU.")
    return drop_of(drop, found, zone, decimals)


def _part(cells: Cells, decimals: int) -> DropPart:
    price = cell.amount(cells, "price", decimals) if cells.text("price") else 0
    units = cell.whole(cells, "units", MOST_PIECES)
    return DropPart(sku=cell.identifier(cells, "sku", needed=True), qty=units * PIECE, price=price)


def _pieces(cells: Cells, column: str, otherwise: int) -> int:
    return cell.whole(cells, column, MOST_PIECES) if cells.text(column) else otherwise


def time_of(cells: Cells, column: str, zone: str) -> int:
    """UTC ms; local time of the shop unless the cell says its own offset."""
    text = cells.text(column)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise cells.bad(column, f"{text[:40]!r} is not a time like 2026-03-06T10:00") from None
    if not cell.FIRST_YEAR <= found.year <= cell.LAST_YEAR or len(text) < len("2026-03-01T10"):
        raise cells.bad(column, f"{text[:40]!r} is no time of these years; write it like 2026-03-06T10:00")
    return int((found if found.tzinfo else found.replace(tzinfo=zone_of(zone))).timestamp() * 1000)
