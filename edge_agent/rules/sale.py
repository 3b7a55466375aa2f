"""A sale as it grows at the counter, and how it is settled: pure, each act gives a new sale."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from edge_agent.errors import BadInput
from edge_agent.rules.money import line_total
from edge_agent.rules.tax import by_rate
from edge_agent.wire.limits import SALE_LINES

MOST_OF_ONE = 9_999_000


@dataclass(frozen=True)
class Article:
    """What a code stands for: tax-inclusive price per piece in minor units, VAT rate in basis points; of a `limited`
    one a till sells no more than its quota."""

    sku: str
    name: str
    price: int
    rate: int
    limited: bool = False


@dataclass(frozen=True)
class Line:
    """A line of the basket; `qty` in milli-units, `gross` tax-inclusive in minor units."""

    sku: str
    name: str
    price: int
    rate: int
    qty: int
    limited: bool = False

    @cached_property
    def gross(self) -> int:
        return line_total(self.price, self.qty)


@dataclass(frozen=True)
class Sale:
    """The basket: lines in the order of scanning."""

    lines: tuple[Line, ...] = ()

    @property
    def total(self) -> int:
        return sum(line.gross for line in self.lines)

    @property
    def items(self) -> int:
        """Quantity over all lines in milli-units."""
        return sum(line.qty for line in self.lines)


@dataclass(frozen=True)
class Tendered:
    """What the customer hands over; `amount` in minor units."""

    kind: Literal["cash", "card"]
    amount: int


@dataclass(frozen=True)
class Kept:
    """A tender after settling: `amount` stays with the shop, `given` is what was handed over."""

    kind: Literal["cash", "card"]
    amount: int
    given: int


@dataclass(frozen=True)
class Settled:
    """A sale with its taxes: `taxes` is {rate: (gross, tax)}, `shares` the tax of each line, `change` back in cash."""

    total: int
    taxes: dict[int, tuple[int, int]]
    shares: tuple[int, ...]
    tenders: tuple[Kept, ...]
    change: int


def add(sale: Sale, article: Article, qty: int) -> Sale:
    """Add `qty` milli-units; the same article scanned twice in a row stays one line. BadInput beyond the limits."""
    if qty <= 0:
        raise BadInput(f"{article.name}: a quantity is more than nothing")
    last = sale.lines[-1] if sale.lines else None
    if last and (last.sku, last.price, last.rate) == (article.sku, article.price, article.rate):
        return Sale((*sale.lines[:-1], _with_qty(last, last.qty + qty)))
    if len(sale.lines) >= SALE_LINES:
        raise BadInput(f"a sale holds {SALE_LINES} lines; finish this one and start another")
    fresh = Line(article.sku, article.name, article.price, article.rate, 0, article.limited)
    return Sale((*sale.lines, _with_qty(fresh, qty)))


def _with_qty(line: Line, qty: int) -> Line:
    if qty > MOST_OF_ONE:
        raise BadInput(f"{line.name}: {qty // 1000} is more than a line holds")
    return replace(line, qty=qty)


def change_qty(sale: Sale, index: int, by: int) -> Sale:
    """Add `by` milli-units (may be negative) to a line; at nothing the line goes."""
    line = sale.lines[index]
    if line.qty + by <= 0:
        return void(sale, index)
    return Sale((*sale.lines[:index], _with_qty(line, line.qty + by), *sale.lines[index + 1 :]))


def void(sale: Sale, index: int) -> Sale:
    """Take a line off."""
    return Sale(sale.lines[:index] + sale.lines[index + 1 :])


def limited(sale: Sale) -> dict[str, tuple[str, int]]:
    """{SKU: (name, milli-units)} of the limited items in the sale."""
    found: dict[str, tuple[str, int]] = {}
    for line in sale.lines:
        if line.limited:
            found[line.sku] = line.name, found.get(line.sku, ("", 0))[1] + line.qty
    return found


def settle(sale: Sale, tenders: Sequence[Tendered]) -> Settled:
    """Settle: cash may be more than what is due (change), card may not; BadInput names what is short or odd."""
    if not sale.lines:
        raise BadInput("there is nothing to pay")
    due = sale.total
    change = _change(due, tenders)
    taxes, shares = by_rate([(line.gross, line.rate) for line in sale.lines])
    return Settled(due, taxes, tuple(shares), _kept(tenders, change), change)


def _change(due: int, tenders: Sequence[Tendered]) -> int:
    if not tenders or any(tender.amount < 0 for tender in tenders):
        raise BadInput("a tender is an amount of money")
    cards = sum(tender.amount for tender in tenders if tender.kind == "card")
    change = sum(tender.amount for tender in tenders) - due
    if cards > due:
        raise BadInput("a card pays no more than what is due")
    if change < 0:
        raise BadInput(f"{-change} minor units are still due")
    return change


def _kept(tenders: Sequence[Tendered], change: int) -> tuple[Kept, ...]:
    kept: list[Kept] = []
    for tender in reversed(tenders):
        back = min(change, tender.amount) if tender.kind == "cash" else 0
        change -= back
        kept.append(Kept(tender.kind, tender.amount - back, tender.amount))
    return tuple(reversed(kept))


def suggested(due: int, notes: Sequence[int] = (100, 500, 1000, 2000, 5000)) -> tuple[int, ...]:
    """Up to four likely cash amounts above what is due, by rounding up to the currency's notes and coins."""
    amounts = {-(-due // note) * note for note in notes}
    return tuple(sorted(amount for amount in amounts if amount > due))[:4]
