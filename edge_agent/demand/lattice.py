"""One SKU looked at on the same evening of each past week: what the base said, and how far it was from what came."""

from collections.abc import Sequence
from dataclasses import dataclass

from .base import (
    PROFILE_WORTH,
    WEEKS,
    Exposure,
    exposure,
    rolling_sales,
    week_means,
    weekly_sales,
    youth,
)
from .dispersion import Misses, from_days
from .expecting import as_expected
from .habits import HORIZONS, Habits
from .series import WEEK, SkuHistory
from .unseen import made_whole

MOST_FOLLOWED = 0.5
"""Of a day's miss: a weekday that was met once would seem to be foretold without one."""
JUDGED_WEEKS = 16
"""A dispersion is learned from this many past weeks."""


@dataclass(frozen=True)
class Study:
    """`weeks[k]`: the base's means by position k weeks ago; `past[k][h]`: misses of the week forecast k + 1 weeks ago.

    `recent` pieces carry the level of the newest evening: a new day's sales are weighed against them. `one` is what
    was looked at: the SKU's sales with its sold-out days made whole.
    """

    one: SkuHistory
    weeks: tuple[tuple[float, ...], ...]
    past: tuple[tuple[Misses, ...], ...]
    recent: float

    def misses(self, weeks_ago: int, horizon: int) -> Misses:
        """All misses that were known `weeks_ago` (index of HORIZONS), over JUDGED_WEEKS."""
        squares = means = 0.0
        count = 0.0
        for week in self.past[weeks_ago : weeks_ago + JUDGED_WEEKS]:
            one = week[horizon]
            squares += one.squares
            means += one.means
            count += one.sums
        return Misses(squares, means, count)


def study(one: SkuHistory, habits: Habits, back: int = JUDGED_WEEKS) -> Study:
    """The SKU's base on the evening of `habits.until` and of the `back` weeks before, and what came of those."""
    one = made_whole(one, habits.trading, habits.week, habits.until)
    grid = weekly_sales(one, habits.until, back + WEEKS)
    sales = rolling_sales(grid, back + 1)
    exposures = [exposure(habits.trading, habits.until - WEEK * ago) for ago in range(back + 1)]
    weeks = tuple(
        week_means(one, sold, habits.week, seen, habits.kindred) for sold, seen in zip(sales, exposures, strict=True)
    )
    trading = habits.trading_set()
    if one.guess:
        weeks = (as_expected(one, weeks[0], habits.week, habits.until), *weeks[1:])
    past = [_week(one, grid[ago], weeks[ago + 1], exposures[ago + 1], trading) for ago in range(back)]
    if past and (young := youth(float(len(habits.trading)))):
        past[0] = tuple(map(Misses.__add__, past[0], _early(one, weeks[0], habits, young)))
    return Study(one, weeks, tuple(past), sales[0].recent)


def _early(one: SkuHistory, means: Sequence[float], habits: Habits, young: float) -> tuple[Misses, ...]:
    """How far single days lay from what the others foretold, in a shop too young to have been missed by whole weeks.

    An item's weekday follows a day that it was learnt from: the miss is taken as if that day had not been seen.
    """
    sold = dict(zip(one.days, one.qtys, strict=True))
    days = [day for day in habits.trading if one.days and day >= one.days[0] and day not in one.short]
    came = [sold.get(day, 0) / 1000.0 for day in days]
    places = [(day - habits.until - 1) % WEEK for day in days]
    pace = sum(came) / max(1e-9, sum(habits.week[place] for place in places))
    followed = [_followed(pace * habits.week[place], places.count(place)) for place in range(WEEK)]
    misses = [(qty - means[place]) / (1.0 - followed[place]) for qty, place in zip(came, places, strict=True)]
    squares = sum(miss * miss for miss in misses)
    return tuple(from_days(squares, sum(came), len(days), young, horizon) for horizon in HORIZONS)


def _followed(usual: float, count: int) -> float:
    """How much of a day's miss its weekday's profile has taken over, of `count` such days that `usual` pieces sell."""
    return min(MOST_FOLLOWED, usual / (usual * count + PROFILE_WORTH / WEEK))


def _week(
    one: SkuHistory, came: Sequence[float], means: Sequence[float], exposed: Exposure, trading: frozenset[int]
) -> tuple[Misses, ...]:
    """Misses of the week after the exposure's origin; days closed or out of stock count on neither side."""
    if not any(means):
        return _NOTHING
    days = range(exposed.origin + 1, exposed.origin + 1 + WEEK)
    seen = [day in trading and day not in one.short for day in days]
    actual = [qty if there else 0.0 for qty, there in zip(came, seen, strict=True)]
    expected = [mean if there else 0.0 for mean, there in zip(means, seen, strict=True)]
    doubt = [one.doubt.get(day, 0.0) for day in days] if one.doubt else _SURE
    return tuple([_stretches(actual, expected, doubt, horizon) for horizon in HORIZONS])


_NOTHING = (Misses(),) * len(HORIZONS)
_SURE = (0.0,) * WEEK


def _stretches(actual: Sequence[float], expected: Sequence[float], doubt: Sequence[float], horizon: int) -> Misses:
    """Whole stretches of `horizon` days in the week, those with nothing to expect left out.

    A day that was made whole strayed by its expectation's miss and by what is in doubt about it.
    """
    squares = means = 0.0
    count = 0
    for start in range(0, WEEK - horizon + 1, horizon):
        mean = sum(expected[start : start + horizon])
        if mean > 0.0:
            miss = sum(actual[start : start + horizon]) - mean
            squares += miss * miss + sum(doubt[start : start + horizon])
            means += mean
            count += 1
    return Misses(squares, means, count)
