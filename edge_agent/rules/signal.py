"""Signals and events as factors of demand, in millionths: what each is worth, how it shrinks and how it fades.

a trend      exp(b x z), z of its newest value among the earlier ones          b = 0.08 until the shop's own is learnt
a count      exp(b x (value - usual) / usual)                                   b = 0.10 likewise
an event     raw uplift of the past ones of its kind, on the log scale x n / (n + 4) x what chance leaves of it;
             believed to move a day by less than a tenth, it is left out
its age      whole for 5 days, then fading; from the 8th day on it counts as 1
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import exp, log, sqrt

WHOLE = 1_000_000
"""A factor of 1."""
WORTH = {"trend": 0.08, "count": 0.10}
"""What a signal is worth where the shop has not learnt it: b in the formulas above."""
EVENTS_OF_PRIOR = 4
"""The assumption that an event changes nothing counts as much as so many events."""
FULL_DAYS, GONE_DAYS = 5, 8
LEAST_VALUES = {"trend": 4, "count": 3}
"""Earlier values that a signal needs before its newest one says anything."""
VALUES_BACK = 26
"""Earlier values that the newest one is held against."""
MOST_DEVIATION = 3.0
LEAST_LIFT, MOST_LIFT = 0.1, 10.0
LEAST_EFFECT = WHOLE // 10
"""An event that is believed to move a day by less is left out: it can hardly be told from chance."""


@dataclass(frozen=True)
class Lift:
    """What past events of a kind did: `raw` times the usual sales at `seen` of them, of a mean `attendance` (0: nobody
    knows)."""

    raw: float
    seen: int
    attendance: int = 0
    trust: float = 1.0
    """What is left of it when the events' own scatter is taken off: 1 when all were alike, 0 when it may be chance."""


@dataclass(frozen=True)
class Learnt:
    """What the shop's own history says: `lifts` by what an event is learnt as, `worth` (b) by signal (see `named`)."""

    lifts: Mapping[str, Lift] = field(default_factory=dict)
    worth: Mapping[str, float] = field(default_factory=dict)


def named(name: str, about: str) -> str:
    """What a signal is learnt under."""
    return f"{name}\n{about}"


def learnt_as_text(learnt: Learnt) -> str:
    """JSON that `learnt_from` reads back."""
    return json.dumps(asdict(learnt), ensure_ascii=False)


def learnt_from(text: str) -> Learnt:
    """The inverse of `learnt_as_text`."""
    found = json.loads(text)
    return Learnt({kind: Lift(**one) for kind, one in found["lifts"].items()}, found["worth"])


def by_deviation(away: float, b: float) -> int:
    """The factor of a signal that lies so far from its usual (see `deviation`)."""
    return round(WHOLE * exp(b * away))


def by_lift(lift: Lift, attendance: int = 0) -> int:
    """The factor of an event, believed by how many like it were seen; a larger crowd than theirs moves more, between
    half as much and twice."""
    size = attendance / lift.attendance if attendance and lift.attendance else 1.0
    raw = log(min(max(lift.raw, LEAST_LIFT), MOST_LIFT)) * lift.trust * min(max(size, 0.5), 2.0)
    parts = round(WHOLE * exp(raw * lift.seen / (lift.seen + EVENTS_OF_PRIOR)))
    return parts if abs(parts - WHOLE) >= LEAST_EFFECT else WHOLE


def deviation(kind: str, value: int, before: Sequence[int]) -> float | None:
    """How far a value lies from the earlier ones, as its kind is measured, within 3 either way; None: too few to say.

    A trend in standard deviations, a count as a share of the usual.
    """
    known = before[-VALUES_BACK:]
    if len(known) < LEAST_VALUES[kind]:
        return None
    mean = sum(known) / len(known)
    if kind == "count":
        away = (value - mean) / mean if mean > 0 else 0.0
    else:
        spread = sqrt(sum((one - mean) ** 2 for one in known) / (len(known) - 1))
        away = (value - mean) / spread if spread > 0 else 0.0
    return min(max(away, -MOST_DEVIATION), MOST_DEVIATION)


def usual(before: Sequence[int]) -> int:
    """The mean of the earlier values that the newest one is held against; 0 without any."""
    known = before[-VALUES_BACK:]
    return round(sum(known) / len(known)) if known else 0


def faded(parts: int, age: int) -> int:
    """What is left of a factor `age` days after it was told: all of it at first, none (a factor of 1) in the end."""
    strength = min(1.0, max(0.0, (GONE_DAYS - age) / (GONE_DAYS - FULL_DAYS)))
    return parts if strength == 1.0 else round(WHOLE * exp(log(parts / WHOLE) * strength))
