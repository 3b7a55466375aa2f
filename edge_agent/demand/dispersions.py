"""The fast side of `dispersion` (numpy): the same curve and the same phi for all SKUs at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .dispersion import CLASSES, MAX_PHI, ONE_PIECE, PRIOR_SUMS, UNKNOWN_PHI, Misses, curve

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """`dispersion.Misses` of many SKUs: squared misses, forecast means, how many sums; each (skus)."""

    squares: Floats
    means: Floats
    sums: Floats

    def of(self, rows: NDArray[np.intp]) -> "Spread":
        """Only these SKUs."""
        return Spread(self.squares[rows], self.means[rows], self.sums[rows])

    def __add__(self, other: "Spread") -> "Spread":
        return Spread(self.squares + other.squares, self.means + other.means, self.sums + other.sums)


def from_days(squares: Floats, means: Floats, days: Floats, weight: float, horizon: int) -> Spread:
    """`dispersion.from_days` of many SKUs."""
    told = np.where(days >= 2.0, weight, 0.0)
    variance = told * squares / np.maximum(days - 1.0, 1.0)
    return Spread(variance * (days + horizon), told * means, told * days / horizon)


def curve_of(observed: Spread, otherwise: float = UNKNOWN_PHI) -> Floats:
    """(CLASSES) the shop's dispersion by volume class."""
    rows = zip(observed.squares.tolist(), observed.means.tolist(), observed.sums.tolist(), strict=True)
    return np.array(curve((Misses(*row) for row in rows), otherwise))


def volume_classes(means: Floats) -> NDArray[np.intp]:
    """`dispersion.volume_class` of many means."""
    with np.errstate(divide="ignore"):
        powers = np.floor(np.log2(means)) + ONE_PIECE
    classes: NDArray[np.intp] = np.clip(np.nan_to_num(powers, neginf=0.0), 0, CLASSES - 1).astype(np.intp)
    return classes


def dispersions(own: Spread, shop: Floats, means: Floats) -> Floats:
    """phi of sums with these means (skus), in 1 .. MAX_PHI."""
    prior = PRIOR_SUMS * np.maximum(means, own.means / np.maximum(own.sums, 1.0))
    phi = (own.squares + prior * shop[volume_classes(means)]) / np.maximum(own.means + prior, 1e-300)
    return np.where(means > 0.0, np.clip(phi, 1.0, MAX_PHI), 1.0)
