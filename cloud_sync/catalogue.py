"""The catalogue: the cloud is its one author after pairing; changes made at a till are folded in field by field.

A till sends an item whole, with the feed cursor that it had seen. The fields that differ from what it knew are its
change; a change of a field that somebody else changed behind that cursor is older and loses. What holds after that is
published, whole, so that every till comes to the same catalogue. No clock takes part.
"""

import json
import logging
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlmodel import Session, col, select

from cloud_sync.feed import held_shop, publish
from cloud_sync.projections.catalogue import Stamps, hold, key_of
from cloud_sync.projections.fact import Fact
from cloud_sync.quotas import share_out
from cloud_sync.sending import may_order_by_hand
from cloud_sync.tables.catalogue import Change, Entry
from cloud_sync.tables.events import FeedRow
from edge_agent.errors import BadInput, NotKnown
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.catalogue import ItemSet, ShopSet, SupplierSet
from edge_agent.wire.events.device import FeedRenewed
from edge_agent.wire.events.promotion import PromotionSet

log = logging.getLogger(__name__)
Fields = dict[str, Any]
BODIES: dict[str, type[Contract]] = {
    "item_set": ItemSet,
    "supplier_set": SupplierSet,
    "shop_set": ShopSet,
    "promotion_set": PromotionSet,
}


def item(session: Session, *, tenant: str, shop: str, sku: str) -> ItemSet:
    """The item as it holds; NotKnown when there is none."""
    entry = session.get(Entry, (tenant, shop, "item_set", sku))
    if entry is None:
        raise NotKnown(f"there is no item {sku}")
    return ItemSet.model_validate_json(entry.body)


def items(session: Session, *, tenant: str, shop: str, of: Iterable[str] | None = None) -> dict[str, ItemSet]:
    """All items by SKU; `of` names those that are wanted, where it is not all."""
    kept = _bodies(session, tenant, shop, "item_set", of)
    return {key: ItemSet.model_validate_json(body) for key, body in kept}


def suppliers(session: Session, *, tenant: str, shop: str) -> dict[str, SupplierSet]:
    """All suppliers by id."""
    return {key: SupplierSet.model_validate_json(body) for key, body in _bodies(session, tenant, shop, "supplier_set")}


def promotions(session: Session, *, tenant: str, shop: str) -> dict[str, PromotionSet]:
    """All promotions by id, also those that do not hold now."""
    kept = _bodies(session, tenant, shop, "promotion_set")
    return {key: PromotionSet.model_validate_json(body) for key, body in kept}


def shop_card(session: Session, *, tenant: str, shop: str) -> ShopSet | None:
    """The shop as its tills know it; None until one has sent it."""
    entry = session.get(Entry, (tenant, shop, "shop_set", ""))
    return read_card(entry.body) if entry else None


@lru_cache(maxsize=256)
def read_card(body: bytes) -> ShopSet:
    """A shop's card as it is kept; every page reads it, and it hardly ever changes."""
    return ShopSet.model_validate_json(body)


@lru_cache(maxsize=256)
def read_supplier(body: bytes) -> SupplierSet:
    """The same of a supplier."""
    return SupplierSet.model_validate_json(body)


def names(
    session: Session, *, tenant: str, shop: str, kind: str = "item_set", of: Iterable[str] | None = None
) -> dict[str, str]:
    """{SKU: name}, or {supplier: name} for `supplier_set`; `of` names those that are wanted, where it is not all."""
    wanted = select(Entry.key, Entry.name).where(Entry.tenant == tenant, Entry.shop == shop, Entry.kind == kind)
    if of is not None:
        wanted = wanted.where(col(Entry.key).in_(of))
    return dict(session.exec(wanted).all())


def set_item(session: Session, *, tenant: str, shop: str, item: ItemSet, at: int) -> int:
    """Set an item from the cloud (new or changed); every till takes it from the feed. Returns the cursor."""
    return _set(session, tenant, shop, item, at)


def set_supplier(session: Session, *, tenant: str, shop: str, supplier: SupplierSet, at: int) -> int:
    """Set a supplier from the cloud. Returns the cursor. BadInput while another till than the one that is to order by
    hand may still do so, because it has not heard that it no longer does: let the cloud order in between."""
    if supplier.ordered_from == "shop":
        others = may_order_by_hand(session, tenant=tenant, shop=shop, supplier=supplier.supplier) - {supplier.till}
        if others - {""}:
            raise BadInput(f"{supplier.name}: another till may still order by hand; let the cloud order until it knows")
    return _set(session, tenant, shop, supplier, at)


def set_promotion(session: Session, *, tenant: str, shop: str, promotion: PromotionSet, at: int) -> int:
    """Set a promotion from the cloud; every till takes it from the feed. Returns the cursor."""
    return _set(session, tenant, shop, promotion, at)


def set_shop(session: Session, *, tenant: str, shop: str, card: ShopSet, at: int) -> int:
    """Set the shop's card from the cloud. Returns the cursor."""
    return _set(session, tenant, shop, card, at)


