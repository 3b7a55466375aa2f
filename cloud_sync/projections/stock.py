"""Projection: stock by SKU, the sum of all that moved it, and each journal's part of it; a count is what it found."""

from cloud_sync.projections.fact import Fact
from cloud_sync.projections.sums import Sums
from cloud_sync.tables.figures import Stock, StockByJournal
from edge_agent.rules.stock import moves
from edge_agent.wire.events.quota import QuotaGiven
from edge_agent.wire.events.stock import StockCounted


def add(sums: Sums, fact: Fact) -> None:
    """Add what one fact moved."""
    counts = int(isinstance(fact.body, StockCounted))
    for sku, qty in moves(fact.event.kind, fact.event.body):
        sums.add(Stock, (fact.tenant, fact.shop, sku), qty, counts)
        sums.add(StockByJournal, (fact.tenant, fact.shop, sku, fact.journal), qty, 0)
    if isinstance(fact.body, QuotaGiven):
        sums.add(StockByJournal, (fact.tenant, fact.shop, fact.body.sku, fact.journal), 0, fact.body.qty)
