"""The negative binomial with variance `phi x mean`: probabilities, quantiles and expected lost sales of whole pieces.

Neighbouring probabilities obey p(k+1) / p(k) = (mean + k (phi - 1)) / (phi (k + 1)), which holds at phi = 1 (Poisson)
as well; a table is built outwards from the mode and normalised, so nothing underflows and no gamma function is needed.
Source of the distribution: Johnson, Kemp, Kotz, "Univariate Discrete Distributions", chapter 5.
"""

from array import array
from dataclasses import dataclass
from functools import lru_cache

MAX_PHI = 1_000.0
"""Larger dispersions are refused: a table would take seconds."""
MAX_MEAN = 1_000_000.0
_DUST = 1e-17


def quantile(mean: float, phi: float, level: float) -> int:
    """The smallest k with P(D <= k) >= level, in pieces; `level` within 0 (included) and 1 (not)."""
    if not 0.0 <= level < 1.0:
        raise ValueError(f"a level lies within 0 and 1, not {level}")
    return _table(mean, phi).quantile(level)


def cdf(k: int, mean: float, phi: float) -> float:
    """P(D <= k); 0 for a negative k."""
    return 1.0 - _table(mean, phi).over_probability(k)


def expected_over(k: int, mean: float, phi: float) -> float:
    """E[max(D - k, 0)] in pieces: the sales lost with k pieces to sell (`mean - k` for a negative k)."""
    return _table(mean, phi).expected_over(k)


def running_out(k: int, mean: float, phi: float) -> float:
    """P(D > k): the chance that k pieces are not enough."""
    return _table(mean, phi).over_probability(k)


@dataclass(frozen=True)
class _Table:
    """`over[i]` = P(D > low + i) and `lost[i]` = E[max(D - low - i, 0)]; all mass outside the table is dust."""

    mean: float
    low: int
    over: "array[float]"
    lost: "array[float]"

    def over_probability(self, k: int) -> float:
        i = k - self.low
        if i < 0:
            return 1.0
        return self.over[i] if i < len(self.over) else 0.0

    def expected_over(self, k: int) -> float:
        i = k - self.low
        if i < 0:
            return self.mean - k
        return self.lost[i] if i < len(self.lost) else 0.0

    def quantile(self, level: float) -> int:
        allowed = 1.0 - level + 1e-12
        first, last = 0, len(self.over) - 1
        while first < last:
            middle = (first + last) // 2
            if self.over[middle] <= allowed:
                last = middle
            else:
                first = middle + 1
        return self.low + first


@lru_cache(maxsize=64)
def _table(mean: float, phi: float) -> _Table:
    if not 0.0 <= mean <= MAX_MEAN:
        raise ValueError(f"a mean lies within 0 and {MAX_MEAN:.0f} pieces, not {mean}")
    if not 1.0 <= phi <= MAX_PHI:
        raise ValueError(f"phi lies within 1 and {MAX_PHI:.0f}, not {phi}")
    mode = max(0, int(mean - phi + 1.0))
    below = _weights_below(mode, mean, phi)
    weights = [*below[::-1], 1.0, *_weights_above(mode, mean, phi)]
    return _summed_from_the_right(mean, mode - len(below), weights)


def _weights_below(mode: int, mean: float, phi: float) -> list[float]:
    """Weights of mode - 1, mode - 2, ... relative to the mode's, until they are dust."""
    weights: list[float] = []
    weight, k = 1.0, mode
    while k > 0 and weight > _DUST:
        k -= 1
        weight *= phi * (k + 1) / (mean + k * (phi - 1.0))
        weights.append(weight)
    return weights


def _weights_above(mode: int, mean: float, phi: float) -> list[float]:
    """Weights of mode + 1, mode + 2, ... relative to the mode's, until even their whole tail is dust."""
    weights: list[float] = []
    weight, k, thin = 1.0, mode, phi - 1.0
    while weight * phi > _DUST:
        weight *= (mean + k * thin) / (phi * (k + 1))
        weights.append(weight)
        k += 1
    return weights


def _summed_from_the_right(mean: float, low: int, weights: list[float]) -> _Table:
    """Sums from the far tail inwards, so that a small probability keeps all its digits."""
    total = sum(weights)
    over, lost = (
        array("d", bytes(8 * len(weights))),
        array("d", bytes(8 * len(weights))),
    )
    tail = expected = 0.0
    for i in range(len(weights) - 1, -1, -1):
        expected += tail
        over[i], lost[i] = tail, expected
        tail += weights[i] / total
    return _Table(mean, low, over, lost)
