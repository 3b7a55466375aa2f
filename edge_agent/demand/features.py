"""What the model is shown of a SKU on one evening: scale-free numbers, the same code in training and on the device.

Ratios are logarithms of (sold + 1) / (base's expectation + 1), in pieces: a few pieces say little and many say much.
All are rounded to 1/1024: a threshold between two values is then exact in 32 bits, and every converter agrees.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import schema
from .base import WINDOW
from .series import WEEK, SkuHistory

Floats = NDArray[np.float64]
Seen = NDArray[np.bool_]
SCHEMA = schema.SCHEMA
KINDS = ((1, 1), (2, 3), (4, 7), (1, 3), (1, 7))
"""Days ahead (first, last) that one row asks about: the three segments of the mean, then the longer horizons."""
HORIZON_OF_KIND = (0, 1, 2, 1, 2)
"""Whose dispersion (index of HORIZONS) a row is shown."""
_WINDOWS = (1, 2, 3, 7, 14, 28, 56, 91, 182)
_FORGETS = (0.02, 0.1, 0.25)
"""Shares that a new day replaces in slower and quicker levels than the base's."""
_WEEKS_AGO = (1, 2)
_WEEKS_SUMMED = (4, 8, 26)

COMMON = (
    *(f"sold_{days}" for days in _WINDOWS),
    "sold_8_to_14",
    "sold_15_to_28",
    "sold_29_to_56",
    "zeros_14",
    "zeros_56",
    "zeros_182",
    "zeros_expected_56",
    "since_sale_days",
    "since_sale_expected",
    "since_sale_gaps",
    "age",
    "level",
    "largest_28",
    "largest_91",
    "size_91",
    "size_14",
    "week_spread",
    "profile_peak",
    *(f"level_{round(1000 * forget)}" for forget in _FORGETS),
)
ASKED = (
    "first_ahead",
    "days_ahead",
    "asked_base",
    "asked_weekdays",
    *(f"same_days_{ago}_ago" for ago in _WEEKS_AGO),
    *(f"same_days_{weeks}_weeks" for weeks in _WEEKS_SUMMED),
    "same_days_zero",
    "base_phi",
)
NAMES = COMMON + ASKED


@dataclass(frozen=True)
class Evening:
    """Some SKUs as known on one evening, oldest day first; rows are SKUs.

    `sold` (rows, WINDOW) pieces; `seen` the same shape: the shop traded, the SKU was in stock and had been sold before;
    `week` (rows, 7) the base's means by position.
    """

    sold: Floats
    seen: Seen
    week: Floats


def sold_table(skus: Sequence[SkuHistory], last: int, days: int) -> Floats:
    """(skus, days) pieces sold a day, the newest day `last` in the last column."""
    table = np.zeros((len(skus), days))
    for row, one in enumerate(skus):
        at = np.asarray(one.days, dtype=np.int64) - (last - days + 1)
        inside = (at >= 0) & (at < days)
        table[row, at[inside]] = np.asarray(one.qtys, dtype=np.float64)[inside] / 1000.0
    return table


def seen_table(skus: Sequence[SkuHistory], trading: frozenset[int], last: int, days: int) -> Seen:
    """(skus, days) whether a day says anything about a SKU's demand."""
    first = last - days + 1
    traded = np.array([day in trading for day in range(first, last + 1)])
    since = np.array([one.days[0] if one.days else last + 1 for one in skus])
    seen: Seen = traded[None, :] & (np.arange(first, last + 1)[None, :] >= since[:, None])
    for row, one in enumerate(skus):
        for day in one.short:
            if first <= day <= last:
                seen[row, day - first] = False
    return seen


def expected(week: Floats, days: int) -> Floats:
    """(rows, days) the base's means for the days up to the origin, whatever was open."""
    return week[:, np.arange(-days, 0) % WEEK]


def common_features(evening: Evening) -> Floats:
    """(rows, len(COMMON)): what does not depend on the days asked about."""
    sold, seen = evening.sold * evening.seen, evening.seen
    base = expected(evening.week, WINDOW) * seen
    columns = [
        *_window_ratios(sold, base),
        *_zeros(sold, seen, base),
        *_since_sale(sold, seen, base),
        *_sizes(sold, evening.week),
        evening.week.max(axis=1) / np.maximum(evening.week.mean(axis=1), 1e-9),
        *_levels(sold, base),
    ]
    return _rounded(np.column_stack(columns))


def _window_ratios(sold: Floats, base: Floats) -> list[Floats]:
    sums, bases = _running(sold), _running(base)
    spans = [(0, days) for days in _WINDOWS] + [(7, 14), (14, 28), (28, 56)]
    return [_ratio(sums[:, b] - sums[:, a], bases[:, b] - bases[:, a]) for a, b in spans]


