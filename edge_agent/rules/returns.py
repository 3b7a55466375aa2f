"""What comes back of what was sold: the funnel from sold to reason and whereabouts, and the rate that is believed.

    rate of an item: Beta(a, b) after `back` of `sold`; of the next n sold so many come back: beta-binomial
The prior is the shop's own rate (shrunk to one in twenty), and counts as much as twenty pieces.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge_agent.rules.drop import converted_quantile
from edge_agent.wire.events.refunds import Goes, Why

PRIOR_PIECES = 20.0
USUAL, USUAL_AGAIN = 0.05, 0.8
"""Of sold pieces that come back, and of those that can be sold again, until more is known."""
LOW, HIGH = 0.1, 0.9
PIECE = 1_000
WHERE: Mapping[Goes, str] = {
    "shelf": "back on the shelf",
    "damaged": "thrown away",
    "supplier": "to the supplier",
    "repair": "to be mended",
}
WORDS: Mapping[Why, str] = {
    "unwanted": "not wanted",
    "faulty": "faulty",
    "size": "wrong size",
    "other_than_told": "not as told",
    "late": "came late",
    "other": "another reason",
    "": "nobody said why",
}


@dataclass(frozen=True)
class Belief:
    """A share of which `yes` and `no` were seen, prior included: Beta(yes, no)."""

    yes: float
    no: float

    @property
    def mean(self) -> float:
        return self.yes / (self.yes + self.no)

    def after(self, yes: float, no: float) -> "Belief":
        """With more of both."""
        return Belief(self.yes + yes, self.no + no)

    def among(self, pieces: int, level: float) -> int:
        """Of so many more pieces no more than this, `level` of the time."""
        return converted_quantile(self.yes, self.no, pieces, level)


@dataclass(frozen=True)
class Seen:
    """Of one item in pieces: sold, come back, and of these back on the shelf."""

    sold: float = 0.0
    back: float = 0.0
    again: float = 0.0

    def __add__(self, other: "Seen") -> "Seen":
        return Seen(self.sold + other.sold, self.back + other.back, self.again + other.again)


@dataclass(frozen=True)
class Returns:
    """What a shop's items showed."""

    items: Mapping[str, Seen]

    def rate(self, skus: Iterable[str]) -> Belief:
        """What is believed of these items together: the share of sold pieces that comes back."""
        one = self._of(skus)
        return self._prior(USUAL, self._all.back, self._all.sold).after(one.back, max(0.0, one.sold - one.back))

    def again(self, skus: Iterable[str]) -> Belief:
        """The share of what comes back that can be sold again."""
        one = self._of(skus)
        return self._prior(USUAL_AGAIN, self._all.again, self._all.back).after(one.again, one.back - one.again)

    @property
    def _all(self) -> Seen:
        return sum(self.items.values(), Seen())

    def _of(self, skus: Iterable[str]) -> Seen:
        return sum((self.items.get(sku, Seen()) for sku in skus), Seen())

    def _prior(self, usual: float, yes: float, of: float) -> Belief:
        share = min(1.0, (yes + usual * PRIOR_PIECES) / (of + PRIOR_PIECES))
        return Belief(share * PRIOR_PIECES, (1 - share) * PRIOR_PIECES)


@dataclass(frozen=True)
class Row:
    """Milli-units and minor units (0 or less) of an item that came back for one reason and went one way."""

    sku: str
    goes: Goes
    why: Why
    qty: int
    gross: int


@dataclass(frozen=True)
class Funnel:
    """From what was sold to what became of it; all in milli-units, `gross` in minor units (0 or less)."""

    sold: int
    back: int
    gross: int
    whys: tuple[tuple[Why, int], ...]
    whereabouts: tuple[tuple[Goes, int], ...]


def funnel(sold: int, rows: Iterable[Row]) -> Funnel:
    """Add up; the commonest reason first, and what has no piece left out."""
    every = list(rows)
    whys = {why: sum(row.qty for row in every if row.why == why) for why in WORDS}
    goes = {where: sum(row.qty for row in every if row.goes == where) for where in WHERE}
    by_many = sorted(((why, qty) for why, qty in whys.items() if qty), key=lambda one: -one[1])
    kept = tuple((where, qty) for where, qty in goes.items() if qty)
    return Funnel(sold, sum(row.qty for row in every), sum(row.gross for row in every), tuple(by_many), kept)


@dataclass(frozen=True)
class Deposits:
    """Packaging with a deposit: milli-units that went out and came back, minor units taken and given."""

    sku: str
    out: int
    back: int
    taken: int
    given: int

    @property
    def owed(self) -> int:
        """What is owed to those who still have some."""
        return self.taken - self.given

    @property
    def rounds(self) -> float:
        """How often a piece of it goes out before it is lost: 1 / (1 - share that comes back); 0: all of it came."""
        return self.out / (self.out - self.back) if self.out > self.back else 0.0
