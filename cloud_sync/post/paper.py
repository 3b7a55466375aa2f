"""An order as files: a PDF to read and print, and a CSV for the supplier's own program."""

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cloud_sync.post.letter import Letter, LetterLine, packs
from cloud_sync.speech import count, pointed, say
from edge_agent.rules.money import quantity, written
from edge_agent.rules.text import for_csv_cell

if TYPE_CHECKING:
    from fpdf import FPDF

HEAD = ("order", "sku", "code", "item", "packs", "pack_size", "quantity", "cost", "currency")
WIDTHS = (70, 28, 34, 32, 26)
"""Columns of the PDF in millimetres."""
MOST_LETTERS = 40
LETTERS = "windows-1252"
"""What the typeface that every reader of PDFs has built in can show."""


def csv_of(letter: Letter) -> bytes:
    """One row an item, by RFC 4180; no cell runs as a formula, numbers stay numbers."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    writer.writerows(_row(letter, line) for line in letter.lines)
    return out.getvalue().encode()


def _row(letter: Letter, line: LetterLine) -> list[str | int]:
    words: list[str | int] = [for_csv_cell(text) for text in (letter.number, line.sku, line.code, line.name)]
    numbers: list[str | int] = [
        line.packs,
        quantity(line.pack),
        quantity(line.qty),
        written(line.cost, letter.decimals),
    ]
    return [*words, *numbers, letter.currency]


def pdf_of(letter: Letter, at: int) -> bytes:
    """One page or more. Its letters are those of western Europe; the CSV has all of them."""
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.core_fonts_encoding = LETTERS
    pdf.set_creation_date(datetime.fromtimestamp(at / 1000, UTC))
    title = say("Order {number}", number=letter.number)
    pdf.set_title(_plain(title))
    pdf.set_margins(10, 12)
    pdf.add_page()
    _say(pdf, title, size=18, bold=True)
    _say(pdf, say("to {supplier}", supplier=letter.supplier), size=12)
    cutoff, day = letter.when(letter.cutoff_at), letter.when(letter.arrives_at)
    _say(pdf, say("Order before {cutoff}. Please deliver by {day}.", cutoff=cutoff, day=day))
    _say(pdf, letter.shop, bold=True)
    for line in letter.address:
        _say(pdf, line)
    pdf.ln(4)
    pdf.set_font("Helvetica", size=10)
    with pdf.table(col_widths=WIDTHS, text_align=("LEFT", "LEFT", "LEFT", "RIGHT", "RIGHT")) as table:
        cost = say("Cost, {currency}", currency=letter.currency)
        table.row([say("Item"), "SKU", "Code", say("Packs"), cost])
        for one in letter.lines:
            cost = pointed(written(one.cost, letter.decimals))
            table.row([_fit(one.name), _fit(one.sku, 16), _fit(one.code, 18), packs(one), cost])
    pdf.ln(2)
    items, total = count(len(letter.lines), "item"), letter.money(letter.total)
    _say(pdf, say("{items}, {total} by the shop's list.", items=items, total=total), bold=True)
    return bytes(pdf.output())


def _say(pdf: "FPDF", words: str, *, size: int = 10, bold: bool = False) -> None:
    pdf.set_font("Helvetica", "B" if bold else "", size)
    pdf.multi_cell(0, size * 0.55, _plain(words), align="L", new_x="LMARGIN", new_y="NEXT")


def _fit(text: str, most: int = MOST_LETTERS) -> str:
    return _plain(text if len(text) <= most else f"{text[: most - 1]}.")


def _plain(text: str) -> str:
    """The letters that the built-in typeface has; another one becomes a question mark."""
    return text.encode(LETTERS, "replace").decode(LETTERS)
