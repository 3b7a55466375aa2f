"""An order to a supplier: its key, its number, and the proposal that gathers the decisions of one cycle."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge_agent.rules.calendar import Cutoff
from edge_agent.rules.record import basis_of, line_of
from edge_agent.rules.reorder import Decision, Moment, Policy, decide
from edge_agent.wire.envelope import canonical
from edge_agent.wire.events.reorder import ReorderDecided

STOCK = "stock"
"""The purpose of ordinary reorders."""

PROPOSAL_BYTES = 60 * 1024
"""Room is left for the envelope of the event."""
TABLE_ROWS = (12, 8, 5, 4)
"""What-if rows a line: the longer the order, the shorter its tables."""


def order_key(*, shop: str, supplier: str, cycle: int, purpose: str = STOCK) -> str:
    """The one name of an order: SHA-256 of canonical JSON; no date, SKU or quantity in it: each till finds it."""
    named = {"cycle": cycle, "purpose": purpose, "shop": shop, "supplier": supplier}
    text = json.dumps(named, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def order_number(key: str) -> str:
    """What people read out: `4F2A-91C0`, the first eight digits of the key."""
    return f"{key[:4]}-{key[4:8]}".upper()


Rank = tuple[int, int, str, int]


def rank(saw: Mapping[str, int], revision: int, journal: str, seq: int) -> Rank:
    """What decides between two proposals of one order, event `seq` of `journal`: the higher holds.

    A vector of journals that saw more has the higher sum; the rest only makes the choice the same everywhere.
    """
    return sum(saw.values()), revision, journal, seq


def knows_more(ours: Mapping[str, int], theirs: Mapping[str, int]) -> bool:
    """True when one vector of journals has seen something that the other has not."""
    return any(seq > theirs.get(journal, 0) for journal, seq in ours.items())


def key_prefix(word: str) -> str:
    """What was typed (a key, the start of one, or a number) as the start of a key."""
    return word.strip().replace("-", "").lower()


def moments(cutoffs: Sequence[Cutoff], now: int) -> list[Moment]:
    """Each cut-off as a cycle to decide; its next arrival is the first later one (cut-offs may share a delivery).

    Cut-offs at the end, with no later arrival among those given, are left out.
    """
    found: list[Moment] = []
    for index, one in enumerate(cutoffs):
        later = [other.arrives_ms for other in cutoffs[index + 1 :] if other.arrives_ms > one.arrives_ms]
        if later:
            found.append(Moment(now, one.cycle, one.at_ms, one.arrives_ms, min(later)))
    return found


@dataclass(frozen=True)
class Heading:
    """Who decides what for whom: `saw` is {journal: seq} of all that was known, `trusted` whether the clock can be.

    `least` is the value (minor units) below which the supplier takes no order.
    """

    shop: str
    supplier: str
    revision: int
    saw: Mapping[str, int]
    trusted: bool
    least: int = 0
    purpose: str = STOCK


def proposal(decisions: Iterable[Decision], policy: Policy, at: Moment, heading: Heading) -> ReorderDecided:
    """The order of one cycle: its lines are the decisions with packs, in order of SKU; withdrawn when none has any.

    Held with the word `clock` when the clock can't be trusted, `minimum` when the supplier would not take it. The body
    keeps to PROPOSAL_BYTES: long orders get short tables; past that the lines most likely to run out are kept and the
    order is held with the word `length`.
    """
    wanted = [one for one in decisions if one.packs]
    for rows in TABLE_ROWS:
        order = _order([_with_table(one, policy, rows) for one in wanted], policy, at, heading, ())
        if size(order) <= PROPOSAL_BYTES:
            return order
    wanted.sort(key=lambda one: (-one.what_if[0].out, one.snapshot.sku))
    while size(order) > PROPOSAL_BYTES:
        wanted = wanted[: len(wanted) * PROPOSAL_BYTES // (size(order) + 1)]
        order = _order([_with_table(one, policy, rows) for one in wanted], policy, at, heading, ("length",))
    return order


def _with_table(decision: Decision, policy: Policy, rows: int) -> Decision:
    if len(decision.what_if) <= rows:
        return decision
    return decide(decision.snapshot, policy, decision.forecast, decision.moment, table=rows)


def _order(
    wanted: list[Decision], policy: Policy, at: Moment, heading: Heading, holds: tuple[str, ...]
) -> ReorderDecided:
    key = order_key(shop=heading.shop, supplier=heading.supplier, cycle=at.cycle, purpose=heading.purpose)
    basis = basis_of(policy, wanted) if wanted else None
    value = sum(one.cost for one in wanted)
    holds = (*holds, *held_for(value, heading.least, trusted=heading.trusted))
    return ReorderDecided(
        order=key,
        number=order_number(key),
        shop=heading.shop,
        supplier=heading.supplier,
        purpose=heading.purpose,
        cycle=at.cycle,
        revision=heading.revision,
        saw=dict(heading.saw),
        cutoff_at=at.cutoff_at,
        arrives_at=at.arrives_at,
        next_arrives_at=at.next_arrives_at,
        state="withdrawn" if not wanted else "held" if holds else "proposed",
        holds=holds if wanted else (),
        value=value,
        lines=tuple(line_of(one, basis) for one in sorted(wanted, key=_sku)) if basis else (),
        basis=basis,
    )


def held_for(value: int, least: int, *, trusted: bool) -> tuple[str, ...]:
    """The words that hold an order of this value."""
    return (*(() if trusted else ("clock",)), *(("minimum",) if value < least else ()))


def _sku(decision: Decision) -> str:
    return decision.snapshot.sku


def size(order: ReorderDecided) -> int:
    """Bytes of the order as an event's body."""
    return len(canonical(order.model_dump()))


def same(one: ReorderDecided, other: ReorderDecided) -> bool:
    """True when packs, state and holds are equal, so that there is nothing new to say."""
    return _said(one) == _said(other)


def _said(order: ReorderDecided) -> tuple[object, ...]:
    return order.state, order.holds, tuple((line.sku, line.packs, line.cost) for line in order.lines)
