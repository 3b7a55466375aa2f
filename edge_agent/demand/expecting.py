"""The owner's guess in a forecast: what a week sells is the belief that the guess and the item's own sales make."""

from bisect import bisect_right
from collections.abc import Sequence

from edge_agent.rules.guess import belief, faith

from .series import WEEK, SkuHistory


def as_expected(one: SkuHistory, means: Sequence[float], week: Sequence[float], origin: int) -> tuple[float, ...]:
    """The base's means by position on the evening of `origin`, drawn to the guess; the shop's `week` shapes those of an
    item that never sold."""
    sold, days = _lived(one, origin)
    if one.guess is None or not faith(days):
        return tuple(means)
    shape = means if sum(means) > 0.0 else week
    found = belief(one.guess, sold, days)
    told = sum(means) + faith(days) * (found.a / found.b - sum(means))
    return tuple(told * share / max(1e-9, sum(shape)) for share in shape)


def doubt(one: SkuHistory, origin: int, days_ahead: int) -> float:
    """What the belief's own spread adds to the dispersion of a sum over so many days."""
    if one.guess is None:
        return 0.0
    sold, days = _lived(one, origin)
    return faith(days) * days_ahead / WEEK / belief(one.guess, sold, days).b


def _lived(one: SkuHistory, origin: int) -> tuple[float, float]:
    """Pieces sold up to the evening of `origin`, and the days since the first sale on which it was there."""
    end = bisect_right(one.days, origin)
    if not end:
        return 0.0, 0.0
    first = one.days[0]
    missed = sum(1.0 - max(0, share) / 1000.0 for day, share in one.short.items() if first <= day <= origin)
    return sum(one.qtys[:end]) / 1000.0, max(1.0, origin - first + 1 - missed)
