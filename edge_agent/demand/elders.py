"""What a shop's elder items foretell of a new one, by its price, category, name and variants.

Three questions are asked. What do items of about its price sell? Do those of its category, of like names, and the
other variants of the same product, sell more than that? And how far do single items lie from what this foretells: that
sets how many days of its own a new item must show before it is believed more than its kin (empirical Bayes).
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log, log2, sqrt

from .kin import CAP, STRANGERS, Kin, Kindred, Trust
from .priors import NEUTRAL, Priors
from .series import WEEK, Facts, ShopHistory, SkuHistory

ELDER_DAYS = 28
"""An item that was first sold so many trading days ago tells of others."""
FEW = 20
"""With fewer elders than this, young ones tell of each other."""
WINDOW = 26 * WEEK
BAND_WORTH = CATEGORY_WORTH = 4.0
"""What all say counts as much as so many items of the band, and what the band says as so many of the category."""
NAMES_WORTH = 2.0
SIBLINGS_WORTH = 1.0
ALIKE = 10
"""So many items with the likest names are asked."""
COMMON = 200
"""A word that stands in more names than this tells nothing."""
LEAST_TRUST, MOST_TRUST = 0.05, 3.0
UNPROVED_TRUST = 0.5


@dataclass(frozen=True)
class Elder:
    """What one item has shown in the window, in which it `lived` so many trading days: pieces by selling day.

    Its first day is no sign of how often it sells: without a sale it would not have been the first.
    """

    sku: str
    facts: Facts
    lived: int
    sizes: tuple[float, ...]

    @property
    def kin(self) -> Kin:
        """Of itself alone."""
        often = (len(self.sizes) - 1) / (self.lived - 1) if self.lived > 1 else 0.0
        return Kin(often, sum(self.sizes) / len(self.sizes))


def elders_of(shop: ShopHistory, trading: Sequence[int]) -> list[Elder]:
    """Those that have sold for long enough to tell; where they are few, all that have sold."""
    found = [one for sku in sorted(shop.skus) if (one := _elder(shop, shop.skus[sku], trading))]
    old = [one for one in found if one.lived >= ELDER_DAYS]
    return old if len(old) >= FEW else found


def _elder(shop: ShopHistory, one: SkuHistory, trading: Sequence[int]) -> Elder | None:
    first = bisect_right(one.days, shop.today - 1 - WINDOW)
    end = bisect_left(one.days, shop.today)
    if first == end:
        return None
    lived = bisect_left(trading, shop.today) - bisect_left(trading, max(one.days[0], shop.today - WINDOW))
    sizes = tuple(qty / 1000.0 for qty in one.qtys[first:end])
    return Elder(one.sku, shop.facts.get(one.sku, Facts()), max(len(sizes), lived), sizes)


class Elders:
    """The elders of a shop, asked for what is foretold of an item by its facts; where they are few, priors help."""

    def __init__(self, known: Sequence[Elder], priors: Priors = NEUTRAL) -> None:
        self._all, self._priors = _pooled(known), priors
        self._middle = _middle([one.facts.price for one in known if one.facts.price > 0])
        self._bands = _bands(known, self._usual)
        told = {one.sku: self.by_price(one.facts) for one in known}
        expected = _Expected(known, priors)
        self._categories = _Ratios(known, told, lambda facts: facts.category, CATEGORY_WORTH, expected)
        told = {one.sku: self._by_group(one.facts) for one in known}
        self._names = _Names(known, told)
        self._siblings = _Ratios(known, told, lambda facts: facts.item, SIBLINGS_WORTH)
        self.trust = _trust(known, told)

    def foretold(self, sku: str, facts: Facts) -> Kin:
        """What items like this one sell; its own sales are not asked."""
        return self._siblings.moved(self._names.moved(self._by_group(facts), sku, facts), sku, facts)

    def _by_group(self, facts: Facts) -> Kin:
        return self._categories.moved(self.by_price(facts), "", facts)

    def by_price(self, facts: Facts) -> Kin:
        """What items of about its price sell."""
        return self._bands.get(_band(facts)) or self._usual(facts.price)

    def _usual(self, price: float) -> Kin:
        return self._priors.by_price(self._all, price, self._middle)


def _middle(prices: Sequence[int]) -> float:
    return float(sorted(prices)[len(prices) // 2]) if prices else 0.0


def _band(facts: Facts) -> int | None:
    """Half an octave of price; None where it is unknown."""
    return floor(2.0 * log2(facts.price)) if facts.price > 0 else None


def _bands(known: Sequence[Elder], usual: Callable[[float], Kin]) -> dict[int | None, Kin]:
    """By band of price: its own items and its neighbours', drawn to what is usual at such a price."""
    by_band: dict[int, list[Elder]] = defaultdict(list)
    for one in known:
        band = _band(one.facts)
        if band is not None:
            by_band[band].append(one)
    near = {band: [one for other in (band - 1, band, band + 1) for one in by_band.get(other, ())] for band in by_band}
    return {band: _drawn(_pooled(them), len(them), usual(2.0 ** ((band + 0.5) / 2.0))) for band, them in near.items()}


