"""Events of reordering: an order as the device decided it, with inputs, arithmetic, reasons and what-if tables as data."""

from typing import Annotated, Any, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count
from edge_agent.wire.events.catalogue import Sku


class OrderLine(Contract):
    """One SKU of an order. `decision` replays to the same packs (see `rules.reorder`)."""

    sku: Sku
    packs: Count
    qty: Count
    cost: Count
    decision: dict[str, Any]


class ReorderDecided(Contract):
    """An order to one supplier for one cycle; a later `revision` replaces the lines of the earlier."""

    order: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    number: Annotated[str, Field(max_length=32)]
    shop: str
    supplier: Sku
    purpose: Annotated[str, Field(max_length=32)]
    cycle: Count
    revision: Annotated[int, Field(strict=True, ge=1)]
    saw: dict[str, Count]
    cutoff_at: Count
    arrives_at: Count
    next_arrives_at: Count
    state: Literal["proposed", "held", "withdrawn"]
    holds: tuple[str, ...]
    value: Count
    lines: tuple[OrderLine, ...]


KINDS: dict[tuple[str, int], type[Contract]] = {("reorder_decided", 1): ReorderDecided}
