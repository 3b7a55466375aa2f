"""A VAT return: what receipts and purchase invoices say, summed into the nine boxes of the UK's form.

Stored tax is summed, never worked out again. Boxes 1 to 5 are in minor units, 6 to 9 in whole units, half up.
    1 tax on sales   2 tax on goods bought from the EU (Northern Ireland)   3 = 1 + 2   4 tax to reclaim   5 = |3 - 4|
    6 sales   7 purchases   8 goods sold to the EU   9 goods bought from there, all without tax
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from edge_agent.errors import BadInput
from edge_agent.rules.money import divided

QUARTERS = 4
MONTHS = 3


@dataclass(frozen=True)
class Sold:
    """Sales less refunds of one rate (basis points): gross, and the tax in it."""

    rate: int
    gross: int
    tax: int


@dataclass(frozen=True)
class Bought:
    """A purchase: net and tax; `eu` when the goods were bought from the EU and the tax is the buyer's to declare."""

    net: int
    tax: int
    eu: bool = False


@dataclass(frozen=True)
class Boxes:
    """The form, box by box; `owed` is what is to be paid (below 0: to be reclaimed)."""

    box1: int
    box2: int
    box3: int
    box4: int
    box5: int
    box6: int
    box7: int
    box8: int
    box9: int
    owed: int

    @property
    def all(self) -> tuple[int, ...]:
        return self.box1, self.box2, self.box3, self.box4, self.box5, self.box6, self.box7, self.box8, self.box9


def boxes(sales: Iterable[Sold], purchases: Iterable[Bought], decimals: int = 2) -> Boxes:
    """Fill the form."""
    sold, bought = list(sales), list(purchases)
    box1 = sum(one.tax for one in sold)
    box2 = sum(one.tax for one in bought if one.eu)
    box4 = sum(one.tax for one in bought)
    owed = box1 + box2 - box4
    whole = 10**decimals
    return Boxes(
        box1=box1,
        box2=box2,
        box3=box1 + box2,
        box4=box4,
        box5=abs(owed),
        box6=divided(sum(one.gross - one.tax for one in sold), whole),
        box7=divided(sum(one.net for one in bought), whole),
        box8=0,
        box9=divided(sum(one.net for one in bought if one.eu), whole),
        owed=owed,
    )


def quarter_of(day: int) -> str:
    """`2026Q1` of an ordinal day."""
    found = date.fromordinal(day)
    return f"{found.year}Q{(found.month + 2) // MONTHS}"


def days_of(quarter: str) -> tuple[int, int]:
    """The first and last ordinal day of `2026Q1`; BadInput for anything else."""
    year, mark, number = quarter.partition("Q")
    if mark != "Q" or not (year.isdecimal() and number.isdecimal() and len(year) == 4 and 1 <= int(number) <= QUARTERS):
        raise BadInput(f"{quarter[:20]!r} is no quarter like 2026Q1")
    if not 1990 <= int(year) <= 2100:
        raise BadInput(f"{quarter[:20]!r} is no quarter of these years")
    first = MONTHS * int(number) - 2
    after = date(int(year) + first // 10, (first + 2) % 12 + 1, 1)
    return date(int(year), first, 1).toordinal(), after.toordinal() - 1
