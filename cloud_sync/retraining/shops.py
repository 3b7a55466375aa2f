"""Shops' histories out of what the tills have synced: one at a time, sampled with a seed, so that memory is bounded."""

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync.tables.catalogue import Entry
from cloud_sync.tables.figures import DemandDay
from cloud_sync.tables.house import Shop
from edge_agent.demand.series import ALWAYS_OPEN, Facts, OpenHours, Opening, ShopHistory, sku_histories

SKUS = 1_500
DAYS = 3 * 365
"""So far back a shop's history is looked at."""
HELD_DAYS = 86
"""The last days of every history teach nothing: they judge, here and on the tills."""
LEAST_DAYS = HELD_DAYS + 8 * 7
"""A shop with less can't both teach and judge."""
CHUNK = 500


@dataclass(frozen=True)
class Chosen:
    """A shop of the sample. `held_out`: it teaches nothing and only judges."""

    tenant: str
    shop: str
    name: str
    zone: str
    held_out: bool = False


def chosen_shops(session: Session, *, most: int, seed: int) -> tuple[list[Chosen], int]:
    """At most `most` shops that have sold anything, and of how many; of three and more with enough days to judge a
    fifth is held out, nearly the same ones every time: what judges a candidate should not have taught the one in use.
    """
    first, last = func.min(DemandDay.day), func.max(DemandDay.day)
    spans = session.exec(
        select(DemandDay.tenant, DemandDay.shop, first, last).group_by(DemandDay.tenant, DemandDay.shop)
    )
    days = {(tenant, shop): newest - oldest for tenant, shop, oldest, newest in spans}
    every = session.exec(select(Shop).order_by(col(Shop.name), col(Shop.tenant), col(Shop.shop))).all()
    there = [one for one in every if (one.tenant, one.shop) in days]
    chance = random.Random(seed)  # noqa: S311  (a sample that can be drawn again, no secret)
    picked = chance.sample(there, min(most, len(there)))
    judges = sorted((one.shop for one in picked if days[one.tenant, one.shop] >= LEAST_DAYS), key=_rank)
    held = judges[: max(1, len(judges) // 5)] if len(judges) >= 3 else []
    found = [Chosen(one.tenant, one.shop, one.name, one.zone, one.shop in held) for one in picked]
    return found, len(there)


def _rank(shop: str) -> bytes:
    return hashlib.sha256(shop.encode()).digest()


def history_of(session: Session, shop: Chosen, *, seed: int) -> ShopHistory:
    """A shop's days of at most SKUS items, up to the day before the last one that sold anything (it may be half here).

    Time out of stock is not known to the cloud: such days count as they sold.
    """
    mine = (DemandDay.tenant == shop.tenant, DemandDay.shop == shop.shop)
    today = session.exec(select(func.max(DemandDay.day)).where(*mine)).one() or 0
    window = (*mine, col(DemandDay.day) < today, col(DemandDay.day) >= today - DAYS)
    skus = sorted(session.exec(select(DemandDay.sku).where(*window).distinct()))
    chance = random.Random(f"{seed} {shop.shop}")  # noqa: S311  (as above)
    picked = sorted(chance.sample(skus, min(SKUS, len(skus))))
    rows: list[tuple[str, int, int]] = []
    for start in range(0, len(picked), CHUNK):
        of = col(DemandDay.sku).in_(picked[start : start + CHUNK])
        amount = DemandDay.sold + DemandDay.imported
        rows += session.exec(select(DemandDay.sku, DemandDay.day, amount).where(*window, of)).all()
    opening, facts = Opening(_hours(session, shop)), _facts(session, shop, picked)
    return ShopHistory(shop.zone, opening, today, sku_histories(rows), facts=facts)


def _facts(session: Session, shop: Chosen, skus: Sequence[str]) -> dict[str, Facts]:
    """What the catalogue says of these items today."""
    mine = (Entry.tenant == shop.tenant, Entry.shop == shop.shop, Entry.kind == "item_set")
    found = {}
    for start in range(0, len(skus), CHUNK):
        of = col(Entry.key).in_(skus[start : start + CHUNK])
        for body in session.exec(select(Entry.body).where(*mine, of)):
            one = json.loads(body)
            found[str(one["sku"])] = Facts(one["price"], one["name"], one["category"], one["item"])
    return found


def _hours(session: Session, shop: Chosen) -> OpenHours:
    entry = session.get(Entry, (shop.tenant, shop.shop, "shop_set", ""))
    hours: Sequence[Sequence[int] | None] = json.loads(entry.body)["hours"] if entry else []
    return tuple((day[0], day[1]) if day else None for day in hours) or ALWAYS_OPEN