def _pooled(known: Sequence[Elder]) -> Kin:
    """The mean item, by the days after its first (at least as if it had sold on one of them), and the mean of all
    their selling days."""
    sold = sum(len(one.sizes) for one in known)
    lived = sum(one.lived - 1 for one in known)
    seen = [one.kin.often for one in known if one.lived > 1] or [1.0 / (1.0 + lived)]
    return Kin(max(1.0 / (1.0 + lived), sum(seen) / len(seen)), sum(sum(one.sizes) for one in known) / sold)


def _drawn(own: Kin, count: float, everyone: Kin) -> Kin:
    share = count / (count + BAND_WORTH)
    return Kin(share * own.often + (1.0 - share) * everyone.often, share * own.size + (1.0 - share) * everyone.size)


@dataclass
class _Sum:
    """Of some elders: what they showed over what was foretold of them, by weight."""

    weight: float = 0.0
    often: float = 0.0
    size: float = 0.0

    def add(self, shown: Kin, told: Kin, weight: float = 1.0) -> None:
        self.weight += weight
        self.often += weight * shown.often / told.often
        self.size += weight * min(CAP, shown.size / told.size)

    def moved(self, told: Kin, worth: float, expected: tuple[float, float] = (1.0, 1.0)) -> Kin:
        """What is foretold, moved as far as they have earned: by weight against `worth` at what was `expected`."""
        both = self.weight + worth
        often = min(1.0, told.often * (self.often + worth * expected[0]) / both)
        return Kin(often, told.size * (self.size + worth * expected[1]) / both)


class _Expected:
    """What priors say of a category against the shop's other categories, before it has shown itself."""

    def __init__(self, known: Sequence[Elder] = (), priors: Priors = NEUTRAL) -> None:
        self._priors = priors
        factors = [priors.by_words(words(one.facts.category)) for one in known] if priors.groups else []
        self._usual = [sum(one[place] for one in factors) / len(factors) if factors else 1.0 for place in range(2)]

    def of(self, name: str) -> tuple[float, float]:
        often, size = self._priors.by_words(words(name)) if self._priors.groups and name else self._usual
        return often / self._usual[0], size / self._usual[1]


class _Ratios:
    """Elders by one fact (its empty value groups nothing), against what was foretold of them without it."""

    def __init__(
        self,
        known: Collection[Elder],
        told: Mapping[str, Kin],
        group: Callable[[Facts], str],
        worth: float,
        expected: _Expected | None = None,
    ) -> None:
        self._told, self._group, self._worth = told, group, worth
        self._expected = expected or _Expected()
        self._members: dict[str, list[Elder]] = defaultdict(list)
        for one in known:
            if group(one.facts):
                self._members[group(one.facts)].append(one)
        self._sums = {name: self._sum(name, "") for name in self._members}

    def _sum(self, name: str, without: str) -> _Sum:
        found = _Sum()
        for one in self._members.get(name, ()):
            if one.sku != without:
                found.add(one.kin, self._told[one.sku])
        return found

    def moved(self, told: Kin, sku: str, facts: Facts) -> Kin:
        name = self._group(facts)
        if not name:
            return told
        mine = sku and any(one.sku == sku for one in self._members.get(name, ()))
        found = self._sum(name, sku) if mine else self._sums.get(name, _Sum())
        return found.moved(told, self._worth, self._expected.of(name))


