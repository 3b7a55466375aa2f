"""What an owner says at the desk of the stock and of past sales: published to the tills, and counted like a till's.

The entries of the feed without an author are its only table: a rebuild counts them again from there.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlmodel import Session, select

from cloud_sync.feed import held_shop, publish
from cloud_sync.projections.demand import add_history, day_of_hour
from cloud_sync.projections.sums import Sums
from cloud_sync.shared import saw_of, tell_counted
from cloud_sync.tables.events import FeedRow
from cloud_sync.tables.figures import DemandDay, Stock
from edge_agent.rules.imports import SaleRow
from edge_agent.rules.imports_made import counts_of, history_of
from edge_agent.wire.events.catalogue import HistoryImported
from edge_agent.wire.events.stock import CountedLine, StockCounted

COUNTED, HISTORY = "stock_counted", "history_imported"
BODIES: dict[str, type[StockCounted | HistoryImported]] = {COUNTED: StockCounted, HISTORY: HistoryImported}


def count_stock(session: Session, *, tenant: str, shop: str, counted: Mapping[str, int], at: int) -> int:
    """The shop holds so much (milli-units) of these items; how many that changed. What tills sold and have not sent
    yet still comes off: a count is the difference that it found."""
    held = held_shop(session, tenant, shop)
    mine = select(Stock).where(Stock.tenant == tenant, Stock.shop == shop)
    known = {row.sku: row for row in session.exec(mine)}
    lines = [
        CountedLine(sku=sku, counted=qty, expected=known[sku].on_hand if sku in known else 0)
        for sku, qty in sorted(counted.items())
        if sku not in known or not known[sku].counts or known[sku].on_hand != qty
    ]
    sums = Sums()
    for body in counts_of(lines, saw_of(session, held)):
        fold(sums, publish(session, held, body, key="", at=at), held.zone)
    sums.write(session)
    if lines:
        session.expire_all()
        tell_counted(session, held, {line.sku for line in lines}, at)
    return len(lines)


def import_history(session: Session, *, tenant: str, shop: str, source: str, rows: Sequence[SaleRow], at: int) -> None:
    """Past sales for the forecast alone; `source` is the file's SHA-256."""
    held = held_shop(session, tenant, shop)
    sums = Sums()
    for body in history_of(source, rows):
        fold(sums, publish(session, held, body, key=source, at=at), held.zone)
    sums.write(session)


def has_imported(session: Session, *, tenant: str, shop: str, source: str) -> bool:
    """True when this very file was taken here before."""
    mine = select(FeedRow.cursor).where(FeedRow.tenant == tenant, FeedRow.shop == shop, FeedRow.kind == HISTORY)
    return session.exec(mine.where(FeedRow.key == source).limit(1)).first() is not None


def days_known(session: Session, *, tenant: str, shop: str, zone: str, rows: Iterable[SaleRow]) -> set[tuple[str, int]]:
    """(SKU, ordinal day) of these sales of which something was sold or imported already."""
    days = {(row.sku, day_of_hour(row.hour_utc, zone)) for row in rows}
    if not days:
        return set()
    first, last = min(day for _, day in days), max(day for _, day in days)
    mine = select(DemandDay.sku, DemandDay.day).where(DemandDay.tenant == tenant, DemandDay.shop == shop)
    held = session.exec(mine.where(DemandDay.day >= first, DemandDay.day <= last))
    return {(sku, day) for sku, day in held if (sku, day) in days}


def fold(sums: Sums, row: FeedRow, zone: str) -> None:
    """Add what an owner's entry moved; one of a till is counted from its journal."""
    made = BODIES.get(row.kind)
    if made is None or row.author:
        return
    match made.model_validate_json(row.body):
        case StockCounted(lines=lines):
            for line in lines:
                sums.add(Stock, (row.tenant, row.shop, line.sku), line.counted - line.expected, 1)
        case HistoryImported(rows=rows):
            add_history(sums, (row.tenant, row.shop, zone), rows)
