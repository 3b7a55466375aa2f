"""A sale as it grows at the counter, and how it is settled: pure, each act gives a new sale."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, NamedTuple

from edge_agent.errors import BadInput
from edge_agent.rules.article import NOTHING_READ, Article, Override, Read
from edge_agent.rules.bundle import Component, Share, shares
from edge_agent.rules.cash import rounded
from edge_agent.rules.money import divided, line_total
from edge_agent.rules.tax import by_rate, on_top
from edge_agent.wire.limits import EVENT_BYTES, SALE_LINES

if TYPE_CHECKING:
    # The screen draws sales, and its first picture comes before the contract is loaded.
    from edge_agent.wire.events.sales import Cut, TenderKind

__all__ = ["NOTHING_READ", "Article", "Override", "Read"]
MOST_OF_ONE = 9_999_000
MOST_PRICE = 9_999_999
PIECE = 1000
LINE_BYTES, CUT_BYTES, FIELD_BYTES = 106, 60, 20
BUNDLE_BYTES = 80
OVERRIDDEN = '"was":9999999,"reason":"","approved":"",'
MOST_BYTES = EVENT_BYTES - 3_072
"""What the lines of a sale may come to: head, taxes and tenders have the rest of an event."""
# A sale's hundreds of lines are summed at each scan: without a step of the interpreter for each of them.
GROSS, SIZE, PIECES, LIMITED, PARTS = map(attrgetter, ("gross", "size", "pieces", "limited", "parts"))
ALL = 10_000
"""A hundred per cent in basis points."""


class Run(NamedTuple):
    """What promotions see of a line: so many pieces at one unit price; what is weighed is one piece at its price."""

    sku: str
    price: int
    pieces: int
    weighed: bool = False


@dataclass(frozen=True)
class Line:
    """A line of the basket; `qty` in milli-units, `gross` tax-inclusive in minor units, with the deposit.

    `fixed` is a label's own price for the whole line; `percent` (basis points) comes off by hand; `cuts` are all that
    comes off, the line's own first.
    """

    sku: str
    name: str
    price: int
    rate: int
    qty: int
    limited: bool = False
    unit: str = ""
    deposit: int = 0
    fixed: int | None = None
    percent: int = 0
    override: Override | None = None
    read: Read = NOTHING_READ
    cuts: "tuple[Cut, ...]" = ()
    parts: tuple[Component, ...] = ()

    @cached_property
    def sold(self) -> "tuple[Line, ...]":
        """What leaves the shelf with it: itself, or a line for each component of a bundle with its share of the price
        and of what comes off."""
        if not self.parts:
            return (self,)
        split = shares(self.goods, [cut.amount for cut in self.cuts], self.parts)
        return tuple(self._part(part, share) for part, share in zip(self.parts, split, strict=True))

    def _part(self, part: Component, share: Share) -> "Line":
        qty = part.qty * self.qty // PIECE
        off = zip(self.cuts, share.cuts, strict=True)
        cuts = tuple(cut.model_copy(update={"amount": amount}) for cut, amount in off if amount)
        each = divided(share.goods * PIECE, qty)
        return Line(
            part.sku, part.name, each, part.rate, qty, part.limited, deposit=part.deposit, fixed=share.goods, cuts=cuts
        )

    @cached_property
    def goods(self) -> int:
        """What the goods cost before anything comes off, without deposit."""
        return line_total(self.price, self.qty) if self.fixed is None else self.fixed

    @cached_property
    def size(self) -> int:
        """No fewer bytes than the line takes as it is recorded."""
        if self.parts:
            whole = BUNDLE_BYTES + len(self.name.encode()) + len(self.sku.encode())
            return sum(part.size + whole for part in self.sold)
        words = [self.sku, self.name, *(word for cut in self.cuts for word in (cut.of, cut.name))]
        more = (self.unit, self.read.code, self.read.lot, self.read.serial, "deposit" if self.deposit else "")
        if self.override:
            words += [self.override.reason, self.override.approved, OVERRIDDEN]
        fields = (
            LINE_BYTES + CUT_BYTES * len(self.cuts) + sum(FIELD_BYTES + len(word.encode()) for word in more if word)
        )
        return fields + sum(len(word.encode()) + word.count('"') + word.count("\\") for word in words)

    @cached_property
    def run(self) -> Run:
        weighed = bool(self.unit) or self.fixed is not None or self.qty % PIECE != 0
        return Run(self.sku, self.goods, 1, True) if weighed else Run(self.sku, self.price, self.qty // PIECE)

    @cached_property
    def pieces(self) -> int:
        """Milli-units as they are counted; what is weighed counts as one."""
        return self.qty if self.qty % PIECE == 0 and not self.unit else PIECE

    @cached_property
    def remarks(self) -> int:
        """How many things are to be said under it: what came off, a price by hand, a deposit."""
        return len(self.cuts) + (self.override is not None) + (self.deposit > 0)

    @cached_property
    def deposits(self) -> int:
        return line_total(self.deposit, self.qty)

    @cached_property
    def gross(self) -> int:
        return self.goods - sum(cut.amount for cut in self.cuts) + self.deposits


@dataclass(frozen=True)
class Terms:
    """How the shop reckons: prices without tax (`exclusive`: it comes on top), the smallest amount of cash (`step`)."""

    exclusive: bool = False
    step: int = 1


@dataclass(frozen=True)
class Load:
    """What is put onto a gift card with this sale: `account` and `tail` as events name it, its `number` where the card
    is new and is printed behind the receipt."""

    account: str
    tail: str
    amount: int
    number: str = ""


@dataclass(frozen=True)
class Sale:
    """The basket: lines in the order of scanning; `percent` (basis points) comes off the whole of it. `cards` are the
    customers' cards that were scanned for promotions, `age` is how old the buyer is known to be, `customer` the account
    of who collects points. `loads` are owed to the holders of gift cards: paid with the goods, and no part of them."""

    lines: tuple[Line, ...] = ()
    percent: int = 0
    cards: tuple[str, ...] = ()
    age: int = 0
    terms: Terms = Terms()
    customer: str = ""
    loads: tuple[Load, ...] = ()
    sample: str = ""
    """The sample whose code is used with this sale."""
    collected: tuple[str, ...] = ()
    """The marks of the reservations that are handed over with it."""
    prepaid: int = 0
    """Minor units that were paid where they were ordered."""

    def __bool__(self) -> bool:
        """Whether there is anything to pay."""
        return bool(self.lines or self.loads)

    @property
    def to_pay(self) -> int:
        """What is to be paid: the total, and what is put onto gift cards."""
        return self.total + sum(load.amount for load in self.loads)

    @cached_property
    def total(self) -> int:
        """What the goods come to, tax on top of it included."""
        goods: int = sum(map(GROSS, self.lines))
        return goods + sum(tax for _, tax in self.taxes[0].values()) if self.terms.exclusive else goods

    @cached_property
    def taxes(self) -> tuple[dict[int, tuple[int, int]], list[int]]:
        """{rate: (gross, tax)} once per rate from its total, and each line's share of the tax."""
        lines = [(line.gross, line.rate) for line in self.sold]
        return (on_top if self.terms.exclusive else by_rate)(lines)

    @cached_property
    def sold(self) -> tuple[Line, ...]:
        """What leaves the shelf, line by line: of a bundle its components."""
        if not any(map(PARTS, self.lines)):
            return self.lines
        return tuple(part for line in self.lines for part in line.sold)

    @cached_property
    def size(self) -> int:
        """No fewer bytes than the sale takes as one line of the journal, without what every sale has."""
        return sum(map(SIZE, self.lines))

    @cached_property
    def items(self) -> int:
        """Quantity over all lines in milli-units; what is weighed counts as one."""
        return sum(map(PIECES, self.lines))


