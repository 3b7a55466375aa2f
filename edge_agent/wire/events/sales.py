"""Events of selling: a completed sale with its taxes as they were on the receipt."""

from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count, Whole
from edge_agent.wire.events.catalogue import Label, Sku
from edge_agent.wire.limits import SALE_LINES


class SoldLine(Contract):
    """One line: quantity in milli-units, unit price and line total (tax-inclusive) in minor units, VAT share of it."""

    sku: Sku
    name: Label
    qty: Whole
    price: Whole
    gross: Whole
    rate: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    tax: Whole


class TaxTotal(Contract):
    """VAT of one rate over the whole receipt, computed once: `gross` = net + `tax`."""

    rate: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    gross: Whole
    tax: Whole


TenderKind = Literal["cash", "card", "exchange", "rounding"]
"""`exchange`: goods given back in the same act; `rounding`: what a cash amount was rounded by, a line of its own."""


class Tender(Contract):
    """What was given to pay; for cash `amount` is what stays in the drawer (given minus change)."""

    kind: TenderKind
    amount: Whole
    given: Whole


class SaleCompleted(Contract):
    """A sale as it stands on the receipt; stored VAT is summed later, never computed again."""

    receipt: Annotated[int, Field(strict=True, ge=1)]
    day: Count
    """Business day as an ordinal of the shop's local date."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    lines: Annotated[tuple[SoldLine, ...], Field(min_length=1, max_length=SALE_LINES)]
    total: Whole
    taxes: tuple[TaxTotal, ...]
    tenders: Annotated[tuple[Tender, ...], Field(min_length=1, max_length=10)]
    change: Whole


KINDS: dict[tuple[str, int], type[Contract]] = {("sale_completed", 1): SaleCompleted}
