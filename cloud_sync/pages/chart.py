"""The fan of the next days: what is left on the shelf if this order is skipped, drawn from the recorded forecast."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from markupsafe import Markup, escape

from cloud_sync.speech import pointed, say, told
from edge_agent.rules.day import local, moment
from edge_agent.rules.money import quantity
from edge_agent.rules.packs import Odds
from edge_agent.rules.plan import OpeningHours, expected
from edge_agent.rules.reorder import Decision

WIDTH, HEIGHT, TOP, FOOT = 320, 116, 16, 18
LOW, HIGH = 1_000, 9_000
MOST_DAYS = 10


@dataclass(frozen=True)
class Point:
    """Milli-units left at a moment: expected, and the band that it ends up in four times of five."""

    at: int
    least: int
    mean: int
    most: int


def points(found: Decision, hours: OpeningHours) -> list[Point]:
    """Now, the end of each day, and the end of the interval that the till looked at; nothing is below zero."""
    return [_point(found, hours, at) for at in days_of(found.moment.now, found.need.until, hours.zone)]


def days_of(start: int, end: int, zone: str) -> list[int]:
    """The ends of the days from one moment to another, and both."""
    day = local(start, zone).date().toordinal() + 1
    midnights = [moment(day + number, 0, zone) for number in range(MOST_DAYS)]
    return [start, *(at for at in midnights if at < end), end]


def fan(found: Decision, hours: OpeningHours) -> Markup:
    """The chart as SVG with its meaning in words."""
    drawn = points(found, hours)
    more = [
        *_arrival(found, drawn, HEIGHT - FOOT),
        *_days(drawn, hours.zone),
        f'<text x="0" y="11">{_left(found)}</text>',
    ]
    return _drawn(drawn, max(1000, *(point.most for point in drawn)), _said(drawn, hours.zone), more)


def emptied(drawn: Sequence[Point], zone: str) -> Markup:
    """The same of how many items have run out by each moment: likely (`mean`), and at worst (`most`)."""
    most = max(point.most for point in drawn)
    days = [Point(at, 0, 0, 0) for at in days_of(drawn[0].at, drawn[-1].at, zone)]
    title = f'<text x="0" y="11">{say("{likely} likely out, {most} at worst", likely=drawn[-1].mean, most=most)}</text>'
    told_by = [f"{told(f'{local(at.at - 1, zone):%A}')} {_by(drawn, at.at)}" for at in days[1:]]
    said = say("Items likely out by then: {days}.", days=", ".join(told_by))
    stairs = [drawn[0], *(one for low, high in pairwise(drawn) for one in (replace(low, at=high.at), high))]
    return _drawn(stairs, max(1, most), said, [*_days(days, zone), title])


def _by(drawn: Sequence[Point], at: int) -> int:
    return max(point.mean for point in drawn if point.at <= at)


def _drawn(drawn: Sequence[Point], top: int, said: str, more: Sequence[str]) -> Markup:
    """The band, the line and the floor, with what else stands in the picture."""
    xs = [_x(point.at, drawn) for point in drawn]
    upper = [(x, _y(point.most, top)) for x, point in zip(xs, drawn, strict=True)]
    lower = [(x, _y(point.least, top)) for x, point in zip(xs, drawn, strict=True)]
    middle = [(x, _y(point.mean, top)) for x, point in zip(xs, drawn, strict=True)]
    base = HEIGHT - FOOT
    parts = [
        f'<path class="band" d="{_path([*upper, *reversed(lower)])}Z"/>',
        f'<path class="mean" d="{_path(middle)}"/>',
        f'<path class="zero" d="M0 {base}H{WIDTH}"/>',
        *more,
    ]
    svg = f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(said)}">'
    return Markup(svg + "".join(parts) + "</svg>")  # noqa: S704 every value in it is a number or escaped


def _left(found: Decision) -> str:
    return say("{left} left now", left=pointed(quantity(max(0, found.snapshot.on_hand))))


def _point(found: Decision, hours: OpeningHours, at: int) -> Point:
    there = found.snapshot.on_hand - found.snapshot.reserved
    there += sum(one.qty for one in found.snapshot.incoming if one.eta_at <= at)
    odds = Odds(expected(found.forecast, hours, found.moment.now, at), found.forecast.phi_milli)
    if odds.mean == 0:
        return Point(at, max(0, there), max(0, there), max(0, there))
    least, most = there - 1000 * odds.level(HIGH), there - 1000 * odds.level(LOW)
    return Point(at, max(0, least), max(0, there - odds.mean), max(0, most))


def _said(drawn: Sequence[Point], zone: str) -> str:
    days = [f"{told(f'{local(point.at, zone):%A}')} {quantity(_whole(point.mean))}" for point in drawn[1:]]
    return say("Expected on the shelf without this order: {days}.", days=", ".join(days))


def _arrival(found: Decision, drawn: Sequence[Point], base: int) -> list[str]:
    at = found.moment.arrives_at
    if not drawn[0].at < at < drawn[-1].at:
        return []
    x = _x(at, drawn)
    side = ("end", x - 4) if x > WIDTH * 0.6 else ("start", x + 4)
    words = f'<text x="{side[1]:g}" y="11" text-anchor="{side[0]}">{say("this order comes")}</text>'
    return [f'<path class="comes" d="M{x:g} {TOP - 14}V{base}"/>', words]


def _days(drawn: Sequence[Point], zone: str) -> list[str]:
    """The weekday under the middle of each day that is wide enough for it."""
    found = []
    for one, after in pairwise(drawn):
        left, right = _x(one.at, drawn), _x(after.at, drawn)
        if right - left >= 24:
            middle = round((left + right) / 2)
            day = told(f"{local(one.at, zone):%a}")
            found.append(f'<text x="{middle}" y="{HEIGHT - 4}" text-anchor="middle">{day}</text>')
    return found


def _x(at: int, drawn: Sequence[Point]) -> float:
    span = max(1, drawn[-1].at - drawn[0].at)
    return round(WIDTH * (at - drawn[0].at) / span, 1)


def _y(milli: int, top: int) -> float:
    return round(HEIGHT - FOOT - (HEIGHT - FOOT - TOP) * milli / top, 1)


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in corners)


def _whole(milli: int) -> int:
    return (milli + 500) // 1000 * 1000
