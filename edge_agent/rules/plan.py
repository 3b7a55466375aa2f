"""The demand plan: what a stored forecast expects between two moments, in whole milli-units over opening hours."""

from bisect import bisect_left
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from edge_agent.rules.calendar import weekday
from edge_agent.rules.day import local, moment
from edge_agent.rules.factor import with_factors
from edge_agent.rules.forecast import Forecast
from edge_agent.wire.events.catalogue import ShopSet

DAY_MINUTES = 1440
HOUR = 60
WEEK = 7


@dataclass(frozen=True)
class OpeningHours:
    """The shop's zone and, for each weekday from Monday, (opens, closes) in minutes of the day, or None if closed.

    `other` are single days (ordinal day, opens, closes) in place of that, both 0 where it is closed.
    """

    zone: str
    weekly: tuple[tuple[int, int] | None, ...]
    other: tuple[tuple[int, int, int], ...] = ()

    def on(self, day: int) -> tuple[int, int] | None:
        """(opens, closes) of an ordinal day, None if closed."""
        for one, opens, closes in self.other:
            if one == day:
                return (opens, closes) if closes else None
        return self.weekly[weekday(day)]


def hours_of(shop: ShopSet) -> OpeningHours:
    """The opening hours in a shop's record."""
    return OpeningHours(shop.zone, shop.hours, shop.other_hours)


def expected(forecast: Forecast, hours: OpeningHours, from_ms: int, to_ms: int) -> int:
    """Mean demand in [from, to) in milli-units: whole days as forecast, parts of a day by its hours while open.

    A day after the stored ones counts as the same weekday of the last stored week. An interval that is empty or
    reversed expects nothing.
    """
    if to_ms <= from_ms:
        return 0
    first, first_minute = _place(from_ms, hours.zone)
    last, last_minute = _place(to_ms, hours.zone)
    total = 0
    for day in range(first, last + 1):
        begin = first_minute if day == first else 0
        end = last_minute if day == last else DAY_MINUTES
        total += _part(forecast, hours, day, begin, end)
    return total


def reached(forecast: Forecast, hours: OpeningHours, from_ms: int, amount: int, to_ms: int) -> int | None:
    """The full hour by which `expected` from a moment on has come to `amount`; None when it does not until `to_ms`."""
    means, start, left = forecast.day_means, forecast.start_day, amount
    for day, begin, whole, inside in _days(forecast.hour_shares, hours, from_ms, to_ms):
        mean = means[day - start] if 0 <= day - start < len(means) else mean_on(forecast, day)
        part = (2 * mean * inside + whole) // (2 * whole)
        if part >= left:
            return min(to_ms, _moment(day, HOUR * _hour_of(forecast, hours, day, begin, left), hours.zone))
        left -= part
    return None


