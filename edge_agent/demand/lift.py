"""What signals and events did to a shop's sales, learnt from its own history; few of them prove little, and count so.

An event's days are held against the same weekdays in the four weeks before and after that had no event. A signal's b is
a regression through the origin of what the following week sold (as a logarithm, against the four weeks before) on how
far the value lay from its usual, drawn towards the house's b as if eight such weeks had shown it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log

from edge_agent.rules.signal import LEAST_LIFT, LEAST_VALUES, MOST_LIFT, WORTH, Lift, deviation
from edge_agent.wire.events.signals import LocalEventAdded

from .series import WEEK, SkuHistory

WEEKS_AROUND = 4
LEAST_DAYS = 2
"""Days to compare with that a day of an event needs."""
SHORT_DAYS = 3
LEAST_PIECES = 5.0
"""Events at which less than this is usual prove nothing."""
WORTH_OF_PRIOR = 8.0
MOST_WORTH = 0.3
CLOSED = "closed"

Sold = Callable[[str], Mapping[int, float]]
"""Pieces sold by day of what a word (`about`) names."""


@dataclass
class _Seen:
    """One event, or all that one promotion is about, added up: pieces that came and were usual, people expected."""

    came: float = 0.0
    usual: float = 0.0
    crowd: int = 0


def learnt_as(event: LocalEventAdded) -> str:
    """What an event is learnt under: its kind, those of more than SHORT_DAYS apart. On a real shop three days of an
    offer sold 14 % more and whole weeks of it 5 %."""
    long = event.last_day - event.first_day >= SHORT_DAYS
    return f"{event.kind}\nlong" if long else event.kind


def learn_lifts(events: Sequence[LocalEventAdded], trading: frozenset[int], sold: Sold) -> dict[str, Lift]:
    """As `learnt_as` says; `trading` are the shop's past trading days, closed days teach nothing."""
    busy: dict[str, set[int]] = {}
    for one in events:
        busy.setdefault(one.about, set()).update(range(one.first_day, one.last_day + 1))
    whole = busy.get("", set())
    kinds: dict[str, dict[tuple[str, int], _Seen]] = {}
    for one in events:
        if one.kind != CLOSED:
            seen = kinds.setdefault(learnt_as(one), {}).setdefault((one.name, one.first_day), _Seen())
            _add(seen, one, trading, busy[one.about] | whole, sold(one.about))
    proved = {kind: [seen for seen in found.values() if seen.usual >= LEAST_PIECES] for kind, found in kinds.items()}
    return {kind: _lift(found) for kind, found in proved.items() if found}


def _add(
    seen: _Seen, event: LocalEventAdded, trading: frozenset[int], busy: set[int], sold: Mapping[int, float]
) -> None:
    for day in range(event.first_day, event.last_day + 1):
        around = [day + WEEK * week for week in range(-WEEKS_AROUND, WEEKS_AROUND + 1)]
        quiet = [other for other in around if other in trading and other not in busy]
        if day in trading and len(quiet) >= LEAST_DAYS:
            seen.usual += sum(sold.get(other, 0.0) for other in quiet) / len(quiet)
            seen.came += sold.get(day, 0.0)
    seen.crowd = max(seen.crowd, event.attendance)


def _lift(found: Sequence[_Seen]) -> Lift:
    crowds = [one.crowd for one in found if one.crowd]
    ratios = [log(min(max(one.came / one.usual, LEAST_LIFT), MOST_LIFT)) for one in found]
    raw = sum(one.came for one in found) / sum(one.usual for one in found)
    return Lift(raw, len(found), round(sum(crowds) / len(crowds)) if crowds else 0, _trust(ratios))


def _trust(ratios: Sequence[float]) -> float:
    """1 - (standard error / mean)^2 of the events' logarithms, not below 0: positive-part shrinkage towards nothing."""
    mean = sum(ratios) / len(ratios)
    if len(ratios) < 2:
        return 1.0
    error = sum((one - mean) ** 2 for one in ratios) / (len(ratios) - 1) / len(ratios)
    return max(0.0, 1.0 - error / (mean * mean)) if mean else 0.0


def learn_worth(kind: str, values: Sequence[tuple[int, int]], sold: Mapping[int, float], last: int) -> float:
    """A signal's b from its (day, value) in order, and what sold up to the day `last`; the house's b without proof."""
    above, below = WORTH_OF_PRIOR * WORTH[kind], WORTH_OF_PRIOR
    free = 0
    for place in range(LEAST_VALUES[kind], len(values)):
        day, value = values[place]
        away = deviation(kind, value, [one for _, one in values[:place]])
        after, before = _pieces(sold, day, WEEK), _pieces(sold, day - 4 * WEEK, 4 * WEEK) / 4
        if away is None or day < free or day + WEEK - 1 > last or min(after, before) < LEAST_PIECES:
            continue
        free = day + WEEK
        above, below = above + away * log(after / before), below + away * away
    return min(max(above / below, -MOST_WORTH), MOST_WORTH)


def _pieces(sold: Mapping[int, float], first: int, days: int) -> float:
    return sum(sold.get(day, 0.0) for day in range(first, first + days))


def sold_by_day(histories: Iterable[SkuHistory]) -> dict[int, float]:
    """Pieces that these sold together on each day."""
    sums: dict[int, float] = {}
    for one in histories:
        for day, qty in zip(one.days, one.qtys, strict=True):
            sums[day] = sums.get(day, 0.0) + qty / 1000.0
    return sums


def calmed(one: SkuHistory, lifts: Mapping[int, float]) -> SkuHistory:
    """The history as it would have been without events: `lifts` is what multiplied the demand of some days."""
    qtys = [
        max(1, round(qty / lifts[day])) if day in lifts else qty for day, qty in zip(one.days, one.qtys, strict=True)
    ]
    return replace(one, qtys=tuple(qtys))
