"""Promotions: what each takes off a basket, and the best of them together; pure, bounded, no two on one piece."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from operator import sub

from edge_agent.rules.money import divided
from edge_agent.rules.sale import ALL, Run
from edge_agent.rules.tax import allocate
from edge_agent.wire.events.promotion import PromotionSet

MOST_PAIRS = 2_200
"""So many ways to give pieces to promotions are all tried (7 different pieces, or 8 and 8 of two); beyond them the best
of several orders of taking is chosen, which is never worse than any promotion alone."""
NO_LIMIT = 1 << 40


@dataclass(frozen=True)
class Bundle:
    """A promotion applied `times` to `parts` (run: pieces); `saving` in minor units for all of them."""

    offer: int
    times: int
    parts: Mapping[int, int]
    saving: int


Counts = tuple[int, ...]


class Pool:
    """The pieces of some runs that nothing has taken yet."""

    def __init__(self, runs: Sequence[Run], counts: Counts) -> None:
        self.runs, self.left = runs, list(counts)

    def of(self, skus: Iterable[str], *, dearest: bool = True, weighed: bool = False) -> list[int]:
        """Runs of these SKUs, the dearest first (or the cheapest)."""
        wanted = set(skus)
        found = [at for at, run in enumerate(self.runs) if run.sku in wanted and (weighed or not run.weighed)]
        return sorted(found, key=lambda at: (-self.runs[at].price if dearest else self.runs[at].price, at))

    def count(self, order: Sequence[int]) -> int:
        return sum(self.left[at] for at in order)

    def next(self, order: Sequence[int], size: int) -> dict[int, int] | None:
        """The next `size` pieces in this order, which stay in the pool; None when there are not so many."""
        parts: dict[int, int] = {}
        for at in order:
            if size == 0:
                break
            taken = min(self.left[at], size)
            if taken:
                parts[at] = taken
                size -= taken
        return None if size else parts

    def repeats(self, parts: Mapping[int, int], most: int) -> int:
        """How often the same parts can be taken; more than once only where one run gives them all."""
        return min(most, *(self.left[at] // count for at, count in parts.items()))

    def take(self, parts: Mapping[int, int], times: int = 1) -> None:
        for at, count in parts.items():
            self.left[at] -= count * times

    def worth(self, parts: Mapping[int, int]) -> int:
        return sum(self.runs[at].price * count for at, count in parts.items())


def alone(offer: PromotionSet, runs: Sequence[Run], counts: Counts) -> list[Bundle]:
    """One promotion by itself on so many pieces of each run: the most that it can take off."""
    pool, most = Pool(runs, counts), offer.limit or NO_LIMIT
    if offer.method in ("percent", "from_n"):
        return _each(offer, pool, most)
    return _bundles(offer, pool, most)


def _each(offer: PromotionSet, pool: Pool, most: int) -> list[Bundle]:
    """So much off each piece, once there are enough of them; `limit` counts pieces."""
    order = pool.of(offer.members, weighed=offer.method == "percent" and offer.need == 1)
    if pool.count(order) < offer.need:
        return []
    found = []
    for at in order:
        price, count = pool.runs[at].price, min(pool.left[at], most)
        off = divided(price * offer.value, ALL) if offer.method == "percent" else price - offer.value
        if off > 0 and count:
            found.append(Bundle(0, 1, {at: count}, off * count))
            most -= count
    return found


def _bundles(offer: PromotionSet, pool: Pool, most: int) -> list[Bundle]:
    """Whole bundles, the dearest first; the first one that takes nothing off is the last one looked at."""
    found = []
    while most > 0:
        parts, saving = _bundle(offer, pool)
        if not parts or saving <= 0:
            break
        times = pool.repeats(parts, most)
        pool.take(parts, times)
        most -= times
        found.append(Bundle(0, times, parts, saving * times))
    return found


def _bundle(offer: PromotionSet, pool: Pool) -> tuple[dict[int, int], int]:
    """The pieces of the next bundle and what it takes off them; no pieces when there are not enough."""
    order = pool.of(offer.members, dearest=offer.method != "pair_percent")
    size = offer.need + (offer.get if offer.method == "buy_get" else 0)
    parts = pool.next(order, size)
    if parts is None:
        return {}, 0
    if offer.method == "n_for":
        return parts, pool.worth(parts) - offer.value
    if offer.method == "buy_get":
        return parts, _cheapest(offer, pool, parts)
    others = pool.next(pool.of(set(offer.others) - set(offer.members)), offer.get)
    if others is None:
        return {}, 0
    both = parts | others
    if offer.method == "pair_for":
        return both, pool.worth(both) - offer.value
    return both, sum(divided(pool.runs[at].price * offer.value, ALL) * count for at, count in others.items())


def _cheapest(offer: PromotionSet, pool: Pool, parts: Mapping[int, int]) -> int:
    """What comes off the cheapest pieces of a bundle."""
    saving, left = 0, offer.get
    for at in sorted(parts, key=lambda at: (pool.runs[at].price, -at)):
        count = min(parts[at], left)
        saving += divided(pool.runs[at].price * offer.value, ALL) * count
        left -= count
    return saving


def best(offers: Sequence[PromotionSet], runs: Sequence[Run]) -> list[Bundle]:
    """The bundles that take most off together. Exact for small baskets (MOST_PAIRS); for large ones never less than
    any single promotion takes off. The same basket always gives the same answer."""
    counts = tuple(run.pieces for run in runs)
    if len(offers) == 1:
        return alone(offers[0], runs, counts)
    pairs = prod((count + 1) * (count + 2) // 2 for count in counts)
    return _exact(offers, runs, counts) if pairs <= MOST_PAIRS else _in_turn(offers, runs, counts)


def _in_turn(offers: Sequence[PromotionSet], runs: Sequence[Run], counts: Counts) -> list[Bundle]:
    """Each promotion first once, then the others by what they take off alone; the best of these orders."""
    own = [_saved(alone(offer, runs, counts)) for offer in offers]
    ranked = sorted(range(len(offers)), key=lambda at: (-own[at], at))
    tried = [_taken_in([first, *(at for at in ranked if at != first)], offers, runs, counts) for first in ranked]
    return max(tried, key=_saved)


def _taken_in(
    order: Sequence[int], offers: Sequence[PromotionSet], runs: Sequence[Run], counts: Counts
) -> list[Bundle]:
    found: list[Bundle] = []
    left = list(counts)
    for at in order:
        for bundle in alone(offers[at], runs, tuple(left)):
            found.append(replace(bundle, offer=at))
            for place, count in bundle.parts.items():
                left[place] -= count * bundle.times
    return found


def _saved(bundles: Iterable[Bundle]) -> int:
    return sum(bundle.saving for bundle in bundles)


def _exact(offers: Sequence[PromotionSet], runs: Sequence[Run], counts: Counts) -> list[Bundle]:
    """All ways to give each promotion its own pieces: the best of the first k promotions on every part of the basket,
    from the best of the first k - 1."""
    states = list(product(*(range(count + 1) for count in counts)))
    known: dict[Counts, list[Bundle]] = {state: [] for state in states}
    saved: dict[Counts, int] = dict.fromkeys(states, 0)
    for at, offer in enumerate(offers):
        own = {state: alone(offer, runs, state) for state in states}
        gains = {state: gain for state in states if (gain := _saved(own[state]))}
        fresh, more = dict(known), dict(saved)
        for state in states:
            for taken in product(*(range(count + 1) for count in state)):
                gain = gains.get(taken, 0)
                rest = tuple(map(sub, state, taken))
                if gain and saved[rest] + gain > more[state]:
                    more[state] = saved[rest] + gain
                    fresh[state] = [*known[rest], *(replace(bundle, offer=at) for bundle in own[taken])]
        known, saved = fresh, more
    return known[counts]


def shares(bundle: Bundle, runs: Sequence[Run]) -> dict[int, int]:
    """What a bundle takes off each of its runs: by worth, to the cent."""
    places = list(bundle.parts)
    weights = [runs[at].price * bundle.parts[at] for at in places]
    return dict(zip(places, allocate(bundle.saving, weights), strict=True))
