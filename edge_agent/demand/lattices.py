"""The fast side of `lattice` (numpy): the base of all SKUs at once on the evenings of past weeks, and what came.

A SKU's days lie as weeks of seven positions; the oldest week comes first. The same figures as `lattice.study` gives one
SKU at a time, in a hundredth of the time.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .base import (
    DECAY,
    LEVEL_WORTH,
    PROFILE_WORTH,
    WEEKS,
    WINDOW,
    YOUNG_UNTIL,
    exposure,
    shop_week,
    trading_days,
    youth,
)
from .dispersions import Spread, curve_of, from_days
from .elders import kindred_of
from .expecting import as_expected
from .features import Floats, Seen, seen_table, sold_table
from .habits import HORIZONS, Habits, hour_shares
from .kin import Kindred
from .lattice import JUDGED_WEEKS, MOST_FOLLOWED
from .series import WEEK, ShopHistory, SkuHistory
from .unseen import made_whole

SAMPLED = 1_000
"""About as many SKUs tell a shop's habits well enough."""
_DAY_DECAY = np.array(DECAY[WEEK - 1 :: -1])
"""By position of a week, on its last evening."""


@dataclass(frozen=True)
class Studies:
    """Some SKUs' days up to `last` (newest in the last column) and their base on past weekly evenings.

    `weeks[ago]` (skus, 7) the base's means by position `ago` weeks back; `recent` (skus) as in `lattice.Study`;
    `past[ago]`, by horizon, the misses of the week forecast ago + 1 weeks back.
    """

    last: int
    skus: tuple[str, ...]
    sold: Floats
    seen: Seen
    traded: Seen
    weeks: Floats
    recent: Floats
    past: tuple[tuple[Spread, ...], ...]

    def misses(self, ago: int, horizon: int) -> Spread:
        """All that were known `ago` weeks back (index of HORIZONS), over JUDGED_WEEKS."""
        known = [week[horizon] for week in self.past[ago : ago + JUDGED_WEEKS]]
        return Spread(
            np.sum([one.squares for one in known], axis=0),
            np.sum([one.means for one in known], axis=0),
            np.sum([one.sums for one in known], axis=0),
        )


def studied(histories: Mapping[str, SkuHistory], skus: Collection[str], habits: Habits, back: int) -> Studies:
    """Studies of these SKUs on the evening of `habits.until` and of the `back` weeks before."""
    ones = [made_whole(histories[sku], habits.trading, habits.week, habits.until) for sku in skus]
    days, last = WINDOW + WEEK * back, habits.until
    trading = habits.trading_set()
    traded = np.array([day in trading for day in range(last - days + 1, last + 1)])
    sold, seen = sold_table(ones, last, days), seen_table(ones, trading, last, days)
    weeks, recent = _weeks(ones, sold, _exposed(ones, seen, traded, last), habits, back)
    for row in [row for row, one in enumerate(ones) if one.guess]:
        weeks[0, row] = as_expected(ones[row], weeks[0, row].tolist(), habits.week, last)
    doubt = _doubt(ones, last, days)
    past = [_missed(sold, seen, weeks, doubt, ago) for ago in range(back)]
    if past and (young := youth(float(len(habits.trading)))):
        past[0] = tuple(map(Spread.__add__, past[0], _early(sold, seen, weeks[0], habits.week, young)))
    return Studies(last, tuple(skus), sold, seen, traded, weeks, recent, tuple(past))


def _early(sold: Floats, seen: Seen, means: Floats, week: Sequence[float], young: float) -> tuple[Spread, ...]:
    """`lattice._early` of all SKUs."""
    came, weeks = sold * seen, sold.shape[1] // WEEK
    counts = _by_week(seen.astype(np.float64)).sum(axis=2)
    pace = came.sum(axis=1) / np.maximum(counts @ np.asarray(week), 1e-9)
    usual = pace[:, None] * np.asarray(week)
    followed = np.minimum(MOST_FOLLOWED, usual / (usual * counts + PROFILE_WORTH / WEEK))
    misses = (came - np.tile(means, weeks)) / np.tile(1.0 - np.where(counts > 0.0, followed, 0.0), weeks) * seen
    squares, days = (misses**2).sum(axis=1), counts.sum(axis=1)
    return tuple(from_days(squares, came.sum(axis=1), days, young, horizon) for horizon in HORIZONS)


