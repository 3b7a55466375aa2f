"""Projection: what sold by SKU and day, at our tills and before them; imported sales feed demand and nothing else."""

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
            # The middle of the hour lies on the right day also where a zone is off by half an hour.
            days = {hour: local(hour * HOUR_MS + HOUR_MS // 2, fact.zone).toordinal() for hour, _, _ in rows}
            for hour, sku, qty in rows:
                sums.add(DemandDay, (fact.tenant, fact.shop, sku, days[hour]), 0, qty)
