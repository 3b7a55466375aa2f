"""A receipt: from what was sold to rows of paper, and from rows to text or to a printer's bytes. Pure."""

from dataclasses import dataclass, field

from edge_agent.rules import escpos
from edge_agent.rules.money import Currency
from edge_agent.rules.paper import PrinterProfile
from edge_agent.rules.printed import amount as written
from edge_agent.rules.printed import percent, priced, quantity, word
from edge_agent.rules.row import Row, as_bytes, as_lines, wrapped

_PRICE_COLUMN_FROM = 40


@dataclass(frozen=True)
class ReceiptLine:
    """A line sold: quantity in milli-units (of `unit`, or pieces), prices in minor units. `gross_minor` is before what
    stands under it: `notes` are (words, what comes off or on top, in minor units)."""

    qty_milli: int
    name: str
    unit_price_minor: int
    gross_minor: int
    unit: str = ""
    notes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class ReceiptTax:
    """One VAT rate (basis points) of the receipt; amounts in minor units, added up before, never computed here."""

    rate_bp: int
    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True)
class Receipt:
    """All that stands on a receipt. `at_local` is written out already in the shop's zone; `qr` is empty for none.

    `shop_lines` begin with the shop's name; `tenders` are (word, amount handed over); `copy` marks a reprint; `title`
    says what it is if no sale (its first word big); `tax_on_top` is what prices without tax leave out. `loads` is what
    was put onto gift cards beside the goods, `held` what is left on cards and of points, `fiscal` what a fiscal device
    said.
    """

    shop_lines: tuple[str, ...]
    number: str
    till: str
    cashier: str
    at_local: str
    lines: tuple[ReceiptLine, ...]
    total_minor: int
    taxes: tuple[ReceiptTax, ...]
    tenders: tuple[tuple[str, int], ...]
    change_minor: int
    qr: str
    currency: Currency = field(default_factory=Currency)
    copy: bool = False
    copy_number: int = 0
    title: tuple[str, ...] = ()
    tax_on_top: int = 0
    loads: tuple[tuple[str, int], ...] = ()
    held: tuple[tuple[str, str], ...] = ()
    fiscal: tuple[Row, ...] = ()
    foot_lines: tuple[str, ...] = ()


def as_text(receipt: Receipt, columns: int) -> str:
    """The receipt as plain text of `columns` cells, with `[QR ...]` where the code is printed."""
    return "\n".join(as_lines(rows(receipt, columns), columns)) + "\n"


def render(receipt: Receipt, profile: PrinterProfile) -> bytes:
    """The receipt as ESC/POS bytes for one printer, cut at the end. The drawer is a job of its own.

    Whatever the names hold, the commands are those of the same receipt with plain names.
    """
    paper = as_bytes(rows(receipt, profile.columns), profile)
    return paper + escpos.feed(profile.feed) + (escpos.cut() if profile.cutter else b"")


def rows(receipt: Receipt, columns: int) -> tuple[Row, ...]:
    """The receipt row by row, top to bottom."""
    return (
        *_head(receipt, columns),
        Row(rule=True),
        *_sold(receipt, columns),
        Row(rule=True),
        *_paid(receipt),
        *_taxes(receipt, columns),
        *_foot(receipt, columns),
    )


def _head(receipt: Receipt, columns: int) -> tuple[Row, ...]:
    name, *address = receipt.shop_lines or ("",)
    return (
        _title(name, columns),
        *(_centred(words, columns) for words in address),
        Row(),
        *((Row(_copy(receipt), centred=True, bold=True, big=True), Row()) if receipt.copy else ()),
        *(Row(word, centred=True, bold=not place, big=not place) for place, word in enumerate(receipt.title)),
        Row(word(receipt.currency, "Receipt {number}", number=receipt.number), receipt.till),
        Row(receipt.at_local, receipt.cashier),
    )


def _copy(receipt: Receipt) -> str:
    copy = word(receipt.currency, "COPY")
    return f"{copy} {receipt.copy_number}" if receipt.copy_number else copy


@dataclass(frozen=True)
class _Columns:
    """Widths of one receipt's lines: the count before the name, the unit price (0: said below) and the amount."""

    count: int
    each: int
    gross: int
    name: int


def _sold(receipt: Receipt, columns: int) -> tuple[Row, ...]:
    currency = receipt.currency
    several = [line for line in receipt.lines if _several(line)]
    count = max((len(_count(currency, line)) for line in several), default=0)
    gross = 1 + max((len(written(currency, line.gross_minor)) for line in receipt.lines), default=0)
    each = 2 + max((len(written(currency, line.unit_price_minor)) for line in several), default=-2)
    each = each if columns >= _PRICE_COLUMN_FROM else 0
    widths = _Columns(count, each, gross + (1 if each else 0), columns - count - each - gross - 2)
    sold = ((_line(currency, line, widths), *_notes(currency, line, widths, columns)) for line in receipt.lines)
    return tuple(row for rows in sold for row in rows)


