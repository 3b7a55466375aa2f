"""Feed entries about orders: what the owner (or the cloud) did with a proposal."""

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
    """What became of an order; `version` counts the owner's commands on it, `revision` is the proposal it judged."""

    order: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    number: Annotated[str, Field(max_length=32)]
    revision: Count
    version: Count
    state: Literal["approved", "rejected", "sent", "expired"]
    by: Label
    reason: Label
    lines: tuple[OutcomeLine, ...]


KINDS: dict[tuple[str, int], type[Contract]] = {("order_outcome", 1): OrderOutcome}
