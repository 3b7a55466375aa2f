"""What would have been sold on days that ran out: made whole, so that an empty shelf does not teach low demand.

A day's demand is taken as a Poisson stream along the shop's hourly profile, whose rate varies from day to day by a
gamma distribution: together the forecast's negative binomial, mean m, variance m x phi. With s pieces sold in the
share e of the day's demand during which the item was there, the rest is negative binomial again (conjugacy):

    mean  (1 - e) (m + (phi - 1) s) / (1 + (phi - 1) e)      phi of the rest  1 + (phi - 1)(1 - e) / (1 + (phi - 1) e)

and where `a` pieces were asked for while it was gone, E[R | R >= a]. Of a day that ran out at a time that nobody knows,
all that is known is D >= s + a, so that it counts E[D | D >= s + a], where

    E[D | D >= k] = k + E[max(D - k, 0)] / P(D >= k).

m and phi are what the item's own earlier days, made whole, had shown by then: one pass, nothing from the future.
Sources: Agrawal, Smith, "Estimating negative binomial demand for retail inventory management with unobservable lost
sales" (Naval Research Logistics 43, 1996); Berk, Guerler, Levine, "Bayesian demand updating in the lost sales
newsvendor problem" (European Journal of Operational Research 182, 2007); for the time of day Lau, Lau, "Estimating the
demand distributions of single-period items having frequent stockouts" (same journal, 92, 1996).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from edge_agent.rules.negative_binomial import expected_over, running_out

from .dispersion import MAX_PHI
from .series import RAN_OUT, WEEK, SkuHistory

LOOK_BACK = 2 * 182
"""Days before the newest that are made whole: what the forecasters look back."""
WARM_UP = 91
"""Days before the first of them from which the pace is learned."""
FORGET = 0.045
"""The pace follows as the base's level does."""
PROFILE_WORTH = 50.0 / WEEK
LEVEL_WORTH = 3.0
STRAYED_FORGET = 0.0125
"""Dispersion is learned over some eighty days."""
USUAL_PHI = 1.5
USUAL_DAYS = 8.0
"""Before it has strayed at all, an item is taken to vary like USUAL_PHI, as if seen on so many days."""


@dataclass(frozen=True)
class Rest:
    """What was not seen of a day's demand, in pieces: its expectation and its variance."""

    mean: float
    variance: float


def rest_of_day(sold: float, share: float, asked: float, mean: float, phi: float) -> Rest:
    """The demand after `sold` pieces in the seen `share` (0 to 1) of a day that expects `mean`, `asked` for in vain."""
    thin = phi - 1.0
    seen = 1.0 + thin * share
    rest = (1.0 - share) * (mean + thin * sold) / seen
    spread = 1.0 + thin * (1.0 - share) / seen
    if asked <= 0.0:
        return Rest(rest, rest * spread)
    return Rest(at_least(asked, rest, spread), rest * spread)


def at_least(least: float, mean: float, phi: float) -> float:
    """E[D | D >= least] of a negative binomial, `least` counted in whole pieces."""
    whole = int(least)
    if whole <= 0:
        return mean
    chance = running_out(whole - 1, mean, phi)
    return whole + (expected_over(whole, mean, phi) / chance if chance > 0.0 else 1.0)


def ran_out_some_time(sold: float, asked: float, mean: float, phi: float) -> Rest:
    """The demand after `sold` pieces of a day that ran out, nobody knows when; its tail is taken for exponential."""
    least = sold + asked
    more = max(asked, at_least(least, mean, phi) - sold)
    beyond = more - asked
    return Rest(more, beyond * beyond)


