"""Sharing the last units of a limited item: tills sell only their quota, so that together they never sell too much.

Each till's quota is what it moved itself (received, less sold) + granted - given up. What is given up and not granted
again is the pool: quotas and pool are the stock, whatever is on its way. A till alone has the whole stock.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

PIECE = 1_000


@dataclass(frozen=True)
class Plan:
    """What the pool grants to whom, and how much each may keep (who is not named keeps all), in milli-units."""

    grants: dict[str, int]
    keep: dict[str, int]


def quota(moved: int, granted: int, given: int) -> int:
    """What a till may still sell, in milli-units; below 0 it may sell nothing."""
    return moved + granted - given


def shares(total: int, tills: Collection[str]) -> dict[str, int]:
    """`total` in parts that are as equal as whole pieces allow; who comes first by name has one more."""
    names = sorted(tills)
    if not names or total <= 0:
        return dict.fromkeys(names, 0)
    pieces, rest = divmod(total, PIECE)
    each, more = divmod(pieces, len(names))
    parts = {name: PIECE * (each + (place < more)) for place, name in enumerate(names)}
    parts[names[min(more, len(names) - 1)]] += rest
    return parts


def plan(pool: int, quotas: Mapping[str, int], *, wanting: bool = False) -> Plan:
    """Grant the pool to those below their share, the neediest first; and where somebody then has less than half a
    share (or something beside them is `wanting`), let those above theirs keep no more than it. Never grants more than
    the pool."""
    parts = shares(pool + sum(quotas.values()), quotas)
    left, grants = max(0, pool), dict[str, int]()
    for name in sorted(quotas, key=lambda name: (quotas[name] - parts[name], name)):
        granted = min(left, max(0, parts[name] - quotas[name]))
        if granted:
            grants[name], left = granted, left - granted
    have = {name: one + grants.get(name, 0) for name, one in quotas.items()}
    short = wanting or any(2 * have[name] < parts[name] for name in have)
    return Plan(grants, {name: parts[name] for name in sorted(have) if short and have[name] > parts[name]})
