"""How far sales stray from a forecast: the factor `phi` (variance = phi x mean), learned from its own past misses.

A SKU's few misses are shrunk to a curve of its shop: what SKUs of about the same volume have shown. The same function
gives any forecast without an interval of its own its negative binomial quantiles, so that rivals are judged fairly.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log2

CLASSES = 17
MAX_PHI = 300.0
PRIOR_SUMS = 4.0
"""The shop's curve counts as much as this many observed sums of the SKU."""
CURVE_PRIOR_SUMS = 10.0
"""In the curve, the mean over all volumes counts as much as this many sums."""
UNKNOWN_PHI = 1.5
ONE_PIECE = 4
"""The volume class of a mean of one piece."""


@dataclass(frozen=True)
class Misses:
    """Past sums of one horizon against their forecasts: squared misses, forecast means (both summed), how many sums."""

    squares: float = 0.0
    means: float = 0.0
    sums: float = 0.0

    def __add__(self, other: "Misses") -> "Misses":
        return Misses(self.squares + other.squares, self.means + other.means, self.sums + other.sums)


def from_days(squares: float, means: float, days: int, weight: float, horizon: int) -> Misses:
    """What single days tell of sums over `horizon` days: their variance, and that of the mean that they gave.

    `squares` and `means` are summed over the `days` on which an item was there. The sum of h days strays from h times
    the mean of n by h s^2 + h^2 s^2 / n, where s^2 = squares / (n - 1).
    """
    if days < 2:
        return Misses()
    variance = weight * squares / (days - 1)
    return Misses(variance * (days + horizon), weight * means, weight * days / horizon)


def misses(pairs: Iterable[tuple[float, float]]) -> Misses:
    """Gathers (actual, forecast mean) pairs, in pieces."""
    squares = means = 0.0
    count = 0
    for actual, mean in pairs:
        squares += (actual - mean) * (actual - mean)
        means += mean
        count += 1
    return Misses(squares, means, count)


def volume_class(mean: float) -> int:
    """0 .. CLASSES - 1: powers of two of the mean of one sum, from under 1/8 piece to 4,096 and above."""
    return min(CLASSES - 1, max(0, floor(log2(mean)) + ONE_PIECE)) if mean > 0.0 else 0


def curve(observed: Iterable[Misses], otherwise: float = UNKNOWN_PHI) -> tuple[float, ...]:
    """The shop's dispersion by volume class: its own and its neighbours' misses pooled, all of them where empty.

    `otherwise` is what is taken for the whole of a shop that has shown nothing."""
    squares, means = [0.0] * CLASSES, [0.0] * CLASSES
    for one in observed:
        if one.sums:
            volume = volume_class(one.means / one.sums)
            squares[volume] += one.squares
            means[volume] += one.means
    overall = sum(squares) / sum(means) if sum(means) > 0.0 else otherwise
    return tuple(_clipped(_pooled(squares, means, volume, overall)) for volume in range(CLASSES))


def _pooled(squares: Sequence[float], means: Sequence[float], volume: int, overall: float) -> float:
    near = slice(max(0, volume - 1), volume + 2)
    prior = CURVE_PRIOR_SUMS * 2.0 ** (volume - ONE_PIECE)
    return (sum(squares[near]) + prior * overall) / (sum(means[near]) + prior)


def dispersion(own: Misses, shop: Sequence[float], mean: float) -> float:
    """phi for a sum with this mean, in 1 .. MAX_PHI: the SKU's own misses, shrunk to its shop's curve."""
    if mean <= 0.0:
        return 1.0
    prior = PRIOR_SUMS * max(mean, own.means / own.sums if own.sums else 0.0)
    usual = shop[volume_class(mean)]
    return _clipped((own.squares + prior * usual) / (own.means + prior))


def _clipped(phi: float) -> float:
    return min(MAX_PHI, max(1.0, phi))
