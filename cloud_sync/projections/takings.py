"""Projection: takings and VAT by business day, till and rate, summed from the receipts as they stand."""

from cloud_sync.projections.fact import Fact
from cloud_sync.projections.sums import Sums
from cloud_sync.tables.figures import Takings, TakingsRate
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.shift import TenderMoved


def add(sums: Sums, fact: Fact) -> None:
    """Add what one fact took, or gave back; a corrected tender moves from one way of paying to the other."""
    match fact.body:
        case SaleCompleted() | RefundMade():
            _add_receipt(sums, fact, fact.body)
        case TenderMoved(day=day, tender="cash" | "card" as kind, amount=amount):
            moved = (amount, 0) if kind == "cash" else (0, amount)
            sums.add(Takings, (fact.tenant, fact.shop, day, fact.journal), 0, 0, *moved)


def _add_receipt(sums: Sums, fact: Fact, body: SaleCompleted | RefundMade) -> None:
    day = (fact.tenant, fact.shop, body.day, fact.journal)
    cash, card = (sum(one.amount for one in body.tenders if one.kind == kind) for kind in ("cash", "card"))
    sums.add(Takings, day, int(isinstance(body, SaleCompleted)), body.total, cash, card)
    for one in body.taxes:
        sums.add(TakingsRate, (*day, one.rate), one.gross, one.tax)
