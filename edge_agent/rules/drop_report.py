"""What a drop came to, from what every journal closed it with: sold, sold out when, wanted, left, earned, next size.

    exposure = the share of the window's demand seen until the last piece went;  wanted = sold / exposure
A drop is weighed as a whole (its parts share demand); a part that sold out early gets its share back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge_agent.rules.cohort import Sampled
from edge_agent.rules.creators import share_on
from edge_agent.rules.day import DAY_MS
from edge_agent.rules.drop import Demand, Gamma, Past, Stakes, guessed, shares
from edge_agent.rules.drop_past import learnt, returned, usual
from edge_agent.rules.drop_sizes import Candidate, candidates, mixed
from edge_agent.rules.exposure import Curve
from edge_agent.rules.money import divided
from edge_agent.rules.tax import tax_in
from edge_agent.wire.events.catalogue import ItemSet
from edge_agent.wire.events.drops import DropClosed, DropPart, DropSet

PIECE = 1_000
MINUTE_MS = 60_000
ALL = 10_000
NO_SAMPLES = Sampled()
EPOCH_DAY = 719_163
"""The ordinal of 1 January 1970."""
SHARE_PRIOR = 10.0
"""Pieces that are spread evenly over the parts, so that none is ever written off."""


@dataclass(frozen=True)
class Part:
    """A variant in the report, in pieces and minor units: `out_at` is when its last piece went (0: some are left)."""

    sku: str
    had: int
    sold: int
    back: int
    left: int
    out_at: int
    exposure: float
    profit: int

    @property
    def wanted(self) -> int:
        """Pieces that the whole window would have taken."""
        return round(self.sold / self.exposure)


@dataclass(frozen=True)
class Report:
    """A drop that is over. `out_at` is when its last piece of all went (0: some are left)."""

    drop: DropSet
    parts: tuple[Part, ...]
    exposure: float

    @property
    def sold(self) -> int:
        return sum(part.sold for part in self.parts)

    @property
    def left(self) -> int:
        return sum(part.left for part in self.parts)

    @property
    def out_at(self) -> int:
        return max(part.out_at for part in self.parts) if all(part.out_at for part in self.parts) else 0

    @property
    def wanted(self) -> int:
        """Pieces that the whole window would have taken, each part by what it saw."""
        return sum(part.wanted for part in self.parts)

    @property
    def profit(self) -> int:
        return sum(part.profit for part in self.parts)

    @property
    def past(self) -> Past:
        """What the next size learns from it."""
        return Past(self.sold, self.exposure)


def report(drop: DropSet, closings: Sequence[DropClosed], items: Mapping[str, ItemSet]) -> Report:
    """Add up what the journals say; `items` of the drop's parts."""
    hours = curve_of(drop, closings)
    parts = tuple(_part(drop, part, closings, hours, items[part.sku]) for part in drop.parts)
    wanted = sum(part.sold / part.exposure for part in parts)
    return Report(drop, parts, sum(part.sold for part in parts) / wanted if wanted else 1.0)


