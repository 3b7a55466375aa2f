"""Orders beside their proposals: what became of one, how another till's stands, and one placed by hand."""

from operator import not_
from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.events.catalogue import Label, Sku


class OutcomeLine(Contract):
    """A line as it will be ordered: packs may have been edited by the owner."""

    sku: Sku
    packs: Count
    qty: Count


class OrderOutcome(Contract):
    """What became of an order; `version` counts the commands on it, `revision` is the proposal it judged. `arrives_at`
    is when the supplier says that it comes (UTC ms, 0: it did not say)."""

    order: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    number: Annotated[str, Field(max_length=32)]
    revision: Count
    version: Count
    state: Literal["approved", "rejected", "sent", "expired"]
    by: Label
    reason: Label
    lines: tuple[OutcomeLine, ...]
    arrives_at: Annotated[Count, Field(exclude_if=not_)] = 0


class OrderStands(Contract):
    """Feed entry: the proposal that holds of an open order, for the tills that did not make it.

    It is event `seq` of `journal`; `saw` and `revision` say which other proposal could hold instead. The arithmetic
    stays with the till that decided.
    """

    order: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    number: Annotated[str, Field(max_length=32)]
    supplier: Sku
    purpose: Annotated[str, Field(max_length=32)]
    cycle: Count
    revision: Annotated[int, Field(strict=True, ge=1)]
    journal: Annotated[str, Field(max_length=32)]
    seq: Count
    saw: dict[str, Count]
    cutoff_at: Count
    arrives_at: Count
    next_arrives_at: Count
    state: Literal["proposed", "held", "withdrawn"]
    value: Count
    lines: tuple[OutcomeLine, ...]


class OrderPlacedByHand(Contract):
    """The one named till wrote the order's slip, for a supplier that is ordered from by the shop: recorded before the
    paper; the cloud never sends this order."""

    order: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    number: Annotated[str, Field(max_length=32)]
    supplier: Sku
    lines: Annotated[tuple[OutcomeLine, ...], Field(min_length=1)]


class OrderWasSent(Contract):
    """The feed that the till gives up said that this order was sent: a cloud set back to a backup may not know it."""

    order: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    number: Annotated[str, Field(max_length=32)]
    lines: tuple[OutcomeLine, ...]


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("order_outcome", 1): OrderOutcome,
    ("order_stands", 1): OrderStands,
    ("order_placed_by_hand", 1): OrderPlacedByHand,
    ("order_was_sent", 1): OrderWasSent,
}
