"""Guardrails of ordering without the owner: any one of them turns "goes by itself" into "needs you"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from edge_agent.rules.reorder import Decision
from edge_agent.rules.tax import tax_on
from edge_agent.wire.events.reorder import Guard

COUNTED_WITHIN_DAYS = 90
KNOWN_DAYS = 14
COST_MOVES = 1_000
"""Basis points that a piece's cost may have moved since it was last ordered."""
LEAST_ORDERS = 3
"""So many past orders say what is usual."""
OWN = ("onnx",)
"""Forecasters that are no stand-in."""


@dataclass(frozen=True)
class Caps:
    """The most that orders may be worth which go by themselves: each, and with what went in the same day and week
    (`spent`), in minor units; 0: no such cap. `behind`: minutes that the clock stands behind what was recorded,
    `unheard`: hours in which nothing was heard of other tills.
    `room`: what the account bears of this order with its tax (None: no such limit), `old_balance`: it was worked out
    from a bank balance that is too old."""

    order: int = 0
    day: int = 0
    week: int = 0
    spent_day: int = 0
    spent_week: int = 0
    behind: int = 0
    unheard: int = 0
    room: int | None = None
    old_balance: bool = False


def usual(quantities: Sequence[int]) -> tuple[int, int]:
    """Median of past orders and median distance from it; (0, 0) when there are too few to say."""
    if len(quantities) < LEAST_ORDERS:
        return 0, 0
    middle = median(quantities)
    return int(middle), int(median(abs(one - middle) for one in quantities))


def is_unusual(quantity: int, middle: int, spread: int) -> bool:
    """True for an order far above the usual: more than the median and 5 median distances, or twice the median."""
    return middle > 0 and quantity > middle + max(5 * spread, 2 * middle)


def guards(lines: Iterable[Decision], value: int, caps: Caps) -> tuple[Guard, ...]:
    """All that speaks against sending this order without the owner, of the whole first."""
    known = list(lines)
    found = [*_of_value(value, caps), *_of_account(known, caps)]
    for one in known:
        found += [Guard(word=word, sku=one.snapshot.sku, was=was, now=now) for word, was, now in _of_line(one)]
    return tuple(found)


def guard_words(one: Decision) -> tuple[str, ...]:
    """What speaks against one SKU, in its words."""
    return tuple(word for word, _, _ in _of_line(one))


def _of_value(value: int, caps: Caps) -> list[Guard]:
    sums = (
        ("most_order", caps.order, value),
        ("most_day", caps.day, value + caps.spent_day),
        ("most_week", caps.week, value + caps.spent_week),
    )
    found = [Guard(word=word, was=cap, now=now) for word, cap, now in sums if 0 < cap < now]
    doubts = (("behind", caps.behind), ("unheard", caps.unheard))
    return [*found, *(Guard(word=word, now=now) for word, now in doubts if now)]


def _of_account(lines: Sequence[Decision], caps: Caps) -> list[Guard]:
    if caps.old_balance:
        return [Guard(word="old_balance")]
    gross = sum(one.cost + tax_on(one.cost, one.snapshot.terms.rate) for one in lines)
    return [Guard(word="float", was=caps.room, now=gross)] if caps.room is not None and gross > caps.room else []


def _of_line(one: Decision) -> list[tuple[str, int, int]]:
    """(word, what was usual or allowed, what is) of one SKU."""
    found: list[tuple[str, int, int]] = []
    snapshot, known = one.snapshot, one.snapshot.known
    if snapshot.on_hand < 0:
        found.append(("negative", 0, snapshot.on_hand))
    if not snapshot.counted or known is None:
        found.append(("uncounted", 0, 0))
    elif known.counted_days > COUNTED_WITHIN_DAYS:
        found.append(("count_old", COUNTED_WITHIN_DAYS, known.counted_days))
    if one.forecast.forecaster not in OWN:
        found.append(("stand_in", 0, 0))
    found += [("signal_clip", 0, int(note[2])) for note in one.notes if note[0] == "signal_clip"]
    if known is None:
        return found
    if known.stocked_days < KNOWN_DAYS:
        found.append(("young", KNOWN_DAYS, max(0, known.stocked_days)))
    if is_unusual(one.qty, known.usual, known.spread):
        found.append(("unusual", known.usual, one.qty))
    cost = snapshot.terms.pack_cost * 1_000_000 // snapshot.terms.pack
    if known.cost_was and abs(cost - known.cost_was) * 10_000 > COST_MOVES * known.cost_was:
        found.append(("cost", known.cost_was, cost))
    return found
