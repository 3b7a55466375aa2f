"""Projection: stock by SKU, the sum of all that moved it; a count is the difference that it found."""

from cloud_sync.projections.fact import Fact
from cloud_sync.projections.sums import Sums
from cloud_sync.tables.figures import Stock
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.stock import StockAdjusted, StockCounted, StockReceived

Move = tuple[str, int, int]
"""SKU, milli-units, counts."""


def add(sums: Sums, fact: Fact) -> None:
    """Add what one fact moved."""
    for sku, qty, counts in _moves(fact):
        sums.add(Stock, (fact.tenant, fact.shop, sku), qty, counts)


def _moves(fact: Fact) -> list[Move]:
    match fact.body:
        case SaleCompleted(lines=sold):
            return [(line.sku, -line.qty, 0) for line in sold]
        case StockReceived(lines=came):
            return [(line.sku, line.qty, 0) for line in came]
        case StockCounted(lines=counted):
            return [(line.sku, line.counted - line.expected, 1) for line in counted]
        case StockAdjusted(sku=sku, qty=qty):
            return [(sku, qty, 0)]
    return []
