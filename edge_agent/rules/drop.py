"""How large a drop should be: demand learnt from earlier drops (sold-out ones too) and samples, weighed by the stakes.

    v  = p (1 - r) + r k s - r h          what a sold piece brings, returns counted in
    under = v - c, over = c - s           critical ratio = under / (under + over)
    earlier drops: n sold while a share e of a normal window's demand was seen; Poisson: mean = sum n / sum e
    a Gamma(a, b) prior, dispersion phi:  a + sum n / phi over b + sum e / phi; a new one varies by phi m + a / b^2
    samples: Beta(a, b) conversions of people who can be reached: beta-binomial
Source: Berk, Guerler, Levine, "Bayesian demand updating in the lost sales newsvendor problem" (2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from edge_agent.rules import negative_binomial


@dataclass(frozen=True)
class Stakes:
    """Of a piece in any one unit of money, without VAT: price, landed cost, salvage, cost of handling a return; shares
    of sold pieces that come back, and of those that can be sold again."""

    price: float
    cost: float
    salvage: float = 0.0
    handling: float = 0.0
    returned: float = 0.0
    resellable: float = 0.0

    @property
    def value(self) -> float:
        """What a sold piece brings."""
        again = self.returned * (self.resellable * self.salvage - self.handling)
        return self.price * (1 - self.returned) + again

    @property
    def ratio(self) -> float:
        """The critical ratio: how sure to be that a piece sells before it is made (0 where none earns anything)."""
        under, over = self.value - self.cost, self.cost - self.salvage
        return under / (under + over) if under > 0 else 0.0


@dataclass(frozen=True)
class Demand:
    """What a window may sell: mean and variance, in pieces."""

    mean: float
    variance: float

    def __add__(self, other: "Demand") -> "Demand":
        return Demand(self.mean + other.mean, self.variance + other.variance)

    @property
    def phi(self) -> float:
        """Its dispersion, as far as it can be counted with."""
        return min(negative_binomial.MAX_PHI, max(1.0, self.variance / self.mean))

    def size(self, ratio: float) -> int:
        """Pieces to have: the quantile of the negative binomial with this mean and variance."""
        return negative_binomial.quantile(self.mean, self.phi, ratio)

    def sells_out(self, pieces: int) -> float:
        """The chance that more is wanted."""
        return negative_binomial.running_out(pieces, self.mean, self.phi)

    def left_over(self, pieces: int) -> float:
        """Pieces expected to be left."""
        short = negative_binomial.expected_over(pieces, self.mean, self.phi)
        return pieces - self.mean + short


@dataclass(frozen=True)
class Past:
    """An earlier drop: pieces sold, and the share of a normal window's demand that was seen while there were any."""

    sold: int
    exposure: float


@dataclass(frozen=True)
class Gamma:
    """What is believed of a window's mean: a / b, with standard deviation sqrt(a) / b."""

    a: float
    b: float


def normal_size(mean: float, deviation: float, ratio: float) -> float:
    """The size where demand is taken to be normal."""
    return NormalDist(mean, deviation).inv_cdf(ratio)


def likeliest(past: Sequence[Past]) -> float:
    """The mean of a whole window that past drops speak for most, if demand is Poisson; 0 with nothing seen."""
    seen = sum(one.exposure for one in past)
    return sum(one.sold for one in past) / seen if seen else 0.0


def believed(prior: Gamma, past: Sequence[Past], phi: float = 1.0) -> Gamma:
    """The belief after past drops; demand that varies more than by chance (`phi`) counts for less."""
    return Gamma(
        prior.a + sum(one.sold for one in past) / phi,
        prior.b + sum(one.exposure for one in past) / phi,
    )


def expected(belief: Gamma, phi: float = 1.0) -> Demand:
    """What a new window may sell."""
    mean = belief.a / belief.b
    return Demand(mean, phi * mean + belief.a / belief.b**2)


def from_samples(converted: float, not_converted: float, reachable: int) -> Demand:
    """Sales to `reachable` people of whom samples convert by Beta(converted, not_converted)."""
    total = converted + not_converted
    share = converted / total
    spread = reachable * share * (1 - share) * (total + reachable) / (total + 1)
    return Demand(reachable * share, spread)


def converted_quantile(converted: float, not_converted: float, reachable: int, level: float) -> int:
    """The quantile of the same, by the recursion of the beta-binomial."""
    weights = [1.0]
    for k in range(reachable):
        step = (reachable - k) * (k + converted) / ((k + 1) * (not_converted + reachable - k - 1))
        weights.append(weights[-1] * step)
    wanted, seen = level * sum(weights), 0.0
    for k, weight in enumerate(weights):
        seen += weight
        if seen >= wanted:
            return k
    return reachable


def guessed(low: float, likely: float, high: float) -> Gamma:
    """The prior of an owner who names a low, a likely and a high number: one time in ten below, one in ten above."""
    deviation = max((high - low) / (2 * NormalDist().inv_cdf(0.9)), 1e-6)
    return Gamma((likely / deviation) ** 2, likely / deviation**2)


def shares(past: Sequence[Past], prior: float) -> list[float]:
    """The share of each variant; `prior` pieces are spread evenly, so that nothing is ever written off."""
    adjusted = [one.sold / one.exposure + prior / len(past) for one in past]
    return [each / sum(adjusted) for each in adjusted]


def split(pieces: int, parts: Sequence[float]) -> list[int]:
    """Pieces shared out by largest remainder; of equals the first."""
    exact = [pieces * part / sum(parts) for part in parts]
    whole = [int(each) for each in exact]
    order = sorted(range(len(parts)), key=lambda i: (whole[i] - exact[i], i))
    for i in order[: pieces - sum(whole)]:
        whole[i] += 1
    return whole


def deviation(demand: Demand) -> float:
    """The standard deviation."""
    return sqrt(demand.variance)
