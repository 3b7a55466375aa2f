"""What a whole order decides over its lines: the budget that they share, and what to do below the supplier's minimum.

Below the minimum there are three ways, each with what it is expected to lose (minor units):

    top up    packs of what the next interval needs anyway, by gain a unit of money, until the minimum is reached
    fee       what the supplier asks for a small order
    wait      sum of what a piece short loses x the pieces expected to be short until the arrival after this order's

The least loss is taken; of equals the earlier.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge_agent.rules.allot import Choice, allot, choices
from edge_agent.rules.day import DAY_MS
from edge_agent.rules.packs import WHOLE, Odds, Stakes, gain
from edge_agent.rules.plan import expected
from edge_agent.rules.reorder import Decision, Policy, decide
from edge_agent.wire.events.reorder import Settlement

IMPOSSIBLE = -1
WEEK_MS = 7 * DAY_MS


@dataclass(frozen=True)
class Limits:
    """The supplier's least value and the fee below it (0: not taken), and the owner's budget (0: none); minor units.

    `week` is what the orders of all suppliers may cost together within seven days (0: no limit), `spent` what other
    orders have taken of it.
    """

    least: int = 0
    fee: int = 0
    budget: int = 0
    week: int = 0
    spent: int = 0

    def __bool__(self) -> bool:
        return bool(self.least or self.budget or self.week)

    @property
    def most(self) -> int | None:
        """What this order may cost; None: as much as is right."""
        some = [self.budget] * bool(self.budget) + [max(0, self.week - self.spent)] * bool(self.week)
        return min(some, default=None)


NO_LIMITS = Limits()


def settle(wanted: Sequence[Decision], policy: Policy, limits: Limits) -> tuple[list[Decision], Settlement | None]:
    """The lines as the order has them (none, where the budget leaves none), and how that came; None without limits."""
    wanted = sorted(wanted, key=lambda one: one.snapshot.sku)
    if not limits or not wanted:
        return wanted, None
    value = sum(one.cost for one in wanted)
    owner = {"budget": limits.budget, "week": limits.week, "spent": limits.spent}
    said = Settlement(least=limits.least, fee=limits.fee, wanted=value, **owner)
    most = limits.most
    lines = _within(wanted, policy, most) if most is not None and most < value else wanted
    if sum(one.cost for one in lines) >= limits.least or not any(one.packs for one in lines):
        return lines, said
    more = _topped_up(lines, policy, limits)
    losses = {"top_up": _minor(-_gained(lines, more, policy)) if more else IMPOSSIBLE}
    losses |= {"fee": limits.fee or IMPOSSIBLE, "wait": _minor(sum(_short(one) for one in lines))}
    way = min((word for word in losses if losses[word] != IMPOSSIBLE), key=lambda word: losses[word])
    told = {f"{word}_loses": loss for word, loss in losses.items()}
    return more if way == "top_up" else lines, said.model_copy(update={"way": way, **told})


def most_within(gone: Iterable[tuple[int, int]], cutoff: int) -> int:
    """The most that orders (cut-off, value) of any seven days around `cutoff` cost together."""
    near = sorted(one for one in gone if abs(one[0] - cutoff) < WEEK_MS)
    starts = [at for at, _ in near if at <= cutoff] + [cutoff]
    return max(sum(value for at, value in near if start <= at < start + WEEK_MS) for start in starts)


def limits_of(said: Settlement) -> Limits:
    """The limits that were recorded."""
    return Limits(said.least, said.fee, said.budget, said.week, said.spent)


def _minor(thousandths: float) -> int:
    return max(0, round(thousandths / WHOLE))


def _with(decision: Decision, packs: int, policy: Policy) -> Decision:
    if packs == decision.packs:
        return decision
    allotted = packs if packs != decision.wanted else None
    return decide(decision.snapshot, policy, decision.forecast, decision.moment, allotted=allotted)


def unsettled(decision: Decision, policy: Policy) -> Decision:
    """The decision as it was for its SKU alone."""
    return _with(decision, decision.wanted, policy)


def _within(wanted: Sequence[Decision], policy: Policy, budget: int) -> list[Decision]:
    chosen = allot([_choices(one) for one in wanted], budget)
    return [_with(one, choice.packs, policy) for one, choice in zip(wanted, chosen, strict=True)]


def _choices(one: Decision) -> list[Choice]:
    terms, need = one.snapshot.terms, one.need
    odds, stakes = Odds(need.mean, one.forecast.phi_milli), Stakes(need.under, need.over)
    found = choices(odds, stakes, need.position, terms.pack, terms.pack_cost, one.wanted)
    return [choice for choice in found if choice.packs == 0 or choice.packs >= terms.least]


def _short(one: Decision) -> float:
    """What is lost until the next arrival but one if nothing is ordered now, in thousandths."""
    odds, need = Odds(need_mean := one.need.mean, one.forecast.phi_milli), one.need
    short = (need_mean - need.position) / WHOLE + odds.left(need.position)
    return need.under * max(0.0, short)


def _later(one: Decision, policy: Policy) -> Odds | None:
    """The demand of the next interval too; None for goods that would spoil in it."""
    at, terms = one.moment, one.snapshot.terms
    end = at.next_arrives_at + (at.next_arrives_at - at.arrives_at)
    if terms.life_days and at.arrives_at + terms.life_days * DAY_MS <= end:
        return None
    return Odds(expected(one.forecast, policy.hours, at.now, end), one.forecast.phi_milli)


def _topped_up(lines: list[Decision], policy: Policy, limits: Limits) -> list[Decision]:
    """The lines with packs that the next interval needs, up to the minimum; empty when that cannot be reached."""
    odds = {one.snapshot.sku: later for one in lines if one.packs and (later := _later(one, policy))}
    packs = {one.snapshot.sku: one.packs for one in lines}
    value = sum(one.cost for one in lines)
    while value < limits.least:
        named = [(one.snapshot.sku, one) for one in lines if one.snapshot.sku in odds]
        worth = {sku: _worth(one, odds[sku], packs[sku]) for sku, one in named}
        rising = [sku for sku, each in worth.items() if each is not None]
        if not rising:
            return []
        best = max(sorted(rising), key=lambda sku: worth[sku] or 0.0)
        one = next(one for one in lines if one.snapshot.sku == best)
        packs[best] += 1
        value += one.snapshot.terms.pack_cost
        if limits.most is not None and value > limits.most:
            return []
    return [_with(one, packs[one.snapshot.sku], policy) for one in lines]


def _worth(one: Decision, later: Odds, now: int) -> float | None:
    """The gain of a pack more than `now` a unit of money; None when none is needed, or the most is reached."""
    terms, need = one.snapshot.terms, one.need
    there = need.position + now * terms.pack
    if there >= WHOLE * later.level(need.alpha) or (terms.most and now >= terms.most) or not terms.pack_cost:
        return None
    return gain(later, Stakes(need.under, need.over), there, terms.pack) / terms.pack_cost


def _gained(lines: list[Decision], more: list[Decision], policy: Policy) -> float:
    """What topping up is expected to earn, in thousandths (negative: it loses)."""
    total = 0.0
    for one, topped in zip(lines, more, strict=True):
        later = _later(one, policy)
        if later is not None and topped.packs > one.packs:
            there = one.need.position + one.qty
            stakes = Stakes(one.need.under, one.need.over)
            total += gain(later, stakes, there, topped.qty - one.qty)
    return total
