"""Projection: takings and VAT by business day, till and rate, summed from the receipts as they stand."""

from sqlmodel import Session

from cloud_sync.projections.fact import Fact
from cloud_sync.projections.sums import add_up
from cloud_sync.tables.figures import Takings, TakingsRate
from edge_agent.wire.events.sales import SaleCompleted


def apply(session: Session, fact: Fact) -> None:
    """Fold one fact."""
    sale = fact.body
    if not isinstance(sale, SaleCompleted):
        return
    key = {"tenant": fact.tenant, "shop": fact.shop, "day": sale.day, "journal": fact.journal}
    paid = {kind: sum(tender.amount for tender in sale.tenders if tender.kind == kind) for kind in ("cash", "card")}
    add_up(session, Takings, [{**key, "receipts": 1, "total": sale.total, **paid}])
    rates = [{**key, "rate": one.rate, "gross": one.gross, "tax": one.tax} for one in sale.taxes]
    add_up(session, TakingsRate, rates)
