"""The forecast of a SKU that no forecaster knows yet: its own few sales spread over the days since the first."""

from collections.abc import Sequence

from edge_agent.rules.forecast import Forecast
from edge_agent.rules.plan import OpeningHours

DAYS_AHEAD = 28
PHI_MILLI = 2_000
"""So little is known that the sum is taken to vary twice as much as by chance alone."""


def newcomer(sku: str, sold: Sequence[tuple[int, int]], hours: OpeningHours, *, today: int, at: int) -> Forecast:
    """An open day's mean is what was sold per open day since the first sale; `sold` are (ordinal day, milli-units)."""
    first = min((day for day, _ in sold), default=today)
    days = max(1, sum(_is_open(hours, day) for day in range(first, today + 1)))
    mean = max(0, sum(qty for _, qty in sold)) // days
    return Forecast(
        sku=sku,
        made_at=at,
        start_day=today,
        day_means=tuple(mean if _is_open(hours, today + ahead) else 0 for ahead in range(DAYS_AHEAD)),
        hour_shares=_even_shares(hours),
        phi_milli=PHI_MILLI,
        forecaster="new",
        model="",
    )


def _is_open(hours: OpeningHours, day: int) -> bool:
    return hours.on(day) is not None


def _even_shares(hours: OpeningHours) -> tuple[int, ...]:
    """The same share for every hour in which the shop is open on some weekday."""
    open_hours = [
        any(one and one[0] < 60 * hour + 60 and one[1] > 60 * hour for one in hours.weekly) for hour in range(24)
    ]
    count = sum(open_hours)
    if count == 0:
        return (417,) * 16 + (416,) * 8
    share, rest = divmod(10_000, count)
    first = open_hours.index(True)
    return tuple(is_open * (share + (rest if hour == first else 0)) for hour, is_open in enumerate(open_hours))
