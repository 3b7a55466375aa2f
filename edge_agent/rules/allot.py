"""Money shared out over whole packs of many goods: the greatest expected gain that a budget pays for, exactly.

A multiple-choice knapsack: of each good one number of packs. Goods are gone through one after the other, keeping the
states that no other beats in cost and gain; a state is dropped when even the best that could follow (gains along the
upper hull, the last step in part) reaches no more than what is already known to be possible. Gains of a newsvendor's
packs shrink from pack to pack, so that few states survive. Source of the bound: Kellerer, Pferschy, Pisinger,
"Knapsack Problems", chapter 11 (the multiple-choice problem).
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from edge_agent.rules.packs import Odds, Stakes, gain


@dataclass(frozen=True)
class Choice:
    """Some packs of a good: what they cost (minor units) and are expected to earn (thousandths of one)."""

    packs: int
    cost: int
    gain: int


def choices(odds: Odds, stakes: Stakes, position: int, pack: int, pack_cost: int, most: int) -> tuple[Choice, ...]:
    """None, one, two .. `most` packs of one good."""
    earned = (round(gain(odds, stakes, position, packs * pack)) for packs in range(most + 1))
    return tuple(Choice(packs, packs * pack_cost, each) for packs, each in enumerate(earned))


def allot(goods: Sequence[Sequence[Choice]], budget: int) -> tuple[Choice, ...]:
    """One choice of each good, of the greatest gain that costs no more than `budget` in all; of equals the cheapest.

    Each good's first choice must cost nothing: it is always possible.
    """
    hulls = [_hull(good) for good in goods]
    least, edge = _greedy(hulls, budget)
    order = sorted(range(len(goods)), key=lambda i: (-_away(hulls[i], edge), i))
    rests = _rests([hulls[i] for i in order])
    states: list[_State] = [_State(0, sum(hull[0].gain for hull in hulls), None, None)]
    for place, i in enumerate(order):
        states = _best(_with(states, goods[i], hulls[i][0].gain, budget), rests[place + 1], budget, least)
    chosen: dict[int, Choice] = {}
    state: _State | None = max(states, key=lambda one: (one.gain, -one.cost))
    for i in reversed(order):
        assert state is not None
        assert state.choice is not None
        chosen[i], state = state.choice, state.before
    return tuple(chosen[i] for i in range(len(goods)))


@dataclass(frozen=True, slots=True)
class _State:
    """What the goods so far cost and earn (those to come as their first choice), and the way here."""

    cost: int
    gain: int
    choice: Choice | None
    before: "_State | None"


def _with(states: list[_State], good: Sequence[Choice], first: int, budget: int) -> list[_State]:
    return [
        _State(state.cost + choice.cost, state.gain + choice.gain - first, choice, state)
        for choice in good
        for state in states
        if state.cost + choice.cost <= budget
    ]


def _best(states: list[_State], rest: "_Rest", budget: int, least: int) -> list[_State]:
    """Those that nothing beats and that may still reach `least`."""
    states.sort(key=lambda one: (one.cost, -one.gain))
    kept: list[_State] = []
    for state in states:
        if kept and state.gain <= kept[-1].gain:
            continue
        if state.gain + rest.most(budget - state.cost) >= least:
            kept.append(state)
    return kept


def _hull(good: Sequence[Choice]) -> list[Choice]:
    """The choices on the upper hull of gain over cost, from the first (it costs nothing) on."""
    free = max((one for one in good if one.cost == 0), key=lambda one: one.gain)
    hull = [free]
    for one in sorted(good, key=lambda one: (one.cost, -one.gain)):
        if one.gain <= hull[-1].gain:
            continue
        while len(hull) > 1 and _turns(hull[-2], hull[-1], one):
            hull.pop()
        hull.append(one)
    return hull


def _turns(a: Choice, b: Choice, c: Choice) -> bool:
    """True when b lies on or below the line from a to c."""
    return (b.gain - a.gain) * (c.cost - a.cost) <= (c.gain - a.gain) * (b.cost - a.cost)


def _steps(hull: list[Choice]) -> list[tuple[int, int]]:
    return [(b.cost - a.cost, b.gain - a.gain) for a, b in pairwise(hull)]


def _away(hull: list[Choice], edge: float) -> float:
    """How far a good's nearest step lies from where the money ends: goods that are hardly in question come first."""
    return min((abs(gained / cost - edge) for cost, gained in _steps(hull)), default=0.0)


class _Rest:
    """The most that goods still to come can add, if their last step may be taken in part."""

    def __init__(self, steps: list[tuple[int, int]]) -> None:
        steps = sorted(steps, key=lambda step: -step[1] / step[0])
        self._costs, self._gains = [0], [0]
        for cost, gained in steps:
            self._costs.append(self._costs[-1] + cost)
            self._gains.append(self._gains[-1] + gained)

    def most(self, money: int) -> int:
        i = bisect_right(self._costs, money) - 1
        if i + 1 == len(self._costs):
            return self._gains[i]
        step, gained = self._costs[i + 1] - self._costs[i], self._gains[i + 1] - self._gains[i]
        return self._gains[i] + -(-gained * (money - self._costs[i]) // step)


def _rests(hulls: list[list[Choice]]) -> list[_Rest]:
    """For each place, the rest from there on."""
    rests, steps = [_Rest([])], list[tuple[int, int]]()
    for hull in reversed(hulls):
        steps = [*steps, *_steps(hull)]
        rests.append(_Rest(steps))
    return rests[::-1]


def _greedy(hulls: list[list[Choice]], budget: int) -> tuple[int, float]:
    """A gain that surely is possible (steps by gain a unit of money, as long as they can be paid), and the gain a unit
    of the first step that could not."""
    steps = sorted(
        (-gained / cost, i, place, cost, gained)
        for i, hull in enumerate(hulls)
        for place, (cost, gained) in enumerate(_steps(hull))
    )
    total, left, at, edge = sum(hull[0].gain for hull in hulls), budget, [0] * len(hulls), 0.0
    for worth, i, place, cost, gained in steps:
        if cost <= left and at[i] == place:
            total, left, at[i] = total + gained, left - cost, place + 1
        else:
            edge = edge or -worth
    return total, edge
