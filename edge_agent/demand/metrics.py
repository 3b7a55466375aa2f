"""How good a probabilistic forecast was: weighted quantile loss and coverage."""

from collections.abc import Sequence

import numpy as np

from .quantiles import Floats

LEVELS = (0.1, 0.5, 0.8, 0.9, 0.95, 0.99)
"""The quantiles that are forecast and judged."""


def pinball(actual: Floats, forecast: Floats, levels: Sequence[float] = LEVELS) -> Floats:
    """Summed quantile loss by level; `actual` (rows), `forecast` (rows, levels) -> (levels)."""
    miss = actual[:, None] - forecast
    level = np.asarray(levels)
    loss: Floats = np.maximum(level * miss, (level - 1.0) * miss).sum(axis=0)
    return loss


def pinball_by_row(actual: Floats, forecast: Floats, levels: Sequence[float] = LEVELS) -> Floats:
    """Quantile loss of each row, mean over the levels."""
    miss = actual[:, None] - forecast
    level = np.asarray(levels)
    loss: Floats = np.maximum(level * miss, (level - 1.0) * miss).mean(axis=1)
    return loss


def weighted_quantile_loss(actual: Floats, forecast: Floats, levels: Sequence[float] = LEVELS) -> float:
    """wQL = 2 x sum(pinball) / sum(actual), mean over the levels; NaN where nothing was sold."""
    sold = float(actual.sum())
    return float(2.0 * pinball(actual, forecast, levels).mean() / sold) if sold > 0.0 else float("nan")


def coverage(actual: Floats, forecast: Floats) -> Floats:
    """The share of rows at or below each quantile; (levels)."""
    share: Floats = (actual[:, None] <= forecast).mean(axis=0)
    return share
