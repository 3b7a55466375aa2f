"""Events of reordering: an order as the device decided it, with inputs, arithmetic and what-if tables as data."""

from typing import Annotated, Any, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count, Whole
from edge_agent.wire.events.catalogue import Label, Minute, Sku

Share = Annotated[int, Field(strict=True, ge=0, le=10_000)]


class OrderLine(Contract):
    """One SKU of an order: packs, milli-units, cost in minor units. `decision` replays to the same packs.

    `rules.record` writes and reads `decision` (compact: an order of 150 lines fits one event), and `what_if` there is
    its table of cost, chance to run out and waste per number of packs; `rules.reasons` says it in words.
    """

    sku: Sku
    packs: Count
    qty: Count
    cost: Count
    decision: dict[str, Any]


class Moved(Contract):
    """What moved the demand of some days (`rules.forecast.Factor`): `parts` in millionths, from `first_day` on."""

    kind: Annotated[str, Field(max_length=32)]
    name: Label
    source: Label
    day: Count
    first_day: Count
    parts: tuple[Count, ...]
    value: Whole = 0
    usual: Whole = 0
    seen: Count = 0


class Basis(Contract):
    """What all decisions of one order share: the owner's policy, the shop's hours, hour profiles and forecasters.

    `floor`, `ceiling`, `carry` (a year), `obsolete` (a delivery), `salvage`, `waste` in basis points. A decision names
    its profile in `shares` (24 parts of 10,000) and its forecaster in `makers` (name, SHA-256 of the model or empty)
    by position, in `moved` which of `factors` are in its demand (its `means` are those before them).
    """

    zone: Annotated[str, Field(max_length=64)]
    hours: Annotated[tuple[tuple[Minute, Minute] | None, ...], Field(min_length=7, max_length=7)]
    floor: Count
    ceiling: Count
    carry: Count
    obsolete: Count
    salvage: Count
    waste: Count
    shares: tuple[tuple[Share, ...], ...]
    makers: tuple[tuple[str, str], ...]
    factors: tuple[Moved, ...] = ()


class ReorderDecided(Contract):
    """An order to one supplier for one cycle; a later `revision` replaces the lines of the earlier.

    `holds` are words such as `clock` (decided by an untrusted clock) that keep a `held` order from being sent.
    """

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
    basis: Basis | None = None
    """None only in an order without lines."""


KINDS: dict[tuple[str, int], type[Contract]] = {("reorder_decided", 1): ReorderDecided}
