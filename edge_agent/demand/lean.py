"""The shop's own lean: how its sales usually stray from the base, learnt on the device from its last weeks.

A small regression (Poisson, with a ridge that draws it to nothing) of what came against what was said, on logarithms of
recent sales over the base's, each also in proportion to how much the SKU sells. One for each stretch of days ahead.
"""

from collections.abc import Sequence

import numpy as np

from .features import COMMON, KINDS, NAMES, Floats
from .habits import SEGMENTS
from .rows import Rows

RIDGE = 100.0
FURTHEST = 1.0
"""A lean moves the mean by no more than a factor of e."""
_STEPS = 6
_BY_LEVEL = 0.3
_INTERCEPT = 0.03
_READ = tuple(
    place
    for place, name in enumerate(NAMES)
    if name.startswith(("sold_", "same_days_")) or (name.startswith("level_") and name in COMMON)
)
_NOT_READ = NAMES.index("same_days_zero")
_LEVEL = NAMES.index("level")
_KINDS = tuple(KINDS.index(segment) for segment in SEGMENTS)


def leaning(rows: Rows, lean: Sequence[float], segment: int) -> Floats:
    """(skus): the factor on the daily means of one stretch of days, before it is weighed."""
    factors: Floats = np.exp(np.clip(_terms(rows, segment) @ np.asarray(lean), -FURTHEST, FURTHEST))
    return factors


def _terms(rows: Rows, segment: int) -> Floats:
    """(skus, terms)."""
    skus = len(rows.skus)
    asked = rows.features[_KINDS[segment] * skus : (_KINDS[segment] + 1) * skus]
    read = np.nan_to_num(asked[:, [place for place in _READ if place != _NOT_READ]])
    level = np.clip(np.nan_to_num(asked[:, _LEVEL : _LEVEL + 1]), -4.0, 4.0)
    return np.hstack([read, read * level * _BY_LEVEL, np.full((skus, 1), _INTERCEPT)])


def learn_lean(past: Sequence[Rows], means: Sequence[Floats], segment: int) -> tuple[float, ...]:
    """From past weeks and what was said of them (skus, 7) daily means."""
    terms, said, came, worth = _lessons(past, means, segment)
    found = np.zeros(terms.shape[1])
    for _ in range(_STEPS):
        now = said * np.exp(np.clip(terms @ found, -1.5 * FURTHEST, 1.5 * FURTHEST))
        slope = terms.T @ (worth * (came - now)) - RIDGE * found
        bend = (terms * (worth * now)[:, None]).T @ terms + RIDGE * np.eye(len(found))
        found = found + np.linalg.solve(bend, slope)
    return tuple(float(one) for one in found)


def _lessons(past: Sequence[Rows], means: Sequence[Floats], segment: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Terms, what was said, what came and what a row is worth, of the days that say something."""
    first, last = SEGMENTS[segment]
    parts = []
    for rows, days in zip(past, means, strict=True):
        came = rows.came[:, first - 1 : last]
        said = (days[:, first - 1 : last] * ~np.isnan(came)).sum(axis=1)
        told = said > 1e-6
        worth = 1.0 / rows.phi[told, segment]
        parts.append((_terms(rows, segment)[told], said[told], np.nansum(came, axis=1)[told], worth))
    terms, said, came, worth = (np.concatenate(column) for column in zip(*parts, strict=True))
    return terms, said, came, worth
