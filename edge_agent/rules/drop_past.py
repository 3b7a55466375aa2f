"""What a shop's drops have taught it: how much of each item a window wants, and how far drops stray from that.

Older drops fade. A drop's stray is (sold - expected of the share it saw)^2 over that expectation; an item's few strays
are shrunk to what items of about the same volume showed, and that is the dispersion which tempers what a drop says.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log2

from edge_agent.rules.drop import Demand, Gamma, Past, believed, expected

FADES, STRAYS_FADE = 0.8, 0.97
"""What a drop still counts for, by each later drop of its item."""
OWN_DROPS = 4.0
"""The shop's strays count as much as so many drops of the item."""
ALL_DROPS = 10.0
"""Among items of a volume, all of the shop's strays count as much as so many drops."""
UNKNOWN = 2.5
"""The dispersion of a shop that had no drop yet."""
MOST = 900.0
RETURNS_PRIOR = (1, 19)
"""One in twenty comes back until more is known."""


@dataclass(frozen=True)
class Strays:
    """Squared misses and the means they belong to, both summed."""

    squares: float = 0.0
    means: float = 0.0

    def __add__(self, other: "Strays") -> "Strays":
        return Strays(self.squares + other.squares, self.means + other.means)

    def shrunk(self, usual: float, means: float) -> float:
        """Their dispersion, when `usual` counts as much as strays of so many means."""
        return (self.squares + usual * means) / (self.means + means)


@dataclass(frozen=True)
class Item:
    """What is believed of an item's window, and how far its drops strayed."""

    belief: Gamma
    strays: Strays = Strays()

    @property
    def mean(self) -> float:
        """Pieces that a window is believed to want."""
        return self.belief.a / self.belief.b

    @property
    def volume(self) -> int:
        """Items of a volume want about the same: powers of two of the mean."""
        return round(log2(max(self.mean, 0.25)))

    def after(self, past: Past, phi: float) -> "Item":
        """With one more drop."""
        mean = self.mean * past.exposure
        faded = Gamma(self.belief.a * FADES, self.belief.b * FADES)
        old = Strays(self.strays.squares * STRAYS_FADE, self.strays.means * STRAYS_FADE)
        return Item(believed(faded, [past], phi), old + Strays((past.sold - mean) ** 2, mean))


@dataclass(frozen=True)
class Usual:
    """How far the shop's drops stray, by the volume of their items."""

    by_volume: Mapping[int, Strays] = field(default_factory=dict)

    def phi(self, item: Item) -> float:
        """The dispersion to count with for this item, 1 (Poisson) and more."""
        near = sum((self.by_volume.get(item.volume + step, Strays()) for step in (-1, 0, 1)), Strays())
        every = sum(self.by_volume.values(), Strays())
        if not every.means:
            return UNKNOWN
        usual = near.shrunk(every.squares / every.means, ALL_DROPS * max(item.mean, 0.25))
        return min(MOST, max(1.0, item.strays.shrunk(usual, OWN_DROPS * max(item.mean, 0.25))))

    def demand(self, item: Item) -> Demand:
        """What a new window of this item may sell."""
        return expected(item.belief, self.phi(item))


def usual(items: Iterable[Item]) -> Usual:
    """From every item that had a drop."""
    found: dict[int, Strays] = defaultdict(Strays)
    for item in items:
        if item.strays.means:
            found[item.volume] += item.strays
    return Usual(dict(found))


def learnt(drops: Iterable[tuple[str, Past]], priors: Mapping[str, Gamma]) -> dict[str, Item]:
    """Every item with a prior after the shop's drops, in the order in which they closed."""
    items = {name: Item(prior) for name, prior in priors.items()}
    for name, past in drops:
        if name in items:
            items[name] = items[name].after(past, usual(items.values()).phi(items[name]))
    return items


def returned(sold: int, back: int) -> float:
    """The share of sold pieces that come back, of which `back` of `sold` were seen."""
    came, stayed = RETURNS_PRIOR
    return (back + came) / (sold + came + stayed)
