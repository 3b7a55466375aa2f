"""How many packs: the number that earns most among whole packs, and the table of what each other number would do."""

from dataclasses import dataclass

from edge_agent.rules import negative_binomial

WHOLE = 1000
TENTHS_OF_MILLE = 10_000


@dataclass(frozen=True)
class Odds:
    """Demand summed over an interval: mean in milli-units, variance = mean x phi (both x 1000), negative binomial."""

    mean: int
    phi_milli: int

    def level(self, basis_points: int) -> int:
        """The least number of pieces that is enough with that probability."""
        mean, phi = self._floats()
        return negative_binomial.quantile(mean, phi, basis_points / TENTHS_OF_MILLE)

    def out(self, position: int) -> int:
        """Chance that demand exceeds `position` milli-units, in basis points."""
        mean, phi = self._floats()
        return round(TENTHS_OF_MILLE * negative_binomial.running_out(position // WHOLE, mean, phi))

    def left(self, position: int) -> float:
        """E[max(position - D, 0)] in pieces; exact between whole pieces too, since demand comes in whole ones."""
        mean, phi = self._floats()
        if position <= 0:
            return 0.0
        whole, rest = divmod(position, WHOLE)
        low = whole - mean + negative_binomial.expected_over(whole, mean, phi)
        if rest == 0:
            return max(0.0, low)
        high = whole + 1 - mean + negative_binomial.expected_over(whole + 1, mean, phi)
        return max(0.0, low + (high - low) * rest / WHOLE)

    def _floats(self) -> tuple[float, float]:
        mean = min(self.mean / WHOLE, negative_binomial.MAX_MEAN)
        return max(0.0, mean), min(max(1.0, self.phi_milli / 1000), negative_binomial.MAX_PHI)


@dataclass(frozen=True)
class Stakes:
    """What one piece too few (`under`) or too many (`over`) costs, in thousandths of a minor unit."""

    under: int
    over: int


def gain(odds: Odds, stakes: Stakes, position: int, quantity: int) -> float:
    """Expected profit of adding `quantity` to `position` (milli-units), in thousandths of a minor unit.

    The newsvendor's profit is G(y) = under x E[min(D, y)] - over x E[max(y - D, 0)];
    the gain is G(position + quantity) - G(position).
    """
    more_left = odds.left(position + quantity) - odds.left(position)
    return stakes.under * quantity / WHOLE - (stakes.under + stakes.over) * more_left


def best(odds: Odds, stakes: Stakes, position: int, pack: int, candidates: list[int]) -> int:
    """The candidate (a number of packs) with the greatest expected profit; of equals, the fewest packs."""
    ranked = sorted(set(candidates))
    return max(ranked, key=lambda packs: (gain(odds, stakes, position, packs * pack), -packs))


def wasted(life: Odds | None, position: int, quantity: int) -> int:
    """Milli-units of `quantity` expected to spoil unsold within `life` (None: it doesn't spoil)."""
    if life is None:
        return 0
    return max(0, round(WHOLE * (life.left(position + quantity) - life.left(position))))


def within_waste(life: Odds | None, position: int, pack: int, packs: int, cap: int) -> int:
    """At most `packs`, the most of which no more than `cap` basis points of the quantity is expected to spoil."""
    while packs > 0 and wasted(life, position, packs * pack) * TENTHS_OF_MILLE > cap * packs * pack:
        packs -= 1
    return packs


@dataclass(frozen=True)
class WhatIf:
    """What a number of packs would mean: cost (minor units), chance to run out (basis points), waste (milli-units)."""

    packs: int
    cost: int
    out: int
    waste: int


def rows(first: int, count: int) -> list[int]:
    """The numbers of packs in a table of `count` rows: none at all, then `first` and up."""
    return [0, *range(first, first + count - 1)]


def window(packs: int, most: int) -> tuple[int, int]:
    """(first, count) of the what-if table around `packs`, in at most `most` (>= 4) rows."""
    if packs + 2 < most:
        return 1, max(4, packs + 3)
    return max(1, packs - (most - 1) // 2), most
