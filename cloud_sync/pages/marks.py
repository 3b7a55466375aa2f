"""How far a shop is counted, as a word: two pages with the same word show the same."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlmodel import Session, col

from cloud_sync.database import ask, columns
from cloud_sync.pages.shown import Shown
from cloud_sync.pages.standing import Standing
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow
from cloud_sync.tables.figures import Position
from cloud_sync.tables.house import Shop

Place = tuple[str, str]
"""Tenant and shop."""


def mark(shop: Shown, tills: Standing) -> str:
    """The word of a page that is to be told of what comes. Both are read before its figures: what is counted meanwhile
    is then told, at worst once too often."""
    return f"{tills.counted}.{shop.feed}.{tills.fittings}"


def marks(session: Session, places: Collection[Place]) -> Mapping[Place, str]:
    """What is counted and published of each shop, and said of its printers, as a word that changes when it does."""
    shops = sorted({shop for _, shop in places})
    sums = {(tenant, shop): int(seq) for tenant, shop, seq in ask(session, _counted(), shops=shops)}
    said = {(tenant, shop): int(at) for tenant, shop, at in ask(session, _fitted(), shops=shops)}
    heads = {(tenant, shop): head for tenant, shop, head in ask(session, _heads(), shops=shops)}
    found = {place: f"{sums.get(place, 0)}.{head}.{said.get(place, 0)}" for place, head in heads.items()}
    return {place: word for place, word in found.items() if place in places}


@cache
def _counted() -> Select[Any]:
    here = (col(Position.tenant) == JournalRow.tenant) & (col(Position.journal) == JournalRow.journal)
    wanted = select(*columns(JournalRow.tenant, JournalRow.shop), func.sum(Position.seq)).join(Position, here)
    mine = wanted.where(col(JournalRow.shop).in_(bindparam("shops", expanding=True)))
    return mine.group_by(col(JournalRow.tenant), col(JournalRow.shop))


@cache
def _fitted() -> Select[Any]:
    """A sum of moments: it changes with each of them."""
    said = select(*columns(Device.tenant, Device.shop), func.sum(Device.fittings_at))
    mine = said.where(col(Device.shop).in_(bindparam("shops", expanding=True)))
    return mine.group_by(col(Device.tenant), col(Device.shop))


@cache
def _heads() -> Select[Any]:
    heads = select(*columns(Shop.tenant, Shop.shop, Shop.feed_head))
    return heads.where(col(Shop.shop).in_(bindparam("shops", expanding=True)))