def curve_of(drop: DropSet, closings: Sequence[DropClosed]) -> Curve:
    """The demand curve of the window, as the till tells it that knows of most sales."""
    hours = max((one.hours for one in closings), key=sum, default=(1,))
    late = drop.start // MINUTE_MS % 60
    minutes = min((drop.end - drop.start) // MINUTE_MS, len(hours) * 60 - late)
    found = Curve(tuple(map(float, hours)), late, minutes)
    return found if found.seen(minutes) else Curve((1.0,) * len(hours), late, minutes)


def _part(drop: DropSet, part: DropPart, closings: Sequence[DropClosed], hours: Curve, item: ItemSet) -> Part:
    rows = [row for one in closings for row in one.parts if row.sku == part.sku]
    sold, back, left = (sum(of) // PIECE for of in zip(*((row.sold, row.back, row.left) for row in rows), strict=True))
    had = sold - back + left
    out_at = 0 if left else max(row.last_at for row in rows)
    exposure = hours.exposure((out_at - drop.start) // MINUTE_MS if out_at else None)
    one = stakes_of(item, part, drop)
    earned = round((sold - back) * one.price + left * one.salvage - had * one.cost)
    return Part(part.sku, had, sold, back, left, out_at, exposure, earned)


@dataclass(frozen=True)
class Coming:
    """What is believed to come back: the share of sold pieces, the share of these that can be sold again, and what
    handling one costs (minor units)."""

    back: float = 0.0
    again: float = 1.0
    handling: int = 0


def stakes_of(item: ItemSet, part: DropPart, drop: DropSet, coming: Coming = Coming()) -> Stakes:
    """Of a piece, in minor units without VAT and without what its creators get; what comes back and can be sold again
    is worth what is left is."""
    gross = part.price or item.price
    shared = divided(gross * share_on(drop, part.sku), ALL)
    cost = item.pack_cost * PIECE / item.pack
    worth = divided(round(cost) * drop.salvage, ALL)
    return Stakes(gross - tax_in(gross, item.rate) - shared, cost, worth, coming.handling, coming.back, coming.again)


@dataclass(frozen=True)
class Proposal:
    """The next size: what a window of this product is believed to want, the parts' shares, and three sizes."""

    demand: Demand
    shares: tuple[float, ...]
    candidates: tuple[Candidate, ...]
    coming: Coming = Coming()
    sampled: Sampled = NO_SAMPLES

    @property
    def best(self) -> Candidate:
        return self.candidates[1]


def proposal(
    drop: DropSet,
    past: Sequence[Report],
    items: Mapping[str, ItemSet],
    coming: Coming | None = None,
    sampled: Sampled = NO_SAMPLES,
) -> Proposal:
    """Size a drop by what the shop's reports teach, in the order in which they closed; `coming` is what all its tills
    recorded of returns (None: what the drop was planned with, else what came back in the windows), `sampled` what its
    samples teach: those who can be reached come on top."""
    priors: dict[str, Gamma] = {drop.product: _guess(drop)}
    for one in reversed(past):
        priors[one.drop.product] = _guess(one.drop)
    known = learnt([(one.drop.product, one.past) for one in past], priors)
    demand = usual(known.values()).demand(known[drop.product])
    demand = demand + sampled.demand if sampled.demand else demand
    same = [one for one in past if one.drop.product == drop.product]
    parts = _shares(drop, same)
    coming = coming or _coming(drop, same)
    stakes = mixed([stakes_of(items[part.sku], part, drop, coming) for part in drop.parts], parts)
    return Proposal(demand, parts, candidates(demand, stakes, parts), coming, sampled)


def window_of(drop: DropSet) -> tuple[str, int]:
    """A drop's name and its last ordinal day (of UTC), for the cohorts of its samples."""
    return drop.name, EPOCH_DAY + (drop.end - 1) // DAY_MS


def _coming(drop: DropSet, past: Sequence[Report]) -> Coming:
    if drop.returned is not None:
        again = ALL if drop.again is None else drop.again
        return Coming(drop.returned / ALL, again / ALL, drop.handling)
    back = returned(sum(one.sold for one in past), sum(part.back for one in past for part in one.parts))
    return Coming(back, 1.0, drop.handling)


def _guess(drop: DropSet) -> Gamma:
    return guessed(drop.low, drop.likely, drop.high)


def _shares(drop: DropSet, past: Sequence[Report]) -> tuple[float, ...]:
    """Of each part: by the last drop of the product that had it; without one by what is planned."""
    for one in reversed(past):
        seen = {part.sku: Past(part.sold, part.exposure) for part in one.parts}
        if all(part.sku in seen for part in drop.parts):
            return tuple(shares([seen[part.sku] for part in drop.parts], SHARE_PRIOR))
    planned = [max(part.qty, 1) for part in drop.parts]
    return tuple(qty / sum(planned) for qty in planned)
