"""Goods that outlive the interval and yet spoil: packs only as far as the last one earns more than its waste costs."""

from dataclasses import dataclass

from edge_agent.rules.packs import WHOLE, Odds, Stakes, gain


@dataclass(frozen=True)
class Spoiling:
    """Goods that may spoil unsold: `life` is the demand from now until then, `own` that while they are there; `cost` of
    a spoilt piece in thousandths of a minor unit."""

    life: Odds
    own: Odds
    cost: int

    def costs(self, position: int, quantity: int) -> float:
        """What of `quantity`, added to `position`, is expected to spoil."""
        return self.cost * (self.life.left(position + quantity) - self.life.left(position))

    def pays(self, stakes: Stakes, quantity: int) -> bool:
        """Whether a quantity on an empty shelf earns more in its life than its waste costs."""
        spoilt = self.own.left(quantity)
        return stakes.under * (quantity / WHOLE - spoilt) > self.cost * spoilt


@dataclass(frozen=True)
class Shelf:
    """`position` in milli-units, the `floor` (basis points) that the owner asks for at least, and whether nothing is
    expected to be left when the order comes."""

    position: int
    floor: int
    empty: bool


def worth(odds: Odds, stakes: Stakes, spoiling: Spoiling, shelf: Shelf, pack: int, packs: int) -> int:
    """At most `packs`, never fewer than the floor asks for: as many as still earn more than the waste that they bring.

    Of one pack for an empty shelf the whole life counts: if it waited, the next delivery would be asked the same
    question, and an item that sells slowly out of large packs would never be there.
    """

    position = shelf.position
    least = -(-max(0, WHOLE * odds.level(shelf.floor) - position) // pack)

    def earns(number: int) -> float:
        return gain(odds, stakes, position, number * pack) - spoiling.costs(position, number * pack)

    while packs > least and earns(packs - 1) >= earns(packs):
        if packs == 1 and shelf.empty and spoiling.pays(stakes, pack):
            break
        packs -= 1
    return packs
