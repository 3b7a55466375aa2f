"""What a forecaster has learned about the whole shop: its week, hours, dispersion, and what the model has earned."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

from .kin import STRANGERS, Kindred
from .series import Opening, ShopHistory, weekday

HORIZONS = (1, 3, 7)
"""Days over which demand is summed and judged."""
SEGMENTS = ((1, 1), (2, 3), (4, 7))
"""Days ahead that share one correction of the mean; their sums make the horizons."""
_WHOLE = 10_000


@dataclass(frozen=True)
class Part:
    """What corrections of the base have earned for one stretch of days ahead (SEGMENTS): the weights of the model and
    of the shop's own lean (0: none), that lean's coefficients (empty where none was learnt), a factor on the level."""

    weight: float = 0.0
    own: float = 0.0
    level: float = 1.0
    lean: tuple[float, ...] = ()


@dataclass(frozen=True)
class Blend:
    """What corrections of the base have earned by stretch of days ahead; nothing: the base alone.

    `spreads`: per horizon a factor on the dispersion.
    """

    parts: tuple[Part, ...] = (Part(),) * len(SEGMENTS)
    spreads: tuple[float, ...] = (1.0,) * len(HORIZONS)

    def thousandths(self) -> tuple[int, ...]:
        """By stretch of days: the model's weight, the lean's, the level and the spread; empty of the base alone."""
        if self == Blend():
            return ()
        told = ((one.weight, one.own, one.level, spread) for one, spread in zip(self.parts, self.spreads, strict=True))
        return tuple(round(1000.0 * number) for four in told for number in four)


@dataclass(frozen=True)
class Habits:
    """Learned from sales up to the evening of `until`; small, plain, and enough to forecast one SKU from its own sales.

    `week`: the shop's demand by position (0 = the weekday after `until`) relative to its mean trading day.
    `trading`: its trading days, ascending. `curves[horizon][volume class]`: its usual dispersion (`volume_class`).
    """

    until: int
    trading: tuple[int, ...]
    week: tuple[float, ...]
    hour_shares: tuple[int, ...]
    curves: tuple[tuple[float, ...], ...]
    blend: Blend = Blend()
    kindred: Kindred = STRANGERS
    """What new items are held against."""
    model: str = ""
    """SHA-256 of the model whose mix this is; empty with the base alone."""

    def about(self, skus: Collection[str]) -> "Habits":
        """The same, knowing the kin of these SKUs alone."""
        return replace(self, kindred=self.kindred.about(skus))

    def trading_set(self) -> frozenset[int]:
        """The trading days for quick look-ups."""
        return _as_set(self.trading)


@lru_cache(maxsize=8)
def _as_set(days: tuple[int, ...]) -> frozenset[int]:
    return frozenset(days)


def hour_shares(shop: ShopHistory) -> tuple[int, ...]:
    """24 integers, the share of a day's demand in each local hour in 1/10,000; sum 10,000.

    From the shop's hourly profile, else even over its opening hours.
    """
    sums = [sum(day[hour] for day in shop.hour_profile) for hour in range(24)]
    return whole_shares(sums) if any(sums) else whole_shares(_open_minutes(shop.opening))


def _open_minutes(opening: Opening) -> list[int]:
    minutes = [0] * 24
    for hours in opening.hours:
        if hours:
            for hour in range(24):
                minutes[hour] += max(0, min(hours[1], 60 * hour + 60) - max(hours[0], 60 * hour))
    return minutes if any(minutes) else [1] * 24


def whole_shares(sums: Sequence[int]) -> tuple[int, ...]:
    """Parts of 10,000 in proportion to `sums`, by largest remainder (their sum is exact)."""
    total = sum(sums)
    parts = [one * _WHOLE // total for one in sums]
    order = sorted(range(len(sums)), key=lambda i: (-(sums[i] * _WHOLE % total), i))
    for i in order[: _WHOLE - sum(parts)]:
        parts[i] += 1
    return tuple(parts)


def elapsed(at: int, zone: str, today: int, shares: Sequence[int], other: tuple[int, int] | None = None) -> float:
    """The share of `today`'s demand that usually has come by `at` (UTC ms): 0 before that local day, 1 after it.

    `other` are the day's own opening minutes where they are not those of its weekday.
    """
    now = _local(at, zone)
    if now.toordinal() != today:
        return float(now.toordinal() > today)
    minute = 60.0 * now.hour + now.minute
    opens, closes = other or (0, 1440)
    whole = inside(shares, opens, closes)
    return inside(shares, opens, min(minute, closes)) / whole if whole else float(minute >= closes)


def inside(shares: Sequence[int], begin: float, end: float) -> float:
    """The part of `shares` (one an hour) between two minutes of a day."""
    return sum(
        share * max(0.0, min(end, 60.0 * hour + 60.0) - max(begin, 60.0 * hour)) / 60.0
        for hour, share in enumerate(shares)
    )


def part_of_day(opening: Opening, day: int, shares: Sequence[int]) -> float:
    """How much of a usual day's demand comes on one with other hours: less where it is open for less of it.

    What longer hours would add nobody has seen: nothing.
    """
    other, usual = opening.special.get(day), opening.hours[weekday(day)]
    if other is None or usual is None or day in opening.closed:
        return 1.0
    whole = inside(shares, *usual)
    return min(1.0, inside(shares, *other) / whole) if whole else 1.0


def _local(at: int, zone: str) -> datetime:
    from zoneinfo import ZoneInfo  # not before the model's child has said that it is ready

    return datetime.fromtimestamp(at / 1000.0, UTC).astimezone(ZoneInfo(zone))