@dataclass(frozen=True)
class Tendered:
    """What the customer hands over; `amount` in minor units. Of a gift card or points `account` says whose."""

    kind: Literal["cash", "card", "exchange", "gift", "points", "channel"]
    amount: int
    account: str = ""
    tail: str = ""
    points: int = 0


@dataclass(frozen=True)
class Kept:
    """A tender after settling: `amount` stays with the shop, `given` is what was handed over. What cash is rounded by
    is a tender of its own."""

    kind: "TenderKind"
    amount: int
    given: int
    account: str = ""
    tail: str = ""
    points: int = 0


@dataclass(frozen=True)
class Settled:
    """A sale with its taxes: `taxes` is {rate: (gross, tax)}, `shares` the tax of each line, `change` back in cash."""

    total: int
    taxes: dict[int, tuple[int, int]]
    shares: tuple[int, ...]
    tenders: tuple[Kept, ...]
    change: int


def add(sale: Sale, article: Article, qty: int, *, fixed: int | None = None, read: Read = NOTHING_READ) -> Sale:
    """Add `qty` milli-units; the same article scanned twice in a row stays one line. BadInput beyond the limits."""
    if qty <= 0:
        raise BadInput(f"{article.name}: a quantity is more than nothing: such as 2, then *")
    last = sale.lines[-1] if sale.lines else None
    if last and _goes_on(last, article, qty, fixed, read):
        return put(sale, len(sale.lines) - 1, _with_qty(last, last.qty + qty))
    if len(sale.sold) + max(1, len(article.parts)) > SALE_LINES:
        raise BadInput(f"a sale holds {SALE_LINES} lines; finish this one and start another")
    fresh = Line(
        article.sku, article.name, article.price, article.rate, 0, article.limited, article.unit, article.deposit,
        fixed=fixed, read=read, parts=article.parts,
    )  # fmt: skip
    return replace(sale, lines=(*sale.lines, _with_qty(fresh, qty)))