def set_items(session: Session, *, tenant: str, shop: str, items: Sequence[ItemSet], at: int) -> None:
    """Set many items from the cloud at once."""
    held = held_shop(session, tenant, shop)
    mine = select(Entry).where(Entry.tenant == tenant, Entry.shop == shop, Entry.kind == "item_set")
    known = session.exec(mine).all()
    with session.no_autoflush:
        for item in items:
            hold(session, publish(session, held, item, key=item.sku, at=at))
    session.flush()
    log.info("items were set", extra={"shop": shop, "number": len(items), "known": len(known)})
    share_out(session, held, {item.sku for item in items}, at)


def fold_change(session: Session, fact: Fact, now: int) -> None:
    """Fold a till's change of the catalogue and publish what holds now; nothing when that is what held before."""
    key = key_of(fact.body)
    if key is None:
        return
    shop = held_shop(session, fact.tenant, fact.shop)
    kind, said = fact.event.kind, _fields(fact.body)
    entry = session.get(Entry, (fact.tenant, fact.shop, kind, key))
    holds = json.loads(entry.body) if entry else {}
    seen = _seen_by(session, fact, key) if entry else {}
    merged = merge(holds, json.loads(entry.stamps) if entry else {}, said, seen, fact.event.feed, fact.journal)
    if merged == holds:
        return
    unseen = entry is not None and entry.cursor > fact.event.feed
    skip = fact.journal if merged == said and not unseen else ""
    body = type(fact.body).model_validate_json(json.dumps(merged))
    hold(session, publish(session, shop, body, key=key, at=now, author=fact.journal, skip=skip))


def tell_again(session: Session, fact: Fact, now: int) -> None:
    """A till that took the feed from its start has folded older entries over its own later words, and what these came
    to had been left out for it: that is published once more, to it too."""
    if not isinstance(fact.body, FeedRenewed):
        return
    here = Entry.tenant == fact.tenant, Entry.shop == fact.shop
    for entry in session.exec(select(Entry).where(*here).order_by(col(Entry.kind), col(Entry.key))).all():
        row = session.get(FeedRow, (fact.tenant, fact.shop, entry.cursor))
        if row is None or row.skip != fact.journal:
            continue
        body = BODIES[row.kind].model_validate_json(row.body)
        shop = held_shop(session, fact.tenant, fact.shop)
        hold(session, publish(session, shop, body, key=row.key, at=now, author=row.author))


def merge(holds: Fields, stamps: Stamps, said: Fields, seen: Fields, feed: int, journal: str) -> Fields:
    """What holds after a till that had seen `seen` (up to cursor `feed`) said `said`; pure.

    Its change is where `said` differs from `seen`; it loses where somebody else changed the field behind `feed`.
    """
    changed = [name for name, value in said.items() if name not in seen or seen[name] != value]
    merged = dict(holds)
    for name in changed:
        cursor, author = stamps.get(name, [0, ""])
        if int(cursor) <= feed or author == journal:
            merged[name] = said[name]
    return merged


def _seen_by(session: Session, fact: Fact, key: str) -> Fields:
    """What the till knew of the key when it spoke: its own last word, or a later feed entry that it had seen."""
    kind, seq, feed = fact.event.kind, fact.event.seq, fact.event.feed
    own = session.exec(
        select(Change)
        .where(Change.tenant == fact.tenant, Change.journal == fact.journal, Change.kind == kind)
        .where(Change.key == key, Change.seq < seq)
        .order_by(col(Change.seq).desc())
    ).first()
    pulled = session.exec(
        select(FeedRow)
        .where(FeedRow.tenant == fact.tenant, FeedRow.shop == fact.shop, FeedRow.kind == kind, FeedRow.key == key)
        .where(FeedRow.cursor <= feed, FeedRow.cursor > (own.feed if own else 0))
        .order_by(col(FeedRow.cursor).desc())
    ).first()
    latest = pulled or own
    return json.loads(latest.body) if latest else {}


def _set(session: Session, tenant: str, shop: str, body: Contract, at: int) -> int:
    key = key_of(body)
    assert key is not None, "only bodies of the catalogue are set"
    held = held_shop(session, tenant, shop)
    row = publish(session, held, body, key=key, at=at)
    hold(session, row)
    if isinstance(body, ItemSet):
        share_out(session, held, {key}, at)
    return row.cursor


def _fields(body: Contract) -> Fields:
    """What was said: a field that a till's program is too old to know was not."""
    fields: Fields = json.loads(body.model_dump_json(exclude_unset=True))
    return fields


def _bodies(
    session: Session, tenant: str, shop: str, kind: str, of: Iterable[str] | None = None
) -> list[tuple[str, bytes]]:
    wanted = select(Entry.key, Entry.body).where(Entry.tenant == tenant, Entry.shop == shop, Entry.kind == kind)
    if of is not None:
        wanted = wanted.where(col(Entry.key).in_(sorted(set(of))))
    return [(key, body) for key, body in session.exec(wanted.order_by(col(Entry.key)))]
