"""The base: what a SKU sells a day without machine learning, level x weekday profile, in pure Python.

The level is an exponentially weighted ratio of sales to exposure (days open and in stock, weighted by the profile); the
weekday profile is the SKU's own over 26 weeks, shrunk to the shop's. Ratios of sums instead of running averages make
new items, closed days and half-empty shelves need no special case.

Weeks are counted back from an evening, the origin: position 0 is the weekday of the day after it, 6 the origin's own.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from .kin import STRANGERS, Kindred
from .series import WEEK, Opening, ShopHistory, SkuHistory

WEEKS = 26
WINDOW = WEEK * WEEKS
FORGET = 0.045
"""Share of the level that a new day replaces: half of what counts lies in the last 15 days."""
PROFILE_WORTH = 150.0
"""The shop's weekday profile counts as much as this many sold pieces."""
DAY_WORTH = 1.0
"""In the shop's own profile, a mean day counts as much as so many days of that weekday."""
LEVEL_WORTH = 3.0
"""The 26-week level counts as much as this many recent pieces."""
YOUNG_DAYS, YOUNG_UNTIL = 28.0, 56.0
"""A new item's pace is held against its kin's for so many days; that fades until it has been sold for so many."""
SURELY_OPEN = 7.0
"""A day without any sale means closed only where the shop sells this many pieces a day (Poisson: one in a thousand)."""
DECAY = tuple((1.0 - FORGET) ** age for age in range(WINDOW + 1))


