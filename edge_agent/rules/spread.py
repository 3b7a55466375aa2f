"""How far weeks of takings stray from what was expected of them: what the low case of the account counts with.

    stray of a week = takings / (what the eight weeks before it let expect) - 1
    low case = 1 - 1.2816 x sqrt(mean of squared strays), one week in ten is worse;
few weeks are shrunk to the usual .85, which counts as much as four.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import NormalDist

from edge_agent.rules.cash_expected import WEEK, WEEKS, Taken, usual
from edge_agent.rules.cash_ledger import LOW, WHOLE

ONE_IN_TEN = NormalDist().inv_cdf(0.9)
USUAL_WEEKS = 4
LOWEST = 3_000
LOOKED_AT = 26


def strays(past: Mapping[int, Taken], today: int) -> list[float]:
    """Of the weeks that ended before `today`, as far as four weeks lie before each, the newest first."""
    found, first = list[float](), min(past, default=today)
    for back in range(1, LOOKED_AT + 1):
        start = today - back * WEEK
        if start - first < USUAL_WEEKS * WEEK:
            break
        expected = sum(one.cash + one.card for one in usual(past, start - 1))
        took = sum(one.cash + one.card for day, one in past.items() if start <= day < start + WEEK)
        if expected > 0:
            found.append(took / expected - 1)
    return found


def low_part(seen: Sequence[float]) -> int:
    """Sales of the low case in basis points of what is expected."""
    usual_square = ((WHOLE - LOW) / WHOLE / ONE_IN_TEN) ** 2
    square = (sum(one * one for one in seen) + USUAL_WEEKS * usual_square) / (len(seen) + USUAL_WEEKS)
    return max(LOWEST, min(WHOLE, round(WHOLE * (1 - ONE_IN_TEN * sqrt(square)))))


PAST_DAYS = (LOOKED_AT + WEEKS) * WEEK
