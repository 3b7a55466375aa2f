"""What a simulated shop buys and how: terms by SKU, suppliers with their calendars, and what money costs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from edge_agent.rules.calendar import SupplierCalendar, next_cutoffs
from edge_agent.rules.day import moment
from edge_agent.rules.order import moments
from edge_agent.rules.plan import OpeningHours
from edge_agent.rules.reorder import Moment, Policy, Terms
from scripts.simulations.history import History
from scripts.venv_ import ROOT

ZONE = "UTC"
PRICE = 1_000
MARGIN, HOLDING = 0.40, 0.01
"""Share of the price that a piece earns; share of its cost that a piece in stock costs a day."""
OPEN = OpeningHours(ZONE, ((0, 1440),) * 7)
DEMO_HOURS = OpeningHours(ZONE, (*((420, 1320),) * 6, (540, 1200)))
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

    `least` is the smallest order a supplier takes, in minor units. `feedback`: the shop learns from what it sold.
    """

    name: str
    history: History
    goods: Mapping[str, Good]
    due: Callable[[str, int], Moment | None]
    hours: OpeningHours = OPEN
    least: Mapping[str, int] | None = None
    feedback: bool = False
    holding: float = HOLDING

    @property
    def suppliers(self) -> list[str]:
        return sorted({good.supplier for good in self.goods.values()})

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


def published(calendars: Mapping[str, SupplierCalendar]) -> Callable[[str, int], Moment | None]:
    """Suppliers with published calendars, in the shop's zone."""

    @cache
    def due(supplier: str, day: int) -> Moment | None:
        calendar = calendars[supplier]
        cutoffs = next_cutoffs(calendar, ZONE, moment(day, 0, ZONE), 24)
        if cutoffs[0].at_ms >= moment(day + 1, 0, ZONE):
            return None
        return moments(cutoffs, cutoffs[0].at_ms)[0]

    return due


def _calendar(
    order_days: tuple[int, ...], cutoff: int, lead: int, working: tuple[int, ...], arrives: int = 390
) -> SupplierCalendar:
    return SupplierCalendar(1, 1, order_days, cutoff, lead, working, (), arrives)


ALL, WEEKDAYS = (0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 4)
SUPPLIERS = {
    "northside": _calendar((0, 2, 4), 900, 2, WEEKDAYS, 400),
    "valley": _calendar(ALL, 1380, 1, ALL),
    "greenfield": SupplierCalendar(1, 1, (1, 3, 6), 1260, 1, (0, 1, 2, 3, 4, 5), (0, 2, 4), 405),
    "oven": _calendar(ALL, 1080, 1, ALL, 300),
}
LEAST = {"northside": 8_000, "greenfield": 4_000}
"""As the demo shop's suppliers are; the bakery's own oven takes trays for tomorrow until six in the evening."""


def full_grocery(history: History, skus: int, first: int) -> World:
    """The demo shop: its packs, prices, costs, shelf lives and three suppliers, least orders and lead times."""
    goods = {}
    with (ROOT / "scripts/demo_shop/items.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["sku"]: row for row in csv.DictReader(file)}
    for sku in history.busiest(skus, first - 182, first - 1):
        row = rows[sku]
        pack = int(row["pack"])
        terms = Terms(
            pack=1000 * pack,
            pack_cost=round(100 * float(row["cost"]) * pack),
            price=round(100 * float(row["price"])),
            rate=round(100 * float(row["vat"] or 0)),
            life_days=int(row["shelf_life_days"] or 0),
        )
        goods[sku] = Good(terms, row["supplier"])
    return World("full", history, goods, published(SUPPLIERS), DEMO_HOURS, LEAST, feedback=True)


def full_bakery(history: History, skus: int, first: int) -> World:
    """Trays of six for the next day, ordered by six in the evening, gone stale the same night."""
    terms = Terms(pack=6_000, pack_cost=6 * round(PRICE * (1.0 - MARGIN)), price=PRICE, rate=0, life_days=1)
    goods = {sku: Good(terms, "oven") for sku in history.busiest(skus, first - 182, first - 1)}
    return World("full", history, goods, published(SUPPLIERS), feedback=True)


def full_other(history: History, skus: int, first: int) -> World:
    """A history without terms of its own: packs of six, three suppliers in turn, every third SKU fresh for six days."""
    names = ("northside", "valley", "greenfield")
    goods = {}
    for place, sku in enumerate(history.busiest(skus, first - 182, first - 1)):
        supplier = names[place % 3]
        life = 6 if supplier == "greenfield" else 0
        terms = Terms(pack=6_000, pack_cost=6 * round(PRICE * (1.0 - MARGIN)), price=PRICE, rate=0, life_days=life)
        goods[sku] = Good(terms, supplier)
    return World("full", history, goods, published(SUPPLIERS), DEMO_HOURS, LEAST, feedback=True)
