"""Projection: refunds and cash movements by business day and till, and the list of closings as the tills said them."""

from sqlmodel import Session

from cloud_sync.projections.fact import Fact
from cloud_sync.projections.sums import Sums
from cloud_sync.tables.drawer import Closing, DrawerDay
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.shift import CashMoved, PeriodClosed, ShiftClosed


def add(sums: Sums, fact: Fact) -> None:
    """Add what one fact gave back or moved at the drawer."""
    match fact.body:
        case RefundMade(day=day, total=total):
            amounts = (1, total, 0, 0, 0)
        case CashMoved(day=day, what="in", amount=amount):
            amounts = (0, 0, amount, 0, 0)
        case CashMoved(day=day, what="out", amount=amount):
            amounts = (0, 0, 0, amount, 0)
        case CashMoved(day=day):
            amounts = (0, 0, 0, 0, 1)
        case _:
            return
    sums.add(DrawerDay, (fact.tenant, fact.shop, day, fact.journal), *amounts)


def apply(session: Session, fact: Fact) -> None:
    """Keep a closing."""
    body = fact.body
    if not isinstance(body, ShiftClosed | PeriodClosed):
        return
    shift = body if isinstance(body, ShiftClosed) else None
    session.add(
        Closing(
            tenant=fact.tenant,
            journal=fact.journal,
            seq=fact.event.seq,
            shop=fact.shop,
            what="shift" if isinstance(body, ShiftClosed) else body.period,
            number=body.number,
            label=body.day if isinstance(body, ShiftClosed) else body.label,
            at=fact.event.at,
            sales=body.totals.sales,
            sold=body.totals.sold,
            refunds=body.totals.refunds,
            refunded=body.totals.refunded,
            expected=shift.expected if shift else 0,
            counted=shift.counted if shift else None,
            difference=shift.difference if shift else 0,
            dropped=shift.dropped if shift else 0,
        )
    )
