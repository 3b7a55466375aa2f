"""The quotas of limited items: granted to the tills of a shop from what they gave up, never more than that."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from cloud_sync.feed import publish
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.catalogue import Entry
from cloud_sync.tables.events import FeedRow, JournalRow, RawEvent
from cloud_sync.tables.figures import Stock, StockByJournal
from cloud_sync.tables.house import Shop
from edge_agent.rules.quota import plan, quota
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events.catalogue import ItemSet
from edge_agent.wire.events.device import Genesis
from edge_agent.wire.events.quota import QuotaSet

GONE = ("retired", "banned")
"""What such a till could still have sold goes back to the others."""


def is_shared(session: Session, shop: Shop) -> bool:
    """True once the shop has more than one journal."""
    mine = select(JournalRow.journal).where(JournalRow.tenant == shop.tenant, JournalRow.shop == shop.shop)
    return len(session.exec(mine.limit(2)).all()) > 1


def share_out(session: Session, shop: Shop, skus: Collection[str], now: int) -> None:
    """Share the limited items among these SKUs anew where that is needed; the caller's transaction holds `shop`."""
    limited = _limited(session, shop, skus)
    tills = _tills(session, shop) if limited and is_shared(session, shop) else set()
    for sku in limited if tills else ():
        _share(session, shop, sku, tills, now)


def _limited(session: Session, shop: Shop, skus: Collection[str]) -> list[str]:
    mine = select(Entry.key, Entry.body).where(Entry.tenant == shop.tenant, Entry.shop == shop.shop)
    mine = mine.where(Entry.kind == "item_set", col(Entry.key).in_(sorted(skus)))
    rows = session.exec(mine).all() if skus else ()
    return sorted(sku for sku, body in rows if b'"limited"' in body and ItemSet.model_validate_json(body).limited)


def _tills(session: Session, shop: Shop) -> set[str]:
    """The journals that still sell: not of a till that is gone, not gone on in a new one after a restore."""
    here = (col(Device.tenant) == JournalRow.tenant) & (col(Device.device) == JournalRow.device)
    mine = select(JournalRow.journal).join(Device, here).where(JournalRow.tenant == shop.tenant)
    journals = set(session.exec(mine.where(JournalRow.shop == shop.shop, col(Device.state).not_in(GONE))))
    over = set()
    for journal in journals:
        raw = session.get(RawEvent, (shop.tenant, journal, 1))
        event = event_of(raw.line) if raw and raw.kind == "genesis" else None
        born = Genesis.model_validate(event.body) if event else None
        if born and born.reason in ("restored", "corrupt"):
            over.add(born.parent)
    return journals - over


def _share(session: Session, shop: Shop, sku: str, tills: set[str], now: int) -> None:
    mine = select(FeedRow).where(FeedRow.tenant == shop.tenant, FeedRow.shop == shop.shop)
    said = session.exec(
        mine.where(FeedRow.kind == "quota_set", FeedRow.key == sku).order_by(col(FeedRow.cursor).desc())
    ).first()
    before = QuotaSet.model_validate_json(said.body) if said else QuotaSet(sku=sku, granted={}, keep={})
    parts = select(StockByJournal).where(StockByJournal.tenant == shop.tenant, StockByJournal.shop == shop.shop)
    rows = {row.journal: row for row in session.exec(parts.where(StockByJournal.sku == sku))}
    quotas = {
        till: quota(rows[till].moved if till in rows else 0, before.granted.get(till, 0), _given(rows, till))
        for till in tills
    }
    stock = session.get(Stock, (shop.tenant, shop.shop, sku))
    done = plan((stock.on_hand if stock else 0) - sum(quotas.values()), quotas)
    granted = {
        till: before.granted.get(till, 0) + done.grants.get(till, 0) for till in sorted({*before.granted, *done.grants})
    }
    fresh = QuotaSet(sku=sku, granted=granted, keep=done.keep)
    if fresh != before:
        publish(session, shop, fresh, key=sku, at=now)


def _given(rows: dict[str, StockByJournal], till: str) -> int:
    return rows[till].given if till in rows else 0
