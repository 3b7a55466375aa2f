"""Gives a peer's means their quantiles, each way that is fair to it, from its own past misses.

`nb`: negative binomial, dispersion by our own function; `poisson`; `own`: the method's own intervals; `conformal`: the
mean plus or minus the quantiles of its past absolute misses (split conformal, per SKU and horizon).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_agent.demand.dispersion import Misses, curve, dispersion
from edge_agent.demand.features import Floats
from edge_agent.demand.habits import HORIZONS
from edge_agent.demand.metrics import LEVELS
from edge_agent.demand.quantiles import quantiles
from edge_agent.demand.series import WEEK


@dataclass(frozen=True)
class Week:
    """What a peer said on one evening of the past (skus, 7), NaN where it said nothing, and what came (skus, 7)."""

    means: Floats
    came: Floats


def sums_of(days: Floats) -> Floats:
    """(skus, horizons) from daily values."""
    return np.stack([days[:, :horizon].sum(axis=1) for horizon in HORIZONS], axis=1)


def stretches(days: Floats, horizon: int) -> Floats:
    """(skus, stretches): every whole stretch of `horizon` days in the week."""
    count = WEEK // horizon
    sums: Floats = days[:, : count * horizon].reshape(len(days), count, horizon).sum(axis=2)
    return sums


def negative_binomial(means: Floats, past: Sequence[Week]) -> Floats:
    """(skus, horizons, levels) with the dispersion that our function learns from the past misses."""
    sums = sums_of(means)
    phis = np.ones(sums.shape)
    for h, horizon in enumerate(HORIZONS):
        own = _misses(past, horizon, len(means))
        shop = curve(own)
        phis[:, h] = [dispersion(one, shop, mean) for one, mean in zip(own, sums[:, h].tolist(), strict=True)]
    return quantiles(sums.ravel(), phis.ravel(), LEVELS).reshape(*sums.shape, len(LEVELS))


def _misses(past: Sequence[Week], horizon: int, skus: int) -> list[Misses]:
    squares, expected, counts = np.zeros(skus), np.zeros(skus), np.zeros(skus, dtype=int)
    for week in past:
        means, came = stretches(week.means, horizon), stretches(week.came, horizon)
        told = means > 0.0  # NaN tells nothing either
        squares += np.where(told, (came - means) ** 2, 0.0).sum(axis=1)
        expected += np.where(told, means, 0.0).sum(axis=1)
        counts += told.sum(axis=1)
    return [Misses(*one) for one in zip(squares.tolist(), expected.tolist(), counts.tolist(), strict=True)]


def poisson(means: Floats) -> Floats:
    """(skus, horizons, levels) as if sales strayed no more than chance."""
    sums = sums_of(means)
    return quantiles(sums.ravel(), np.ones(sums.size), LEVELS).reshape(*sums.shape, len(LEVELS))


def conformal(means: Floats, past: Sequence[Week]) -> Floats:
    """(skus, horizons, levels) from each SKU's own absolute misses; the mean alone where it has none."""
    sums = sums_of(means)
    found = np.repeat(sums[:, :, None], len(LEVELS), axis=2)
    for h, horizon in enumerate(HORIZONS):
        missed = np.concatenate(
            [np.abs(stretches(w.came, horizon) - stretches(w.means, horizon)) for w in past], axis=1
        )
        known = ~np.isnan(missed).all(axis=1)
        for place, level in enumerate(LEVELS):
            reach = np.nanquantile(missed[known], abs(2.0 * level - 1.0), axis=1)
            found[known, h, place] += np.sign(level - 0.5) * reach
    return np.clip(found, 0.0, None)
