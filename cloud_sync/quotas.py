"""The quotas of limited items: granted to the tills of a shop from what they gave up, never more than that."""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlmodel import Session, col

from cloud_sync.database import ask, columns
from cloud_sync.feed import publish
from cloud_sync.split import selling_journals, split_of
from cloud_sync.tables.catalogue import Entry
from cloud_sync.tables.events import JournalRow
from cloud_sync.tables.house import Shop
from cloud_sync.tables.reservations import Channel
from edge_agent.rules.quota import plan
from edge_agent.wire.events.catalogue import ItemSet
from edge_agent.wire.events.quota import QuotaSet

BESIDE = "channels"
"""The channels that share with the tills are one more to share with; no till is called so."""


def is_shared(session: Session, shop: Shop) -> bool:
    """True once the shop has more than one journal, or sells beside its tills."""
    here = {"tenant": shop.tenant, "shop": shop.shop}
    return len(ask(session, _two_journals(), **here)) > 1 or bool(ask(session, _one_channel(), **here))


@cache
def _two_journals() -> Select[*tuple[Any, ...]]:
    mine = select(*columns(JournalRow.journal)).where(col(JournalRow.tenant) == bindparam("tenant"))
    return mine.where(col(JournalRow.shop) == bindparam("shop")).limit(2)


@cache
def _one_channel() -> Select[*tuple[Any, ...]]:
    mine = select(*columns(Channel.sku)).where(col(Channel.tenant) == bindparam("tenant"))
    return mine.where(col(Channel.shop) == bindparam("shop")).limit(1)


def share_out(session: Session, shop: Shop, skus: Collection[str], now: int) -> None:
    """Share the limited items among these SKUs anew where that is needed; the caller's transaction holds `shop`."""
    limited = _limited(session, shop, skus)
    tills = selling_journals(session, shop) if limited and is_shared(session, shop) else set()
    for sku in limited if tills else ():
        _share(session, shop, sku, tills, now)


def _limited(session: Session, shop: Shop, skus: Collection[str]) -> list[str]:
    rows = ask(session, _items(), tenant=shop.tenant, shop=shop.shop, skus=sorted(skus)) if skus else ()
    return sorted(sku for sku, body in rows if b'"limited"' in body and ItemSet.model_validate_json(body).limited)


@cache
def _items() -> Select[*tuple[Any, ...]]:
    mine = select(*columns(Entry.key, Entry.body)).where(col(Entry.tenant) == bindparam("tenant"))
    mine = mine.where(col(Entry.shop) == bindparam("shop"), col(Entry.kind) == "item_set")
    return mine.where(col(Entry.key).in_(bindparam("skus", expanding=True)))


def _share(session: Session, shop: Shop, sku: str, tills: set[str], now: int) -> None:
    """What channels have set aside is theirs; those that share are, together, one more to share the rest with."""
    split = split_of(session, shop, sku, tills, now)
    before, parts = split.said, split.parts.values()
    sharing = [one for one in parts if not one.kept]
    alone = sum(one.withheld for one in parts if one.kept)
    beside = {BESIDE: sum(one.held for one in sharing)} if sharing else {}
    rest = split.pool - alone - sum(beside.values())
    done = plan(rest, {**split.quotas, **beside}, wanting=bool(split.parts) and rest < 0)
    grants, keep = ({name: qty for name, qty in part.items() if name != BESIDE} for part in (done.grants, done.keep))
    granted = {till: before.granted.get(till, 0) + grants.get(till, 0) for till in sorted({*before.granted, *grants})}
    fresh = QuotaSet(sku=sku, granted=granted, keep=keep)
    if fresh != before:
        publish(session, shop, fresh, key=sku, at=now)
