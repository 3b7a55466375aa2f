"""A shop before and after a day, from what its tills recorded and its owner said of the account."""

from collections.abc import Sequence

from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync import returns
from cloud_sync.cash_past import below_float
from cloud_sync.tables.drawer import DrawerDay
from cloud_sync.tables.figures import Takings
from edge_agent.rules.before_after import BeforeAfter, DaySold, Span


def before_after(session: Session, *, tenant: str, shop: str, day: int, days: int, now: int, today: int) -> BeforeAfter:
    """So many days before ordinal day `day`, and as many from it on, as far as they are over."""
    spans = (day - days, day - 1), (day, min(day + days, today) - 1)
    known = below_float(session, tenant=tenant, shop=shop, spans=spans, now=now)
    before, after = (
        _span(session, tenant, shop, first, last, under) for (first, last), under in zip(spans, known, strict=True)
    )
    return BeforeAfter(before, after)


def _span(session: Session, tenant: str, shop: str, first: int, last: int, under: tuple[int, int]) -> Span:
    sold = returns.sold(session, tenant=tenant, shop=shop, since=first, until=last)
    rows = returns.rows(session, tenant=tenant, shop=shop, since=first, until=last)
    days = tuple(_days(session, tenant, shop, first, last))
    return Span(first, last, days, sum(sold.values()), sum(row.qty for row in rows), *under)


def _days(session: Session, tenant: str, shop: str, first: int, last: int) -> Sequence[DaySold]:
    """Days with sales; what was given back is taken off elsewhere, not here."""
    takings = select(Takings.day, func.sum(Takings.receipts), func.sum(Takings.total)).where(
        Takings.tenant == tenant, Takings.shop == shop, Takings.day >= first, Takings.day <= last
    )
    refunds = select(DrawerDay.day, func.sum(DrawerDay.refunded)).where(
        DrawerDay.tenant == tenant, DrawerDay.shop == shop, DrawerDay.day >= first, DrawerDay.day <= last
    )
    given = {day: int(amount) for day, amount in session.exec(refunds.group_by(col(DrawerDay.day)))}
    rows = session.exec(takings.group_by(col(Takings.day)).order_by(col(Takings.day)))
    return [DaySold(int(many), int(total) - given.get(day, 0)) for day, many, total in rows if many]