def learned(shop: ShopHistory, back: int = JUDGED_WEEKS) -> tuple[Habits, Studies]:
    """The habits (nothing earned yet) and the studies they are learnt from: all SKUs, or an even sample of many."""
    until = shop.today - 1
    trading = trading_days(shop, until)
    exposed = exposure(trading, until)
    kindred = kindred_of(shop, trading, back)
    habits = Habits(until, trading, shop_week(shop, exposed), hour_shares(shop), (), kindred=kindred)
    skus = sorted(shop.skus)
    found = studied(shop.skus, skus[:: 1 + len(skus) // SAMPLED], habits, back)
    phis = enumerate(shop.priors.phi)
    curves = tuple(tuple(curve_of(found.misses(0, h), phi).tolist()) for h, phi in phis)
    return replace(habits, curves=curves), found


def _exposed(ones: Collection[SkuHistory], seen: Seen, traded: Seen, last: int) -> Floats:
    """(skus, days) how much of each day the SKU was there to be sold, since its first sale."""
    exposed: Floats = seen.astype(np.float64)
    first = last - seen.shape[1] + 1
    for row, one in enumerate(ones):
        for day, share in one.short.items():
            if one.days and max(first, one.days[0]) <= day <= last and traded[day - first]:
                exposed[row, day - first] = share / 1000.0
    return exposed


def _doubt(ones: Collection[SkuHistory], last: int, days: int) -> Floats:
    """(skus, days) the variance of what was not seen of days that were made whole; (1, days) where all was seen."""
    if not any(one.doubt for one in ones):
        return np.zeros((1, days))
    doubt = np.zeros((len(ones), days))
    for row, one in enumerate(ones):
        for day, variance in one.doubt.items():
            if 0 <= day - last + days - 1 < days:
                doubt[row, day - last + days - 1] = variance
    return doubt


def _weeks(
    ones: Sequence[SkuHistory], sold: Floats, exposed: Floats, habits: Habits, back: int
) -> tuple[Floats, Floats]:
    """(back + 1, skus, 7) means by evening, and what recent sales weigh on the newest."""
    decayed, plain = _windows(sold.shape[1] // WEEK, back)
    sums, counts = _by_week(sold) @ plain, _by_week(exposed) @ plain
    recent = np.einsum("p,npb->nb", _DAY_DECAY, _by_week(sold) @ decayed)
    weights = _DAY_DECAY[:, None] * (_by_week(exposed) @ decayed)
    means = []
    for b in range(back + 1):
        lived = counts[..., b] @ np.asarray(habits.week)
        paces = _young(ones, lived, habits.until - WEEK * b, habits.kindred)
        means.append(_means(sums[..., b], counts[..., b], recent[:, b], weights[..., b], habits, paces))
    return np.stack(means), recent[:, 0]


def _young(ones: Sequence[SkuHistory], lived: Floats, origin: int, kindred: Kindred) -> tuple[Floats, Floats]:
    """(skus) how young each is on an evening, and its pace if it is."""
    young, paces = np.zeros(len(ones)), np.zeros(len(ones))
    for row in np.flatnonzero(lived < YOUNG_UNTIL).tolist():
        if ones[row].days and ones[row].days[0] <= origin:
            young[row] = youth(float(lived[row]))
            paces[row] = kindred.pace(ones[row], origin, float(lived[row]))
    return young, paces


def _by_week(table: Floats) -> Floats:
    """(skus, positions, weeks)."""
    return table.reshape(len(table), table.shape[1] // WEEK, WEEK).transpose(0, 2, 1)


def _windows(weeks: int, back: int) -> tuple[Floats, Floats]:
    """(weeks, back + 1): what each week weighs on each evening, by age and plainly."""
    age = weeks - 1 - np.arange(weeks)[:, None] - np.arange(back + 1)[None, :]
    inside = (age >= 0) & (age < WEEKS)
    decay = np.array(DECAY)[np.clip(WEEK * age, 0, WINDOW)]
    return np.where(inside, decay, 0.0), inside.astype(np.float64)


def _means(
    sums: Floats, counts: Floats, recent: Floats, weights: Floats, habits: Habits, paces: tuple[Floats, Floats]
) -> Floats:
    """`base.week_means` of all SKUs; `paces` as `_young` gives them."""
    week, total = np.asarray(habits.week), sums.sum(axis=1)
    young, pace = paces
    level = total / np.maximum(1e-9, counts @ week)
    prior = PROFILE_WORTH / WEEK
    profile = week * (sums + prior) / (level[:, None] * counts * week + prior)
    level = (recent + LEVEL_WORTH) / ((weights * profile).sum(axis=1) + LEVEL_WORTH / np.maximum(1e-12, level))
    level = level + young * (pace - level)
    means: Floats = level[:, None] * profile
    means[total < 1e-6] = 0.0
    return means


def _missed(sold: Floats, seen: Seen, weeks: Floats, doubt: Floats, ago: int) -> tuple[Spread, ...]:
    """The week before the evening `ago` weeks back against its forecast; days that say nothing do not count."""
    end = sold.shape[1] - WEEK * ago
    days = slice(end - WEEK, end)
    came, expected = sold[:, days] * seen[:, days], weeks[ago + 1] * seen[:, days]
    return tuple(_stretches(came, expected, doubt[:, days], horizon) for horizon in HORIZONS)


def _stretches(came: Floats, expected: Floats, doubt: Floats, horizon: int) -> Spread:
    actual, means, unsure = _sums(came, horizon), _sums(expected, horizon), _sums(doubt, horizon)
    told = means > 0.0
    squares = (((actual - means) ** 2 + unsure) * told).sum(axis=1)
    return Spread(squares, means.sum(axis=1), told.sum(axis=1).astype(np.float64))


def _sums(days: Floats, horizon: int) -> Floats:
    """(skus, stretches): every whole stretch of `horizon` days in the week."""
    count = WEEK // horizon
    sums: Floats = days[:, : count * horizon].reshape(len(days), count, horizon).sum(axis=2)
    return sums
