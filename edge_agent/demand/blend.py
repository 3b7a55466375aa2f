"""Base, model and the shop's own lean together.

The model says, for the days asked about, a factor on the base's mean and one on its dispersion; the lean the former.
How much of each is taken, stretch by stretch of days ahead, is what they have earned on the shop's own last weeks
(`earning`).
"""

from dataclasses import dataclass

import numpy as np

from .dispersion import MAX_PHI
from .features import KINDS
from .habits import HORIZONS, SEGMENTS, Blend, Part
from .lean import leaning
from .quantiles import Floats
from .rows import Rows

_SEGMENT_KINDS = tuple(KINDS.index(segment) for segment in SEGMENTS)
_HORIZON_KINDS = tuple(KINDS.index((1, horizon)) for horizon in HORIZONS)


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
    moved = [_moved(rows, says, part, segment) for segment, part in enumerate(blend.parts)]
    weights = np.array([part.weight for part in blend.parts])
    phi = rows.phi * says.phis**weights * np.asarray(blend.spreads)
    return rows.base * np.hstack(moved), np.clip(phi, 1.0, MAX_PHI)


def _moved(rows: Rows, says: Corrections, part: Part, segment: int) -> Floats:
    """(skus, days of the stretch): the factor on the base's means."""
    first, last = SEGMENTS[segment]
    factors: Floats = part.level * (1.0 + part.weight * (says.means[:, first - 1 : last] - 1.0))
    return factors * leaning(rows, part.lean, segment)[:, None] ** part.own if part.own else factors