class _Pace:
    """What an item's days so far say of the next one: level x weekday profile, and how far they strayed from it."""

    def __init__(self, week: Sequence[float]) -> None:
        self._week = week
        self._sold = self._due = 0.0
        self._sums, self._counts = [0.0] * WEEK, [0.0] * WEEK
        self._total = self._exposed = 0.0
        self._squares = self._means = 0.0

    def expects(self, position: int) -> float:
        """The mean of a day at this position of the week; 0 before anything was sold."""
        if self._total <= 0.0 or self._exposed <= 0.0:
            return 0.0
        long = self._total / self._exposed
        level = (self._sold + LEVEL_WORTH) / (self._due + LEVEL_WORTH / long)
        return level * self._share(position, long)

    def _share(self, position: int, long: float) -> float:
        shop = self._week[position]
        own = self._sums[position] + PROFILE_WORTH
        return shop * own / (long * self._counts[position] * shop + PROFILE_WORTH)

    def phi(self, mean: float) -> float:
        prior = USUAL_DAYS * mean
        return min(MAX_PHI, max(1.0, (self._squares + prior * USUAL_PHI) / max(1e-9, self._means + prior)))

    def lived(self, position: int, mean: float, sold: float, variance: float) -> None:
        """Learn from a whole day: `sold` pieces, of which some are an expectation with this variance."""
        if mean > 0.0:
            kept = 1.0 - STRAYED_FORGET
            self._squares = self._squares * kept + (sold - mean) * (sold - mean) + variance
            self._means = self._means * kept + mean
        share = self._share(position, self._total / self._exposed) if self._exposed > 0.0 else self._week[position]
        self._sold = self._sold * (1.0 - FORGET) + sold
        self._due = self._due * (1.0 - FORGET) + share
        self._sums[position] += sold
        self._counts[position] += 1.0
        self._total += sold
        self._exposed += self._week[position]


def made_whole(one: SkuHistory, trading: tuple[int, ...], week: tuple[float, ...], until: int) -> SkuHistory:
    """The same SKU with what its short days up to `until` would have sold; days without any stock stay unseen.

    `trading` and `week` are the shop's trading days and profile by position (0 = the weekday after `until`).
    """
    if not one.days or not any(day <= until for day in one.short):
        return one
    first = max(until - LOOK_BACK, min(one.short)) - WARM_UP
    sold = dict(zip(one.days, one.qtys, strict=True))
    rests = _rests(one, sold, _since(trading, max(one.days[0], first), until), week)
    for day, rest in rests.items():
        sold[day] = sold.get(day, 0) + round(1000.0 * rest.mean)
    days = tuple(sorted(day for day, qty in sold.items() if qty > 0))
    return replace(
        one,
        days=days,
        qtys=tuple(sold[day] for day in days),
        short={day: 0 for day in one.short if day not in rests},
        doubt={day: rest.variance for day, rest in rests.items()},
    )


@lru_cache(maxsize=64)
def _since(trading: tuple[int, ...], first: int, last: int) -> tuple[int, ...]:
    return tuple(day for day in trading if first <= day <= last)


def _rests(one: SkuHistory, sold: dict[int, int], days: tuple[int, ...], week: tuple[float, ...]) -> dict[int, Rest]:
    """What each short day of `days` did not show, in the order lived."""
    pace, after = _Pace(week), days[-1] + 1 if days else 0
    found: dict[int, Rest] = {}
    for day in days:
        position = (day - after) % WEEK
        mean, pieces = pace.expects(position), sold.get(day, 0) / 1000.0
        rest = _rest(one, day, pieces, mean, pace.phi(mean)) if day in one.short else Rest(0.0, 0.0)
        if rest is None:
            continue
        if day in one.short:
            found[day] = rest
        pace.lived(position, mean, pieces + rest.mean, rest.variance)
    return found


def _rest(one: SkuHistory, day: int, sold: float, mean: float, phi: float) -> Rest | None:
    """None for a day on which it was not there at all, and that nobody asked for it."""
    share, asked = one.short[day], one.asked.get(day, 0) / 1000.0
    if share == RAN_OUT:
        return ran_out_some_time(sold, asked, mean, phi)
    if share == 0 and not asked and not sold:
        return None
    return rest_of_day(sold, share / 1000.0, asked, mean, phi)
