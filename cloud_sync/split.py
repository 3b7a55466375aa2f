"""How the stock of a limited item is divided at this moment: each till's quota, and each channel's part beside them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import FeedRow, JournalRow, RawEvent
from cloud_sync.tables.figures import Stock, StockByJournal
from cloud_sync.tables.house import Shop
from cloud_sync.tables.reservations import Channel, Reservation, ReservedLineRow
from edge_agent.rules.quota import quota
from edge_agent.rules.reservation import Part, free
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events.device import Genesis
from edge_agent.wire.events.quota import QuotaSet

GONE = ("retired", "banned")
"""What such a till could still have sold goes back to the others."""


@dataclass(frozen=True)
class Split:
    """`said` is the last word to the tills, `quotas` what each may sell of it, `pool` what no till may (milli-units),
    `parts` the channels that sell from the pool."""

    said: QuotaSet
    quotas: dict[str, int]
    pool: int
    parts: Mapping[str, Part]

    def free(self, channel: str) -> int:
        """What may be reserved through a channel. What a till sold beyond its quota, because it was reserved, is not
        there any more."""
        beyond = sum(-one for one in self.quotas.values() if one < 0)
        return free(self.pool - beyond, self.parts, channel)


def selling_journals(session: Session, shop: Shop) -> set[str]:
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


def split_of(session: Session, shop: Shop, sku: str, tills: Collection[str], now: int) -> Split:
    """How it stands with a SKU among these journals and the shop's channels."""
    mine = select(FeedRow).where(FeedRow.tenant == shop.tenant, FeedRow.shop == shop.shop)
    said = session.exec(
        mine.where(FeedRow.kind == "quota_set", FeedRow.key == sku).order_by(col(FeedRow.cursor).desc())
    ).first()
    before = QuotaSet.model_validate_json(said.body) if said else QuotaSet(sku=sku, granted={}, keep={})
    rows = select(StockByJournal).where(StockByJournal.tenant == shop.tenant, StockByJournal.shop == shop.shop)
    moved = {row.journal: (row.moved, row.given) for row in session.exec(rows.where(StockByJournal.sku == sku))}
    quotas = {
        till: quota(moved.get(till, (0, 0))[0], before.granted.get(till, 0), moved.get(till, (0, 0))[1])
        for till in tills
    }
    stock = session.get(Stock, (shop.tenant, shop.shop, sku))
    pool = (stock.on_hand if stock else 0) - sum(quotas.values())
    return Split(before, quotas, pool, parts_of(session, shop.tenant, shop.shop, sku, now))


def parts_of(session: Session, tenant: str, shop: str, sku: str, now: int) -> dict[str, Part]:
    """{channel: its part of a SKU}; one that is shut is there while something is reserved through it."""
    mine = select(Channel).where(Channel.tenant == tenant, Channel.shop == shop, Channel.sku == sku)
    rows = {row.channel: row for row in session.exec(mine)}
    here = (
        (col(Reservation.tenant) == ReservedLineRow.tenant)
        & (col(Reservation.shop) == ReservedLineRow.shop)
        & (col(Reservation.reservation) == ReservedLineRow.reservation)
    )
    since = select(Reservation.channel, Reservation.state, Reservation.at, func.sum(ReservedLineRow.qty))
    since = since.select_from(ReservedLineRow).join(Reservation, here)
    since = since.where(ReservedLineRow.tenant == tenant, ReservedLineRow.shop == shop, ReservedLineRow.sku == sku)
    since = since.where(col(Reservation.state).in_(("open", "handed")))
    held, handed = dict[str, int](), dict[str, int]()
    for channel, state, at, qty in session.exec(
        since.group_by(col(Reservation.channel), col(Reservation.state), col(Reservation.at))
    ):
        if state == "open":
            held[channel] = held.get(channel, 0) + int(qty)
        elif channel in rows and at >= rows[channel].opened_at:
            handed[channel] = handed.get(channel, 0) + int(qty)
    return {
        name: Part(
            kept=rows[name].kept if name in rows else 0,
            held=held.get(name, 0),
            handed=handed.get(name, 0),
            open=name in rows and rows[name].until > now,
        )
        for name in {*rows, *held}
    }
