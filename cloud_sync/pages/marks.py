"""How far a shop is counted, as a word: two pages with the same word show the same."""

from collections.abc import Collection, Mapping

from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync.pages.shown import Shown
from cloud_sync.tables.events import JournalRow
from cloud_sync.tables.figures import Position
from cloud_sync.tables.house import Shop

Place = tuple[str, str]
"""Tenant and shop."""


def mark(session: Session, shop: Shown) -> str:
    """The word of a page that is to be told of what comes. Read before its figures: what is counted meanwhile is then
    told, at worst once too often."""
    place = (shop.tenant, shop.shop)
    return marks(session, [place]).get(place, "")


def marks(session: Session, places: Collection[Place]) -> Mapping[Place, str]:
    """What is counted and published of each shop, as a word that changes when it does."""
    here = (col(Position.tenant) == JournalRow.tenant) & (col(Position.journal) == JournalRow.journal)
    wanted = select(JournalRow.tenant, JournalRow.shop, func.sum(Position.seq)).join(Position, here)
    shops = sorted({shop for _, shop in places})
    counted = wanted.where(col(JournalRow.shop).in_(shops)).group_by(JournalRow.tenant, JournalRow.shop)
    heads = select(Shop.tenant, Shop.shop, Shop.feed_head).where(col(Shop.shop).in_(shops))
    sums = {(tenant, shop): int(seq) for tenant, shop, seq in session.exec(counted)}
    found = {(tenant, shop): head for tenant, shop, head in session.exec(heads)}
    return {place: f"{sums.get(place, 0)}.{head}" for place, head in found.items() if place in places}
