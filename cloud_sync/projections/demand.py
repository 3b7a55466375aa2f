"""Projection: what sold by SKU and day, at our tills and before them; imported sales feed demand and nothing else."""

from sqlmodel import Session

from cloud_sync.projections.fact import Fact
from cloud_sync.projections.sums import add_up
from cloud_sync.tables.figures import DemandDay
from edge_agent.rules.day import HOUR_MS, local
from edge_agent.wire.events.catalogue import HistoryImported
from edge_agent.wire.events.sales import SaleCompleted


def apply(session: Session, fact: Fact) -> None:
    """Fold one fact."""
    match fact.body:
        case SaleCompleted(day=day, lines=sold):
            add_up(session, DemandDay, [_row(fact, line.sku, day, sold=line.qty) for line in sold])
        case HistoryImported(rows=rows):
            # The middle of the hour lies on the right day also where a zone is off by half an hour.
            days = {hour: local(hour * HOUR_MS + HOUR_MS // 2, fact.zone).toordinal() for hour, _, _ in rows}
            add_up(session, DemandDay, [_row(fact, sku, days[hour], imported=qty) for hour, sku, qty in rows])


def _row(fact: Fact, sku: str, day: int, *, sold: int = 0, imported: int = 0) -> dict[str, object]:
    key = {"tenant": fact.tenant, "shop": fact.shop, "sku": sku, "day": day}
    return {**key, "sold": sold, "imported": imported}
