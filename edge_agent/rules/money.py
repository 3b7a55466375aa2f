"""Money in integer minor units: line totals, exact parsing and the shop's way of writing it."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from edge_agent.errors import BadInput


@dataclass(frozen=True)
class Currency:
    """A currency with 0, 2 or 3 decimals; `symbol` is what stands beside an amount on paper."""

    code: str = "GBP"
    symbol: str = "£"
    decimals: int = 2
    language: str = "en"
    """The shop's: how amounts, words and dates are written where this money is."""


def divided(value: int, by: int) -> int:
    """`value / by` rounded half away from zero; `by` > 0."""
    whole, rest = divmod(abs(value), by)
    rounded = whole + (1 if 2 * rest >= by else 0)
    return rounded if value >= 0 else -rounded


def line_total(price: int, qty: int) -> int:
    """Unit price (minor units) times quantity (milli-units), rounded half away from zero to minor units."""
    return divided(price * qty, 1000)


def written(amount: int, decimals: int = 2) -> str:
    """1295 -> "12.95"; no symbol, a point for the decimals."""
    sign = "-" if amount < 0 else ""
    if decimals == 0:
        return f"{sign}{abs(amount)}"
    scale: int = 10**decimals
    whole, rest = divmod(abs(amount), scale)
    return f"{sign}{whole}.{rest:0{decimals}d}"


def read(text: str, decimals: int = 2) -> int:
    """ "12.95" -> 1295; refuses more decimals than the currency has, and anything that is no plain amount."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise BadInput(f"{text!r} is not an amount") from None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 12:
        raise BadInput(f"{text!r} is not an amount")
    minor = value.scaleb(decimals)
    if minor != minor.to_integral_value():
        raise BadInput(f"{text!r} has more than {decimals} decimals")
    return int(minor)


def quantity(milli: int) -> str:
    """2000 -> "2", 742 -> "0.742"."""
    sign = "-" if milli < 0 else ""
    whole, rest = divmod(abs(milli), 1000)
    return f"{sign}{whole}" + (f".{rest:03d}" if rest else "")


def percent(basis_points: int) -> str:
    """2000 -> "20 %", 550 -> "5.5 %"."""
    return written(basis_points, 2).rstrip("0").rstrip(".") + " %" if basis_points else "0 %"
