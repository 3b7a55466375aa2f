"""Projection: takings and VAT by business day, till and rate, summed from the receipts as they stand."""

from cloud_sync.projections.fact import Fact
from cloud_sync.projections.sums import Sums
from cloud_sync.tables.figures import Takings, TakingsRate
from edge_agent.wire.events.sales import SaleCompleted


def add(sums: Sums, fact: Fact) -> None:
    """Add what one fact took."""
    sale = fact.body
    if not isinstance(sale, SaleCompleted):
        return
    day = (fact.tenant, fact.shop, sale.day, fact.journal)
    cash, card = (sum(one.amount for one in sale.tenders if one.kind == kind) for kind in ("cash", "card"))
    sums.add(Takings, day, 1, sale.total, cash, card)
    for one in sale.taxes:
        sums.add(TakingsRate, (*day, one.rate), one.gross, one.tax)
