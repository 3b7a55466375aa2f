"""Three figures of a shop before and after a day, each with the range that its days leave open (95 %).

    average order value   R = total / receipts;  its error by how far days stray from it (ratio of sums, days as drawn):
                          error^2 = n / (n - 1) x sum (total_d - R receipts_d)^2 / receipts^2;   R +- 1.96 error
    its change            ln R2 - ln R1, errors added in squares of shares
    a share               Wilson's interval;  a difference of two: Newcombe's, of the two intervals
Source: Cochran, "Sampling Techniques" (1977), ratio estimates; Newcombe, "Interval estimation for the difference
between independent proportions" (1998), method 10.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Literal

from edge_agent.rules.popup import Z95, Share, share

PIECE = 1_000
FEWEST_DAYS = 7
"""Days with sales below which an average gets no range."""


@dataclass(frozen=True)
class Around:
    """A figure and the range around it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class DaySold:
    """The sales of a day: how many, and what they came to (minor units)."""

    receipts: int
    total: int


@dataclass(frozen=True)
class Span:
    """What happened from ordinal day `first` to `last`: days with sales, milli-units sold and come back, and of the
    days on which the account is known those that closed below the float."""

    first: int
    last: int
    days: tuple[DaySold, ...] = ()
    sold: int = 0
    back: int = 0
    under: int = 0
    known: int = 0

    @property
    def receipts(self) -> int:
        return sum(one.receipts for one in self.days)

    @property
    def total(self) -> int:
        return sum(one.total for one in self.days)

    @property
    def order_value(self) -> float | None:
        """Minor units a receipt; None without one."""
        return self.total / self.receipts if self.receipts else None

    @property
    def order_range(self) -> Around | None:
        """The same with its range; None where too few days sold."""
        error, value = _error(self.days), self.order_value
        if error is None or value is None:
            return None
        return Around(value, value - Z95 * error, value + Z95 * error)

    @property
    def returned(self) -> Share | None:
        """Of the pieces that were sold those that came back."""
        return share(self.back // PIECE, self.sold // PIECE)

    @property
    def below_float(self) -> Share | None:
        """Of the days on which the account is known."""
        return share(self.under, self.known)


@dataclass(frozen=True)
class BeforeAfter:
    """The two spans beside each other. A change is given as a share of before (order value) or as after less before."""

    before: Span
    after: Span

    @property
    def grown(self) -> float | None:
        """By what share the average order value changed."""
        first, then = self.before.order_value, self.after.order_value
        return then / first - 1 if first and then else None

    @property
    def order_value(self) -> Around | None:
        """The same with its range."""
        error, error_then = _error(self.before.days), _error(self.after.days)
        value, then = self.before.order_value, self.after.order_value
        if error is None or error_then is None or not value or not then:
            return None
        middle = log(then / value)
        half = Z95 * sqrt((error / value) ** 2 + (error_then / then) ** 2)
        return Around(exp(middle) - 1, exp(middle - half) - 1, exp(middle + half) - 1)

    @property
    def returned(self) -> Around | None:
        return difference(self.before.returned, self.after.returned)

    @property
    def below_float(self) -> Around | None:
        return difference(self.before.below_float, self.after.below_float)


Said = Literal["better", "worse", "open"]


def said(change: Around | None, *, more_is_better: bool) -> Said:
    """What a change says: `open` while its range holds no change at all."""
    if change is None or change.low <= 0 <= change.high:
        return "open"
    return "better" if (change.low > 0) == more_is_better else "worse"


def difference(before: Share | None, after: Share | None) -> Around | None:
    """After less before; None where one of them is unknown."""
    if before is None or after is None:
        return None
    middle = after.value - before.value
    down = sqrt((after.value - after.low) ** 2 + (before.high - before.value) ** 2)
    up = sqrt((after.high - after.value) ** 2 + (before.value - before.low) ** 2)
    return Around(middle, middle - down, middle + up)


def _error(days: Sequence[DaySold]) -> float | None:
    """The standard error of the average order value, in minor units."""
    many, receipts = len(days), sum(one.receipts for one in days)
    if many < FEWEST_DAYS or not receipts:
        return None
    value = sum(one.total for one in days) / receipts
    square = sum((one.total - value * one.receipts) ** 2 for one in days)
    return sqrt(many / (many - 1) * square) / receipts
