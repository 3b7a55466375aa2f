"""Negative binomial quantiles for many sums at once (numpy), for back-tests and training.

The fast side of `rules.negative_binomial`: means below `LARGE` are walked exactly, all rows together; above it a
Cornish-Fisher expansion (Abramowitz & Stegun 26.2.49) is less than one piece off in hundreds. What a device stores or
decides on uses the exact rule alone.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LARGE = 400.0
_CHUNK = 4096
_STEPS = 8
"""Rows that have reached every level are dropped each so many steps."""


def quantiles(means: Floats, phis: Floats, levels: Sequence[float]) -> Floats:
    """Shape (rows, levels): smallest k with P(D <= k) >= level, D with mean `means` and variance `phis * means`.

    `means` >= 0, `phis` >= 1 (both of one length), `levels` ascending within 0 and 1.
    """
    found = np.zeros((len(means), len(levels)))
    large = means > LARGE
    found[large] = _expanded(means[large], phis[large], levels)
    small = np.flatnonzero(~large & (means > 0.0))
    small = small[np.argsort(means[small] * phis[small])]
    for start in range(0, len(small), _CHUNK):
        rows = small[start : start + _CHUNK]
        found[rows] = _walked(means[rows], phis[rows], np.asarray(levels))
    return found


def _walked(means: Floats, phis: Floats, levels: Floats) -> Floats:
    """Walks k = 0, 1, 2, ... with all rows at once and counts, per level, the steps still below it."""
    thin = np.maximum(phis - 1.0, 1e-9)
    weight = np.exp(-means * np.log1p(thin) / thin)
    total = weight.copy()
    below = np.zeros((len(means), len(levels)))
    rows = np.arange(len(means))
    k = 0
    while len(rows):
        short = total[:, None] < levels - 1e-12
        below[rows] += short
        weight = weight * ((means + k * thin) / ((1.0 + thin) * (k + 1)))
        total = total + weight
        k += 1
        if k % _STEPS == 0 or k < _STEPS:
            left = short[:, -1]
            rows, means, thin, weight, total = rows[left], means[left], thin[left], weight[left], total[left]
    return below


def _expanded(means: Floats, phis: Floats, levels: Sequence[float]) -> Floats:
    """Cornish-Fisher to the third cumulant, rounded up to a whole piece."""
    from statistics import NormalDist  # only great means need it, and it takes long to load

    spread = np.sqrt(means * phis)[:, None]
    skew = ((2.0 * phis - 1.0) / np.sqrt(means * phis))[:, None]
    z = np.array([NormalDist().inv_cdf(level) for level in levels])[None, :]
    guess = means[:, None] + spread * (z + skew * (z * z - 1.0) / 6.0)
    rounded: Floats = np.maximum(np.ceil(guess - 0.5), 0.0)
    return rounded
