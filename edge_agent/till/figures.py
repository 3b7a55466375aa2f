"""Amounts and quantities as the shop's language writes them."""

from edge_agent.rules import money
from edge_agent.till.speech import pointed


def written(amount: int, decimals: int = 2) -> str:
    """1295 -> "12.95", or "12,95"."""
    return pointed(money.written(amount, decimals))


def quantity(milli: int) -> str:
    """2000 -> "2", 742 -> "0.742", or "0,742"."""
    return pointed(money.quantity(milli))


def percent(basis_points: int) -> str:
    """550 -> "5.5 %", or "5,5 %"."""
    return pointed(money.percent(basis_points))
