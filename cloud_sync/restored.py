"""A cloud that was restored from a backup may have sent orders that it does not know any more: what it sends, and when.

The tills know of such orders from the feed that they had, and record it when the new generation's begins. Until every
till has done so, or the owner says so, nothing is sent. What was approved in the backup itself may have been sent in a
moment that no till saw: it waits for the owner, and is over with its cut-off.
"""

import json
from functools import cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Select, func
from sqlmodel import Session, col, select

from cloud_sync.database import ask, columns
from cloud_sync.orders import By, note_sent
from cloud_sync.post.outbox import doubt_all
from cloud_sync.projections.fact import Fact
from cloud_sync.service import stamp
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.backups import Answered, Resumed
from cloud_sync.tables.events import JournalRow, OrderCommand
from cloud_sync.tables.house import Shop, Stamp
from cloud_sync.tables.orders import Order, Sending
from edge_agent.wire.events.device import FeedRenewed
from edge_agent.wire.events.orders import OrderWasSent

RESTORED = "restored_at"
"""The stamp that says when."""
EARLIER = "before the restore"
FEED_JUMP = 1_000_000
"""So far behind the backup's feed the new one goes on: a cursor that a till had seen stands for nothing else now."""


def begin_anew(session: Session, generation: str, now: int) -> None:
    """Another generation: tills send again from what is here, and take the feed from its start."""
    session.merge(Stamp(name="generation", value=generation))
    session.merge(Stamp(name=RESTORED, value=str(now)))
    for shop in session.exec(select(Shop)).all():
        shop.feed_head += FEED_JUMP
        session.add(shop)
    doubt_all(session)


def restored_at(session: Session) -> int | None:
    """When this database was put back from a backup, if it ever was."""
    rows = ask(session, _restored())
    return int(rows[0].value) if rows else None


@cache
def _restored() -> Select[*tuple[Any, ...]]:
    return sql.select(*columns(Stamp.value)).where(col(Stamp.name) == RESTORED)


def waits_for(session: Session, tenant: str, shop: str) -> list[Device]:
    """The shop's tills that have not told yet what they know since the restore; none when there was no restore."""
    at = restored_at(session)
    if at is None:
        return []
    mine = select(Device).where(Device.tenant == tenant, Device.shop == shop, Device.paired_at <= at)
    generation = stamp(session, "generation")
    answered = select(Answered.device).where(Answered.tenant == tenant, Answered.generation == generation)
    active = mine.where(col(Device.state).in_(("active", "suspected")), col(Device.device).not_in(answered))
    return list(session.exec(active.order_by(col(Device.till))))


def is_resumed(session: Session, tenant: str, shop: str) -> bool:
    """True when the owner has said since the restore that orders are sent again."""
    row = session.get(Resumed, (tenant, shop))
    return row is not None and row.restored_at == restored_at(session)


def resume(session: Session, *, tenant: str, shop: str, by: str, now: int) -> None:
    """The owner's word that orders are sent again."""
    if (at := restored_at(session)) is not None:
        session.merge(Resumed(tenant=tenant, shop=shop, restored_at=at, by=by[:80], at=now))


def why_paused(session: Session, order: Order) -> str:
    """Why an order is not sent since the restore, in words; empty when it is."""
    at = restored_at(session)
    if at is None:
        return ""
    from_backup = order.decided_at is not None and order.decided_at <= at
    if from_backup and order.cutoff_at <= at:
        return "Its cut-off was over when the cloud was restored: it was sent then, or is too late."
    if is_resumed(session, order.tenant, order.shop):
        return ""
    if from_backup:
        return "It was approved before the cloud was restored and may have been sent already: say so on the first page."
    away = waits_for(session, order.tenant, order.shop)
    return f"The cloud was restored, and {away[0].till} has not told yet what was sent." if away else ""


def note_renewed(session: Session, fact: Fact, now: int) -> None:
    """A till told what the feed of another generation had said, or that this is all."""
    match fact.body:
        case OrderWasSent():
            _was_sent(session, fact, fact.body, now)
        case FeedRenewed(generation=generation):
            row = session.get(JournalRow, (fact.tenant, fact.journal))
            if row is not None:
                session.merge(Answered(tenant=fact.tenant, device=row.device, generation=generation))


def _was_sent(session: Session, fact: Fact, body: OrderWasSent, now: int) -> None:
    if session.get(Sending, (fact.tenant, body.order)) is not None:
        return
    row = {"tenant": fact.tenant, "order": body.order, "shop": fact.shop, "number": body.number}
    session.add(Sending(**row, by=EARLIER, journal=fact.journal, at=now))
    order = session.get(Order, (fact.tenant, body.order))
    if order is None:
        _note_for_later(session, fact, body, now)
    elif order.shop == fact.shop and order.state not in ("sent", "received"):
        note_sent(session, order, list(body.lines), by=By(), reason=EARLIER, now=now)


def _note_for_later(session: Session, fact: Fact, body: OrderWasSent, now: int) -> None:
    """Its proposal is still with the till that made it."""
    mine = select(func.coalesce(func.max(OrderCommand.version), 0)).where(OrderCommand.tenant == fact.tenant)
    version = session.exec(mine.where(OrderCommand.order == body.order)).one()
    session.add(
        OrderCommand(
            tenant=fact.tenant,
            order=body.order,
            version=version + 1,
            shop=fact.shop,
            command="sent",
            by="",
            owner="",
            at=now,
            revision=0,
            reason=EARLIER,
            lines=json.dumps([line.model_dump() for line in body.lines]).encode(),
        )
    )
