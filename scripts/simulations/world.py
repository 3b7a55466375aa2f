"""Worlds with everything in them: suppliers with published calendars, packs, least orders, lead times, fresh goods."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from functools import cache

from edge_agent.proof.history import History
from edge_agent.proof.world import MARGIN, PRICE, ZONE, Good, World
from edge_agent.rules.calendar import SupplierCalendar, next_cutoffs
from edge_agent.rules.day import moment
from edge_agent.rules.order import moments
from edge_agent.rules.plan import OpeningHours
from edge_agent.rules.reorder import Moment, Terms
from scripts.venv_ import ROOT

DEMO_HOURS = OpeningHours(ZONE, (*((420, 1320),) * 6, (540, 1200)))


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
FEES = {"northside": 500}
"""As the demo shop's suppliers are, there without the fee (the greengrocer takes no smaller order); the bakery's oven
takes trays for tomorrow until six in the evening."""


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
    return World("full", history, goods, published(SUPPLIERS), DEMO_HOURS, LEAST, FEES, feedback=True)


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
    return World("full", history, goods, published(SUPPLIERS), DEMO_HOURS, LEAST, FEES, feedback=True)
