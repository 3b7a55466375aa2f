"""What may have made an alert of a shop come or go since it was looked at: asked of all shops at once."""

from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlmodel import Session, col

from cloud_sync.alerts.rules import UNSEEN_MS
from cloud_sync.database import ask, columns
from cloud_sync.pages.leaving import NEEDS_YOU
from cloud_sync.pages.marks import Place
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow, Quarantine
from cloud_sync.tables.figures import Position
from cloud_sync.tables.house import Shop
from cloud_sync.tables.post import Message


class News(NamedTuple):
    """How far a shop is counted and its feed is published, what was put aside or did not leave, who is away, and what
    tills say of their printers (a number that changes with it)."""

    counted: int
    feed: int
    odd: int
    unsent: tuple[str, ...]
    away: tuple[str, ...]
    fittings: int


def news(session: Session, now: int) -> dict[Place, News]:
    """Of every shop, in one order; a shop whose news are the same has no other alerts but those that time makes."""
    counted, odd, said = (_numbers(session, one) for one in (_counted(), _odd(), _fitted()))
    unsent = _named(session, _unsent())
    away = _named(session, _away(), since=now - UNSEEN_MS)
    found = {}
    for tenant, shop, feed in ask(session, _shops()):
        place = (tenant, shop)
        numbers = counted.get(place, 0), feed, odd.get(place, 0)
        found[place] = News(*numbers, unsent.get(place, ()), away.get(place, ()), said.get(place, 0))
    return found


def _numbers(session: Session, question: Select[*tuple[Any, ...]]) -> dict[Place, int]:
    return {(tenant, shop): int(number) for tenant, shop, number in ask(session, question)}


def _named(session: Session, question: Select[*tuple[Any, ...]], **given: object) -> dict[Place, tuple[str, ...]]:
    found: dict[Place, list[str]] = defaultdict(list)
    for tenant, shop, *named in ask(session, question, **given):
        found[tenant, shop].append(" ".join(named))
    return {place: tuple(sorted(names)) for place, names in found.items()}


@cache
def _shops() -> Select[*tuple[Any, ...]]:
    shops = select(*columns(Shop.tenant, Shop.shop, Shop.feed_head))
    return shops.order_by(col(Shop.tenant), col(Shop.shop))


@cache
def _counted() -> Select[*tuple[Any, ...]]:
    here = (col(Position.tenant) == JournalRow.tenant) & (col(Position.journal) == JournalRow.journal)
    place = columns(JournalRow.tenant, JournalRow.shop)
    return select(*place, func.sum(Position.seq)).join(Position, here).group_by(*place)


@cache
def _odd() -> Select[*tuple[Any, ...]]:
    place = columns(Quarantine.tenant, Quarantine.shop)
    return select(*place, func.count()).where(col(Quarantine.state) == "open").group_by(*place)


@cache
def _unsent() -> Select[*tuple[Any, ...]]:
    told = columns(Message.tenant, Message.shop, Message.order, Message.state)
    return select(*told).where(col(Message.state).in_(NEEDS_YOU))


@cache
def _fitted() -> Select[*tuple[Any, ...]]:
    place = columns(Device.tenant, Device.shop)
    return select(*place, func.sum(Device.fittings_at)).where(col(Device.fittings_at) > 0).group_by(*place)


@cache
def _away() -> Select[*tuple[Any, ...]]:
    told = select(*columns(Device.tenant, Device.shop, Device.device)).where(col(Device.state) == "active")
    return told.where(col(Device.last_seen_at) < bindparam("since"))
