"""What a drop's creators are owed: by what the tills sold of it in its window less what came back until it is paid."""

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col

from cloud_sync import drops
from cloud_sync.drop_books import events_of
from cloud_sync.tables.returns import ReturnDay
from edge_agent.rules.cash_ledger import Flow
from edge_agent.rules.creators import DUE_DAYS, Owed, owed
from edge_agent.rules.day import local
from edge_agent.wire.events.drops import DropSet
from edge_agent.wire.events.sales import SaleCompleted


def due_on(drop: DropSet, zone: str) -> int:
    """The ordinal day on which its creators are paid."""
    return local(drop.end, zone).toordinal() + DUE_DAYS


def owed_of(session: Session, *, tenant: str, shop: str, drop: DropSet, zone: str) -> list[Owed]:
    """What each creator of a drop is owed as far as it is known; looked up once a session."""
    if not drop.creators:
        return []
    key = ("creators", tenant, shop, drop.drop)
    if key not in session.info:
        sold, back = _sold(session, tenant, shop, drop), _back(session, tenant, shop, drop, zone)
        session.info[key] = owed(drop, sold, back)
    found: list[Owed] = session.info[key]
    return found


def creator_flows(session: Session, *, tenant: str, shop: str, zone: str, first: int, now: int) -> list[Flow]:
    """From ordinal day `first` on, of drops whose window is over at `now`; of others the drop itself tells it."""
    found = []
    for drop in drops.drops(session, tenant=tenant, shop=shop):
        due = due_on(drop, zone)
        if drop.creators and not drop.called_off and drop.end <= now and due >= first:
            for place, one in enumerate(owed_of(session, tenant=tenant, shop=shop, drop=drop, zone=zone)):
                if one.amount > 0:
                    words = f"{one.creator.name}, share of {drop.name}"
                    found.append(Flow(f"creator {drop.drop} {place}", due, -one.amount, "bill", words))
    return found


def _sold(session: Session, tenant: str, shop: str, drop: DropSet) -> dict[str, int]:
    """{SKU: minor units} that the tills took for it in the window."""
    skus, found = {part.sku for part in drop.parts}, dict[str, int]()
    for _journal, event in events_of(session, tenant, shop, drop, ("sale_completed",)):
        for line in SaleCompleted.model_validate(event.body).lines:
            if line.sku in skus:
                found[line.sku] = found.get(line.sku, 0) + line.gross
    return found


def _back(session: Session, tenant: str, shop: str, drop: DropSet, zone: str) -> dict[str, int]:
    """{SKU: minor units} given back from its start until it is paid, or the next drop of the same SKU begins."""
    first, found = local(drop.start, zone).toordinal(), dict[str, int]()
    later = [one for one in drops.drops(session, tenant=tenant, shop=shop) if one.start >= drop.end]
    for part in drop.parts:
        next_ = [local(one.start, zone).toordinal() for one in later if part.sku in {each.sku for each in one.parts}]
        last = min([due_on(drop, zone), *(day - 1 for day in next_)])
        day = ReturnDay
        sums = columns(func.sum(day.gross)).where(col(day.tenant) == tenant, col(day.shop) == shop)
        mine = sums.where(col(day.sku) == part.sku, col(day.day) >= first, col(day.day) <= last)
        found[part.sku] = -int(session.execute(mine).scalar() or 0)
    return found
