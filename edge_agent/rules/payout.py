"""When the money of a card sale is on the account, and when tax is due."""

from datetime import date

WORKING = 5
"""Weekdays below are working days: Monday to Friday."""
VAT_DAYS = 7


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
