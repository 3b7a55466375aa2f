"""Words, amounts and times as paper writes them, in the shop's language."""

from datetime import datetime

from edge_agent.rules import money
from edge_agent.rules.money import Currency
from edge_agent.rules.tongue import COMMAS, pointed_in, say_in

DAYS = "Mon Tue Wed Thu Fri Sat Sun"
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


def word(currency: Currency, text: str, /, **fields: object) -> str:
    """A word of the paper."""
    return say_in(currency.language, text, **fields)


def amount(currency: Currency, minor: int) -> str:
    """1295 -> "12.95", or "12,95"; no symbol."""
    return pointed_in(currency.language, money.written(minor, currency.decimals))


def priced(currency: Currency, minor: int) -> str:
    """123456 -> "£1,234.56", or "1.234,56 €": with symbol and thousands, as CLDR has it for the language."""
    scale: int = 10**currency.decimals
    whole, rest = divmod(abs(minor), scale)
    figure = f"{whole:,}" + (f".{rest:0{currency.decimals}d}" if currency.decimals else "")
    sign = "-" if minor < 0 else ""
    if currency.language in COMMAS:
        return f"{sign}{figure.translate(str.maketrans(',.', '.,'))} {currency.symbol}"
    return f"{sign}{currency.symbol}{figure}"


def quantity(currency: Currency, milli: int) -> str:
    """742 -> "0.742", or "0,742"."""
    return pointed_in(currency.language, money.quantity(milli))


def percent(currency: Currency, basis_points: int) -> str:
    """550 -> "5.5 %", or "5,5 %"."""
    return pointed_in(currency.language, money.percent(basis_points))


def moment(language: str, when: datetime) -> str:
    """ "Tue 3 Mar 2026 14:00", or "Di 3. Mär 2026 14:00"."""
    day = say_in(language, DAYS).split()[when.weekday()]
    month = say_in(language, MONTHS).split()[when.month - 1]
    return say_in(
        language, "{day} {number} {month} {year} {time}",
        day=day, number=when.day, month=month, year=when.year, time=f"{when:%H:%M}",
    )  # fmt: skip
