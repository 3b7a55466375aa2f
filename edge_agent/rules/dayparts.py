"""The next 72 hours of one SKU in parts of the day: what sells, what comes, and what is left, likely and at least.

sold up to a moment    negative binomial of the sum so far: never a sum of quantiles
left likely, at least  stock + what has come - the middle, and the 90 % quantile, of what has sold by then;
                       what was not there to be sold is lost, it is not made up for by the next delivery
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from edge_agent.rules.day import HOUR_MS, local, moment
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.packs import WHOLE, Odds
from edge_agent.rules.phrases import say, words
from edge_agent.rules.plan import DAY_MINUTES, OpeningHours, expected
from edge_agent.rules.reorder import LATE_MS, Incoming

AHEAD_MS = 72 * HOUR_MS
NOON, EVENING = 12 * 60, 17 * 60
MIDDLE, HIGH = 5_000, 9_000
"""Basis points: a half, and nine times of ten."""


@dataclass(frozen=True)
class Part:
    """A stretch of opening from `begin` to `end` (UTC ms), in milli-units: what sells in it (mean, in the middle case,
    and at most nine times of ten), what `comes` by its end, and what is left then, likely and at least."""

    begin: int
    end: int
    mean: int
    middle: int
    most: int
    comes: int
    left: int
    least: int


@dataclass(frozen=True)
class Outlook:
    """All parts, and the whole of them: what sells in the 72 hours on the mean, in the middle, and at most."""

    until: int
    mean: int
    middle: int
    most: int
    parts: tuple[Part, ...]


def outlook(there: int, coming: Sequence[Incoming], forecast: Forecast, hours: OpeningHours, now: int) -> Outlook:
    """The plan of one SKU as of `now`: `there` is what is on the shelf and not kept for anybody, in milli-units; the
    forecast is the one that signals have moved already."""
    until, parts = now + AHEAD_MS, []
    likely, least = _Shelf(there), _Shelf(there)
    sold = come = 0
    for begin, end in stretches(hours, now, until):
        total = expected(forecast, hours, now, end)
        odds, inside = Odds(total, forecast.phi_milli), Odds(total - sold, forecast.phi_milli)
        arrived = sum(_arrived(one, now, end) for one in coming)
        parts.append(
            Part(
                begin=begin,
                end=end,
                mean=inside.mean,
                middle=WHOLE * inside.level(MIDDLE),
                most=WHOLE * inside.level(HIGH),
                comes=arrived - come,
                left=likely.after(arrived, WHOLE * odds.level(MIDDLE)),
                least=least.after(arrived, WHOLE * odds.level(HIGH)),
            )
        )
        sold, come = total, arrived
    whole = Odds(expected(forecast, hours, now, until), forecast.phi_milli)
    return Outlook(until, whole.mean, WHOLE * whole.level(MIDDLE), WHOLE * whole.level(HIGH), tuple(parts))


def _arrived(one: Incoming, now: int, end: int) -> int:
    """What is late counts as if it came now, unless it is days overdue."""
    return one.qty if now - LATE_MS < one.eta_at < end else 0


class _Shelf:
    """What is left when so much has come and would have sold: never less than nothing."""

    def __init__(self, there: int) -> None:
        self._there, self._lost = max(0, there), 0

    def after(self, come: int, sold: int) -> int:
        left = self._there + come + self._lost - sold
        self._lost -= min(0, left)
        return max(0, left)


def stretches(hours: OpeningHours, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The opening hours between two moments, parted at noon and at five."""
    first, last = (local(at, hours.zone).toordinal() for at in (begin, end))
    for day in range(first, last + 1):
        opens, closes = hours.on(day) or (0, 0)
        marks = [opens, *(mark for mark in (NOON, EVENING) if opens < mark < closes), closes]
        for start, stop in pairwise(marks):
            from_ms = max(begin, moment(day, start, hours.zone))
            to_ms = min(end, moment(day, min(stop, DAY_MINUTES), hours.zone))
            if from_ms < to_ms:
                yield from_ms, to_ms


def table(found: Outlook, zone: str, language: str = "en") -> list[str]:
    """The plan as lines of text, one a part, under a heading."""
    until = local(found.until, zone)
    when = f"{words(language, 'days')[until.weekday()]} {until:%H:%M}"
    said = say(language, "plan", until=when, mean=_pieces(found.mean), most=found.most // WHOLE)
    sells, most, comes, left, least = (word.replace("_", " ") for word in words(language, "plan_columns"))
    head = f"{'':15}{sells:>7}{most:>10}{comes:>7}{left:>7}{least:>11}"
    return [said, head, *(_line(part, zone, language) for part in found.parts)]


def _line(part: Part, zone: str, language: str) -> str:
    comes = str(part.comes // WHOLE) if part.comes else ""
    left = f"{part.left // WHOLE:7}{part.least // WHOLE:11}"
    return f"{span(part, zone, language):15}{_pieces(part.mean):>7}{part.most // WHOLE:10}{comes:>7}{left}"


def span(part: Part, zone: str, language: str = "en") -> str:
    """`Tue 14-17`, with minutes where there are some."""
    begin, end = local(part.begin, zone), local(part.end, zone)
    return f"{words(language, 'days')[begin.weekday()]} {_hour(begin)}-{_hour(end)}"


def _hour(when: datetime) -> str:
    return f"{when:%H:%M}" if when.minute else f"{when:%H}"


def _pieces(milli: int) -> str:
    return f"{milli / WHOLE:.1f}"
