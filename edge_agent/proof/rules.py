"""The rules that order: what shops use today, our own (`rules.reorder.decide`), and one that knows the future."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import fmean, pstdev

from edge_agent.proof.shelf import Shelf
from edge_agent.proof.world import ZONE, Good, World
from edge_agent.rules.day import DAY_MS, moment
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.reorder import Decision, Incoming, Lot, Moment, Snapshot, decide

WINDOW = 28


@dataclass(frozen=True)
class Sight:
    """What a rule may look at when it decides one SKU."""

    sku: str
    good: Good
    at: Moment
    shelf: Shelf
    coming: Sequence[tuple[int, int]]
    """(due at, pieces)."""
    recent: Sequence[int]
    """Pieces sold on each of the last WINDOW days."""
    first_recent: float
    """Mean a day over the WINDOW days before the run: what a fixed rule was set from."""
    forecast: Forecast | None
    future: Callable[[int, int], int]
    """Pieces wanted in [from, to), UTC ms: for the one that knows."""

    @property
    def position(self) -> int:
        return self.shelf.pieces + sum(pieces for due, pieces in self.coming if due < self.at.next_arrives_at)

    @property
    def days(self) -> float:
        """Until the order after this one arrives."""
        return (self.at.next_arrives_at - self.at.now) / DAY_MS

    def up_to(self, level: float) -> int:
        """Packs, rounded up, to bring the position to a level."""
        short = ceil(level - 1e-9) - self.position
        return -(-short // self.good.pack) if short > 0 else 0


@dataclass(frozen=True)
class Rule:
    """A way to order: packs for what it sees, at one value of its parameter; `values` are those to choose from."""

    name: str
    values: tuple[float, ...]
    packs: Callable[[World, Sight, float], int]
    sees: str = ""
    """`base` or `ours` where it goes by a forecast."""


def _min_max(_: World, sight: Sight, times: float) -> int:
    most = times * sight.first_recent * sight.days
    return sight.up_to(most) if sight.position <= most / 2 else 0


def _cover(_: World, sight: Sight, times: float) -> int:
    return sight.up_to(times * fmean(sight.recent) * sight.days)


def _normal(_: World, sight: Sight, z: float) -> int:
    return sight.up_to(fmean(sight.recent) * sight.days + z * pstdev(sight.recent) * sqrt(sight.days))


def _clairvoyant(_: World, sight: Sight, __: float) -> int:
    return sight.up_to(sight.future(sight.at.now, sight.at.next_arrives_at))


def decided(world: World, sight: Sight, floor: float) -> Decision | None:
    """The product's own decision; None for what has no forecast."""
    if sight.forecast is None:
        return None
    lots = tuple(Lot(moment(lot.last_day + 1, 0, ZONE), 1000 * lot.pieces) for lot in sight.shelf.lots if lot.last_day)
    snapshot = Snapshot(
        sku=sight.sku,
        on_hand=1000 * sight.shelf.pieces,
        counted=True,
        terms=sight.good.terms,
        incoming=tuple(Incoming("", due, 1000 * pieces) for due, pieces in sight.coming),
        lots=lots,
    )
    return decide(snapshot, world.policy(round(floor)), sight.forecast, sight.at, table=4)


def _decided(world: World, sight: Sight, floor: float) -> int:
    one = decided(world, sight, floor)
    return one.packs if one else 0


MULTIPLES = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
FLOORS = (1, 8_000, 9_000, 9_500)
"""The owner's least chance not to run out, in basis points: 1 leaves it to what is earned and lost."""
MIN_MAX = Rule("fixed min/max", MULTIPLES, _min_max)
COVER = Rule("days of cover", MULTIPLES, _cover)
NORMAL = Rule("normal safety stock", (-0.5, -0.25, 0.0, 0.25, 0.5, 0.84, 1.28, 1.65, 2.05, 2.33), _normal)
BASE = Rule("the base", FLOORS, _decided, "base")
OURS = Rule("ours", FLOORS, _decided, "ours")
CLAIRVOYANT = Rule("clairvoyant", (0.0,), _clairvoyant)
RULES = (MIN_MAX, COVER, NORMAL, BASE, OURS, CLAIRVOYANT)
