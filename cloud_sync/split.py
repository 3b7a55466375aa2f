"""How the stock of a limited item is divided at this moment: each till's quota, and each channel's part beside them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Select, bindparam, func
from sqlmodel import Session, col, select

from cloud_sync.database import ask, columns
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
    named = {"tenant": shop.tenant, "shop": shop.shop, "sku": sku}
    said = ask(session, _said(), **named)
    before = QuotaSet.model_validate_json(said[0].body) if said else QuotaSet(sku=sku, granted={}, keep={})
    moved = {journal: (moved, given) for journal, moved, given in ask(session, _moved(), **named)}
    quotas = {
        till: quota(moved.get(till, (0, 0))[0], before.granted.get(till, 0), moved.get(till, (0, 0))[1])
        for till in tills
    }
    stock = session.get(Stock, (shop.tenant, shop.shop, sku))
    pool = (stock.on_hand if stock else 0) - sum(quotas.values())
    return Split(before, quotas, pool, parts_of(session, shop.tenant, shop.shop, sku, now))


@cache
def _said() -> Select[*tuple[Any, ...]]:
    """Asks for the last word to the tills about a SKU."""
    mine = _here(sql.select(col(FeedRow.body)), FeedRow).where(col(FeedRow.key) == bindparam("sku"))
    return mine.where(col(FeedRow.kind) == "quota_set").order_by(col(FeedRow.cursor).desc()).limit(1)


@cache
def _moved() -> Select[*tuple[Any, ...]]:
    what = columns(StockByJournal.journal, StockByJournal.moved, StockByJournal.given)
    return _here(sql.select(*what), StockByJournal).where(col(StockByJournal.sku) == bindparam("sku"))


def _here(asked: Select[*tuple[Any, ...]], table: Any) -> Select[*tuple[Any, ...]]:
    return asked.where(table.tenant == bindparam("tenant"), table.shop == bindparam("shop"))


def parts_of(session: Session, tenant: str, shop: str, sku: str, now: int) -> dict[str, Part]:
    """{channel: its part of a SKU}; one that is shut is there while something is reserved through it."""
    named = {"tenant": tenant, "shop": shop, "sku": sku}
    rows = {row.channel: row for row in ask(session, _channels(), **named)}
    held, handed = dict[str, int](), dict[str, int]()
    for channel, state, at, qty in ask(session, _reserved(), **named):
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


@cache
def _channels() -> Select[*tuple[Any, ...]]:
    what = columns(Channel.channel, Channel.kept, Channel.opened_at, Channel.until)
    return _here(sql.select(*what), Channel).where(col(Channel.sku) == bindparam("sku"))


@cache
def _reserved() -> Select[*tuple[Any, ...]]:
    """Asks what of a SKU is reserved or was fetched, by channel, state and moment."""
    here = (
        (col(Reservation.tenant) == ReservedLineRow.tenant)
        & (col(Reservation.shop) == ReservedLineRow.shop)
        & (col(Reservation.reservation) == ReservedLineRow.reservation)
    )
    by = columns(Reservation.channel, Reservation.state, Reservation.at)
    asked = sql.select(*by, func.sum(col(ReservedLineRow.qty))).select_from(ReservedLineRow).join(Reservation, here)
    mine = _here(asked, ReservedLineRow).where(col(ReservedLineRow.sku) == bindparam("sku"))
    return mine.where(col(Reservation.state).in_(("open", "handed"))).group_by(*by)
