"""What the owners' JSON door answers, as shapes; the schema is made of them and the tests hold the answers to them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edge_agent.wire.events.signals import LocalEventAdded, SignalRecorded


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Nothing(_Said):
    """It is done; there is nothing to say."""


class Wrong(_Said):
    """Why it was not done, in words for a person."""

    error: str


class Detail(_Said):
    """The same, of who may not come in."""

    detail: str


class NotValid(_Said):
    """What of the request is not as the schema says: where (`loc`) and why (`msg`)."""

    detail: list[dict[str, Any]]


class CodeAsked(_Said):
    """Not in; `code` is true where the password was right and the account asks for a code as well."""

    error: str
    code: bool = False


class OwnerIn(_Said):
    """Who is signed in; `csrf` goes with every command as `X-CSRF-Token`."""

    email: str
    name: str
    role: str
    one_time: bool
    csrf: str


class OrderLineSaid(_Said):
    """One SKU of an order: packs, milli-units, minor units; `received` is None until something came."""

    sku: str
    name: str
    packs: int
    qty: int
    cost: int
    approved_packs: int | None
    approved_qty: int | None
    received: int | None


class OrderSaid(_Said):
    """An order as it stands; `version` is the word to give back with a command. Times are UTC ms."""

    order: str
    number: str
    shop: str
    state: str
    supplier: str
    supplier_name: str
    cycle: int
    revision: int
    edited: bool
    by: str
    reason: str
    value: int
    version: str
    proposed_at: int
    cutoff_at: int
    arrives_at: int
    next_arrives_at: int
    decided_at: int | None
    lines: list[OrderLineSaid]


class OrdersSaid(_Said):
    """The orders, the soonest cut-off first, shop by shop."""

    orders: list[OrderSaid]


class OrderChanged(_Said):
    """The order is not as it was seen; `order` is how it stands."""

    error: str
    order: OrderSaid


class Entered(_Said):
    """How many rows said something new, and how many were known."""

    new: int
    known: int


class SignalSaid(SignalRecorded):
    """A signal's newest value, what is usual (0: not known yet), its age in days, and whether it still counts."""

    usual: int
    age_days: int
    counts: bool


class SignalsSaid(_Said):
    """Every signal's newest value, and the calendar from today on."""

    signals: list[SignalSaid]
    events: list[LocalEventAdded] = Field(description="What stands on the calendar.")
