"""Base and model together, by what the model has earned: a rolling back-test on the shop's own last weeks sets the mix.

The model says, for the days asked about, a factor on the base's mean and a factor on its dispersion. Its weight is
the one with the least quantile loss over the past weeks, none unless it beats the base by more than chance; then the
dispersion of a horizon is widened until its high quantiles covered what they promised, and never narrowed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .dispersion import MAX_PHI
from .features import KINDS
from .habits import HORIZONS, SEGMENTS, Blend
from .metrics import LEVELS, coverage, weighted_quantile_loss
from .quantiles import Floats, quantiles
from .rows import Rows

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
SPREADS = (1.0, 1.2, 1.45, 1.75)
ALLOWED_SHORT = 0.02
"""Mean shortfall of the high quantiles' coverage that is still taken for chance."""
MIN_WEEKS = 3
MIN_SUMS = 100
_SEGMENT_KINDS = tuple(KINDS.index(segment) for segment in SEGMENTS)
_HORIZON_KINDS = tuple(KINDS.index((1, horizon)) for horizon in HORIZONS)
_HIGH = slice(LEVELS.index(0.9), None)
"""Coverage is judged at .9 and above: below, slow sellers cover too much by being whole numbers."""


@dataclass(frozen=True)
class Corrections:
    """What the model says of some SKUs: factors on the base's mean by day ahead (skus, 7), on phi (skus, horizons)."""

    means: Floats
    phis: Floats


def corrections(outputs: Floats, skus: int) -> Corrections:
    """From the model's outputs (kinds x skus, 2), in the order of the questions in `Rows`."""
    by_kind = outputs.reshape(len(KINDS), skus, 2)
    lengths = [last - first + 1 for first, last in SEGMENTS]
    means = np.repeat(by_kind[list(_SEGMENT_KINDS), :, 0].T, lengths, axis=1)
    return Corrections(means, by_kind[list(_HORIZON_KINDS), :, 1].T)


def blended(rows: Rows, says: Corrections, blend: Blend) -> tuple[Floats, Floats]:
    """Daily means (skus, 7) and phi (skus, horizons) of the mix; at weight 0 the base's own."""
    means = rows.base * (1.0 + blend.weight * (says.means - 1.0))
    phi = rows.phi * says.phis**blend.weight * np.asarray(blend.spreads)
    return means, np.clip(phi, 1.0, MAX_PHI)


def earn(past: Sequence[tuple[Rows, Corrections]]) -> Blend:
    """The mix that would have served best in these past weeks; the base alone where there are too few to tell."""
    if len(past) < MIN_WEEKS or sum(len(rows.skus) for rows, _ in past) < MIN_SUMS:
        return Blend()
    weight = _weight(past)
    return Blend(weight, tuple(_spread(past, weight, h) for h in range(len(HORIZONS))))


def _weight(past: Sequence[tuple[Rows, Corrections]]) -> float:
    """The best weight, if its weekly losses lie below the base's by more than their standard error."""
    losses = np.array([[_loss(week, weight) for week in past] for weight in WEIGHTS])
    best = int(np.argmin(losses.mean(axis=1)))
    gains = losses[0] - losses[best]
    error = gains.std(ddof=1) / np.sqrt(len(past))
    return WEIGHTS[best] if gains.mean() > error else 0.0


def _loss(week: tuple[Rows, Corrections], weight: float) -> float:
    """One week's quantile loss, mean over the horizons; 0 for a week without sales."""
    found = [weighted_quantile_loss(*_judged([week], Blend(weight), h)) for h in range(len(HORIZONS))]
    return float(np.mean(np.nan_to_num(found)))


def _judged(past: Sequence[tuple[Rows, Corrections]], blend: Blend, h: int) -> tuple[Floats, Floats]:
    """What came and what was forecast for it over one horizon, all these weeks together."""
    came, means, phis = [], [], []
    for rows, says in past:
        days, phi = blended(rows, says, blend)
        seen = ~np.isnan(rows.came[:, : HORIZONS[h]])
        mean = np.where(seen, days[:, : HORIZONS[h]], 0.0).sum(axis=1)
        told = mean > 0.0
        came.append(np.nansum(rows.came[:, : HORIZONS[h]], axis=1)[told])
        means.append(mean[told])
        phis.append(phi[told, h])
    return np.concatenate(came), quantiles(np.concatenate(means), np.concatenate(phis), LEVELS)


def _spread(past: Sequence[tuple[Rows, Corrections]], weight: float, h: int) -> float:
    """The least widening with which the high quantiles covered what they promise."""
    for spread in SPREADS:
        came, forecast = _judged(past, Blend(weight, (spread,) * len(HORIZONS)), h)
        if len(came) and (np.asarray(LEVELS) - coverage(came, forecast))[_HIGH].mean() <= ALLOWED_SHORT:
            return spread
    return SPREADS[-1]
