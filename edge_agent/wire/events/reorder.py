"""Events of reordering: an order as the device decided it, with inputs, arithmetic and what-if tables as data."""

from operator import not_
from typing import Annotated, Any, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count, Whole
from edge_agent.wire.events.catalogue import Label, Minute, OtherHours, Sku

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
    by position, in `moved` which of `factors` are in its demand (its `means` are those before them). `other_hours` are
    the shop's on single days (`ShopSet`). `mixes` are what corrections of the base had earned (`rules.forecast`); a
    decision names its own in `mix`, by position from 1 (none: the base alone).
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
    other_hours: Annotated[OtherHours, Field(exclude_if=not_)] = ()
    mixes: Annotated[tuple[tuple[Count, ...], ...], Field(exclude_if=not_)] = ()


class Settlement(Contract):
    """What the whole order decided over its lines (`rules.settle`); amounts in minor units.

    `least`, `fee` and `budget` are the supplier's and the owner's; `week` is what all suppliers' orders of seven days
    may cost together, `spent` what others have taken of it. `way` is how an order below the least is dealt with:
    `top_up`, `fee`, `wait` (empty: it is not below), and what each is expected to lose (-1: not possible) stands
    beside.
    """

    least: Count = 0
    fee: Count = 0
    budget: Count = 0
    wanted: Count = 0
    way: Literal["", "top_up", "fee", "wait"] = ""
    top_up_loses: Whole = -1
    fee_loses: Whole = -1
    wait_loses: Whole = -1
    week: Count = 0
    spent: Count = 0


class Guard(Contract):
    """Why the order does not go without the owner's word (`rules.guard`): of which SKU (empty: of the whole), what was
    usual or allowed, and what is."""

    word: Annotated[str, Field(max_length=32)]
    sku: Annotated[str, Field(max_length=64)] = ""
    was: Whole = 0
    now: Whole = 0


class ReorderDecided(Contract):
    """An order to one supplier for one cycle; a later `revision` replaces the lines of the earlier.

    `holds` are words such as `clock` (decided by an untrusted clock) that keep a `held` order from being sent; those of
    `guards` say more. `auto`: it is to be sent as it stands shortly before the cut-off. `left` are lines that the
    order's budget left nothing of.
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
    auto: bool = False
    guards: tuple[Guard, ...] = ()
    settled: Settlement | None = None
    left: tuple[OrderLine, ...] = ()


KINDS: dict[tuple[str, int], type[Contract]] = {("reorder_decided", 1): ReorderDecided}
