"""By what an owner wants a supplier's orders sent; every choice is kept, with who made it, and the newest holds."""

from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session, col, select

from cloud_sync.catalogue import suppliers
from cloud_sync.feed import held_shop
from cloud_sync.post.network import place_of
from cloud_sync.tables.post import SupplierChannel
from edge_agent.errors import NotKnown

GoesBy = Literal["email", "webhook"]


@dataclass(frozen=True)
class Choice:
    """What an owner wants; `renew` ends the secret that held."""

    tenant: str
    shop: str
    supplier: str
    goes_by: GoesBy
    url: str
    by: str
    at: int
    renew: bool = False


def channel_of(session: Session, *, tenant: str, shop: str, supplier: str) -> SupplierChannel | None:
    """The choice that holds; None: by e-mail, nobody chose yet."""
    return next(iter(choices(session, tenant=tenant, shop=shop, supplier=supplier)), None)


def choices(session: Session, *, tenant: str, shop: str, supplier: str) -> list[SupplierChannel]:
    """All choices, the newest first."""
    mine = select(SupplierChannel).where(SupplierChannel.tenant == tenant, SupplierChannel.shop == shop)
    wanted = mine.where(SupplierChannel.supplier == supplier).order_by(col(SupplierChannel.version).desc())
    return list(session.exec(wanted))


def choose(session: Session, choice: Choice) -> SupplierChannel:
    """Let a supplier's orders go so from now on. NotKnown for no supplier of the shop, BadInput for an address that no
    order is sent to."""
    of = {"tenant": choice.tenant, "shop": choice.shop, "supplier": choice.supplier}
    held_shop(session, choice.tenant, choice.shop)
    if choice.supplier not in suppliers(session, tenant=choice.tenant, shop=choice.shop):
        raise NotKnown("there is no such supplier")
    if choice.goes_by == "webhook" or choice.url:
        place_of(choice.url)
    before = channel_of(session, **of)
    turn = before.turn if before else 0
    row = SupplierChannel(
        tenant=choice.tenant,
        shop=choice.shop,
        supplier=choice.supplier,
        version=before.version + 1 if before else 1,
        goes_by=choice.goes_by,
        url=choice.url,
        turn=turn + 1 if choice.url and (choice.renew or not turn) else turn,
        by=choice.by,
        at=choice.at,
    )
    session.add(row)
    session.flush()
    return row
