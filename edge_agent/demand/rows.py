"""The model's questions about a whole shop on one evening: features, the base's answers, and what came since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .base import WINDOW
from .dispersion import Misses, curve, dispersion
from .features import (
    HORIZON_OF_KIND,
    KINDS,
    Evening,
    Floats,
    Seen,
    asked_features,
    common_features,
    seen_table,
    sold_table,
)
from .habits import HORIZONS, Habits
from .lattice import Study
from .series import WEEK, Opening

Picks = NDArray[np.intp]
ACTIVE_DAYS = 84


@dataclass(frozen=True)
class Rows:
    """One evening's questions: (skus x kinds) rows of features, kind by kind, and the base's answers by SKU.

    `base` (skus, 7) daily means ahead; `phi` (skus, horizons); `came` (skus, 7) what sold then, NaN on days that say
    nothing, and wholly NaN where the week has not come yet.
    """

    skus: tuple[str, ...]
    features: Floats
    base: Floats
    phi: Floats
    came: Floats


@dataclass(frozen=True)
class Tables:
    """Some SKUs' days as arrays up to `last` (newest in the last column), with their studies."""

    last: int
    skus: tuple[str, ...]
    studies: tuple[Study, ...]
    sold: Floats
    seen: Seen
    traded: Seen

    def active(self, ago: int) -> Picks:
        """Row numbers of the SKUs that sold in the ACTIVE_DAYS before the evening `ago` weeks back."""
        end = self.sold.shape[1] - WEEK * ago
        rows: Picks = np.flatnonzero(self.sold[:, max(0, end - ACTIVE_DAYS) : end].any(axis=1))
        return rows


def tables(studies: Mapping[str, Study], habits: Habits, back: int) -> Tables:
    """Arrays deep enough to ask about the last `back` weekly evenings."""
    skus = tuple(studies)
    ones = [one.one for one in studies.values()]
    days = WINDOW + WEEK * back
    trading = habits.trading_set()
    first = habits.until - days + 1
    return Tables(
        habits.until,
        skus,
        tuple(studies.values()),
        sold_table(ones, habits.until, days),
        seen_table(ones, trading, habits.until, days),
        np.array([day in trading for day in range(first, habits.until + 1)]),
    )


def past_rows(table: Tables, ago: int) -> Rows:
    """All active SKUs on the evening `ago` >= 1 weeks back, with the week that came after it."""
    picked = table.active(ago)
    misses = [[one.misses(ago, h) for one in table.studies] for h in range(len(HORIZONS))]
    end = table.sold.shape[1] - WEEK * ago
    ahead = slice(end, end + WEEK)
    week = np.array([one.weeks[ago] for one in table.studies])
    came = np.where(table.seen[:, ahead], table.sold[:, ahead], np.nan)[picked]
    base = week[picked] * table.traded[ahead]
    phi = _phi([[one[i] for i in picked] for one in misses], [curve(one) for one in misses], base)
    return _rows(table, ago, picked, base, phi, came)


def present_rows(table: Tables, habits: Habits, opening: Opening) -> Rows:
    """The given SKUs, all of them, on the newest evening; days that the calendar calls closed expect nothing."""
    picked = np.arange(len(table.skus))
    is_open = np.array([opening.minutes(table.last + ahead) is not None for ahead in range(1, WEEK + 1)])
    base = np.array([one.weeks[0] for one in table.studies]).reshape(-1, WEEK) * is_open
    came = np.full(base.shape, np.nan)
    phi = _phi([[one.misses(0, h) for one in table.studies] for h in range(len(HORIZONS))], habits.curves, base)
    return _rows(table, 0, picked, base, phi, came)


def _rows(table: Tables, ago: int, picked: Picks, base: Floats, phi: Floats, came: Floats) -> Rows:
    end = table.sold.shape[1] - WEEK * ago
    window = slice(end - WINDOW, end)
    week = np.array([table.studies[i].weeks[ago] for i in picked]).reshape(-1, WEEK)
    evening = Evening(table.sold[picked, window], table.seen[picked, window], week)
    return Rows(tuple(table.skus[i] for i in picked), _questions(evening, base, phi), base, phi, came)


def _phi(misses: Sequence[Sequence[Misses]], curves: Sequence[Sequence[float]], base: Floats) -> Floats:
    """(skus, horizons) from each horizon's misses by SKU, its curve, and the base's means."""
    columns = []
    for own, shop, horizon in zip(misses, curves, HORIZONS, strict=True):
        means = base[:, :horizon].sum(axis=1).tolist()
        columns.append([dispersion(one, shop, mean) for one, mean in zip(own, means, strict=True)])
    return np.array(columns, dtype=np.float64).reshape(len(HORIZONS), -1).T


def _questions(evening: Evening, base: Floats, phi: Floats) -> Floats:
    common = common_features(evening)
    asked = [
        asked_features(evening, kind, base[:, kind[0] - 1 : kind[1]].sum(axis=1), phi[:, horizon])
        for kind, horizon in zip(KINDS, HORIZON_OF_KIND, strict=True)
    ]
    return np.concatenate([np.hstack([common, one]) for one in asked])
