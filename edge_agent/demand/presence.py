"""How much of a day's demand came while an item was there: minutes in stock, weighed by the shop's hourly profile."""

from collections.abc import Sequence
from functools import lru_cache

from .series import WEEK, weekday

WHOLE = 1000
DAY_MINUTES = 1440
Profile = tuple[tuple[int, ...], ...]
"""`[weekday][hour]`: quantity sold over the whole shop."""


def seen_share(profile: Profile, day: int, until: int, since: int = 0) -> int:
    """The share in 1/1000 of that weekday's demand that comes in [since, until), minutes of the day."""
    weights = _weights(profile, weekday(day))
    total = sum(weights)
    if total == 0:
        return WHOLE * max(0, until - since) // DAY_MINUTES
    inside = sum(
        weight * max(0, min(until, 60 * hour + 60) - max(since, 60 * hour)) for hour, weight in enumerate(weights)
    )
    return round(WHOLE * inside / (60 * total))


@lru_cache(maxsize=32)
def _weights(profile: Profile, place: int) -> Sequence[int]:
    """The weekday's own hours; of a weekday that never sold, those of all days together."""
    own = profile[place]
    return own if any(own) else tuple(sum(profile[day][hour] for day in range(WEEK)) for hour in range(24))
