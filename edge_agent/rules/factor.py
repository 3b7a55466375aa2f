"""Factors on a forecast: each stays apart as its own reason, together they move a day by 0.5 to 3 times at most."""

from collections.abc import Iterable
from dataclasses import replace

from edge_agent.rules.forecast import Factor, Forecast
from edge_agent.rules.money import divided
from edge_agent.rules.signal import WHOLE

LEAST, MOST = WHOLE // 2, 3 * WHOLE
CLOSED = "closed"


def with_factors(forecast: Forecast, factors: Iterable[Factor]) -> Forecast:
    """The forecast as these factors move it, in place of those that it carries; what moves none of its days is left
    out."""
    plain = forecast.plain or forecast.day_means
    days = range(forecast.start_day, forecast.start_day + len(plain))
    used = tuple(one for one in factors if any(part_on(one, day) != WHOLE for day in days))
    if not used:
        return replace(forecast, day_means=plain, plain=(), factors=())
    means = tuple(divided(mean * taken(used, day), WHOLE) for day, mean in zip(days, plain, strict=True))
    return replace(forecast, day_means=means, plain=plain, factors=used)


def part_on(factor: Factor, day: int) -> int:
    """The factor on an ordinal day; 1 outside of its days."""
    place = day - factor.first_day
    return factor.parts[place] if 0 <= place < len(factor.parts) else WHOLE


def product(factors: Iterable[Factor], day: int) -> int:
    """All signals and events of a day together, before the clip; a closed day is no signal."""
    top = bottom = 1
    for one in factors:
        if one.kind != CLOSED:
            top, bottom = top * part_on(one, day), bottom * WHOLE
    return divided(WHOLE * top, bottom)


def taken(factors: Iterable[Factor], day: int) -> int:
    """What a day's demand is multiplied by: 0 when closed, else the product within its clip."""
    known = tuple(factors)
    if any(one.kind == CLOSED and part_on(one, day) == 0 for one in known):
        return 0
    return min(max(product(known, day), LEAST), MOST)


def clip_note(forecast: Forecast, last_day: int) -> tuple[tuple[str | int, ...], ...]:
    """`("signal_clip", day, product)` of the first day up to `last_day` whose factors go beyond what is believed."""
    for day in range(forecast.start_day, last_day + 1):
        whole = product(forecast.factors, day)
        if whole != taken(forecast.factors, day) != 0:
            return (("signal_clip", day, whole),)
    return ()
