"""How much of a day's demand came while an item was there: minutes in stock, weighed by the shop's hourly profile."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from edge_agent.rules.day import business_day, local

from .series import WEEK, weekday

WHOLE = 1000
DAY_MINUTES = 1440
NO_DAYS: Mapping[int, tuple[int, int]] = MappingProxyType({})
Profile = tuple[tuple[int, ...], ...]
"""`[weekday][hour]`: quantity sold over the whole shop."""


def seen_share(profile: Profile, day: int, until: int, since: int = 0, other: tuple[int, int] | None = None) -> int:
    """The share in 1/1000 of that weekday's demand that comes in [since, until), minutes of the day.

    `other` are the day's own opening minutes where they are not those of its weekday.
    """
    weights = _weights(profile, weekday(day))
    opens, closes = other or (0, DAY_MINUTES)
    since, until = max(since, opens), min(until, closes)
    total = _inside(weights, opens, closes)
    if total == 0:
        return WHOLE * max(0, until - since) // (closes - opens)
    return round(WHOLE * _inside(weights, since, until) / total)


def _inside(weights: Sequence[int], begin: int, end: int) -> int:
    return sum(weight * max(0, min(end, 60 * hour + 60) - max(begin, 60 * hour)) for hour, weight in enumerate(weights))


@lru_cache(maxsize=32)
def _weights(profile: Profile, place: int) -> Sequence[int]:
    """The weekday's own hours; of a weekday that never sold, those of all days together."""
    own = profile[place]
    return own if any(own) else tuple(sum(profile[day][hour] for day in range(WEEK)) for hour in range(24))


def short_days(
    absences: Iterable[tuple[int, int]],
    profile: Profile,
    zone: str,
    closes: int,
    *,
    first: int,
    now: int,
    special: Mapping[int, tuple[int, int]] = NO_DAYS,
) -> dict[int, int]:
    """{business day: seen share in 1/1000} of the days from `first` to today on which an item was away for a while.

    `absences` are (gone at, back at) in UTC ms, the second 0 where it is not back yet: then the rest of today is away.
    A business day is taken to end at midnight: the few sales after it weigh nothing.
    """
    today = business_day(now, zone, closes)
    missed: dict[int, int] = {}
    for at, back in absences:
        begins, ends = business_day(at, zone, closes), business_day(back, zone, closes) if back else today
        for day in range(max(first, begins), ends + 1):
            since = _minute(at, zone, day) if day == begins else 0
            until = _minute(back, zone, day) if back and day == ends else DAY_MINUTES
            missed[day] = missed.get(day, 0) + seen_share(profile, day, until, since, special.get(day))
    return {day: max(0, WHOLE - share) for day, share in missed.items() if share > 0}


def _minute(at: int, zone: str, day: int) -> int:
    """The minute of a business day, counted from the midnight that it begins with."""
    when = local(at, zone)
    return min(DAY_MINUTES, (when.date().toordinal() - day) * DAY_MINUTES + when.hour * 60 + when.minute)