@dataclass(frozen=True)
class Exposure:
    """The shop's trading days up to the evening of `origin`, as running sums over age by position (index = days back).

    `weights[p][n]` sums (1 - FORGET)^age and `counts[p][n]` counts the trading days at position p with age < n.
    """

    origin: int
    weights: tuple[tuple[float, ...], ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Sales:
    """What one SKU sold in the window before an origin, in pieces: weighted by age, and summed by position."""

    recent: float
    sums: tuple[float, ...]


def trading_days(shop: ShopHistory, last: int) -> tuple[int, ...]:
    """Ascending days up to `last` on which the shop traded, at most two windows back.

    Days it was open by its hours; where it sells enough for that to tell, a day without any sale counts as closed.
    """
    sold, pieces = _sold_days(shop, last - 2 * WINDOW + 1, last)
    if not sold:
        return ()
    open_days = tuple(day for day in range(min(sold), last + 1) if shop.opening.minutes(day) or day in sold)
    if pieces < SURELY_OPEN * len(open_days):
        return open_days
    return tuple(sorted(sold))


def _sold_days(shop: ShopHistory, first: int, last: int) -> tuple[set[int], float]:
    days: set[int] = set()
    pieces = 0
    for one in shop.skus.values():
        start, end = bisect_left(one.days, first), bisect_right(one.days, last)
        days.update(one.days[start:end])
        pieces += sum(one.qtys[start:end])
    return days, pieces / 1000.0


@lru_cache(maxsize=64)
def exposure(trading: tuple[int, ...], origin: int) -> Exposure:
    """Sums up at which positions of the week the shop traded in the window before the evening of `origin`."""
    days = set(trading)
    weights, counts = [], []
    for position in range(WEEK):
        hits = [(origin - age) in days and age % WEEK == WEEK - 1 - position for age in range(WINDOW)]
        counts.append(tuple(accumulate(map(int, hits), initial=0)))
        weights.append(tuple(accumulate((hit * DECAY[age] for age, hit in enumerate(hits)), initial=0.0)))
    return Exposure(origin, tuple(weights), tuple(counts))


def shop_week(shop: ShopHistory, exposed: Exposure) -> tuple[float, ...]:
    """The shop's demand by position relative to its mean trading day (0 where it never trades); all 1 without sales.

    A weekday that a young shop has not met yet is taken for a mean one.
    """
    sums, after, first = [0.0] * WEEK, exposed.origin + 1, exposed.origin + 1
    for one in shop.skus.values():
        start, end = bisect_left(one.days, after - WINDOW), bisect_left(one.days, after)
        first = min(first, one.days[start]) if start < end else first
        for i in range(start, end):
            sums[(one.days[i] - after) % WEEK] += one.qtys[i]
    counts = [running[-1] for running in exposed.counts]
    mean, usual = sum(sums) / max(1, sum(counts)), max(counts)
    if mean == 0.0:
        return (1.0,) * WEEK
    met = [first <= after - WEEK + p for p in range(WEEK)]
    return tuple(
        (sums[p] / mean + DAY_WORTH) / (counts[p] + DAY_WORTH) if counts[p] * 10 > usual or not met[p] else 0.0
        for p in range(WEEK)
    )


def weekly_sales(one: SkuHistory, origin: int, weeks: int) -> list[list[float]]:
    """Pieces sold by week before the evening of `origin` (newest first) and by position."""
    grid = [[0.0] * WEEK for _ in range(weeks)]
    start, end = bisect_right(one.days, origin - WEEK * weeks), bisect_right(one.days, origin)
    for day, qty in zip(one.days[start:end], one.qtys[start:end], strict=True):
        back = origin - day
        grid[back // WEEK][WEEK - 1 - back % WEEK] += qty / 1000.0
    return grid


def rolling_sales(grid: Sequence[Sequence[float]], origins: int) -> list[Sales]:
    """What lies in the window before each of the last `origins` origins, a week apart, newest first.

    `grid` has WEEKS more rows than the oldest origin's index.
    """
    inner = [sum(qty * DECAY[WEEK - 1 - p] for p, qty in enumerate(week) if qty) for week in grid]
    recent = sum(inner[origins + back] * DECAY[WEEK * back] for back in range(WEEKS - 1))
    sums = [sum(week[p] for week in grid[origins : origins + WEEKS - 1]) for p in range(WEEK)]
    found = []
    for back in range(origins - 1, -1, -1):
        recent = inner[back] + DECAY[WEEK] * recent
        sums = [old + new for old, new in zip(sums, grid[back], strict=True)]
        found.append(Sales(recent, tuple(sums)))
        gone = back + WEEKS - 1
        recent -= inner[gone] * DECAY[WINDOW - WEEK]
        sums = [old - new for old, new in zip(sums, grid[gone], strict=True)]
    return found[::-1]


def week_means(
    one: SkuHistory, sales: Sales, week: Sequence[float], exposed: Exposure, kindred: Kindred = STRANGERS
) -> tuple[float, ...]:
    """Mean demand in pieces at each position when open, known on the evening of `exposed.origin`; 0 if nothing sold.

    `week` is the shop's profile by the same positions, `kindred` what new items are held against.
    """
    total = sum(sales.sums)
    if not one.days or total < 1e-6:
        return (0.0,) * WEEK
    weights, counts = _exposed(one, exposed)
    lived = _dot(counts, week)
    young = youth(lived)
    pace = kindred.pace(one, exposed.origin, lived) if young else 0.0
    long_level = total / max(1e-9, lived)
    profile = _profile(week, sales.sums, counts, long_level)
    level = (sales.recent + LEVEL_WORTH) / (_dot(weights, profile) + LEVEL_WORTH / long_level)
    level += young * (pace - level)
    return tuple([level * share for share in profile])


def youth(lived: float) -> float:
    """1 for an item in its first YOUNG_DAYS trading days, 0 from YOUNG_UNTIL on."""
    return min(1.0, max(0.0, (YOUNG_UNTIL - lived) / (YOUNG_UNTIL - YOUNG_DAYS)))


def _exposed(one: SkuHistory, exposed: Exposure) -> tuple[list[float], list[float]]:
    """The shop's exposure since the SKU's first sale, less the time it was out of stock: weighted, and in days."""
    age = min(WINDOW, exposed.origin - one.days[0] + 1)
    weights = [running[age] for running in exposed.weights]
    counts = [float(running[age]) for running in exposed.counts]
    for day, share in one.short.items():
        back = exposed.origin - day
        position = WEEK - 1 - back % WEEK
        if 0 <= back < age and exposed.counts[position][back + 1] > exposed.counts[position][back]:
            missing = 1.0 - share / 1000.0
            weights[position] -= DECAY[back] * missing
            counts[position] -= missing
    return weights, counts


def _profile(week: Sequence[float], sums: Sequence[float], counts: Sequence[float], level: float) -> list[float]:
    """The shop's profile moved towards the SKU's own sales, each position by what it has seen (gamma-Poisson)."""
    prior = PROFILE_WORTH / WEEK
    return [
        shop * (own + prior) / (level * count * shop + prior)
        for shop, own, count in zip(week, sums, counts, strict=True)
    ]


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return sum([a * b for a, b in zip(left, right, strict=True)])


def means_ahead(week: Sequence[float], opening: Opening, start: int, days: int) -> list[float]:
    """Mean demand in pieces of `days` local days from `start` (position 0 of `week`) on; 0 on closed days.

    A single day that is open on a weekday that never is sells like a mean day.
    """
    known = [mean for mean in week if mean > 0.0]
    usual = sum(known) / len(known) if known else 0.0
    means = [week[ahead % WEEK] if opening.minutes(start + ahead) else 0.0 for ahead in range(days)]
    return [mean or (usual if start + ahead in opening.special else 0.0) for ahead, mean in enumerate(means)]
