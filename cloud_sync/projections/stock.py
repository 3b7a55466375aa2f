"""Projection: stock by SKU, the sum of all that moved it; a count is the difference that it found."""

from sqlmodel import Session

from cloud_sync.projections.fact import Fact
from cloud_sync.projections.sums import add_up
from cloud_sync.tables.figures import Stock
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.stock import StockAdjusted, StockCounted, StockReceived

Move = tuple[str, int, int]
"""SKU, milli-units, counts."""


def apply(session: Session, fact: Fact) -> None:
    """Fold one fact."""
    add_up(session, Stock, [_row(fact, *move) for move in _moves(fact)])


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


def _row(fact: Fact, sku: str, qty: int, counts: int) -> dict[str, object]:
    return {"tenant": fact.tenant, "shop": fact.shop, "sku": sku, "on_hand": qty, "counts": counts}
