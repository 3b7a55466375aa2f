"""The promotions of this moment over a whole sale: which lines they touch, what comes off each, and why."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from edge_agent.rules.promotion import Bundle, best, shares
from edge_agent.rules.sale import Line, Run, Sale
from edge_agent.wire.events.promotion import PromotionSet
from edge_agent.wire.events.sales import Cut

FOR_EVER = 1 << 62
SKU = attrgetter("sku")
COUNTED = ("n_for", "buy_get", "pair_for", "pair_percent")
"""Methods of which the receipt says how often."""
Taken = tuple[tuple[int, tuple[Cut, ...]], ...]
"""(place among the runs, what comes off it)."""


@dataclass(frozen=True)
class Group:
    """Promotions that share items, and so must share their pieces."""

    offers: tuple[PromotionSet, ...]


@dataclass(frozen=True)
class Done:
    """The lines of a sale that were priced last, with which cards."""

    lines: tuple[Line, ...]
    cards: tuple[str, ...]

    def grown_at(self, sale: Sale) -> int | None:
        """The place of the only line in which a sale differs: one more at the end, or more or less of the last one.
        None: it differs elsewhere too. Lines that were not touched are the same objects: this is a glance."""
        known, lines = len(self.lines), sale.lines
        if sale.cards != self.cards or not known:
            return None
        if len(lines) == known + 1 and lines[:-1] == self.lines:
            return known
        more = len(lines) == known and lines[:-1] == self.lines[:-1] and lines[-1].sku == self.lines[-1].sku
        return known - 1 if more else None


class Offers:
    """What holds at `at` (UTC ms), until `until`. Answers are kept: a scan asks only where its item is touched."""

    done: Done | None = None

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
        self._last: dict[int, tuple[tuple[str, ...], tuple[Run, ...], Taken]] = {}

    def cuts(self, sale: Sale) -> dict[int, tuple[Cut, ...]]:
        """{place of a line: what promotions take off it}."""
        if not self._group_of:
            return {}
        touched: dict[int, list[int]] = defaultdict(list)
        group_of = self._group_of
        for place, line in enumerate(sale.lines):
            group = group_of.get(line.sku)
            if group is not None and self._may(line):
                touched[group].append(place)
        found: dict[int, tuple[Cut, ...]] = {}
        for group, places in touched.items():
            for at, taken in self._of_group(group, tuple(sale.lines[place].run for place in places), sale.cards):
                found[places[at]] = taken
        return found

    def cuts_with(self, sale: Sale, at: int) -> dict[int, tuple[Cut, ...]]:
        """{place: what promotions take off} of all lines that share promotions with the one at `at`."""
        group = self._group_of.get(sale.lines[at].sku)
        if group is None:
            return {}
        groups = map(self._group_of.get, map(SKU, sale.lines))
        mine = [place for place, one in enumerate(groups) if one == group]
        places = [place for place in mine if self._may(sale.lines[place])]
        taken = self._of_group(group, tuple(sale.lines[place].run for place in places), sale.cards)
        return dict.fromkeys(places, ()) | {places[at]: cuts for at, cuts in taken}

    @staticmethod
    def _may(line: Line) -> bool:
        """Not what was discounted or priced by hand."""
        return not line.percent and line.override is None

    def _of_group(self, group: int, runs: tuple[Run, ...], cards: tuple[str, ...]) -> Taken:
        last = self._last.get(group)
        if last is not None and last[0] == cards and last[1] == runs:
            return last[2]
        offers = [one for one in self._groups[group].offers if not one.card or one.card in cards]
        taken = _explained(offers, best(offers, runs) if offers else [], runs)
        self._last[group] = cards, runs, taken
        return taken


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


def _explained(offers: Sequence[PromotionSet], bundles: Sequence[Bundle], runs: Sequence[Run]) -> Taken:
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
    return tuple(found.items())


def _name(offer: PromotionSet, times: int) -> str:
    if offer.method not in COUNTED or times == 1:
        return offer.name
    return f"{offer.name[:60]}, {'twice' if times == 2 else f'{times} times'}"