def _goes_on(last: Line, article: Article, qty: int, fixed: int | None, read: Read) -> bool:
    """Whether what is added belongs to the last line: never for what is weighed, or priced on its label or by hand."""
    same = (last.sku, last.price, last.rate) == (article.sku, article.price, article.rate)
    plain = fixed is None and last.fixed is None and read == last.read and not (read.lot or read.serial)
    same = same and last.parts == article.parts
    return same and plain and not last.unit and last.override is None


def _with_qty(line: Line, qty: int) -> Line:
    if qty > MOST_OF_ONE:
        raise BadInput(f"{line.name}: {qty // 1000} is more than a line holds: a smaller number, then *")
    return replace(line, qty=qty)


def put(sale: Sale, index: int, line: Line) -> Sale:
    """The sale with another line in this place."""
    return replace(sale, lines=(*sale.lines[:index], line, *sale.lines[index + 1 :]))


def change_qty(sale: Sale, index: int, by: int) -> Sale:
    """Add `by` milli-units (may be negative) to a line; at nothing the line goes. BadInput for a label's own price."""
    line = sale.lines[index]
    if line.qty + by <= 0:
        return void(sale, index)
    if line.fixed is not None:
        raise BadInput(f"{line.name}: its price is on its label; scan the next one")
    return put(sale, index, _with_qty(line, line.qty + by))


def void(sale: Sale, index: int) -> Sale:
    """Take a line off; of an empty sale nothing is kept but the buyer."""
    left = replace(sale, lines=sale.lines[:index] + sale.lines[index + 1 :])
    return left if left.lines else replace(left, percent=0, collected=(), prepaid=0)


def discount(sale: Sale, index: int, percent: int) -> Sale:
    """Take so many basis points off a line's goods (0: none any more)."""
    return put(sale, index, replace(sale.lines[index], percent=_percent(percent)))


def discount_all(sale: Sale, percent: int) -> Sale:
    """Take so many basis points off the whole sale (0: none any more); deposits stay as they are."""
    if not sale.lines:
        raise BadInput("there is nothing to take a discount off: scan first")
    return replace(sale, percent=_percent(percent))


def _percent(percent: int) -> int:
    if not 0 <= percent <= ALL:
        raise BadInput("a discount is 0 to 100 %: type it again, then %")
    return percent