def _hour_of(forecast: Forecast, hours: OpeningHours, day: int, begin: int, left: int) -> int:
    """The first full hour of a day by which so much of it is expected since its minute `begin`."""
    opens, closes = hours.on(day) or (0, DAY_MINUTES)
    whole, inside = _by_hour(forecast.hour_shares, opens, closes, begin)
    # What `_part` rounds to `left` and more.
    return bisect_left(inside, -((1 - 2 * left) * whole // (2 * mean_on(forecast, day))))


@lru_cache(maxsize=256)
def _by_hour(shares: tuple[int, ...], opens: int, closes: int, begin: int) -> tuple[int, tuple[int, ...]]:
    """What `_part` calls whole, and what it calls inside until each full hour of the day."""
    whole, since = _weight(shares, opens, closes), max(opens, begin)
    ends = [min(closes, hour * HOUR) for hour in range(DAY_MINUTES // HOUR + 1)]
    if whole == 0:
        return max(1, closes - opens), tuple(max(0, end - since) for end in ends)
    return whole, tuple(_weight(shares, since, end) for end in ends)


def mean_on(forecast: Forecast, day: int) -> int:
    """The mean of an ordinal day in milli-units, read from the same weekday where the day itself is not stored.

    What moved a stored day says nothing of another one.
    """
    count = len(forecast.day_means)
    if count == 0:
        return 0
    index = day - forecast.start_day
    if 0 <= index < count:
        return forecast.day_means[index]
    if index >= count:
        index = count - WEEK + (index - count) % WEEK if count >= WEEK else index % count
    else:
        index = index % WEEK if count >= WEEK else index % count
    return (forecast.plain or forecast.day_means)[index]


def cut(forecast: Forecast, first_day: int, last_day: int) -> Forecast:
    """The days from `first_day` to `last_day`, at least a week of them, each written out."""
    last_day = max(last_day, first_day + WEEK - 1)
    plain = with_factors(forecast, ())
    means = tuple(mean_on(plain, day) for day in range(first_day, last_day + 1))
    return with_factors(replace(plain, start_day=first_day, day_means=means), forecast.factors)


def day_of(at_ms: int, zone: str) -> int:
    """The ordinal of the shop's local date."""
    return local(at_ms, zone).date().toordinal()


@lru_cache(maxsize=256)
def _moment(day: int, minute: int, zone: str) -> int:
    return moment(day, minute, zone)


@lru_cache(maxsize=1024)
def _place(at_ms: int, zone: str) -> tuple[int, int]:
    when = local(at_ms, zone)
    return when.date().toordinal(), when.hour * 60 + when.minute


def _part(forecast: Forecast, hours: OpeningHours, day: int, begin: int, end: int) -> int:
    mean = mean_on(forecast, day)
    if mean == 0 or end <= begin:
        return 0
    if (begin, end) == (0, DAY_MINUTES):
        return mean
    whole, inside = _open(forecast.hour_shares, hours, day, begin, end)
    return (2 * mean * inside + whole) // (2 * whole)


@lru_cache(maxsize=512)
def _days(
    shares: tuple[int, ...], hours: OpeningHours, from_ms: int, to_ms: int
) -> tuple[tuple[int, int, int, int], ...]:
    """The days of an interval, each with its first minute in it, and what `_part` weighs of it: many SKUs of an
    order are asked about the same one."""
    first, first_minute = _place(from_ms, hours.zone)
    last, last_minute = _place(to_ms, hours.zone)
    found = []
    for day in range(first, last + 1):
        begin, end = first_minute if day == first else 0, last_minute if day == last else DAY_MINUTES
        whole_day = (begin, end) == (0, DAY_MINUTES)
        found.append((day, begin, *((1, 1) if whole_day else _open(shares, hours, day, begin, end))))
    return tuple(found)


def _open(shares: tuple[int, ...], hours: OpeningHours, day: int, begin: int, end: int) -> tuple[int, int]:
    """The weight of a day, and that of its minutes from `begin` to `end`."""
    opens, closes = hours.on(day) or (0, DAY_MINUTES)
    whole = _weight(shares, opens, closes)
    if whole == 0:
        # No hour of the profile is open on this day: the day's demand is spread evenly over its opening.
        return max(1, closes - opens), max(0, min(closes, end) - max(opens, begin))
    return whole, _weight(shares, max(opens, begin), min(closes, end))


@lru_cache(maxsize=4096)
def _weight(shares: tuple[int, ...], begin: int, end: int) -> int:
    """Sum over the hours of share x minutes within [begin, end): many SKUs share a profile, and are asked alike."""
    if begin >= end:
        return 0
    running = _running(shares)
    return _until(shares, running, end) - _until(shares, running, begin)


def _until(shares: tuple[int, ...], running: tuple[int, ...], minute: int) -> int:
    hour, rest = divmod(max(0, min(minute, 60 * len(shares))), 60)
    return 60 * running[hour] + (shares[hour] * rest if rest else 0)


@lru_cache(maxsize=256)
def _running(shares: tuple[int, ...]) -> tuple[int, ...]:
    """The sum of the shares before each hour."""
    return tuple(accumulate(shares, initial=0))
