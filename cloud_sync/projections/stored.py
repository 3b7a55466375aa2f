"""Projection: what is on each gift card and customer's account, as all the shop's tills moved it."""

from cloud_sync.projections.fact import Fact
from cloud_sync.projections.sums import Sums
from cloud_sync.tables.stored import StoredBalance
from edge_agent.rules.stored import moves


def add(sums: Sums, fact: Fact) -> None:
    """Add what one fact put onto accounts, or took off."""
    for account, amount in moves(fact.event.kind, fact.event.body):
        sums.add(StoredBalance, (fact.tenant, fact.shop, account), amount)
