"""When money is on the account: card and marketplace sales by their channel's rule, and when tax is due."""

from dataclasses import dataclass
from datetime import date

from edge_agent.rules.money import divided

WORKING = 5
"""Weekdays below are working days: Monday to Friday."""
VAT_DAYS = 7
ALL = 10_000


@dataclass(frozen=True)
class Rule:
    """How a channel pays out: `fee` basis points stay there, the rest comes `days` after the sale or the fulfilment
    (working days where `working`), the share `reserve` of it `reserve_days` calendar days later still."""

    fee: int
    days: int
    working: bool = True
    reserve: int = 0
    reserve_days: int = 0

    def lands(self, day: int) -> int:
        """When the first part of it comes."""
        return lands(day, self.days) if self.working else day + self.days

    def parts(self, day: int, amount: int) -> list[tuple[int, int]]:
        """(ordinal day, minor units) of what comes of an amount; in all that less the fee."""
        net = amount - divided(amount * self.fee, ALL)
        held = divided(net * self.reserve, ALL)
        first = self.lands(day)
        return [one for one in ((first, net - held), (first + self.reserve_days, held)) if one[1]]


CARD = Rule(fee=175, days=2)
MARKETPLACE = Rule(fee=0, days=7, working=False)


def lands(day: int, working_days: int) -> int:
    """The ordinal day on which a sale's money lands; what is sold at a weekend counts as sold on Friday: with 2
    days Monday's lands on Wednesday, Thursday's on Monday, Friday's to Sunday's on Tuesday."""
    while _weekday(day) > WORKING - 1:
        day -= 1
    for _ in range(working_days):
        day += 1
        while _weekday(day) > WORKING - 1:
            day += 1
    return day


def vat_due(last_day: int) -> int:
    """One month and seven days after the period's last day."""
    last = date.fromordinal(last_day)
    after = date(last.year + last.month // 12, last.month % 12 + 1, 1)
    end = date(after.year + after.month // 12, after.month % 12 + 1, 1).toordinal() - 1
    same = last_day == after.toordinal() - 1
    return (end if same else min(end, after.toordinal() + last.day - 1)) + VAT_DAYS


def _weekday(day: int) -> int:
    return date.fromordinal(day).weekday()
