"""Projection: what sold by SKU and day, at our tills and before them; imported sales feed demand and nothing else."""

from collections.abc import Sequence

from cloud_sync.projections.fact import Fact
from cloud_sync.projections.sums import Sums
from cloud_sync.tables.figures import DemandDay
from edge_agent.rules.day import HOUR_MS, local
from edge_agent.wire.events.catalogue import HistoryImported
from edge_agent.wire.events.sales import SaleCompleted


def add(sums: Sums, fact: Fact) -> None:
    """Add what one fact sold."""
    match fact.body:
        case SaleCompleted(day=day, lines=sold):
            for line in sold:
                sums.add(DemandDay, (fact.tenant, fact.shop, line.sku, day), line.qty, 0)
        case HistoryImported(rows=rows):
            add_history(sums, (fact.tenant, fact.shop, fact.zone), rows)


def add_history(sums: Sums, where: tuple[str, str, str], rows: Sequence[tuple[int, str, int]]) -> None:
    """Add imported sales of a tenant's shop in its zone."""
    tenant, shop, zone = where
    days = {hour: day_of_hour(hour, zone) for hour, _, _ in rows}
    for hour, sku, qty in rows:
        sums.add(DemandDay, (tenant, shop, sku, days[hour]), 0, qty)


def day_of_hour(hour: int, zone: str) -> int:
    """The day of an hour. Its middle lies on the right day also where a zone is off by half an hour."""
    return local(hour * HOUR_MS + HOUR_MS // 2, zone).toordinal()
