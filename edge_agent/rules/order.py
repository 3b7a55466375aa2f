"""An order to a supplier: its key, its number, and the proposal that gathers the decisions of one cycle."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge_agent.rules.calendar import Cutoff
from edge_agent.rules.guard import Caps, guards
from edge_agent.rules.record import basis_of, line_of
from edge_agent.rules.reorder import Decision, Moment, Policy, decide
from edge_agent.rules.settle import NO_LIMITS, Limits, settle
from edge_agent.wire.envelope import canonical
from edge_agent.wire.events.reorder import Guard, ReorderDecided, Settlement

STOCK = "stock"
"""The purpose of ordinary reorders."""

PROPOSAL_BYTES = 60 * 1024
"""Room is left for the envelope of the event."""
MOST_GUARDS = 40
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

    `caps` are given where orders go without the owner's word.
    """

    shop: str
    supplier: str
    revision: int
    saw: Mapping[str, int]
    trusted: bool
    limits: Limits = NO_LIMITS
    caps: Caps | None = None
    purpose: str = STOCK


def proposal(decisions: Iterable[Decision], policy: Policy, at: Moment, heading: Heading) -> ReorderDecided:
    """The order of one cycle: its lines are the decisions with packs, in order of SKU; withdrawn when none has any.

    Held with the word `clock` when the clock can't be trusted, `minimum` when it waits for the supplier's least value,
    and, where orders go by themselves, with the word of each guardrail. The body keeps to PROPOSAL_BYTES: long orders
    get short tables; past that the lines most likely to run out are kept and the order is held with the word `length`.
    """
    wanted, settled = settle([one for one in decisions if one.packs], policy, heading.limits)
    for rows in TABLE_ROWS:
        lines = [_with_table(one, policy, rows) for one in wanted]
        order = _order(lines, settled, policy, at, heading, ())
        if size(order) <= PROPOSAL_BYTES:
            return order
    wanted.sort(key=lambda one: (not one.packs, -one.what_if[0].out, one.snapshot.sku))
    while size(order) > PROPOSAL_BYTES:
        wanted = wanted[: len(wanted) * PROPOSAL_BYTES // (size(order) + 1)]
        lines = [_with_table(one, policy, rows) for one in wanted]
        order = _order(lines, settled, policy, at, heading, ("length",))
    return order


def _with_table(decision: Decision, policy: Policy, rows: int) -> Decision:
    if len(decision.what_if) <= rows:
        return decision
    allotted = decision.packs if decision.packs != decision.wanted else None
    moment, forecast = decision.moment, decision.forecast
    return decide(decision.snapshot, policy, forecast, moment, table=rows, allotted=allotted)


def _order(
    decided: list[Decision],
    settled: Settlement | None,
    policy: Policy,
    at: Moment,
    heading: Heading,
    holds: tuple[str, ...],
) -> ReorderDecided:
    key = order_key(shop=heading.shop, supplier=heading.supplier, cycle=at.cycle, purpose=heading.purpose)
    basis = basis_of(policy, decided) if decided else None
    given, empty = _parted(decided)
    lines, left = ([line_of(one, basis) for one in some] if basis else [] for some in (given, empty))
    value = sum(one.cost for one in decided)
    found = guards(given, value, heading.caps) if heading.caps else ()
    holds = (*holds, *_held_for(settled, found, trusted=heading.trusted)) if lines else ()
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
        state="withdrawn" if not lines else "held" if holds else "proposed",
        holds=holds,
        value=value,
        lines=tuple(lines),
        basis=basis,
        auto=heading.caps is not None and bool(lines) and not holds,
        guards=found[:MOST_GUARDS] if lines else (),
        settled=settled,
        left=tuple(left),
    )


def _parted(decided: list[Decision]) -> tuple[list[Decision], list[Decision]]:
    """Those with packs, and those that the budget left none."""
    ranked = sorted(decided, key=_sku)
    return [one for one in ranked if one.packs], [one for one in ranked if not one.packs]


def _held_for(settled: Settlement | None, found: Iterable[Guard], *, trusted: bool) -> tuple[str, ...]:
    """The words that hold an order."""
    waits = settled is not None and settled.way == "wait"
    words = ("clock",) * (not trusted) + ("minimum",) * waits
    return (*words, *dict.fromkeys(guard.word for guard in found))


def _sku(decision: Decision) -> str:
    return decision.snapshot.sku


def size(order: ReorderDecided) -> int:
    """Bytes of the order as an event's body."""
    return len(canonical(order.model_dump()))


def same(one: ReorderDecided, other: ReorderDecided) -> bool:
    """True when packs, state and holds are equal, so that there is nothing new to say."""
    return _said(one) == _said(other)


def _said(order: ReorderDecided) -> tuple[object, ...]:
    lines = tuple((line.sku, line.packs, line.cost) for line in order.lines)
    return order.state, order.holds, order.auto, tuple(line.sku for line in order.left), lines
