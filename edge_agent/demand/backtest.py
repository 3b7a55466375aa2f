"""What the device would have said on past evenings: the same habits, studies and mix, from sales up to that evening."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_agent.rules.negative_binomial import MAX_PHI, quantile

from .features import sold_table
from .foreseen import calm, learn_events, multipliers
from .habits import HORIZONS
from .metrics import LEVELS, coverage, weighted_quantile_loss
from .model import DemandModel, evening_rows, learn_with, mixed_with
from .quantiles import LARGE, Floats, quantiles
from .rows import ACTIVE_DAYS
from .series import WEEK, ShopHistory


@dataclass(frozen=True)
class Told:
    """One evening's forecasts: (skus, horizons) means and phis of the sums over the days after `origin`."""

    origin: int
    skus: tuple[str, ...]
    means: Floats
    phis: Floats

    def quantiles(self, levels: Sequence[float] = LEVELS) -> Floats:
        """(skus, horizons, levels): whole pieces, by the exact rule."""
        means, phis = np.ascontiguousarray(self.means).ravel(), np.clip(self.phis, 1.0, MAX_PHI).ravel()
        found = quantiles(means, phis, levels)
        for row in np.flatnonzero(means > LARGE):
            found[row] = [quantile(float(means[row]), float(phis[row]), level) for level in levels]
        return found.reshape(*self.means.shape, len(levels))


def evening(shop: ShopHistory, origin: int, model: DemandModel | None = None) -> Told:
    """What the device would have told on the evening of `origin`, for every SKU sold in the ACTIVE_DAYS up to it."""
    then = shop.as_of(origin + 1)
    learnt = learn_events(then, then.events)
    then = calm(then, then.events, learnt)
    skus = tuple(sorted(sku for sku, one in then.skus.items() if one.sold_within(origin - ACTIVE_DAYS + 1, origin)))
    if model is None:
        rows = evening_rows(then, skus)
        days, phis = rows.base, rows.phi
    else:
        days, phis = mixed_with(model, then, learn_with(model, then), skus)
    if then.events:
        days = days * np.array(multipliers(then, learnt, skus, WEEK)).reshape(days.shape)
    sums = np.stack([days[:, :horizon].sum(axis=1) for horizon in HORIZONS], axis=1)
    return Told(origin, skus, sums, phis)


def came(shop: ShopHistory, told: Told) -> Floats:
    """(skus, horizons): what was sold over the days that were forecast."""
    sold = sold_table([shop.skus[sku] for sku in told.skus], told.origin + WEEK, WEEK)
    actual: Floats = np.stack([sold[:, :horizon].sum(axis=1) for horizon in HORIZONS], axis=1)
    return actual


JUDGED_EVENINGS = 9
EVENING_GAP = 9
"""Nine evenings nine days apart meet every weekday and reach twelve weeks back."""


def judged_evenings(last: int, count: int = JUDGED_EVENINGS) -> list[int]:
    """The evenings on which a history ending on day `last` is judged, oldest first."""
    return [last - max(HORIZONS) - EVENING_GAP * back for back in range(count)][::-1]


@dataclass(frozen=True)
class Verdict:
    """Quantile loss (mean over horizons, and by horizon) and coverage by level over all forecasts judged."""

    loss: float
    by_horizon: tuple[float, ...]
    coverage: tuple[float, ...]
    sums: int


def judge(actual: Floats, forecast: Floats) -> Verdict:
    """`actual` (rows, horizons), `forecast` (rows, horizons, levels)."""
    losses = tuple(weighted_quantile_loss(actual[:, h], forecast[:, h]) for h in range(len(HORIZONS)))
    covered = coverage(actual.ravel(), forecast.reshape(-1, forecast.shape[2]))
    return Verdict(sum(losses) / len(losses), losses, tuple(covered.tolist()), int(actual.size))


def judged(shop: ShopHistory, model: DemandModel | None, evenings: Sequence[int]) -> Verdict:
    """Forecasts on every evening, against what came."""
    told = [evening(shop, origin, model) for origin in evenings]
    actual = np.concatenate([came(shop, one) for one in told])
    return judge(actual, np.concatenate([one.quantiles() for one in told]))
