"""The promotions of this moment over a whole sale: which lines they touch, what comes off each, and why."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge_agent.rules.promotion import Bundle, Run, best, shares
from edge_agent.rules.sale import Line, Sale
from edge_agent.wire.events.promotion import PromotionSet
from edge_agent.wire.events.sales import Cut

PIECE = 1000
KEPT = 256
FOR_EVER = 1 << 62
COUNTED = ("n_for", "buy_get", "pair_for", "pair_percent")
"""Methods of which the receipt says how often."""


@dataclass(frozen=True)
class Group:
    """Promotions that share items, and so must share their pieces."""

    offers: tuple[PromotionSet, ...]


class Offers:
    """What holds at `at` (UTC ms), until `until`. Answers are kept: a scan asks only where its item is touched."""

    def __init__(self, promotions: Iterable[PromotionSet], at: int) -> None:
        known = [one for one in promotions if one.active]
        edges = [edge for one in known for edge in (one.from_at, one.until_at) if edge > at]
        self.until = min(edges, default=FOR_EVER)
        holding = [one for one in known if one.from_at <= at and not (one.until_at and one.until_at <= at)]
        self.cards = frozenset(one.card for one in holding if one.card)
        self._groups = _grouped(sorted(holding, key=lambda one: one.promotion))
        self._group_of = {
            sku: place
            for place, group in enumerate(self._groups)
            for one in group.offers
            for sku in (*one.members, *one.others)
        }
        self._kept: dict[object, list[Bundle]] = {}

    def cuts(self, sale: Sale) -> dict[int, tuple[Cut, ...]]:
        """{place of a line: what promotions take off it}."""
        touched: dict[int, list[int]] = defaultdict(list)
        if self._group_of:
            for place, line in enumerate(sale.lines):
                group = self._group_of.get(line.sku)
                if group is not None and _takes_part(line):
                    touched[group].append(place)
        found: dict[int, tuple[Cut, ...]] = {}
        for group, places in touched.items():
            found |= self._of_group(group, places, sale)
        return found

    def _of_group(self, group: int, places: Sequence[int], sale: Sale) -> dict[int, tuple[Cut, ...]]:
        offers = tuple(one for one in self._groups[group].offers if not one.card or one.card in sale.cards)
        runs = tuple(_run(sale.lines[place]) for place in places)
        key = group, sale.cards, runs
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[key] = best(offers, runs) if offers else []
        cuts = _explained(offers, self._kept[key], runs)
        return {places[at]: taken for at, taken in cuts.items()}


def _grouped(offers: Sequence[PromotionSet]) -> list[Group]:
    """Those that share an item with one another, directly or through others."""
    groups: list[tuple[set[str], list[PromotionSet]]] = []
    for one in offers:
        skus, together = {*one.members, *one.others}, [one]
        apart = []
        for group in groups:
            if group[0] & skus:
                skus |= group[0]
                together = [*group[1], *together]
            else:
                apart.append(group)
        groups = [*apart, (skus, together)]
    return [Group(tuple(sorted(together, key=lambda one: one.promotion))) for _, together in groups]


def _takes_part(line: Line) -> bool:
    """Not what was discounted or priced by hand."""
    return not line.percent and line.override is None


def _run(line: Line) -> Run:
    weighed = bool(line.unit) or line.fixed is not None or line.qty % PIECE != 0
    return Run(line.sku, line.goods, 1, weighed=True) if weighed else Run(line.sku, line.price, line.qty // PIECE)


def _explained(
    offers: Sequence[PromotionSet], bundles: Sequence[Bundle], runs: Sequence[Run]
) -> dict[int, tuple[Cut, ...]]:
    """Each run's part of each promotion, with its name and how often it was applied in this sale."""
    amounts: dict[tuple[int, int], int] = defaultdict(int)
    times: dict[int, int] = defaultdict(int)
    for bundle in bundles:
        times[bundle.offer] += bundle.times
        for at, amount in shares(bundle, runs).items():
            amounts[at, bundle.offer] += amount
    found: dict[int, tuple[Cut, ...]] = {}
    for (at, offer), amount in sorted(amounts.items()):
        if amount:
            one = offers[offer]
            name = _name(one, times[offer])
            found[at] = (*found.get(at, ()), Cut(kind="promotion", of=one.promotion, name=name, amount=amount))
    return found


def _name(offer: PromotionSet, times: int) -> str:
    if offer.method not in COUNTED or times == 1:
        return offer.name
    return f"{offer.name[:60]}, {'twice' if times == 2 else f'{times} times'}"