def _notes(currency: Currency, line: ReceiptLine, widths: _Columns, columns: int) -> tuple[Row, ...]:
    """What came off the line, and its deposit; minus signs say which."""
    indent = " " * (widths.count + 2)
    rows = []
    for words, amount in line.notes:
        figure = written(currency, amount) if amount else ""
        first, *more = wrapped(words, columns - len(indent) - len(figure) - 1) or ("",)
        rows.append(Row(indent + first, figure, below=tuple(indent + part for part in more)))
    return tuple(rows)


def _several(line: ReceiptLine) -> bool:
    return line.qty_milli != 1000 and line.qty_milli % 1000 == 0 and not line.unit


def _count(currency: Currency, line: ReceiptLine) -> str:
    return f"{quantity(currency, line.qty_milli)} x " if _several(line) else ""


def _line(currency: Currency, line: ReceiptLine, widths: _Columns) -> Row:
    """Count before name; a long name goes on below; the unit price is said where it is not the amount itself."""
    each = written(currency, line.unit_price_minor)
    name, *more = wrapped(line.name, widths.name) or ("",)
    if line.unit or line.qty_milli % 1000:
        several = quantity(currency, line.qty_milli) + (f" {line.unit}" if line.unit else "")
        more.append(f"{several} {word(currency, 'at {price}', price=each)}")
    elif _several(line) and not widths.each:
        more.append(word(currency, "at {price}", price=each))
    beside = each if _several(line) and widths.each else ""
    gross = written(currency, line.gross_minor)
    indent = " " * widths.count
    return Row(
        _count(currency, line).rjust(widths.count) + name,
        beside.rjust(widths.each) + gross.rjust(widths.gross),
        below=tuple(indent + part for part in more),
    )


def _paid(receipt: Receipt) -> tuple[Row, ...]:
    currency, change = receipt.currency, receipt.change_minor
    total = priced(currency, receipt.total_minor)
    back = (Row(word(currency, "Change"), written(currency, change), bold=True),) if change else ()
    on_top = (Row(word(currency, "Tax"), written(currency, receipt.tax_on_top)),) if receipt.tax_on_top else ()
    return (
        *on_top,
        Row(word(currency, "TOTAL"), total, bold=True, big=True),
        Row(),
        *_loads(receipt),
        *(Row(tender, written(currency, amount)) for tender, amount in receipt.tenders),
        *back,
        *(Row(*pair) for pair in receipt.held),
    )


def _loads(receipt: Receipt) -> tuple[Row, ...]:
    """What is owed to holders of gift cards, and what is to be paid with it."""
    if not receipt.loads:
        return ()
    currency = receipt.currency
    to_pay = receipt.total_minor + sum(amount for _, amount in receipt.loads)
    return (
        *(Row(card, written(currency, amount)) for card, amount in receipt.loads),
        Row(word(currency, "TO PAY"), priced(currency, to_pay), bold=True),
        Row(),
    )


def _taxes(receipt: Receipt, columns: int) -> tuple[Row, ...]:
    if not receipt.taxes:
        return ()
    currency = receipt.currency
    words = (word(currency, "Net"), word(currency, "VAT"), word(currency, "Gross"))
    table = [
        tuple(written(currency, amount) for amount in (tax.net_minor, tax.tax_minor, tax.gross_minor))
        for tax in receipt.taxes
    ]
    rates = [percent(currency, tax.rate_bp) for tax in receipt.taxes]
    least = max(len(cell) + 1 for cells in (words, *table) for cell in cells)
    width = max(columns // 5, least) if least <= columns // 4 else least
    if max(map(len, rates)) + 1 + 3 * width > columns:
        return (Row(rule=True), *_stacked(currency, words, rates, table))
    heading = word(currency, "VAT rate") if columns >= _PRICE_COLUMN_FROM else word(currency, "VAT")
    rows = zip((heading, *rates), (words, *table), strict=True)
    return (Row(rule=True), *(Row(rate, "".join(cell.rjust(width) for cell in cells)) for rate, cells in rows))


def _stacked(
    currency: Currency, words: tuple[str, ...], rates: list[str], table: list[tuple[str, ...]]
) -> tuple[Row, ...]:
    """Amounts too long for a table on this paper: one under the other."""
    return tuple(
        Row(word(currency, "{what} at {rate}", what=what, rate=rate), cell)
        for rate, cells in zip(rates, table, strict=True)
        for what, cell in zip(words, cells, strict=True)
    )


def _foot(receipt: Receipt, columns: int) -> tuple[Row, ...]:
    return (
        *receipt.fiscal,
        Row(),
        *((Row(qr=receipt.qr), Row()) if receipt.qr else ()),
        *(_centred(words, columns) for words in receipt.foot_lines),
    )


def _title(text: str, columns: int) -> Row:
    first, *more = wrapped(text, columns // 2) or ("",)
    return Row(first, centred=True, bold=True, big=True, below=tuple(more))


def _centred(text: str, columns: int) -> Row:
    first, *more = wrapped(text, columns) or ("",)
    return Row(first, centred=True, below=tuple(more))
