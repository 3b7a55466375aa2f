"""Who sends an order: claimed once and for ever, by one worker of the cloud or by the slip of the one named till.

An approved order of a supplier that is ordered from by the cloud is to be sent. Where the supplier was ordered from by
the shop before, the till that wrote the slips must have heard of the change: until then it may still write one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cloud_sync.database import Database
from cloud_sync.orders import By, approved_lines, held_order, note_sent
from cloud_sync.projections.fact import Fact
from cloud_sync.restored import EARLIER, why_paused
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import FeedRow, JournalRow, RawEvent
from cloud_sync.tables.orders import Order, Sending
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events.catalogue import SupplierSet
from edge_agent.wire.events.orders import OrderPlacedByHand

HAND = "hand"
File = Callable[[Session, Order], bool]
"""Puts an order on its way to the supplier; False when there is no way."""


@dataclass(frozen=True)
class Claim:
    """An order that its claimer, and nobody else, sends."""

    tenant: str
    order: str
    number: str


def claim_next(database: Database, worker: str, now: int, file: File | None = None) -> Claim | None:
    """Claim the approved order whose cut-off is soonest; None when there is nothing to send. Of any number of workers,
    restarts and retries one gets each order, once. `file` puts it on its way in the same transaction."""
    taken = select(Sending.order).where(Sending.tenant == Order.tenant, Sending.order == Order.order).exists()
    due = select(Order.tenant, Order.order).where(Order.state == "approved", ~taken)
    with database.service().reading() as session:
        keys = session.exec(due.order_by(col(Order.cutoff_at), col(Order.order))).all()
    for tenant, key in keys:
        with database.of(tenant).writing() as session:
            claimed = _claim(session, tenant, key, worker, now, file)
        if claimed is not None:
            return claimed
    return None


def _claim(session: Session, tenant: str, key: str, worker: str, now: int, file: File | None) -> Claim | None:
    order = held_order(session, tenant=tenant, order=key)
    taken = session.get(Sending, (tenant, key)) is not None
    if taken or order.state != "approved" or why_not(session, order):
        return None
    if file is not None and not file(session, order):
        return None
    note_sent(session, order, approved_lines(session, order), by=By(), reason="the cloud sends it", now=now)
    session.add(Sending(tenant=tenant, order=key, shop=order.shop, number=order.number, by=worker, at=now))
    return Claim(tenant, key, order.number)


def why_not(session: Session, order: Order) -> str:
    """Why the cloud must not send this order, in words; empty when it may."""
    if paused := why_paused(session, order):
        return paused
    told = _told(session, order.tenant, order.shop, order.supplier)
    if told and not _is_cloud(told[-1][1]):
        return "The shop orders from this supplier by hand."
    if may_order_by_hand(session, tenant=order.tenant, shop=order.shop, supplier=order.supplier):
        return "The till that ordered from this supplier by hand has not heard yet that the cloud does."
    return ""


def may_order_by_hand(session: Session, *, tenant: str, shop: str, supplier: str) -> set[str]:
    """The tills that may write this supplier's order slips, by the last word that they surely had."""
    told = _told(session, tenant, shop, supplier)
    found = set()
    for place, (_, said) in enumerate(told):
        later = [cursor for cursor, one in told[place + 1 :] if one.till != said.till or _is_cloud(one)]
        if not _is_cloud(said) and not (later and _has_seen(session, tenant, said.till, later[0])):
            found.add(said.till)
    return found


def _told(session: Session, tenant: str, shop: str, supplier: str) -> list[tuple[int, SupplierSet]]:
    mine = select(FeedRow).where(FeedRow.tenant == tenant, FeedRow.shop == shop)
    said = mine.where(FeedRow.kind == "supplier_set", FeedRow.key == supplier).order_by(col(FeedRow.cursor))
    return [(row.cursor, SupplierSet.model_validate_json(row.body)) for row in session.exec(said)]


def _is_cloud(supplier: SupplierSet) -> bool:
    return supplier.ordered_from == "cloud"


def _has_seen(session: Session, tenant: str, device: str, cursor: int) -> bool:
    """True when something that the till recorded says that it had taken the feed so far; or it is out of service."""
    row = session.get(Device, (tenant, device))
    if row is None or row.state in ("retired", "banned"):
        return True
    for journal in session.exec(
        select(JournalRow).where(JournalRow.tenant == tenant, JournalRow.device == device, JournalRow.seq > 0)
    ):
        raw = session.get(RawEvent, (tenant, journal.journal, journal.seq))
        if raw is not None and raw.kind and event_of(raw.line).feed >= cursor:
            return True
    return False


def note_by_hand(session: Session, fact: Fact, now: int) -> str:
    """A till wrote an order's slip: the order is sent, and nobody else sends it. Words for the owner's task if the
    cloud has claimed it before (the supplier may get it twice), else empty."""
    body = fact.body
    if not isinstance(body, OrderPlacedByHand):
        return ""
    known = session.get(Sending, (fact.tenant, body.order))
    if known is not None and (known.journal == fact.journal or known.by == EARLIER):
        return ""
    order = session.get(Order, (fact.tenant, body.order))
    if order is not None and order.shop == fact.shop and known is None:
        device = session.get(JournalRow, (fact.tenant, fact.journal))
        till = session.get(Device, (fact.tenant, device.device)) if device else None
        by = By(name=till.till if till else "")
        note_sent(session, order, list(body.lines), by=by, reason="ordered by hand", now=now)
    if known is None:
        row = {"tenant": fact.tenant, "order": body.order, "shop": fact.shop, "number": body.number}
        session.add(Sending(**row, by=HAND, journal=fact.journal, at=now))
        return ""
    return f"Order {body.number} was sent by {known.by} and ordered by hand too: tell the supplier to deliver it once."
