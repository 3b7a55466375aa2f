"""Events of the counter beside the sale itself: what was taken off, voided, held, checked, asked for or matched."""

from operator import not_
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from edge_agent.wire.envelope import Contract, Count, Whole
from edge_agent.wire.events.catalogue import Code, Label, Sku
from edge_agent.wire.events.sales import UNLESS_EMPTY, Account
from edge_agent.wire.limits import SALE_LINES

Person = Annotated[str, Field(max_length=32)]
Word = Annotated[str, Field(max_length=20)]
UNLESS_SO = Field(exclude_if=not_)
"""A field that older lines do not have is not written while it says nothing."""
Years = Annotated[int, Field(strict=True, ge=1, le=99)]


class VoidedLine(Contract):
    """A line, or a part of one, that was rung up and not sold; `gross` as it stood on the screen, in minor units."""

    sku: Sku
    name: Label
    qty: Whole
    gross: Whole


class LineVoided(Contract):
    """Something was taken off a sale that went on; `after_subtotal`: the customer had been told what is due."""

    line: VoidedLine
    after_subtotal: Annotated[bool, UNLESS_SO] = False


class SaleVoided(Contract):
    """A whole sale was given up before it was paid; `approved` is who allowed it (a person's id, or empty)."""

    lines: Annotated[tuple[VoidedLine, ...], Field(min_length=1, max_length=SALE_LINES)]
    total: Whole
    approved: Person
    after_subtotal: Annotated[bool, UNLESS_SO] = False


class Sparse(Contract):
    """A part of which a receipt may hold hundreds: what is as it mostly is, is not written."""

    @model_serializer(mode="wrap")
    def _without_what_is_usual(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        fields = type(self).model_fields
        return {name: value for name, value in written.items() if getattr(self, name) != fields[name].default}


class HeldPart(Sparse):
    """What one of a bundle that waits holds, at the price of then."""

    sku: Sku
    name: Label
    price: Whole
    rate: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    qty: Whole
    limited: bool = False
    deposit: Count = 0


class HeldLine(Sparse):
    """A line of a sale that waits, with all that is needed to go on with it."""

    sku: Sku
    name: Label
    price: Whole
    rate: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    qty: Whole
    limited: bool = False
    unit: Annotated[str, Field(max_length=8)] = ""
    deposit: Count = 0
    fixed: Whole | None = None
    percent: Count = 0
    was: Whole | None = None
    reason: Label = ""
    approved: Person = ""
    code: Code | Literal[""] = ""
    lot: Word = ""
    serial: Word = ""
    parts: tuple[HeldPart, ...] = ()


class SaleHeld(Contract):
    """A sale was set aside under a ticket's number; `percent` (basis points) comes off the whole of it."""

    ticket: Annotated[int, Field(strict=True, ge=1)]
    lines: Annotated[tuple[HeldLine, ...], Field(min_length=1, max_length=SALE_LINES)]
    percent: Count
    cards: tuple[Code, ...]
    age: Count
    total: Whole
    customer: Annotated[Account, UNLESS_EMPTY] = ""


class SaleRecalled(Contract):
    """A held sale is on the counter again."""

    ticket: Annotated[int, Field(strict=True, ge=1)]


class AgeChecked(Contract):
    """A buyer was asked for the age that an item needs: passed or refused, and nothing else about anybody."""

    sku: Sku
    years: Years
    passed: bool


class LostDemandNoted(Contract):
    """Somebody asked for what was not in stock: an item (`sku`), or what no item is called (`asked`); milli-units."""

    sku: Sku | Literal[""]
    asked: Label
    qty: Annotated[int, Field(strict=True, ge=1)]


class CodeMatched(Contract):
    """What was sold under an unknown code is this SKU: `qty` milli-units of it left the shelf."""

    code: Code
    sku: Sku
    qty: Whole


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("line_voided", 1): LineVoided,
    ("sale_voided", 1): SaleVoided,
    ("sale_held", 1): SaleHeld,
    ("sale_recalled", 1): SaleRecalled,
    ("age_checked", 1): AgeChecked,
    ("lost_demand_noted", 1): LostDemandNoted,
    ("code_matched", 1): CodeMatched,
}
