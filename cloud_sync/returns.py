"""What came back of a shop's goods, as all its tills recorded it: for the owner's page, and for the size of a drop."""

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from cloud_sync.tables.figures import DemandDay, Takings
from cloud_sync.tables.returns import DepositDay, ReturnDay
from edge_agent.rules.returns import PIECE, Deposits, Returns, Row, Seen

YEAR = 365


def rows(session: Session, *, tenant: str, shop: str, since: int, until: int) -> list[Row]:
    """What came back on the ordinal days from `since` to `until`, by item, whereabouts and reason."""
    day = ReturnDay
    sums = columns(col(day.sku), col(day.goes), col(day.why), func.sum(day.qty), func.sum(day.gross))
    mine = sums.where(col(day.tenant) == tenant, col(day.shop) == shop, col(day.day) >= since, col(day.day) <= until)
    found = session.execute(mine.group_by(col(day.sku), col(day.goes), col(day.why)).order_by(col(day.sku)))
    return [Row(sku, goes, why, int(qty), int(gross)) for sku, goes, why, qty, gross in found]


def sold(session: Session, *, tenant: str, shop: str, since: int, until: int) -> dict[str, int]:
    """{SKU: milli-units} that the tills sold on those days."""
    sums = select(DemandDay.sku, func.sum(DemandDay.sold)).where(DemandDay.tenant == tenant, DemandDay.shop == shop)
    mine = sums.where(DemandDay.day >= since, DemandDay.day <= until).group_by(col(DemandDay.sku))
    return {sku: int(qty) for sku, qty in session.exec(mine) if qty}


def seen(session: Session, *, tenant: str, shop: str) -> Returns:
    """What the last year that is known says of each item; gone through once a session, however many drops ask."""
    key = seen_key(tenant, shop)
    if key not in session.info:
        session.info[key] = _seen(session, tenant, shop)
    found: Returns = session.info[key]
    return found


def seen_key(tenant: str, shop: str) -> tuple[str, str, str]:
    """Under which a session keeps it."""
    return ("returns", tenant, shop)


def _seen(session: Session, tenant: str, shop: str) -> Returns:
    mine = select(func.max(Takings.day)).where(Takings.tenant == tenant, Takings.shop == shop)
    until = session.exec(mine).one() or 0
    gone = sold(session, tenant=tenant, shop=shop, since=until - YEAR, until=until)
    found = {sku: Seen(qty / PIECE) for sku, qty in gone.items()}
    for row in rows(session, tenant=tenant, shop=shop, since=until - YEAR, until=until):
        back = row.qty / PIECE
        found[row.sku] = found.get(row.sku, Seen()) + Seen(0.0, back, back if row.goes == "shelf" else 0.0)
    return Returns(found)


def deposits(session: Session, *, tenant: str, shop: str) -> list[Deposits]:
    """Packaging with a deposit, all that ever went out; what is owed most first."""
    day = DepositDay
    sums = columns(col(day.sku), func.sum(day.out), func.sum(day.back), func.sum(day.taken), func.sum(day.given))
    mine = sums.where(col(day.tenant) == tenant, col(day.shop) == shop).group_by(col(day.sku))
    found = [
        Deposits(sku, int(out), int(back), int(taken), int(given))
        for sku, out, back, taken, given in session.execute(mine)
    ]
    return sorted(found, key=lambda one: (-one.owed, one.sku))