def set_price(sale: Sale, index: int, price: int, reason: str, approved: str = "") -> Sale:
    """Another unit price for a line, by hand; what the catalogue said is kept with it. BadInput for a label's own."""
    line = sale.lines[index]
    if not 0 <= price <= MOST_PRICE:
        raise BadInput("that can't be a price: type it again, 149 or 1.49")
    if line.fixed is not None:
        raise BadInput(f"{line.name}: its price is on its label: Del takes it off")
    was = line.override.was if line.override else line.price
    return put(sale, index, replace(line, price=price, override=Override(was, reason, approved)))


def limited(sale: Sale) -> dict[str, tuple[str, int]]:
    """{SKU: (name, milli-units)} of the limited items in the sale."""
    found: dict[str, tuple[str, int]] = {}
    for line in sale.sold if any(map(LIMITED, sale.lines)) else ():
        if line.limited:
            found[line.sku] = line.name, found.get(line.sku, ("", 0))[1] + line.qty
    return found


def settle(sale: Sale, tenders: Sequence[Tendered]) -> Settled:
    """Settle: cash may be more than what is due (change), card may not; BadInput names what is short or odd.

    What is paid in cash is rounded to the smallest coin; the tenders sum to the total, what is put onto gift cards is
    taken off them. Points pay for goods alone.
    """
    if not sale:
        raise BadInput("there is nothing to pay: scan first")
    if sum(tender.amount for tender in tenders if tender.kind == "points") > max(sale.total, 0):
        raise BadInput("points pay for goods, and no more than they cost: Esc takes them back")
    cards = [(tender.kind, tender.account) for tender in tenders if tender.account]
    if len(cards) != len(set(cards)):
        raise BadInput("that card pays already: Enter takes the rest")
    rounding = _rounding(sale, tenders)
    change = _change(sale.to_pay - rounding, tenders)
    taxes, shares = sale.taxes
    kept = _kept(tenders, change)
    owed = tuple(Kept("gift_sold", -load.amount, -load.amount, load.account, load.tail) for load in sale.loads)
    by = (Kept("rounding", rounding, rounding),) if rounding else ()
    return Settled(sale.total, taxes, tuple(shares), (*kept, *owed, *by), change)


def _rounding(sale: Sale, tenders: Sequence[Tendered]) -> int:
    """What the customer is spared (above 0) or pays more (below) because the rest is paid in cash."""
    if not any(tender.kind == "cash" for tender in tenders):
        return 0
    rest = sale.to_pay - sum(tender.amount for tender in tenders if tender.kind != "cash")
    return rest - rounded(rest, sale.terms.step)


def _change(due: int, tenders: Sequence[Tendered]) -> int:
    if not tenders or any(tender.amount < 0 for tender in tenders):
        raise BadInput("a tender is an amount of money: type it again")
    cards = sum(tender.amount for tender in tenders if tender.kind not in ("cash", "exchange"))
    change = sum(tender.amount for tender in tenders) - due
    if cards > max(due, 0):
        raise BadInput("a card pays no more than what is due: type less, then F9")
    if change < 0:
        raise BadInput(f"{-change} minor units are still due: Enter takes them")
    return change


def _kept(tenders: Sequence[Tendered], change: int) -> tuple[Kept, ...]:
    kept: list[Kept] = []
    for tender in reversed(tenders):
        back = min(change, tender.amount) if tender.kind == "cash" else 0
        change -= back
        of = (tender.account, tender.tail, tender.points)
        kept.append(Kept(tender.kind, tender.amount - back, tender.amount, *of))
    return tuple(reversed(kept))


def suggested(due: int, notes: Sequence[int] = (100, 500, 1000, 2000, 5000)) -> tuple[int, ...]:
    """Up to four likely cash amounts above what is due, by rounding up to the currency's notes and coins."""
    amounts = {-(-due // note) * note for note in notes}
    return tuple(sorted(amount for amount in amounts if amount > due))[:4]
