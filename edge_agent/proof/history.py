"""A real history as it is lived again: who wanted what at which minute, and what the shop knew before."""

import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edge_agent.demand.series import ShopHistory, weekday

Wanted = tuple[int, int]
"""(minute of the day, pieces)."""


@dataclass(frozen=True)
class History:
    """One shop. `lines[sku, day]` are its receipts' lines where it has them; `minutes` when its day's demand comes."""

    name: str
    sha256: str
    shop: ShopHistory
    lines: Mapping[tuple[str, int], Sequence[Wanted]]
    minutes: Sequence[Sequence[int]]
    drawn: dict[tuple[str, int], Sequence[Wanted]] = field(default_factory=dict, compare=False, repr=False)
    """What `wanted` has answered before."""

    @property
    def last(self) -> int:
        """The newest day with sales."""
        return self.shop.today - 1

    def pieces(self, sku: str, day: int) -> int:
        """What was wanted of it that day: whole pieces."""
        if self.lines:
            return sum(pieces for _, pieces in self.wanted(sku, day))
        one = self.shop.skus[sku]
        at = bisect_right(one.days, day) - 1
        return round(one.qtys[at] / 1000) if at >= 0 and one.days[at] == day else 0

    def wanted(self, sku: str, day: int) -> Sequence[Wanted]:
        """In order of time; a day total's pieces come at minutes drawn from real receipts, the same each time."""
        if (sku, day) not in self.drawn:
            self.drawn[sku, day] = sorted(self.lines.get((sku, day), ())) if self.lines else self._spread(sku, day)
        return self.drawn[sku, day]

    def _spread(self, sku: str, day: int) -> list[Wanted]:
        of_day = self.minutes[weekday(day)]
        draw = random.Random(f"{sku} {day}")  # noqa: S311  it spreads sales over a day
        return sorted((draw.choice(of_day), 1) for _ in range(self.pieces(sku, day)))

    def busiest(self, count: int, first: int, last: int) -> list[str]:
        """The SKUs that sell most pieces between two days, most first; 0: all that sold."""
        sums = {
            sku: sum(qty for day, qty in zip(one.days, one.qtys, strict=True) if first <= day <= last)
            for sku, one in self.shop.skus.items()
        }
        ranked = sorted((sku for sku, qty in sums.items() if qty >= 1000), key=lambda sku: (-sums[sku], sku))
        return ranked[: count or None]
