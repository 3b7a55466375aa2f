"""What corrections of the base have earned: a rolling back-test on the shop's own last weeks, stretch by stretch.

Three judges speak of each mix of model, lean and level, over weeks that lean and level were not learnt from. It must
have less quantile loss than what it would replace, by more than chance; orders that were filled up to its quantile must
not have cost more than with the base (`stakes`: what a piece short loses, what a piece left over costs); and then
the dispersion of a horizon is widened until its high quantiles covered what they promised, and never narrowed. First
the mix is looked for that serves all days best; then each stretch of days ahead may go its own way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from .blend import blended
from .court import Court, Past
from .habits import HORIZONS, SEGMENTS, Blend, Part
from .lean import learn_lean
from .metrics import LEVELS, coverage
from .quantiles import quantiles
from .stakes import Stakes

WEIGHTS = (0.0, 0.5, 1.0)
LEANT_WEIGHTS = (0.0, 0.5)
OWNS = (0.5, 1.0)
EARNED_WEEKS = 16
JUDGING_WEEKS = 8
LEAN_WEEKS = 4
LEAN_SUMS = 300
"""A lean is learnt from no fewer weeks and SKUs of weeks."""
LEVEL_PIECES = 200.0
"""A level counts that no correction is needed as much as so many pieces."""
SPREADS = (1.0, 1.2, 1.45, 1.75)
ALLOWED_SHORT = 0.02
"""Mean shortfall of the high quantiles' coverage that is still taken for chance."""
MIN_WEEKS = 3
MIN_SUMS = 100
_HIGH = slice(LEVELS.index(0.9), None)
"""Coverage is judged at .9 and above: below, slow sellers cover too much by being whole numbers."""
EVERY_PIECE = Stakes()


def earn(past: Past, stakes: Stakes = EVERY_PIECE) -> Blend:
    """The mix that would have served best in these past weeks (newest first); the base alone where they are too few."""
    if len(past) < MIN_WEEKS or _rows(past) < MIN_SUMS:
        return Blend()
    judging = max(MIN_WEEKS, min(JUDGING_WEEKS, len(past) - LEAN_WEEKS))
    court, older = Court(past[:judging], stakes), past[judging:]
    mixes = [*(Blend((Part(weight),) * len(SEGMENTS)) for weight in WEIGHTS), *_leaning(older)]
    best = _for_all_days(court, mixes)
    for segment in range(len(SEGMENTS)):
        others = [mix.parts[segment] for mix in mixes]
        best = _for_these_days(court, best, segment, [*others, *_levelled(older, best, segment)])
    best = replace(best, spreads=tuple(_spread(court, best, h) for h in range(len(HORIZONS))))
    return replace(best, parts=tuple(_taught(past, best, segment) for segment in range(len(SEGMENTS))))


def _rows(past: Past) -> int:
    return sum(len(rows.skus) for rows, _ in past)


def _leaning(older: Past) -> list[Blend]:
    """Mixes with a lean learnt from these weeks, where they are enough to learn from."""
    if len(older) < LEAN_WEEKS or _rows(older) < LEAN_SUMS:
        return []
    found = []
    for weight in LEANT_WEIGHTS:
        leans = [_lean(older, Blend((Part(weight),) * len(SEGMENTS)), segment) for segment in range(len(SEGMENTS))]
        found += [Blend(tuple(Part(weight, own, lean=lean) for lean in leans)) for own in OWNS]
    return found


def _lean(past: Past, mix: Blend, segment: int) -> tuple[float, ...]:
    """What is left to learn beside this mix."""
    return learn_lean([rows for rows, _ in past], [blended(rows, says, mix)[0] for rows, says in past], segment)


def _levelled(older: Past, mix: Blend, segment: int) -> list[Part]:
    """The mix's own part with a level learnt from these weeks, where they are enough to learn from."""
    if len(older) < LEAN_WEEKS or _rows(older) < LEAN_SUMS:
        return []
    return [replace(mix.parts[segment], level=_level(older, mix, segment))]


def _level(past: Past, mix: Blend, segment: int) -> float:
    """What came over what was said, drawn to 1."""
    said = came = LEVEL_PIECES
    for rows, says in past:
        first, last = SEGMENTS[segment]
        days, worth = blended(rows, says, mix)[0][:, first - 1 : last], 1.0 / rows.phi[:, segment]
        then = rows.came[:, first - 1 : last]
        said += float(worth @ np.where(np.isnan(then), 0.0, days).sum(axis=1))
        came += float(worth @ np.nansum(then, axis=1))
    return came / said


def _for_all_days(court: Court, mixes: Sequence[Blend]) -> Blend:
    """The mix with the least loss of those that cost no more than the base, if that beats the base's."""
    base, *told = [court.whole(mix) for mix in mixes]
    fit = [(one.losses.mean(), place) for place, one in enumerate(told, 1) if not one.costs_more_than(base)]
    best = min(fit, default=(0.0, 0))[1]
    return mixes[best] if best and told[best - 1].beats(base) else mixes[0]


def _for_these_days(court: Court, mix: Blend, segment: int, others: Iterable[Part]) -> Blend:
    """Another part for one stretch of days where it beats the mix's own at the horizon that ends with it; the base's
    where the mix's own costs more there than the base does."""
    base, now = court.verdict(Blend(), segment), court.verdict(mix, segment)
    if now.costs_more_than(base):
        mix = _with(mix, segment, Part())
        now = court.verdict(mix, segment)
    for part in others:
        verdict = court.verdict(_with(mix, segment, part), segment)
        if verdict.beats(now) and not verdict.costs_more_than(base):
            mix, now = _with(mix, segment, part), verdict
    return mix


def _with(mix: Blend, segment: int, part: Part) -> Blend:
    return replace(mix, parts=(*mix.parts[:segment], part, *mix.parts[segment + 1 :]))


def _spread(court: Court, mix: Blend, h: int) -> float:
    """The least widening with which the high quantiles covered what they promise."""
    for spread in SPREADS:
        sums = court.sums(replace(mix, spreads=(spread,) * len(HORIZONS)), h)
        told = quantiles(sums.means, sums.phis, LEVELS)
        if len(told) and (np.asarray(LEVELS) - coverage(sums.came, told))[_HIGH].mean() <= ALLOWED_SHORT:
            return spread
    return SPREADS[-1]


def _taught(past: Past, mix: Blend, segment: int) -> Part:
    """A part whose lean and level are learnt from all the weeks, as it has earned them."""
    part = mix.parts[segment]
    lean = _lean(past, Blend((Part(part.weight),) * len(SEGMENTS)), segment) if part.own else ()
    again = replace(part, lean=lean, level=1.0)
    return again if part.level == 1.0 else replace(again, level=_level(past, _with(mix, segment, again), segment))
