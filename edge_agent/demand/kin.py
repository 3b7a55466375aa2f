"""What a new item is taken to sell: its kin's word, and its own few days.

How often it sells and how many pieces at a time are two questions. Each is answered by what is foretold of it from
items like it (`elders`) and by its own days, of which it takes so many as `Trust` says to be believed as much as its
kin (days beta-binomial, sizes gamma-Poisson: both come to an average weighted by days).
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what is known of a shop (`series`) holds priors, which speak of kin
    from .series import SkuHistory

CAP = 8.0
"""A day's sale counts as no more than this many times what was foretold: one great order makes no habit."""


LEAST_SEEN = 0.25
"""Less than a quarter of a day is too little to judge a whole one by."""


@dataclass(frozen=True)
class Kin:
    """What is foretold of one item: the share of trading days on which it sells, and the pieces on such a day."""

    often: float
    size: float


@dataclass(frozen=True)
class Trust:
    """How many days of its own the kin's word counts as: trading days for `often`, selling days for `size`."""

    often: float
    size: float


@dataclass(frozen=True)
class Kindred:
    """`told` of every SKU that is or lately was new, `usual` of any other, and how far that is trusted."""

    usual: Kin
    trust: Trust
    told: Mapping[str, Kin] = field(default_factory=dict)

    def about(self, skus: Collection[str]) -> "Kindred":
        """The same, knowing these SKUs alone."""
        return replace(self, told={sku: self.told[sku] for sku in skus if sku in self.told})

    def pace(self, one: "SkuHistory", origin: int, lived: float) -> float:
        """Pieces a trading day of an item that has lived for `lived` of them up to the evening of `origin`."""
        kin = self.told.get(one.sku, self.usual)
        end = bisect_right(one.days, origin)
        cap = CAP * kin.size if kin.size > 0.0 else float("inf")
        return young_pace(end, sum(min(cap, qty / 1000.0) for qty in one.qtys[:end]), lived, kin, self.trust)


def young_pace(days: int, pieces: float, lived: float, kin: Kin, trust: Trust) -> float:
    """Pieces a trading day of what sold `pieces` on `days` of the `lived` trading days since it first sold.

    The day that began its life is no sign of how often it sells: without a sale it would not have been its first. Of
    days that it was there for in part only, that part counts (all of them together are `lived`).
    """
    seen = max(LEAST_SEEN, min(float(days), lived))
    later = max(days - 1.0, lived - 1.0)
    often = (days - 1.0 + trust.often * kin.often) / (later + trust.often)
    size = (pieces + trust.size * kin.size) / (seen + trust.size)
    return often * size


STRANGERS = Kindred(Kin(1.0, 0.0), Trust(1.0, 0.0))
"""Where nobody tells of a new item, it sells what it has sold."""
