"""Orders of a marketplace as they are told: by a program, or in a CSV file with a row for each line of an order."""

from dataclasses import dataclass

from edge_agent.rules import imports_cells as cell
from edge_agent.rules.imports_table import Cells, Columns, rows
from edge_agent.rules.text import clean_name

COLUMNS = Columns(("reference", "sku", "pieces"), ("price", "paid", "spot"))
MOST_ROWS, MOST_PIECES = 20_000, 1_000
YES = ("yes", "true", "1", "ja")


@dataclass(frozen=True)
class MarketLine:
    """Pieces of what a SKU or barcode names, at a unit price in minor units (None: the shop's)."""

    sku: str
    pieces: int
    price: int | None = None


@dataclass(frozen=True)
class MarketOrder:
    """An order under the marketplace's own reference; `paid` there, waiting at `spot` (empty: at the counter)."""

    reference: str
    lines: tuple[MarketLine, ...]
    paid: bool = True
    spot: str = ""


def read_orders(file: str, content: bytes, decimals: int) -> list[MarketOrder]:
    """The orders of a file, in its order; BadRow names what is off. Rows of one reference are one order."""
    found: dict[str, MarketOrder] = {}
    for cells in rows(file, content, COLUMNS, MOST_ROWS):
        reference = cell.identifier(cells, "reference", needed=True)
        line = MarketLine(cell.identifier(cells, "sku", needed=True), _pieces(cells), _price(cells, decimals))
        before = found.get(reference) or MarketOrder(reference, (), _is_paid(cells), clean_name(cells.text("spot")))
        if before.lines and before.paid != _is_paid(cells):
            raise cells.bad("paid", f"{reference} is paid in one row and not in another")
        found[reference] = MarketOrder(reference, (*before.lines, line), before.paid, before.spot)
    return list(found.values())


def _pieces(cells: Cells) -> int:
    pieces = cell.whole(cells, "pieces", MOST_PIECES)
    if not pieces:
        raise cells.bad("pieces", "is nothing")
    return pieces


def _price(cells: Cells, decimals: int) -> int | None:
    return cell.amount(cells, "price", decimals) if cells.text("price") else None


def _is_paid(cells: Cells) -> bool:
    """Orders of a marketplace are paid there, unless the file says otherwise."""
    return not cells.text("paid") or cells.text("paid").casefold() in YES
