"""Channels beside the tills: which SKUs the web, a live window or a marketplace sells, and what each has of them."""

from collections.abc import Iterable, Mapping

from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync.catalogue import item, set_item
from cloud_sync.feed import held_shop
from cloud_sync.quotas import share_out
from cloud_sync.split import parts_of
from cloud_sync.tables.house import Shop
from cloud_sync.tables.reservations import Channel
from edge_agent.rules.reservation import Part

WEB = "web"
"""The public pages of the shop's drops."""
ALWAYS = 2**53
"""Until nobody shuts it."""


def open_channel(
    session: Session, *, tenant: str, shop: str, channel: str, kept: Mapping[str, int], until: int, at: int
) -> None:
    """Let a channel sell SKUs until then, in the caller's transaction: so many milli-units of each are set aside for it
    alone (0: it shares with the tills). Opened again it has what is said now. The SKUs become limited; what the tills
    hold comes as they give it up, at once where they are in touch. NotKnown for a SKU that is not in the catalogue."""
    held = held_shop(session, tenant, shop)
    for sku, qty in sorted(kept.items()):
        found = item(session, tenant=tenant, shop=shop, sku=sku)
        if not found.limited:
            set_item(session, tenant=tenant, shop=shop, item=found.model_copy(update={"limited": True}), at=at)
        row = session.get(Channel, (tenant, shop, channel, sku))
        if row is None:
            row = Channel(tenant=tenant, shop=shop, channel=channel, sku=sku, opened_at=at, until=until)
        row.kept, row.until = qty, until
        session.add(row)
    session.flush()
    share_out(session, held, list(kept), at)


def shut(session: Session, shop: Shop, channel: str, skus: Iterable[str]) -> None:
    """The channel sells these no longer; what it held is free once nothing of it is reserved any more."""
    for sku in skus:
        row = session.get(Channel, (shop.tenant, shop.shop, channel, sku))
        if row is not None:
            session.delete(row)
    session.flush()


def channels(session: Session, *, tenant: str, shop: str, channel: str = "") -> list[Channel]:
    """A shop's channels, or one of them, by name and SKU."""
    mine = select(Channel).where(Channel.tenant == tenant, Channel.shop == shop)
    mine = mine.where(Channel.channel == channel) if channel else mine
    return list(session.exec(mine.order_by(Channel.channel, Channel.sku)))


def sold_through(session: Session, *, tenant: str, shop: str, channel: str, sku: str, at: int) -> Part:
    """What a channel has of a SKU: set aside, reserved, fetched."""
    return parts_of(session, tenant, shop, sku, at).get(channel, Part(open=False))


def any_channel(session: Session, tenant: str, shop: str) -> bool:
    """True when something beside the tills sells in this shop."""
    mine = select(func.count()).select_from(Channel).where(col(Channel.tenant) == tenant, col(Channel.shop) == shop)
    return session.exec(mine).one() > 0
