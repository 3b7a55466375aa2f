"""Invoices of suppliers as an owner writes them: a CSV file's rows, or one form's fields."""

from dataclasses import dataclass

from edge_agent.rules import imports_cells as cell
from edge_agent.rules.imports_table import Cells, Columns, rows
from edge_agent.rules.text import clean_name, from_csv_cell

COLUMNS = Columns(("supplier", "number", "date", "net", "vat"), ("due", "order", "paid", "where", "gone"))
WHERE = ("home", "eu")
MOST_ROWS = 2_000


@dataclass(frozen=True)
class Invoice:
    """An invoice of `supplier`: its ordinal day, the day it is due (0: by the supplier's terms) and was paid (0: not
    yet), net and tax in minor units, the number of the order that it is for, and whether goods came from the EU."""

    supplier: str
    number: str
    day: int
    due: int
    net: int
    tax: int
    order: str = ""
    paid: int = 0
    eu: bool = False
    gone: bool = False

    @property
    def gross(self) -> int:
        """What the supplier gets: the tax on goods from the EU is not paid to him."""
        return self.net if self.eu else self.net + self.tax


def read_file(file: str, content: bytes, decimals: int) -> list[Invoice]:
    """All rows of a file; BadRow names line and column."""
    return [invoice_of(cells, decimals) for cells in rows(file, content, COLUMNS, MOST_ROWS)]


def invoice_of(cells: Cells, decimals: int) -> Invoice:
    """A row of COLUMNS."""
    net, tax = cell.amount(cells, "net", decimals), cell.amount(cells, "vat", decimals)
    if tax > net:
        raise cells.bad("vat", "is more than the net amount")
    where = cells.text("where").lower() or "home"
    if where not in WHERE:
        raise cells.bad("where", f"{where[:40]!r} is none of {', '.join(WHERE)}")
    day = cell.ordinal(cells, "date")
    due = cell.ordinal(cells, "due") if cells.text("due") else 0
    if due and due < day:
        raise cells.bad("due", "is before the invoice's date")
    return Invoice(
        supplier=_words(cells, "supplier"),
        number=_words(cells, "number"),
        day=day,
        due=due,
        net=net,
        tax=tax,
        order=cell.identifier(cells, "order", needed=False),
        paid=cell.ordinal(cells, "paid") if cells.text("paid") else 0,
        eu=where == "eu",
        gone=cells.text("gone").lower() == "yes",
    )


def _words(cells: Cells, column: str) -> str:
    text = clean_name(from_csv_cell(cells.text(column)))[:64]
    if not text:
        raise cells.bad(column, "is empty")
    return text
