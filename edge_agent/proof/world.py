"""What a simulated shop buys and how: terms by SKU, suppliers with their calendars, and what money costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge_agent.proof.history import History
from edge_agent.rules.day import moment
from edge_agent.rules.plan import OpeningHours
from edge_agent.rules.reorder import Moment, Policy, Terms
from edge_agent.rules.settle import Limits

ZONE = "UTC"
PRICE = 1_000
MARGIN, HOLDING = 0.40, 0.01
"""Share of the price that a piece earns; share of its cost that a piece in stock costs a day."""
OPEN = OpeningHours(ZONE, ((0, 1440),) * 7)
EVENING = 20 * 60
"""A cut-off from here on is decided with the day's own sales in the forecast, an earlier one with yesterday's."""


@dataclass(frozen=True)
class Good:
    """One SKU: its terms and who sells it to the shop."""

    terms: Terms
    supplier: str

    @property
    def pack(self) -> int:
        return self.terms.pack // 1000

    @property
    def cost(self) -> float:
        """Of a piece, in minor units."""
        return self.terms.pack_cost * 1000 / self.terms.pack

    @property
    def margin(self) -> float:
        """What a piece earns, VAT aside."""
        return self.terms.price * 10_000 / (10_000 + self.terms.rate) - self.cost


@dataclass(frozen=True)
class World:
    """A shop: `due(supplier, day)` is the cycle whose cut-off falls on that day (None: there is none).

    `least` is the smallest order a supplier takes, `fees` what some ask for a smaller one, in minor units. `feedback`:
    the shop learns from what it sold.
    """

    name: str
    history: History
    goods: Mapping[str, Good]
    due: Callable[[str, int], Moment | None]
    hours: OpeningHours = OPEN
    least: Mapping[str, int] | None = None
    fees: Mapping[str, int] | None = None
    feedback: bool = False
    holding: float = HOLDING

    @property
    def suppliers(self) -> list[str]:
        return sorted({good.supplier for good in self.goods.values()})

    def limits(self, supplier: str) -> Limits:
        """What an order to a supplier must keep to."""
        return Limits((self.least or {}).get(supplier, 0), (self.fees or {}).get(supplier, 0))

    def policy(self, floor: int) -> Policy:
        """The owner's rules in this world: money costs what it costs here, nothing is salvaged, waste has its price."""
        carry = round(10_000 * 365 * self.holding)
        return Policy(hours=self.hours, floor=floor, carry=carry, obsolete=0, salvage=0, waste=10_000)


def every(days: int, origin: int) -> Callable[[str, int], Moment | None]:
    """An order each so many evenings, in the shop before it opens the next morning."""

    def due(_: str, day: int) -> Moment | None:
        if (day - origin) % days:
            return None
        now = moment(day + 1, 0, ZONE)
        return Moment(now, day, now, moment(day + 1, 360, ZONE), moment(day + 1 + days, 360, ZONE))

    return due


@dataclass(frozen=True)
class Terrain:
    """A world in one line: an order each `days` days, goods that keep `life` days (0: for good), packs of `pack`."""

    name: str
    days: int
    life: int
    pack: int = 1
    margin: float = MARGIN
    holding: float = HOLDING


ONE_DAY = Terrain("one-day shelf", 1, 1)
THREE_DAYS = Terrain("three-day shelf", 1, 3)
HOURS_72 = Terrain("72 hours", 3, 0)
WEEKLY = Terrain("weekly, packs of six", 7, 0, 6)


def simple(history: History, terrain: Terrain, skus: int, first: int) -> World:
    """Every SKU at one price and margin, one rhythm and one shelf life, no least order, all demand in sight."""
    cost = round(PRICE * (1.0 - terrain.margin))
    terms = Terms(1000 * terrain.pack, cost * terrain.pack, PRICE, 0, life_days=terrain.life)
    goods = {sku: Good(terms, "one") for sku in history.busiest(skus, first - 182, first - 1)}
    return World(terrain.name, history, goods, every(terrain.days, first), holding=terrain.holding)
