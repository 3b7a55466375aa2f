"""Events of refunds: goods that come back, with the amounts of the sale taken back as they were stored."""

from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count, Whole
from edge_agent.wire.events.catalogue import Label, Sku
from edge_agent.wire.events.sales import UNLESS_EMPTY, UNLESS_NONE, Account, TaxTotal, Tender
from edge_agent.wire.limits import SALE_LINES

Goes = Literal["shelf", "damaged", "supplier", "repair", "empty"]
"""Where the goods go: only what goes back to the shelf is stock again. `empty` is packaging alone, for its deposit."""
Why = Literal["", "unwanted", "faulty", "size", "other_than_told", "late", "other"]
"""Why it came back; empty where nobody said."""


class RefundOf(Contract):
    """The receipt that goods came back with: `journal` is empty for this till's own, and `other` for another till's.

    `sale` is the id of the event that sold them, whoever recorded it.
    """

    journal: Annotated[str, Field(max_length=32)]
    receipt: Annotated[int, Field(strict=True, ge=1)]
    sale: Annotated[str, Field(max_length=16)] = ""

    @property
    def origin(self) -> str:
        """Whose receipt: empty for an own one, else the sale's id."""
        return self.sale if self.journal else ""


class RefundLine(Contract):
    """`qty` milli-units of line `line` (counted from 0) of the receipt; `gross` and `tax` are 0 or less, and so is the
    `deposit` that is in `gross`."""

    line: Count
    sku: Sku
    name: Label
    qty: Annotated[int, Field(strict=True, ge=1)]
    price: Whole
    gross: Whole
    rate: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    tax: Whole
    goes: Goes
    why: Annotated[Why, UNLESS_EMPTY] = ""
    deposit: Annotated[Whole, UNLESS_EMPTY] = 0


class RefundMade(Contract):
    """A refund with its own number among the receipts; every amount is 0 or less, so that it sums up with the sales.

    `of` None: without a receipt, for a `reason`.
    """

    receipt: Annotated[int, Field(strict=True, ge=1)]
    day: Count
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    of: RefundOf | None
    reason: Annotated[str, Field(max_length=64)]
    lines: Annotated[tuple[RefundLine, ...], Field(max_length=SALE_LINES)]
    """None where what was put onto a gift card is paid out again."""
    total: Whole
    taxes: tuple[TaxTotal, ...]
    tenders: Annotated[tuple[Tender, ...], Field(min_length=1, max_length=10)]
    customer: Annotated[Account, UNLESS_EMPTY] = ""
    points: Annotated[Whole, UNLESS_EMPTY] = 0
    """What the customer had earned with it and loses again, 0 or less; `points_left` is what they have then."""
    points_left: Annotated[Whole | None, UNLESS_NONE] = None


KINDS: dict[tuple[str, int], type[Contract]] = {("refund_made", 1): RefundMade}