def _running(table: Floats) -> Floats:
    """(rows, days + 1): sums of the newest n days."""
    rows = np.zeros((len(table), 1))
    return np.concatenate([rows, np.cumsum(table[:, ::-1], axis=1)], axis=1)


def _ratio(sold: Floats, base: Floats) -> Floats:
    ratio: Floats = np.log((sold + 1.0) / (base + 1.0))
    return ratio


def _levels(sold: Floats, base: Floats) -> list[Floats]:
    """Slower and quicker levels against the base's own."""
    ages = np.arange(WINDOW)[::-1]
    decays = np.stack([(1.0 - forget) ** ages for forget in _FORGETS], axis=1)
    return list(_ratio(sold @ decays, base @ decays).T)


def _zeros(sold: Floats, seen: Seen, base: Floats) -> list[Floats]:
    """Shares of days without a sale, and how many the base would expect of Poisson demand."""
    none = (sold == 0.0) & seen
    shares = [_share(none[:, -days:].sum(axis=1), seen[:, -days:].sum(axis=1)) for days in (14, 56, 182)]
    likely = np.where(seen, np.exp(-base), 0.0)
    return [*shares, _share(likely[:, -56:].sum(axis=1), seen[:, -56:].sum(axis=1))]


def _share(part: Floats, whole: Floats) -> Floats:
    """NaN where there is nothing to share."""
    return np.where(whole > 0, part / np.maximum(whole, 1e-9), np.nan)


def _since_sale(sold: Floats, seen: Seen, base: Floats) -> list[Floats]:
    """Time since the last sale: in days, in pieces expected since, in usual gaps; and the age in days."""
    any_sale = sold.max(axis=1) > 0.0
    back = np.where(any_sale, (sold[:, ::-1] > 0.0).argmax(axis=1), WINDOW)
    missed = _running(base)[np.arange(len(sold)), back]
    sale_days = (sold > 0.0).sum(axis=1)
    gap = np.where(any_sale, seen.sum(axis=1) / np.maximum(sale_days, 1), np.nan)
    return [np.log1p(back), np.log1p(missed), np.log1p(back / gap), np.log1p(seen.sum(axis=1))]


def _sizes(sold: Floats, week: Floats) -> list[Floats]:
    """How much a day, how lumpy, how even from week to week."""
    recent, quarter = sold[:, -28:], sold[:, -91:]
    size_91, size_14 = _mean_size(quarter), _mean_size(sold[:, -14:])
    weeks = sold[:, -56:].reshape(len(sold), 8, WEEK).sum(axis=2)
    return [
        np.log(week.mean(axis=1) + 0.01),
        _share(recent.max(axis=1), recent.sum(axis=1)),
        _share(quarter.max(axis=1), quarter.sum(axis=1)),
        np.log(size_91),
        np.log(size_14 / size_91),
        _share(weeks.std(axis=1), weeks.mean(axis=1)),
    ]


def _mean_size(sold: Floats) -> Floats:
    """Mean pieces of the days that sold; NaN if none did."""
    return _share(sold.sum(axis=1), (sold > 0.0).sum(axis=1))


def asked_features(evening: Evening, kind: tuple[int, int], asked: Floats, phi: Floats) -> Floats:
    """(rows, len(ASKED)): what depends on the days asked about; `asked` (rows) is the base's sum over them."""
    first, last = kind
    days = last - first + 1
    columns = [
        np.full(len(asked), float(first)),
        np.full(len(asked), float(days)),
        np.log(asked + 0.01),
        _ratio(asked, days * evening.week.mean(axis=1)),
        *_same_days(evening, kind),
        np.log(phi),
    ]
    return _rounded(np.column_stack(columns))


def _same_days(evening: Evening, kind: tuple[int, int]) -> list[Floats]:
    """The same weekdays in past weeks against the base: single weeks, sums of weeks, and how many were empty."""
    rows = len(evening.sold)
    shape = (rows, WINDOW // WEEK, WEEK)
    within = slice(kind[0] - 1, kind[1])
    sold = (evening.sold * evening.seen).reshape(shape)[:, ::-1, within].sum(axis=2)
    base = (expected(evening.week, WINDOW) * evening.seen).reshape(shape)[:, ::-1, within].sum(axis=2)
    single = [_ratio(sold[:, ago - 1], base[:, ago - 1]) for ago in _WEEKS_AGO]
    summed = [_ratio(sold[:, :weeks].sum(axis=1), base[:, :weeks].sum(axis=1)) for weeks in _WEEKS_SUMMED]
    known = base[:, :8] > 0.0
    empty = _share(((sold[:, :8] == 0.0) & known).sum(axis=1), known.sum(axis=1))
    return [*single, *summed, empty]


def _rounded(table: Floats) -> Floats:
    rounded: Floats = np.round(table * 1024.0) / 1024.0
    return rounded
