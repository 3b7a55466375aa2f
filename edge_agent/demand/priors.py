"""What other shops foretell of one that has shown little yet: by price, by the words of a category, how sums stray.

Nothing absolute is told of a shop that has sold: it is its own items' mean that is moved. The more of its items have
shown themselves, the less this counts (`elders`); a shop that is four weeks old hardly hears it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, log
from typing import Any

from .kin import Kin

PRICE_BOUND = 4.0
"""Beyond so many times the middle price, and below that part of it, nothing more is told."""


@dataclass(frozen=True)
class Priors:
    """As learnt from the training shops; the neutral ones say nothing.

    `steeper` (often, size): the powers of price over the shop's middle price. `groups`: by word of a category, factors
    on (often, size). `phi`: a sum's dispersion by horizon, before any was seen.
    """

    steeper: tuple[float, float] = (0.0, 0.0)
    groups: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    phi: tuple[float, ...] = (1.5, 1.5, 1.5)

    def by_price(self, usual: Kin, price: float, middle: float) -> Kin:
        """What an item of this price sells where `usual` is sold at the `middle` price (0: unknown)."""
        if price <= 0.0 or middle <= 0.0:
            return usual
        far = log(min(PRICE_BOUND, max(1.0 / PRICE_BOUND, price / middle)))
        often, size = (exp(power * far) for power in self.steeper)
        return Kin(min(1.0, usual.often * often), usual.size * size)

    def by_words(self, said: frozenset[str]) -> tuple[float, float]:
        """The factors on (often, size) of a category with these words: the geometric mean of those that are known."""
        known = [self.groups[word] for word in sorted(said) if word in self.groups]
        if not known:
            return 1.0, 1.0
        often, size = (exp(sum(log(one[place]) for one in known) / len(known)) for place in range(2))
        return often, size

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        groups = {word: list(both) for word, both in self.groups.items()}
        return {"steeper": list(self.steeper), "groups": groups, "phi": list(self.phi)}


def priors_from(plain: Mapping[str, Any]) -> Priors:
    """The inverse of `Priors.plain`; KeyError, TypeError or ValueError for what is none."""
    often, size = plain["steeper"]
    groups = {str(word): (float(both[0]), float(both[1])) for word, both in plain["groups"].items()}
    first, second, third = plain["phi"]
    return Priors((float(often), float(size)), groups, (float(first), float(second), float(third)))


NEUTRAL = Priors()
