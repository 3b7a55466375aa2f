"""Projection: what came back by reason and whereabouts, and deposits taken and given, by SKU and business day."""

from cloud_sync.projections.fact import Fact
from cloud_sync.projections.sums import Sums
from cloud_sync.tables.returns import DepositDay, ReturnDay
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.sales import SaleCompleted


def add(sums: Sums, fact: Fact) -> None:
    """Add what one fact gave back, and what deposits it moved."""
    here = (fact.tenant, fact.shop)
    match fact.body:
        case SaleCompleted(day=day, lines=sold):
            for one in sold:
                if one.deposit:
                    sums.add(DepositDay, (*here, one.sku, day), one.qty, 0, one.deposit, 0)
        case RefundMade(day=day, lines=back):
            for line in back:
                if line.goes != "empty":
                    sums.add(ReturnDay, (*here, line.sku, day, line.goes, line.why), line.qty, line.gross)
                if line.deposit:
                    sums.add(DepositDay, (*here, line.sku, day), 0, line.qty, 0, -line.deposit)
