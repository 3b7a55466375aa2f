"""How old a buyer is, from a date of birth as it is typed or stands in the code of a licence; nothing of it is kept."""

import re
from datetime import date

from edge_agent.errors import BadInput

_LICENCE = re.compile(r"DBB(\d{8})")
"""The field of a North American licence's code that holds the date of birth (AAMVA): mmddyyyy or yyyymmdd."""
OLDEST = 120


def born(text: str, today: date) -> date:
    """The day in "311207" or "31122007" (or in a licence's code); BadInput when there is none that a buyer can have."""
    found = _LICENCE.search(text)
    digits = found[1] if found else text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) in (6, 8)):
        raise BadInput("type the date of birth as ddmmyy")
    try:
        day = _licence_day(digits) if found else _typed_day(digits, today)
    except ValueError:
        raise BadInput(f"{digits} is not a day like 311207") from None
    if not 0 <= years_old(day, today) <= OLDEST:
        raise BadInput(f"nobody was born on {day:%d.%m.%Y}: type it again, ddmmyy")
    return day


def _typed_day(digits: str, today: date) -> date:
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if len(digits) == 6:
        year += 2000 if 2000 + year <= today.year else 1900
    return date(year, month, day)


def _licence_day(digits: str) -> date:
    if digits[:4] > "1231":
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    return date(int(digits[4:]), int(digits[:2]), int(digits[2:4]))


def latest_birth(today: date, years: int) -> date:
    """The last day on which somebody can have been born who is so old today."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return date(today.year - years, 2, 28)


def years_old(day: date, today: date) -> int:
    """Whole years; who was born on 29 February has the birthday on 1 March of other years."""
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))
