"""Events of selling: a completed sale with its taxes as they were on the receipt."""

from functools import partial
from operator import is_, not_
from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count, Whole
from edge_agent.wire.events.catalogue import Code, Label, Sku
from edge_agent.wire.events.reservations import Mark
from edge_agent.wire.limits import SALE_LINES

UNLESS_EMPTY = Field(exclude_if=not_)
UNLESS_NONE = Field(exclude_if=partial(is_, None))


class Cut(Contract):
    """What came off a line, `amount` above 0 in minor units: by hand on the line or its share of a cut on the whole
    sale, or by the promotion `of`."""

    kind: Literal["line", "sale", "promotion"]
    of: Annotated[str, Field(max_length=64)]
    name: Label
    amount: Count


class BundleOf(Contract):
    """The bundle that a line is a component of: `qty` milli-units of it were sold; those of one have one `place`."""

    sku: Sku
    name: Label
    qty: Whole
    place: Count


class SoldLine(Contract):
    """One line: quantity in milli-units, unit price and line total (tax-inclusive) in minor units, VAT share of it.

    A receipt may hold hundreds: what is as it mostly is, is not written.

    `gross` is after all `cuts` and with the `deposit` of the whole line. `was` is the price that the catalogue said
    before a manager (`approved`, a person's id) set another for a `reason`. `code` is what was scanned where it says
    more than the SKU: an unknown code, or one with a `lot` or `serial`. `unit` is what a quantity counts, if no pieces.
    """

    sku: Sku
    name: Label
    qty: Whole
    price: Whole
    gross: Whole
    rate: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    tax: Whole
    cuts: Annotated[tuple[Cut, ...], UNLESS_EMPTY] = ()
    deposit: Annotated[Whole, UNLESS_EMPTY] = 0
    was: Annotated[Whole | None, UNLESS_NONE] = None
    reason: Annotated[Label, UNLESS_EMPTY] = ""
    approved: Annotated[str, Field(max_length=32), UNLESS_EMPTY] = ""
    code: Annotated[Code | Literal[""], UNLESS_EMPTY] = ""
    lot: Annotated[str, Field(max_length=20), UNLESS_EMPTY] = ""
    serial: Annotated[str, Field(max_length=20), UNLESS_EMPTY] = ""
    unit: Annotated[str, Field(max_length=8), UNLESS_EMPTY] = ""
    bundle: Annotated[BundleOf | None, UNLESS_NONE] = None


class TaxTotal(Contract):
    """VAT of one rate over the whole receipt, computed once: `gross` = net + `tax`."""

    rate: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    gross: Whole
    tax: Whole


TenderKind = Literal["cash", "card", "exchange", "rounding", "gift", "gift_sold", "points", "channel"]
"""`exchange`: goods given back in the same act; `rounding`: what a cash amount was rounded by, a line of its own.
`gift` was paid with a gift card; `gift_sold` (below 0) was put onto one: owed to its holder, and no turnover. `points`
were a customer's. `channel` was paid where it was ordered: a marketplace's."""
Account = Annotated[str, Field(pattern=r"^([0-9a-f]{16})?$")]
"""A gift card or a customer: made of the card's number, which stands in no event. Empty for none."""


class Tender(Contract):
    """What was given to pay; for cash `amount` is what stays in the drawer (given minus change).

    Of a gift card or points `account` says whose, `tail` the last digits of the number, `left` what is on it then;
    `points` are how many were worth `amount`.
    """

    kind: TenderKind
    amount: Whole
    given: Whole
    account: Annotated[Account, UNLESS_EMPTY] = ""
    tail: Annotated[str, Field(max_length=4), UNLESS_EMPTY] = ""
    points: Annotated[Whole, UNLESS_EMPTY] = 0
    left: Annotated[Whole | None, UNLESS_NONE] = None


class SaleCompleted(Contract):
    """A sale as it stands on the receipt; stored VAT is summed later, never computed again."""

    receipt: Annotated[int, Field(strict=True, ge=1)]
    day: Count
    """Business day as an ordinal of the shop's local date."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    lines: Annotated[tuple[SoldLine, ...], Field(max_length=SALE_LINES)]
    """None where only a gift card was sold."""
    total: Whole
    taxes: tuple[TaxTotal, ...]
    tenders: Annotated[tuple[Tender, ...], Field(min_length=1, max_length=10)]
    change: Whole
    exclusive: bool = False
    """Prices were without tax: a line's `gross` is its price and its share of the tax on top."""
    customer: Annotated[Account, UNLESS_EMPTY] = ""
    points: Annotated[Whole, UNLESS_EMPTY] = 0
    """What the customer earned; `points_left` is what they have with it."""
    points_left: Annotated[Whole | None, UNLESS_NONE] = None
    sample: Annotated[Account, UNLESS_EMPTY] = ""
    """The sample whose code took its discount off this sale."""
    collected: Annotated[tuple[Mark, ...], Field(max_length=10), UNLESS_EMPTY] = ()
    """The reservations that were handed over with it."""


KINDS: dict[tuple[str, int], type[Contract]] = {("sale_completed", 1): SaleCompleted}
