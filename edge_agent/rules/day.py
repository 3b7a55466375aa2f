"""The shop's days: local time and the business day, which ends at a closing hour rather than at midnight."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@lru_cache(maxsize=32)
def zone_of(name: str) -> "ZoneInfo":
    """The time zone of that name; ZoneInfoNotFoundError if there is none."""
    from zoneinfo import ZoneInfo  # the model's child is ready sooner without it

    return ZoneInfo(name)


@lru_cache(maxsize=256)
def local(at: int, zone: str) -> datetime:
    """UTC milliseconds as the shop's local time (aware). One moment, such as now, is asked for again and again."""
    return datetime.fromtimestamp(at / 1000, tz=zone_of(zone))


def business_day(at: int, zone: str, closes: int) -> int:
    """The business day of a moment as a date ordinal; `closes` is the minute of the day at which a day ends."""
    return (local(at, zone) - timedelta(minutes=closes)).date().toordinal()


def moment(day: int, minute: int, zone: str) -> int:
    """UTC milliseconds of a local minute on an ordinal day (in a clock change's gap: the moment after it)."""
    naive = datetime.combine(date.fromordinal(day), datetime.min.time(), zone_of(zone))
    wall = naive + timedelta(minutes=minute)
    return int(wall.astimezone(UTC).timestamp() * 1000)
