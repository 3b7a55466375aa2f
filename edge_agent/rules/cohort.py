"""Samples by window, and what they say of the next drop: given in a window, converted when the code was used in a week.

Beta(2, 18) + converted, not converted    the share that buys; those who can be reached now buy by it
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge_agent.rules.drop import Demand, from_samples
from edge_agent.rules.sample import CONVERTS_DAYS

PRIOR = (2.0, 18.0)
"""One in ten buys, as sure as twenty samples are."""


@dataclass(frozen=True)
class Given:
    """A sample: its SKU and ordinal day, and the day on which its code was used (0: it was not)."""

    sku: str
    day: int
    used: int = 0

    @property
    def converted(self) -> bool:
        return bool(self.used) and self.used - self.day <= CONVERTS_DAYS


@dataclass(frozen=True)
class Cohort:
    """Samples given up to a window's end, since the one before; `name` is the window's."""

    name: str
    given: int
    converted: int


@dataclass(frozen=True)
class Sampled:
    """What samples teach the next drop of a product, and how many people can be written to."""

    cohorts: tuple[Cohort, ...] = ()
    reachable: int = 0

    @property
    def belief(self) -> tuple[float, float]:
        """Beta: converted and not, the prior among them."""
        bought = sum(one.converted for one in self.cohorts)
        return PRIOR[0] + bought, PRIOR[1] + sum(one.given for one in self.cohorts) - bought

    @property
    def share(self) -> float:
        """The share of those who took a sample that is believed to buy."""
        bought, others = self.belief
        return bought / (bought + others)

    @property
    def demand(self) -> Demand | None:
        """What those who can be reached add to a window; None with nobody, or before any sample was tried."""
        if not self.reachable or not any(one.given for one in self.cohorts):
            return None
        return from_samples(*self.belief, self.reachable)


def cohorts(windows: Sequence[tuple[str, int]], given: Iterable[Given], today: int) -> tuple[Cohort, ...]:
    """One a window (name, last ordinal day; in order), and one of what was given since; a sample counts once it had its
    week."""
    ripe = [one for one in given if one.day + CONVERTS_DAYS < today]
    found, begin = [], 0
    for name, last in (*windows, ("", 2**40)):
        mine = [one for one in ripe if begin <= one.day <= last]
        begin = last + 1
        if mine:
            found.append(Cohort(name, len(mine), sum(one.converted for one in mine)))
    return tuple(found)


def latest(given: Iterable[Given]) -> int:
    """The last day on which anything was heard of samples: what was given in the week before it had no week yet."""
    return max((max(one.day, one.used) for one in given), default=0)


def joined(given: Mapping[str, tuple[str, int]], used: Mapping[str, int]) -> list[Given]:
    """{sample: (SKU, day)} and {sample: day of use} as one list."""
    return [Given(sku, day, used.get(sample, 0)) for sample, (sku, day) in sorted(given.items())]
