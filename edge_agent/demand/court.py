"""The court before which corrections of the base earn their place: a shop's past weeks, and what a mix cost in them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .blend import Corrections, blended
from .habits import HORIZONS, Blend
from .metrics import LEVELS, pinball_by_row
from .quantiles import Floats, quantiles
from .rows import Rows
from .stakes import ORDER_LEVELS, Stakes

_ASKED = tuple(sorted({*LEVELS, *ORDER_LEVELS}))
_OF_LEVELS = [_ASKED.index(level) for level in LEVELS]
_OF_ORDERS = [_ASKED.index(level) for level in ORDER_LEVELS]

Past = Sequence[tuple[Rows, Corrections]]


@dataclass(frozen=True)
class Verdict:
    """By week: quantile loss, and the cost of the orders, both relative to what came; 0 for a week without sales."""

    losses: Floats
    costs: Floats

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(self.losses + other.losses, self.costs + other.costs)

    def beats(self, other: "Verdict") -> bool:
        """True when its weekly losses lie below the other's by more than their standard error."""
        gains = other.losses - self.losses
        return bool(gains.mean() > gains.std(ddof=1) / np.sqrt(len(gains)))

    def costs_more_than(self, other: "Verdict") -> bool:
        return bool(self.costs.mean() > other.costs.mean())


@dataclass(frozen=True)
class Sums:
    """Over one horizon, all weeks together: which week, what came, and mean and phi that were said; `under` is lost by
    a piece short, `level` is the quantile that is ordered up to."""

    weeks: NDArray[np.intp]
    came: Floats
    means: Floats
    phis: Floats
    under: Floats
    level: Floats


@dataclass(frozen=True)
class Court:
    """The weeks that judge, and what is at stake in them."""

    past: Past
    stakes: Stakes
    _heard: dict[object, Verdict] = field(default_factory=dict)

    def verdict(self, mix: Blend, h: int) -> Verdict:
        """Of one horizon; spreads are not looked at. Whoever asks again gets the same answer at once."""
        asked = (mix.parts[: h + 1], h)
        if asked not in self._heard:
            self._heard[asked] = self._judged(Blend(mix.parts), h)
        return self._heard[asked]

    def _judged(self, mix: Blend, h: int) -> Verdict:
        sums = self.sums(mix, h)
        told = quantiles(sums.means, sums.phis, _ASKED)
        missed = 2.0 * pinball_by_row(sums.came, told[:, _OF_LEVELS])
        ordered = told[:, _OF_ORDERS][sums.level[:, None] == np.array(ORDER_LEVELS)]
        over = sums.under * (1.0 - sums.level) / sums.level
        cost = np.where(ordered < sums.came, sums.under, over) * np.abs(ordered - sums.came)
        return Verdict(self._weekly(sums, missed, sums.came), self._weekly(sums, cost, sums.under * sums.came))

    def _weekly(self, sums: Sums, lost: Floats, sold: Floats) -> Floats:
        of_week, came = (np.bincount(sums.weeks, one, len(self.past)) for one in (lost, sold))
        return np.where(came > 0.0, of_week / np.maximum(came, 1e-9), 0.0)

    def whole(self, mix: Blend) -> Verdict:
        """Of all horizons together."""
        first, *others = (self.verdict(mix, h) for h in range(len(HORIZONS)))
        for one in others:
            first += one
        return first

    def sums(self, mix: Blend, h: int) -> Sums:
        parts = [_sums_of(rows, *blended(rows, says, mix), h) for rows, says in self.past]
        weeks = np.concatenate([np.full(len(told), week) for week, (told, *_) in enumerate(parts)])
        skus = [[rows.skus[i] for i in told] for (rows, _), (told, *_) in zip(self.past, parts, strict=True)]
        stakes = [self.stakes.of(some) for some in skus]
        came, means, phis = (np.concatenate([part[place] for part in parts]) for place in (1, 2, 3))
        under, level = (np.concatenate([one[place] for one in stakes]) for place in (0, 1))
        return Sums(weeks, came, means, phis, under, level)


def _sums_of(rows: Rows, days: Floats, phi: Floats, h: int) -> tuple[NDArray[np.intp], Floats, Floats, Floats]:
    """Of one week: which SKUs something was said of, what came of them, and mean and phi."""
    seen = ~np.isnan(rows.came[:, : HORIZONS[h]])
    mean = np.where(seen, days[:, : HORIZONS[h]], 0.0).sum(axis=1)
    told = np.flatnonzero(mean > 0.0)
    return told, np.nansum(rows.came[told, : HORIZONS[h]], axis=1), mean[told], phi[told, h]
