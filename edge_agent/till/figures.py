"""Amounts and quantities as the shop's language writes them."""

from edge_agent.errors import BadInput
from edge_agent.rules import money
from edge_agent.till.speech import pointed, say

MOST_DIGITS = 9
"""More digits than this are a code that went astray, not money."""


def written(amount: int, decimals: int = 2) -> str:
    """1295 -> "12.95", or "12,95"."""
    return pointed(money.written(amount, decimals))


def quantity(milli: int) -> str:
    """2000 -> "2", 742 -> "0.742", or "0,742"."""
    return pointed(money.quantity(milli))


def percent(basis_points: int) -> str:
    """550 -> "5.5 %", or "5,5 %"."""
    return pointed(money.percent(basis_points))


def amount_of(text: str, decimals: int) -> int:
    """ "2000" and "20.00" are 20.00; so is "20": as many digits as the decimals or fewer are whole units."""
    if len(text.replace(".", "")) > MOST_DIGITS:
        raise BadInput(say("{text} is a code, not money", text=text))
    if not text.isdigit():
        return money.read(text, decimals)
    return int(text) * 10**decimals if len(text) <= decimals else int(text)
