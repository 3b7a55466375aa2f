"""What the device would have said on past evenings: the same habits, studies and mix, from sales up to that evening."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_agent.rules.negative_binomial import MAX_PHI, quantile

from .base import means_ahead
from .dispersion import dispersion
from .forecasting import learn
from .habits import HORIZONS
from .lattice import study
from .metrics import LEVELS
from .model import DemandModel, learn_with, mixed_with
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
    skus = tuple(sorted(sku for sku, one in then.skus.items() if one.sold_within(origin - ACTIVE_DAYS + 1, origin)))
    if model is None:
        return _base_evening(then, origin, skus)
    days, phis = mixed_with(model, then, learn_with(model, then), skus)
    sums = np.stack([days[:, :horizon].sum(axis=1) for horizon in HORIZONS], axis=1)
    return Told(origin, skus, sums, phis)


def _base_evening(then: ShopHistory, origin: int, skus: tuple[str, ...]) -> Told:
    habits = learn(then)
    means, phis = np.zeros((len(skus), len(HORIZONS))), np.ones((len(skus), len(HORIZONS)))
    for row, sku in enumerate(skus):
        studied = study(then.skus[sku], habits)
        days = means_ahead(studied.weeks[0], then.opening, origin + 1, WEEK)
        for h, horizon in enumerate(HORIZONS):
            means[row, h] = sum(days[:horizon])
            phis[row, h] = dispersion(studied.misses(0, h), habits.curves[h], float(means[row, h]))
    return Told(origin, skus, means, phis)


def came(shop: ShopHistory, told: Told) -> Floats:
    """(skus, horizons): what was sold over the days that were forecast."""
    actual = np.zeros(told.means.shape)
    for row, sku in enumerate(told.skus):
        one = shop.skus[sku]
        for day, qty in zip(one.days, one.qtys, strict=True):
            for h, horizon in enumerate(HORIZONS):
                if told.origin < day <= told.origin + horizon:
                    actual[row, h] += qty / 1000.0
    return actual
