"""The bank account day by day as it is expected: what comes, what goes, the lowest day, and whether a drop fits in.

Every flow has a key and counts once: a bill that is known takes the place of the reorder that was expected. What is
expected of sales comes in full in the middle case and cut to `low` in the low one (one year in ten is worse).
    float = 1.5 x (expected drop volume of two weeks);   headroom = low case - float, and never below 0
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from edge_agent.errors import BadInput
from edge_agent.rules.money import divided

Kind = Literal["takings", "payout", "supplier", "reorder", "bill", "wages", "rent", "vat", "refund", "drop"]
LOW = 8_500
"""Sales of the low case, in basis points of what is expected."""
FLOAT_TIMES = (3, 2)
FLOAT_DAYS = 14
WHOLE = 10_000
NEAR_DAYS = 7
SMALL = 4
"""A payment of the low day that is not a fourth of a larger one before it is not what binds."""
"""A bill of so many days before a low day may be what binds it."""


@dataclass(frozen=True)
class Flow:
    """Minor units that come (or, below 0, go) on an ordinal day; `sold` ones are as uncertain as sales are, `least` is
    what comes in the low case where that is known apart."""

    key: str
    day: int
    amount: int
    kind: Kind
    name: str
    sold: bool = False
    least: int | None = None

    def low(self, part: int) -> int:
        """In the low case."""
        if self.least is not None:
            return min(self.least, self.amount)
        return divided(self.amount * part, WHOLE) if self.sold and self.amount > 0 else self.amount


@dataclass(frozen=True)
class Day:
    """A day of the account: its flows, and what it closes with in the middle and in the low case."""

    day: int
    flows: tuple[Flow, ...]
    close: int
    low: int

    @property
    def came(self) -> int:
        """In the middle case."""
        return sum(flow.amount for flow in self.flows if flow.amount > 0)

    @property
    def went(self) -> int:
        """As a positive amount."""
        return -sum(flow.amount for flow in self.flows if flow.amount < 0)


@dataclass(frozen=True)
class Bound:
    """The day that binds: what the low case has above the float (below 0: too little), and the bill behind it."""

    day: int
    headroom: int
    bill: Flow | None


def once(flows: Iterable[Flow]) -> list[Flow]:
    """Each key once, in order of days: the later word on a key holds."""
    return sorted({flow.key: flow for flow in flows}.values(), key=lambda flow: (flow.day, flow.key))


def ledger(opening: int, first: int, days: int, flows: Iterable[Flow], low: int = LOW) -> tuple[Day, ...]:
    """The account from ordinal day `first`; what was due before and not paid goes on the first day."""
    if not 0 < low <= WHOLE:
        raise BadInput("the low case is a share of what is expected, above 0 and at most all of it")
    by_day: dict[int, list[Flow]] = {}
    for flow in once(flows):
        by_day.setdefault(max(flow.day, first), []).append(flow)
    found, close, below = list[Day](), opening, opening
    for day in range(first, first + days):
        of_day = tuple(by_day.get(day, ()))
        close += sum(flow.amount for flow in of_day)
        below += sum(flow.low(low) for flow in of_day)
        found.append(Day(day, of_day, close, below))
    return tuple(found)


def lowest(days: Sequence[Day]) -> Day:
    """The day on which the low case has least; of equals the first."""
    return min(days, key=lambda one: (one.low, one.day))


def float_for(volumes: Iterable[int]) -> int:
    """What is to stay in the account: one and a half times the expected cost of two weeks' drops."""
    times, over = FLOAT_TIMES
    return divided(times * sum(volumes), over)


def binds(days: Sequence[Day], floor: int) -> Bound:
    """The day with the least headroom, and the payment behind it: the largest of that day, if it is not small beside
    what was paid since the account fell under the floor, or in the week before."""
    worst = lowest(days)
    under = min((one.day for one in days if one.low < floor), default=worst.day)
    return Bound(worst.day, worst.low - floor, _bill(days, min(under, worst.day - NEAR_DAYS + 1), worst.day))


def _bill(days: Sequence[Day], first: int, day: int) -> Flow | None:
    gone = [flow for one in days if first <= one.day <= day for flow in one.flows if flow.amount < 0]
    owed = [flow for flow in gone if flow.kind != "drop"] or gone
    most = _largest(owed)
    on_it = _largest(flow for one in days if one.day == day for flow in one.flows if flow in owed)
    return on_it if most and on_it and on_it.amount * SMALL <= most.amount else most


def _largest(flows: Iterable[Flow]) -> Flow | None:
    return min(flows, key=lambda flow: (flow.amount, flow.key), default=None)


def largest(most: int, step: int, fits: Callable[[int], bool]) -> int:
    """The largest multiple of `step` up to `most` that fits, where whatever is smaller than a fitting one fits too; 0
    when none does."""
    low, high = 0, most // step
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle * step) else (low, middle - 1)
    return low * step
