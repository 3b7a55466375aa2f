"""A shop's sales as the forecasters read them: quantity by SKU and local day, opening, days out of stock."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edge_agent.rules.guess import Guess

from .priors import NEUTRAL, Priors

if TYPE_CHECKING:  # the contract takes longer to load than numpy, and the model's child needs none of it
    from edge_agent.wire.events.signals import LocalEventAdded

WEEK = 7
OpenHours = tuple[tuple[int, int] | None, ...]
"""Per weekday, Monday first: (opening, closing) in minutes after local midnight, or None when closed."""
ALWAYS_OPEN: OpenHours = ((0, 1440),) * WEEK
RAN_OUT = -1
"""In place of a share: it was there in the morning and gone by the evening, and nobody knows since when."""


def weekday(day: int) -> int:
    """0 = Monday ... 6 = Sunday, of a proleptic ordinal (`date.toordinal()`)."""
    return (day + 6) % WEEK


@dataclass(frozen=True)
class SkuHistory:
    """What one SKU sold: `days` ascending ordinals with sales, `qtys` their quantities in milli-units (same length).

    `short` tells days when it was not in stock all day: day -> share of the day's demand (by the shop's hours) that
    came while it was there, in 1/1000, or RAN_OUT. `asked`: milli-units asked for that day while it was not there.
    `doubt`: of days that were made whole (`unseen`), the variance of what they would have sold, in pieces.
    `guess` is what the owner expects of it.
    """

    sku: str
    days: tuple[int, ...]
    qtys: tuple[int, ...]
    short: Mapping[int, int] = field(default_factory=dict)
    asked: Mapping[int, int] = field(default_factory=dict)
    doubt: Mapping[int, float] = field(default_factory=dict)
    guess: Guess | None = None

    @property
    def first_day(self) -> int | None:
        """The day of its first sale; None if it never sold."""
        return self.days[0] if self.days else None

    def sold_within(self, first: int, last: int) -> bool:
        """Whether it sold on a day from `first` to `last`, both included."""
        before = bisect_right(self.days, last)
        return before > 0 and self.days[before - 1] >= first

    def until(self, day: int) -> "SkuHistory":
        """The same history as it stood at the end of `day`."""
        end = bisect_right(self.days, day)
        short = {d: share for d, share in self.short.items() if d <= day}
        asked = {d: qty for d, qty in self.asked.items() if d <= day}
        return SkuHistory(self.sku, self.days[:end], self.qtys[:end], short, asked, guess=self.guess)


@dataclass(frozen=True)
class Opening:
    """When the shop is open: weekly hours, and single days (ordinals) on which it is closed or has other hours."""

    hours: OpenHours = ALWAYS_OPEN
    closed: frozenset[int] = frozenset()
    special: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    def minutes(self, day: int) -> tuple[int, int] | None:
        """(opening, closing) in local minutes of that day; None when closed."""
        if day in self.closed:
            return None
        return self.special.get(day, self.hours[weekday(day)])


@dataclass(frozen=True)
class Facts:
    """What is known of a SKU besides its sales; empty where unknown.

    `price` in minor units; `item` is shared by the variants of one product. `earns` is what a sold piece does, in
    thousandths of a minor unit, and `level` the chance not to run out (basis points) that it is ordered up to.
    """

    price: int = 0
    name: str = ""
    category: str = ""
    item: str = ""
    earns: int = 0
    level: int = 0


@dataclass(frozen=True)
class ShopHistory:
    """All that a forecast is made from. `today` is the local day being lived: its sales may still be incomplete.

    `hour_profile[weekday][hour]` is the shop's quantity by local hour in milli-units (any window; all 0 if unknown).
    """

    zone: str
    opening: Opening
    today: int
    skus: Mapping[str, SkuHistory]
    hour_profile: tuple[tuple[int, ...], ...] = ((0,) * 24,) * WEEK
    events: "tuple[LocalEventAdded, ...]" = ()
    """What stands on its calendar, past and to come, where the history carries that itself (`foreseen`)."""
    facts: Mapping[str, Facts] = field(default_factory=dict)
    """By SKU; they tell which items are alike (`kin`)."""
    priors: Priors = NEUTRAL
    """What other shops say of one that has shown little yet."""

    def as_of(self, today: int) -> "ShopHistory":
        """The shop as it was in the morning of `today`: sales up to the evening before."""
        skus = {sku: one.until(today - 1) for sku, one in self.skus.items() if one.days and one.days[0] < today}
        return replace(self, today=today, skus=skus)


def sku_histories(rows: Iterable[tuple[str, int, int]]) -> dict[str, SkuHistory]:
    """Gathers (sku, day, milli) rows in any order; a day's net quantity counts, days at or below 0 count as no sale."""
    sums: dict[str, dict[int, int]] = {}
    for sku, day, qty in rows:
        days = sums.setdefault(sku, {})
        days[day] = days.get(day, 0) + qty
    return {sku: _history(sku, days) for sku, days in sums.items()}


def _history(sku: str, sums: Mapping[int, int]) -> SkuHistory:
    sold = sorted((day, qty) for day, qty in sums.items() if qty > 0)
    return SkuHistory(sku, tuple(day for day, _ in sold), tuple(qty for _, qty in sold))
