"""An owner's own history lived again: under the rule of today and under ours, each set as it served best before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from edge_agent.demand.model import DemandModel
from edge_agent.demand.series import ShopHistory
from edge_agent.errors import BadInput
from edge_agent.proof.contest import CHOOSE_DAYS, TEST_DAYS, Entry, Eyes, contest
from edge_agent.proof.history import History
from edge_agent.proof.rules import COVER, MIN_MAX, OURS
from edge_agent.proof.world import MARGIN, PRICE, Good, World, every
from edge_agent.rules.reorder import Terms

KNOWN_DAYS = 84
"""So many days must lie before those that choose: a forecast is made of something."""
TODAY = {"cover": COVER, "min-max": MIN_MAX}


@dataclass(frozen=True)
class Row:
    """What an items file says of one SKU; None where it is silent. Money in minor units."""

    price: int | None = None
    cost: int | None = None
    pack: int | None = None
    life_days: int | None = None
    rate: int = 0
    """VAT within the price, in basis points."""


@dataclass(frozen=True)
class Asked:
    """How the shop orders today: the rule's name, its own multiple (None: the one that served best), each `every` days
    for the next morning, and what counts where the items file is silent."""

    today: str = "cover"
    times: float | None = None
    every: int = 3
    margin: float = MARGIN
    skus: int = 0


@dataclass(frozen=True)
class Compared:
    """Today's rule and ours over the same days."""

    first: int
    days: int
    skus: int
    priced: bool
    """False: no prices were known, so that every piece counts the same."""
    asked: Asked
    today: Entry
    ours: Entry

    @property
    def period(self) -> str:
        last = date.fromordinal(self.first + self.days - 1)
        return f"{date.fromordinal(self.first).isoformat()} to {last.isoformat()}"


def compared(shop: ShopHistory, rows: Mapping[str, Row], asked: Asked, model: DemandModel) -> Compared:
    """Lives the last days of a history twice; `BadInput` where it is too short to judge."""
    born = min(one.days[0] for one in shop.skus.values() if one.days)
    days = min(TEST_DAYS, shop.today - born - CHOOSE_DAYS - KNOWN_DAYS)
    if days < 28:
        raise BadInput(f"the history spans {shop.today - born} days; a fair comparison takes 168")
    first = shop.today - days
    history = History("sales", "", shop, {}, _noon())
    skus = history.busiest(asked.skus, first - 182, first - 1)
    goods = {sku: Good(_terms(rows.get(sku, Row()), asked), "all") for sku in skus}
    world = World("the shop", history, goods, every(asked.every, first))
    rule = TODAY[asked.today]
    today = rule if asked.times is None else replace(rule, values=(asked.times,))
    found = contest(world, Eyes(shop, skus, model), first, (today, OURS), days=days)
    priced = any(rows.get(sku, Row()).price for sku in skus)
    return Compared(first, days, len(skus), priced, asked, *found.entries)


def _noon() -> Sequence[Sequence[int]]:
    """With orders overnight, the hour of a sale changes nothing: all come at noon."""
    return [[720]] * 7


def _terms(row: Row, asked: Asked) -> Terms:
    price = row.price or PRICE
    pack = row.pack or 1
    plain = price * 10_000 / (10_000 + row.rate)
    cost = row.cost if row.cost is not None else round(plain * (1.0 - asked.margin))
    return Terms(1000 * pack, cost * pack, price, row.rate, life_days=row.life_days or 0)
