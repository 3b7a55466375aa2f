"""A refund: which part of a sold line comes back, its stored gross and VAT turned round exactly, and how it is paid."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from edge_agent.errors import BadInput
from edge_agent.rules.cash import rounded
from edge_agent.rules.money import divided, quantity
from edge_agent.rules.sale import Kept
from edge_agent.wire.events.refunds import Goes, RefundLine, Why
from edge_agent.wire.events.sales import TaxTotal, Tender

Way = Literal["cash", "card", "exchange", "gift"]
"""`gift`: as credit, onto a gift card."""


@dataclass(frozen=True)
class SoldBefore:
    """A line as it was sold: amounts of the whole line, and what of it came back already (amounts 0 or less); of its
    gross so much is `deposit`."""

    sku: str
    name: str
    qty: int
    price: int
    gross: int
    rate: int
    tax: int
    back_qty: int = 0
    back_gross: int = 0
    back_tax: int = 0
    deposit: int = 0

    @property
    def left(self) -> int:
        """Milli-units that may still come back."""
        return max(0, self.qty - self.back_qty)


@dataclass(frozen=True)
class Back:
    """So many milli-units of line `line` come back, where they go, and why."""

    line: int
    qty: int
    goes: Goes = "shelf"
    why: Why = ""


@dataclass(frozen=True)
class Rounding:
    """How cash of the receipt was rounded: by `sale`, and by `refunds` so far."""

    sale: int = 0
    refunds: int = 0


@dataclass(frozen=True)
class PaidWith:
    """What of a receipt was paid with a gift card or with points, and has not gone back there yet (0 or more)."""

    kind: Literal["gift", "points"]
    account: str
    tail: str
    amount: int
    points: int = 0


@dataclass(frozen=True)
class Onto:
    """The gift card that takes a refund as credit."""

    account: str = ""
    tail: str = ""
    number: str = ""


def lines_back(sold: Sequence[SoldBefore], backs: Iterable[Back]) -> tuple[RefundLine, ...]:
    """The lines of a refund. Parts of a line sum up to it exactly; BadInput for more than is left."""
    found: list[RefundLine] = []
    known = list(sold)
    for back in backs:
        line = known[back.line]
        if back.qty <= 0:
            continue
        if back.qty > line.left:
            left = f"only {quantity(line.left)} of it can come back" if line.left else "it has come back already"
            raise BadInput(f"{line.name}: {left}")
        gross, tax = _part(line, back.qty)
        found.append(
            RefundLine(
                line=back.line,
                sku=line.sku,
                name=line.name,
                qty=back.qty,
                price=line.price,
                gross=gross,
                rate=line.rate,
                tax=tax,
                goes=back.goes,
                why=back.why,
                deposit=_deposit(line, back.qty),
            )
        )
        known[back.line] = _with(line, back.qty, gross, tax)
    if not found:
        raise BadInput("nothing comes back: scan an item")
    return tuple(found)


def _part(line: SoldBefore, qty: int) -> tuple[int, int]:
    """Gross and VAT (0 or less) of `qty` more: up to each piece the line's share, at the last one all of it."""
    gross = divided(line.gross * (line.back_qty + qty), line.qty)
    tax = divided(line.tax * abs(gross), abs(line.gross)) if line.gross else 0
    return -gross - line.back_gross, -tax - line.back_tax


def _with(line: SoldBefore, qty: int, gross: int, tax: int) -> SoldBefore:
    back_gross, back_tax = line.back_gross + gross, line.back_tax + tax
    return replace(line, back_qty=line.back_qty + qty, back_gross=back_gross, back_tax=back_tax)


def _deposit(line: SoldBefore, qty: int) -> int:
    """What of it is deposit (0 or less); parts sum up to the line's."""
    return divided(line.deposit * line.back_qty, line.qty) - divided(line.deposit * (line.back_qty + qty), line.qty)


def taxes_back(lines: Iterable[RefundLine]) -> tuple[TaxTotal, ...]:
    """VAT by rate, the sum of what its lines take back."""
    sums: dict[int, tuple[int, int]] = {}
    for line in lines:
        gross, tax = sums.get(line.rate, (0, 0))
        sums[line.rate] = gross + line.gross, tax + line.tax
    return tuple(TaxTotal(rate=rate, gross=gross, tax=tax) for rate, (gross, tax) in sorted(sums.items(), reverse=True))


def is_whole(sold: Sequence[SoldBefore], lines: Iterable[RefundLine]) -> bool:
    """True when with these lines everything of the receipt has come back."""
    back: dict[int, int] = {}
    for line in lines:
        back[line.line] = back.get(line.line, 0) + line.qty
    return all(one.left == back.get(place, 0) for place, one in enumerate(sold))


def paid_back(total: int, way: Way, step: int, *, mirror: Rounding | None) -> tuple[Tender, ...]:
    """The tenders of a refund of `total` (0 or less); their amounts sum to it.

    Cash is rounded to `step`; the last refund of a receipt turns its rounding round (`mirror`), so that cash ends at 0.
    """
    if way == "gift":
        return (Tender(kind="gift_sold", amount=total, given=total),)
    if way != "cash":
        return (Tender(kind=way, amount=total, given=total),)
    cash = rounded(total, step)
    if mirror is not None:
        exact = total + mirror.sale + mirror.refunds
        cash = exact if step <= 1 or exact % step == 0 else cash
    found = (Tender(kind="cash", amount=cash, given=cash),)
    return found if cash == total else (*found, Tender(kind="rounding", amount=total - cash, given=total - cash))


def paid_with_back(total: int, paid: Sequence[PaidWith]) -> tuple[tuple[Kept, ...], int]:
    """What of a refund of `total` (0 or less) goes back onto the cards and as the points that paid, and the rest of it.
    Points go back whole."""
    found: list[Kept] = []
    for one in paid:
        most = min(-total, one.amount)
        points = one.points * most // one.amount if one.points else 0
        amount = one.amount // one.points * points if one.points else most
        if amount > 0:
            found.append(Kept(one.kind, -amount, -amount, one.account, one.tail, -points))
            total += amount
    return tuple(found), total


def in_goods(total: int, used: int, step: int) -> tuple[Tender, ...]:
    """The tenders of an exchange: `used` (above 0) goes into the new sale, the rest of `total` back in cash."""
    goods = (Tender(kind="exchange", amount=-used, given=-used),) if used else ()
    return goods if -total == used else (*goods, *paid_back(total + used, "cash", step, mirror=None))


def backs_of(quantities: Mapping[int, int], goes: Mapping[int, Goes], whys: Mapping[int, Why]) -> list[Back]:
    """What was chosen line by line."""
    return [
        Back(line, qty, goes.get(line, "shelf"), whys.get(line, "")) for line, qty in sorted(quantities.items()) if qty
    ]
