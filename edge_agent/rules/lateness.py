"""How late a supplier usually is: the median of its last deliveries, in whole hours and never under a day."""

from collections.abc import Sequence
from statistics import median

from edge_agent.rules.day import DAY_MS, HOUR_MS

LEAST_DELIVERIES = 3
LAST_DELIVERIES = 12


def usually_late(times: Sequence[int]) -> int:
    """The lateness (ms) to count on; `times` are those of past deliveries, the latest last. 0: too few to say.

    A day at least: a lorry that is an hour behind is not given up in three.
    """
    if len(times) < LEAST_DELIVERIES:
        return 0
    late = median(max(0, one) for one in times[-LAST_DELIVERIES:])
    return max(DAY_MS, int(late) // HOUR_MS * HOUR_MS)
