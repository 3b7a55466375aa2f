"""Projection: the catalogue as it holds (the newest feed entry of each key), and what each till said of it."""

import json

from sqlmodel import Session

from cloud_sync.projections.fact import Fact
from cloud_sync.tables.catalogue import Change, Entry
from cloud_sync.tables.events import FeedRow
from edge_agent.rules.text import clean_name
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.catalogue import ItemSet, ShopSet, SupplierSet
from edge_agent.wire.events.promotion import PromotionSet

KINDS = ("item_set", "supplier_set", "shop_set", "promotion_set")
Stamps = dict[str, list[int | str]]
"""field -> [cursor, author] of the feed entry that last changed it."""


def key_of(body: Contract) -> str | None:
    """What a catalogue body sets: a SKU, a supplier, the shop (empty); None for any other body."""
    match body:
        case ItemSet(sku=sku):
            return sku
        case SupplierSet(supplier=supplier):
            return supplier
        case PromotionSet(promotion=promotion):
            return promotion
        case ShopSet():
            return ""
    return None


def apply(session: Session, fact: Fact) -> None:
    """Keep what the till said, with the cursor that it had seen; what follows from it is published once, elsewhere."""
    key = key_of(fact.body)
    if key is None:
        return
    row = Change(
        tenant=fact.tenant,
        journal=fact.journal,
        seq=fact.event.seq,
        kind=fact.event.kind,
        key=key,
        feed=fact.event.feed,
        at=fact.event.at,
        body=fact.body.model_dump_json().encode(),
    )
    session.add(row)


def hold(session: Session, row: FeedRow) -> None:
    """Fold a feed entry of the catalogue: it holds from now on, and stamps the fields that it changed."""
    if row.kind not in KINDS:
        return
    entry = session.get(Entry, (row.tenant, row.shop, row.kind, row.key))
    before = json.loads(entry.body) if entry else {}
    stamps: Stamps = json.loads(entry.stamps) if entry else {}
    fields = json.loads(row.body)
    for name in before | fields:
        if name not in before or name not in fields or before[name] != fields[name]:
            stamps[name] = [row.cursor, row.author]
    entry = entry or Entry(
        tenant=row.tenant, shop=row.shop, kind=row.kind, key=row.key, name="", body=b"", stamps=b"", cursor=0
    )
    entry.name, entry.body, entry.cursor = clean_name(fields["name"]) or row.key, row.body, row.cursor
    entry.stamps = json.dumps(stamps, sort_keys=True).encode()
    session.add(entry)
