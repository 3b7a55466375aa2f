"""A bundle: one code and one price for several goods; stock, demand and tax are those of its components.

Its price is split by what each component costs by itself; what comes off it is split by what is left of each. Parts are
whole minor units by largest remainder, so that they always sum to what the bundle cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge_agent.rules.money import line_total
from edge_agent.rules.tax import allocate

PIECE = 1_000


@dataclass(frozen=True)
class Component:
    """`qty` milli-units of a SKU in one bundle; `price` is what a piece costs by itself, with a `deposit` on top."""

    sku: str
    name: str
    price: int
    rate: int
    qty: int
    limited: bool = False
    deposit: int = 0

    @property
    def worth(self) -> int:
        return line_total(self.price, self.qty)


@dataclass(frozen=True)
class Share:
    """What of a bundle is one component's, in minor units: of its goods, and of each cut."""

    goods: int
    cuts: tuple[int, ...] = ()

    @property
    def left(self) -> int:
        return self.goods - sum(self.cuts)


def shares(goods: int, cuts: Sequence[int], parts: Sequence[Component]) -> list[Share]:
    """The shares of the components; components without a price of their own are worth the same."""
    worth = [part.worth for part in parts]
    found = [Share(one) for one in allocate(goods, worth if any(worth) else [1] * len(parts))]
    for cut in cuts:
        taken = allocate(cut, [one.left for one in found])
        found = [Share(one.goods, (*one.cuts, off)) for one, off in zip(found, taken, strict=True)]
    return found
