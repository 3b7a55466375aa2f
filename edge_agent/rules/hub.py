"""A micro-hub near the shop: how far it is, what it costs (paid as stored), when it delivers, what an order weighs.

    storage = sum over days of stock x volume x rate;  picking = base + items x rate, an order;  plus the last mile
    carbon of an order = km x g per km / orders on the round + packaging
Rates are in thousandths of a minor unit, so that a litre-day may cost 1.8 of one; each kind is rounded once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Literal

from edge_agent.rules.calendar import weekday
from edge_agent.rules.day import local
from edge_agent.rules.money import divided

EARTH_M = 6_371_009
MICRO = 1_000_000
NEAR_M, FAR_M = 10_000, 30_000
MILLS = 1_000
LITRE = 1_000
Kind = Literal["receive", "storage", "pick", "mile", "pack"]
KINDS: Mapping[Kind, str] = {
    "receive": "taking goods in",
    "storage": "storage",
    "pick": "picking",
    "mile": "the last mile",
    "pack": "packaging",
}
Band = Literal["near", "inside", "far"]
BANDS: Mapping[Band, str] = {"near": "nearer than 10 km", "inside": "10 to 30 km", "far": "farther than 30 km"}


@dataclass(frozen=True)
class Point:
    """A place in millionths of a degree."""

    lat: int
    lon: int


def distance_m(one: Point, other: Point) -> int:
    """As the crow flies, by haversine, in metres."""
    lat1, lat2 = radians(one.lat / MICRO), radians(other.lat / MICRO)
    half_lat, half_lon = (lat2 - lat1) / 2, radians((other.lon - one.lon) / MICRO) / 2
    root = sin(half_lat) ** 2 + cos(lat1) * cos(lat2) * sin(half_lon) ** 2
    return round(2 * EARTH_M * asin(min(1.0, sqrt(root))))


def band_of(metres: int) -> Band:
    """Where it lies; nearer is no fault."""
    return "near" if metres < NEAR_M else "inside" if metres <= FAR_M else "far"


@dataclass(frozen=True)
class Tariff:
    """In thousandths of a minor unit: taking in a piece, a litre for a day, an order's picking and each of its items,
    its last mile and packaging."""

    receive: int = 0
    litre_day: int = 0
    pick: int = 0
    item: int = 0
    mile: int = 0
    pack: int = 0


@dataclass(frozen=True)
class HubDay:
    """Pieces on hand at the end of a day, and the orders that left on it, by their items."""

    day: int
    on_hand: int
    orders: tuple[int, ...] = ()


def accrued(days: Sequence[HubDay], before: int, piece_ml: int, tariff: Tariff) -> dict[Kind, int]:
    """What is owed for days that follow each other, in minor units by kind; `before` pieces were there the day before.
    What is there more than yesterday, with what left, was taken in."""
    received, last = 0, before
    for one in days:
        received += max(0, one.on_hand - last + sum(one.orders))
        last = one.on_hand
    many, items = sum(len(one.orders) for one in days), sum(sum(one.orders) for one in days)
    mills: dict[Kind, int] = {
        "receive": received * tariff.receive,
        "storage": divided(sum(one.on_hand for one in days) * piece_ml * tariff.litre_day, LITRE),
        "pick": many * tariff.pick + items * tariff.item,
        "mile": many * tariff.mile,
        "pack": many * tariff.pack,
    }
    return {kind: divided(amount, MILLS) for kind, amount in mills.items()}


def order_cost(items: int, tariff: Tariff) -> int:
    """What one order costs from pick to door, in minor units; storage is apart."""
    return divided(tariff.pick + items * tariff.item + tariff.mile + tariff.pack, MILLS)


def order_grams(route_m: int, grams_a_km: int, orders: int, box_g: int) -> int:
    """Grams of carbon dioxide of one order on a round."""
    return divided(route_m * grams_a_km, 1_000 * max(orders, 1)) + box_g


@dataclass(frozen=True)
class Matched:
    """A kind of charge: what we counted, what the hub asks, and what it asks more (below 0: less)."""

    kind: str
    ours: int
    theirs: int

    @property
    def more(self) -> int:
        return self.theirs - self.ours


def matched(ours: Mapping[Kind, int], charges: Iterable[tuple[str, int]]) -> list[Matched]:
    """The hub's charges beside what was accrued; kinds that neither knows are left out, unknown ones come last."""
    theirs: dict[str, int] = {}
    for kind, amount in charges:
        theirs[kind] = theirs.get(kind, 0) + amount
    kinds = [*KINDS, *sorted(set(theirs) - set(KINDS))]
    mine = {str(kind): amount for kind, amount in ours.items()}
    found = [Matched(kind, mine.get(kind, 0), theirs.get(kind, 0)) for kind in kinds]
    return [one for one in found if one.ours or one.theirs]


@dataclass(frozen=True)
class Rounds:
    """When a hub delivers: what is ordered up to `cutoff` (minute of its day) on one of its days comes `transit` of
    them later; weekdays count from Monday = 0."""

    cutoff: int
    transit: int
    days: tuple[int, ...] = (0, 1, 2, 3, 4)


@dataclass(frozen=True)
class Held:
    """Pieces of a SKU at a hub: on hand, promised to orders, and set aside (damaged, missing)."""

    sku: str
    on_hand: int
    committed: int = 0
    exceptions: int = 0

    @property
    def fulfillable(self) -> int:
        return self.on_hand - self.committed

    @property
    def sellable(self) -> int:
        return self.fulfillable - self.exceptions


def arrives(now: int, zone: str, rounds: Rounds) -> int:
    """The ordinal day on which an order of this moment comes."""
    clock = local(now, zone)
    day = clock.date().toordinal()
    if weekday(day) not in rounds.days or clock.hour * 60 + clock.minute + (clock.second > 0) / 60 > rounds.cutoff:
        day = _next(day, rounds.days)
    for _ in range(rounds.transit):
        day = _next(day, rounds.days)
    return day


def promised(now: int, zone: str, rounds: Rounds, held: Held | None, pieces: int) -> int:
    """The day on which so many pieces come; 0: nothing may be promised, because they are not there to be sold."""
    return arrives(now, zone, rounds) if held is not None and held.sellable >= pieces else 0


def _next(day: int, days: tuple[int, ...]) -> int:
    day += 1
    while weekday(day) not in days:
        day += 1
    return day
