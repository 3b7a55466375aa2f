"""A row of paper: a left and a right text, centred or big, a rule or a QR code; laid out as text or as bytes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from edge_agent.rules import escpos
from edge_agent.rules.paper import PrinterProfile, spelt
from edge_agent.rules.text import cells, fits, for_paper

_RULE = "\u2500"
"""A drawn line; a printer whose code pages have none prints hyphens."""


@dataclass(frozen=True)
class Row:
    """One row, and the lines of text that go on below it in the same style.

    `big` is twice as wide and high (a pair too long for that: only as high). A row with `qr` prints only the code, and
    one with `bars` only the bars of a number, with its digits under them.
    """

    left: str = ""
    right: str = ""
    centred: bool = False
    bold: bool = False
    big: bool = False
    rule: bool = False
    qr: str = ""
    bars: str = ""
    below: tuple[str, ...] = ()


def wrapped(text: str, width: int, lines: int = 4) -> tuple[str, ...]:
    """The text on up to `lines` lines of `width` cells, broken between words where it can be; what is more is cut."""
    parts: list[str] = []
    for word in for_paper(text).split():
        if parts and cells(parts[-1]) + 1 + cells(word) <= width:
            parts[-1] += " " + word
        else:
            parts.extend(_pieces(word, max(width, 2)))
    kept = parts[:lines]
    return tuple(kept) if len(parts) <= lines else (*kept[:-1], fits(kept[-1] + " " * width + ".", width))


def _pieces(word: str, width: int) -> list[str]:
    pieces = [""]
    for sign in word:
        if cells(pieces[-1] + sign) > width:
            pieces.append("")
        pieces[-1] += sign
    return pieces


def as_lines(rows: Iterable[Row], columns: int) -> list[str]:
    """The rows as text; big text keeps its normal width."""
    return [line for row in rows for line in (_text(row, columns), *(for_paper(more) for more in row.below))]


def _text(row: Row, columns: int) -> str:
    if row.qr:
        return f"[QR {fits(for_paper(row.qr), columns - 5)}]".center(columns).rstrip()
    if row.bars:
        return f"[BARS {row.bars}]".center(columns).rstrip()
    if row.centred:
        return " " * ((columns - cells(row.left)) // 2) + for_paper(row.left)
    return laid(row, for_paper(row.left), for_paper(row.right), columns).rstrip()


def laid(row: Row, left: str, right: str, columns: int) -> str:
    """Left and right in `columns` cells; the left gives way, for the right one is the amount."""
    if row.rule:
        return _RULE * columns
    if not right:
        return fits(left, columns)
    left = fits(left, columns - cells(right) - 1)
    return left + " " * (columns - cells(left) - cells(right)) + right


def as_bytes(rows: Iterable[Row], profile: PrinterProfile) -> bytes:
    """The rows for one printer, from its reset on. Each row sets all that it needs: no row depends on another."""
    return escpos.RESET + b"".join(_bytes(row, profile) for row in rows)


def _bytes(row: Row, profile: PrinterProfile) -> bytes:
    if row.qr:
        return _code(row.qr, profile)
    if row.bars:
        return escpos.CENTRE + escpos.barcode(row.bars) + escpos.line("", "ascii")
    row = replace(row, left=_RULE * profile.columns, rule=False) if row.rule else row
    spelling = spelt((row.left, row.right, *row.below), profile)
    left, right, *below = spelling.texts
    wide = 2 if row.big and (row.centred or cells(left) + cells(right) < profile.columns // 2) else 1
    text = left if row.centred else laid(row, left, right, profile.columns // wide)
    lines = (text, *below)
    return (
        escpos.page(spelling.page)
        + (escpos.CENTRE if row.centred else escpos.LEFT)
        + escpos.bold(on=row.bold)
        + escpos.size(wide=wide, high=2 if row.big else 1)
        + b"".join(escpos.line(fits(line, profile.columns // wide), spelling.codec) for line in lines)
    )


def _code(text: str, profile: PrinterProfile) -> bytes:
    if not profile.qr:
        return escpos.page(profile.code_pages[0][1]) + escpos.CENTRE + escpos.line(for_paper(text), "ascii")
    return escpos.CENTRE + escpos.qr(text, module=5 if profile.dots >= 512 else 4) + escpos.line("", "ascii")