class _Names:
    """Elders by the words of their names, rare words counting more."""

    def __init__(self, known: Sequence[Elder], told: Mapping[str, Kin]) -> None:
        self._told = told
        self._known = {one.sku: one for one in known}
        names = {one.sku: words(one.facts.name) for one in known}
        self._having: dict[str, list[str]] = defaultdict(list)
        for sku, said in names.items():
            for word in said:
                self._having[word].append(sku)
        self._worth = {word: log(1.0 + len(known) / len(having)) for word, having in self._having.items()}
        self._length = {sku: self._norm(said) for sku, said in names.items()}

    def _norm(self, said: Collection[str]) -> float:
        return sqrt(sum(self._worth.get(word, 0.0) ** 2 for word in sorted(said))) or 1.0

    def moved(self, told: Kin, sku: str, facts: Facts) -> Kin:
        found = _Sum()
        for likeness, other in self._alike(sku, words(facts.name)):
            found.add(self._known[other].kin, self._told[other], likeness)
        return found.moved(told, NAMES_WORTH)

    def _alike(self, sku: str, said: frozenset[str]) -> list[tuple[float, str]]:
        """(cosine, SKU) of the likest, the likest first."""
        shared: dict[str, float] = defaultdict(float)
        # In an order that every process has: sums of fractions depend on it, and so does who is among the likest.
        for word in sorted(said):
            having = self._having.get(word, ())
            if len(having) <= COMMON:
                for other in having:
                    shared[other] += self._worth[word] ** 2
        shared.pop(sku, None)
        length = self._norm(said)
        found = [(total / (length * self._length[other]), other) for other, total in shared.items()]
        return sorted(found, reverse=True)[:ALIKE]


def words(name: str) -> frozenset[str]:
    """The words of a name that could mean something, in small letters."""
    plain = "".join(char if char.isalpha() else " " for char in name.lower())
    return frozenset(word for word in plain.split() if len(word) > 1)


def _trust(known: Sequence[Elder], told: Mapping[str, Kin]) -> Trust:
    """From how far items stray from what was foretold, less what chance alone explains."""
    pairs = [(one, told[one.sku]) for one in known if len(one.sizes) > 1]
    if len(pairs) < FEW:
        return Trust(UNPROVED_TRUST, UNPROVED_TRUST)
    return Trust(_trust_often(pairs), _trust_size(pairs))


def _trust_often(pairs: Sequence[tuple[Elder, Kin]]) -> float:
    """Beta-binomial by its moments."""
    chance = strayed = 0.0
    for one, kin in pairs:
        own = one.kin.often
        noise = kin.often * (1.0 - kin.often) / max(1, one.lived - 1)
        strayed += (own - kin.often) ** 2 - noise
        chance += kin.often * (1.0 - kin.often)
    return _clipped(chance / strayed - 1.0 if strayed > 0.0 else MOST_TRUST)


def _trust_size(pairs: Sequence[tuple[Elder, Kin]]) -> float:
    """Spread within an item over the spread between items (Buehlmann), both as shares of what was foretold."""
    within = between = 0.0
    for one, kin in pairs:
        ratios = [min(CAP, size / kin.size) for size in one.sizes]
        mean = sum(ratios) / len(ratios)
        variance = sum((ratio - mean) ** 2 for ratio in ratios) / (len(ratios) - 1)
        within += variance
        between += (mean - 1.0) ** 2 - variance / len(ratios)
    return _clipped(within / between if between > 0.0 else MOST_TRUST)


def _clipped(trust: float) -> float:
    return min(MOST_TRUST, max(LEAST_TRUST, trust))


def kindred_of(shop: ShopHistory, trading: Sequence[int], back: int) -> Kindred:
    """What is foretold of every SKU that was new within the last `back` weeks, and of any other."""
    known = elders_of(shop, trading)
    if not known:
        return STRANGERS
    elders, since = Elders(known, shop.priors), shop.today - WEEK * back - 2 * ELDER_DAYS
    young = [sku for sku, one in shop.skus.items() if one.days and one.days[0] >= since]
    told = {sku: elders.foretold(sku, shop.facts.get(sku, Facts())) for sku in young}
    return Kindred(elders.foretold("", Facts()), elders.trust, told)
