"""What one cell of an imported file means: exact amounts, quantities, times, weekdays; a refusal names the cell."""

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from edge_agent.rules.day import HOUR_MS, zone_of
from edge_agent.rules.imports_table import Cells

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ID_CHARACTERS = 64
COST_DECIMALS = 4
MOST_MILLI = 1_000_000_000
MOST_MINOR = 10**11
FIRST_YEAR, LAST_YEAR = 1990, 2100

_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
# One or two digits after a comma can only be decimals; three could be thousands, so that they are refused.
_COMMA_DECIMALS = re.compile(r"([0-9]{1,9}),([0-9]{1,2})")
_TIME_OF_DAY = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"
)


def number(cells: Cells, column: str, *, decimals: int) -> Decimal:
    """A plain amount of at most nine whole digits and `decimals` decimals, never negative."""
    text = cells.text(column)
    comma = _COMMA_DECIMALS.fullmatch(text)
    if comma:
        text = f"{comma[1]}.{comma[2]}"
    if not _NUMBER.fullmatch(text):
        raise cells.bad(column, _why_no_number(text))
    value = Decimal(text)
    if value != value.quantize(Decimal(1).scaleb(-decimals)):
        raise cells.bad(column, f"{text} has more than {decimals} decimals")
    return value


def _why_no_number(text: str) -> str:
    if not text:
        return "is empty; a number belongs here"
    if text.startswith("-"):
        return f"{text[:40]!r} is negative"
    if "," in text:
        return f"{text[:40]!r} could mean two numbers; write decimals with a point and thousands without a mark"
    return f"{text[:40]!r} is not a plain number like 12.50"


def amount(cells: Cells, column: str, decimals: int) -> int:
    """Money in minor units."""
    return int(number(cells, column, decimals=decimals).scaleb(decimals))


def cost_of_pack(cells: Cells, column: str, pack_milli: int, decimals: int) -> int:
    """Cost per piece times the pieces in a pack, rounded half up to minor units; a piece may cost parts of one."""
    each = number(cells, column, decimals=decimals + COST_DECIMALS)
    cost = int((each * pack_milli).scaleb(decimals - 3).to_integral_value(ROUND_HALF_UP))
    if cost > MOST_MINOR:
        raise cells.bad(column, f"{cells.text(column)} makes a pack dearer than this till can hold")
    return cost


def milli(cells: Cells, column: str) -> int:
    """A quantity in milli-units, at most a million pieces."""
    value = int(number(cells, column, decimals=3).scaleb(3))
    if value > MOST_MILLI:
        raise cells.bad(column, f"{cells.text(column)} is more than {MOST_MILLI // 1000:,}")
    return value


def basis_points(cells: Cells, column: str) -> int:
    """A percentage from 0 to 100 in basis points."""
    value = int(number(cells, column, decimals=2).scaleb(2))
    if value > 10_000:
        raise cells.bad(column, f"{cells.text(column)} is more than 100 percent")
    return value


def whole(cells: Cells, column: str, most: int) -> int:
    """A whole number from 0 to `most`."""
    value = int(number(cells, column, decimals=0))
    if value > most:
        raise cells.bad(column, f"{value} is more than {most}")
    return value


def identifier(cells: Cells, column: str, *, needed: bool) -> str:
    """A SKU, supplier or group: up to 64 printable characters, in one Unicode spelling."""
    text = unicodedata.normalize("NFC", cells.text(column))
    if needed and not text:
        raise cells.bad(column, "is empty")
    if len(text) > ID_CHARACTERS:
        raise cells.bad(column, f"has {len(text)} characters; {ID_CHARACTERS} fit")
    if not text.isprintable():
        raise cells.bad(column, f"{text!r} holds characters that cannot be printed")
    return text


def weekdays(cells: Cells, column: str) -> tuple[int, ...]:
    """ "Mon Wed Fri" -> (0, 2, 4); Monday first, each once, empty for none."""
    days = set()
    for word in cells.text(column).replace(",", " ").split():
        if word.lower() not in WEEKDAYS:
            raise cells.bad(column, f"{word[:40]!r} is not a weekday like Mon Tue Wed Thu Fri Sat Sun")
        days.add(WEEKDAYS.index(word.lower()))
    return tuple(sorted(days))


def minute(cells: Cells, column: str) -> int:
    """ "15:00" -> 900."""
    found = _TIME_OF_DAY.fullmatch(cells.text(column))
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise cells.bad(column, f"{cells.text(column)[:40]!r} is not a time like 15:00")
    return int(found[1]) * 60 + int(found[2])


def hour(cells: Cells, column: str, zone: str) -> tuple[int, bool]:
    """(UTC hour as ms // 3,600,000, whether the cell is a date alone).

    Local time of the shop unless the cell says its own offset. A date alone is its first whole UTC hour; a time that a
    clock change skips counts as the hour after it, one that comes twice as the first.
    """
    text = cells.text(column)
    found = _read_time(text)
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise cells.bad(column, f"{text[:40]!r} is not a date like 2026-03-01 or a time like 2026-03-01T14:05:00")
    day_only = len(text) == 10
    at = found if found.tzinfo else found.replace(tzinfo=zone_of(zone))
    ms = int(at.astimezone(UTC).timestamp()) * 1000
    return (-(-ms // HOUR_MS) if day_only else ms // HOUR_MS), day_only


def _read_time(text: str) -> datetime | None:
    if not _TIMESTAMP.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def ordinal(cells: Cells, column: str) -> int:
    """A date like 2026-03-01 as an ordinal day."""
    text = cells.text(column)
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if len(text) != 10 or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise cells.bad(column, f"{text[:40]!r} is not a date like 2026-03-01")
    return found.toordinal()


def day_of(hour_utc: int, zone: str) -> date:
    """The shop's date of a UTC hour."""
    return datetime.fromtimestamp(hour_utc * HOUR_MS / 1000, tz=zone_of(zone)).date()
