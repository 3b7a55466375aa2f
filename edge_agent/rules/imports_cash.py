"""What goes from a shop's account and what is on it, as an owner writes it: a CSV file's rows, or one form's fields."""

from dataclasses import dataclass

from edge_agent.rules import imports_cells as cell
from edge_agent.rules.imports_table import Cells, Columns, rows
from edge_agent.rules.text import clean_name, from_csv_cell

KINDS = ("balance", "bill", "supplier", "wages", "rent", "vat", "fulfilled")
"""`fulfilled`: what was sent out for a marketplace; its money comes by the channel's rule."""
COLUMNS = Columns(("kind", "date", "amount"), ("name", "gone"))
MOST_ROWS = 2_000


@dataclass(frozen=True)
class Entry:
    """`amount` in minor units; of a balance what is on the account at the end of the ordinal `day` (below 0: owed)."""

    kind: str
    day: int
    name: str
    amount: int
    gone: bool = False


def read_file(file: str, content: bytes, decimals: int) -> list[Entry]:
    """All rows of a file; BadRow names line and column."""
    return [entry_of(cells, decimals) for cells in rows(file, content, COLUMNS, MOST_ROWS)]


def entry_of(cells: Cells, decimals: int) -> Entry:
    """A row of COLUMNS."""
    kind = cells.text("kind").lower()
    if kind not in KINDS:
        raise cells.bad("kind", f"{kind[:40]!r} is none of {', '.join(KINDS)}")
    name = clean_name(from_csv_cell(cells.text("name"))) if kind != "balance" else ""
    day, gone = cell.ordinal(cells, "date"), cells.text("gone").lower() == "yes"
    return Entry(kind, day, name or kind, _amount(cells, kind, decimals), gone)


def _amount(cells: Cells, kind: str, decimals: int) -> int:
    text = cells.text("amount")
    if kind == "balance" and text.startswith("-"):
        return -cell.amount(Cells(cells.file, cells.line, {"amount": text[1:].strip()}), "amount", decimals)
    return cell.amount(cells, "amount", decimals)
