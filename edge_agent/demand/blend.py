"""Base, model and the shop's own lean together, by what they have earned in a rolling back-test on its last weeks.

The model says, for the days asked about, a factor on the base's mean and one on its dispersion; the lean the former.
Their weights are those with the least quantile loss over weeks that the lean was not learnt from, none unless
they beat the base by more than chance; then the dispersion of a horizon is widened until its high quantiles covered
what they promised, and never narrowed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .dispersion import MAX_PHI
from .features import KINDS
from .habits import HORIZONS, SEGMENTS, Blend, Lean
from .lean import leaning, learn_lean
from .metrics import LEVELS, coverage, pinball_by_row
from .quantiles import Floats, quantiles
from .rows import Rows

WEIGHTS = (0.0, 0.5, 1.0)
LEANT_WEIGHTS = (0.0, 0.5)
OWNS = (0.5, 1.0)
EARNED_WEEKS = 16
JUDGING_WEEKS = 8
LEAN_WEEKS = 4
LEAN_SUMS = 300
"""A lean is learnt from no fewer weeks and SKUs of weeks."""
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
    """Daily means (skus, 7) and phi (skus, horizons) of the mix; without any weight the base's own."""
    means = rows.base * (1.0 + blend.weight * (says.means - 1.0))
    if blend.own:
        means = means * leaning(rows, blend.lean) ** blend.own
    phi = rows.phi * says.phis**blend.weight * np.asarray(blend.spreads)
    return means, np.clip(phi, 1.0, MAX_PHI)


Past = Sequence[tuple[Rows, Corrections]]


def earn(past: Past) -> Blend:
    """The mix that would have served best in these past weeks (newest first); the base alone where they are too few."""
    if len(past) < MIN_WEEKS or _sums(past) < MIN_SUMS:
        return Blend()
    judging = max(MIN_WEEKS, min(JUDGING_WEEKS, len(past) - LEAN_WEEKS))
    recent, older = past[:judging], past[judging:]
    best = _best(recent, [*map(Blend, WEIGHTS), *_leaning(older)])
    best = replace(best, spreads=tuple(_spread(recent, best, h) for h in range(len(HORIZONS))))
    return replace(best, lean=_lean(past, best.weight)) if best.own else best


def _sums(past: Past) -> int:
    return sum(len(rows.skus) for rows, _ in past)


def _leaning(older: Past) -> list[Blend]:
    """Mixes with a lean learnt from these weeks, where they are enough to learn from."""
    if len(older) < LEAN_WEEKS or _sums(older) < LEAN_SUMS:
        return []
    leans = [(weight, _lean(older, weight)) for weight in LEANT_WEIGHTS]
    return [Blend(weight, own=own, lean=lean) for weight, lean in leans for own in OWNS]


def _lean(past: Past, weight: float) -> Lean:
    """What is left to learn when the model has this weight."""
    return learn_lean([rows for rows, _ in past], [blended(rows, says, Blend(weight))[0] for rows, says in past])


def _best(past: Past, mixes: Sequence[Blend]) -> Blend:
    """The mix with the least loss, if its weekly losses lie below the base's by more than their standard error."""
    losses = np.array([_losses(past, mix) for mix in mixes])
    best = int(np.argmin(losses.mean(axis=1)))
    gains = losses[0] - losses[best]
    error = gains.std(ddof=1) / np.sqrt(len(past))
    return mixes[best] if gains.mean() > error else mixes[0]


def _losses(past: Past, mix: Blend) -> Floats:
    """Each week's quantile loss, mean over the horizons; 0 for a week without sales."""
    found = np.zeros(len(past))
    for h in range(len(HORIZONS)):
        weeks, came, forecast = _judged(past, mix, h)
        missed = np.bincount(weeks, pinball_by_row(came, forecast), len(past))
        sold = np.bincount(weeks, came, len(past))
        found += np.where(sold > 0.0, 2.0 * missed / np.maximum(sold, 1e-9), 0.0)
    return found / len(HORIZONS)


def _judged(past: Past, mix: Blend, h: int) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Over one horizon, all weeks together: which week, what came and what was forecast for it."""
    weeks, came, means, phis = [], [], [], []
    for week, (rows, says) in enumerate(past):
        days, phi = blended(rows, says, mix)
        seen = ~np.isnan(rows.came[:, : HORIZONS[h]])
        mean = np.where(seen, days[:, : HORIZONS[h]], 0.0).sum(axis=1)
        told = mean > 0.0
        weeks.append(np.full(int(told.sum()), week))
        came.append(np.nansum(rows.came[:, : HORIZONS[h]], axis=1)[told])
        means.append(mean[told])
        phis.append(phi[told, h])
    forecast = quantiles(np.concatenate(means), np.concatenate(phis), LEVELS)
    return np.concatenate(weeks), np.concatenate(came), forecast


def _spread(past: Past, mix: Blend, h: int) -> float:
    """The least widening with which the high quantiles covered what they promise."""
    for spread in SPREADS:
        _, came, forecast = _judged(past, replace(mix, spreads=(spread,) * len(HORIZONS)), h)
        if len(came) and (np.asarray(LEVELS) - coverage(came, forecast))[_HIGH].mean() <= ALLOWED_SHORT:
            return spread
    return SPREADS[-1]
