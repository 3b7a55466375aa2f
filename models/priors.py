"""What several shops' histories foretell of another shop: learnt from their elder items and from how sums strayed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import fmean, geometric_mean

from edge_agent.demand.base import trading_days
from edge_agent.demand.elders import CATEGORY_WORTH, Elder, Elders, elders_of, words
from edge_agent.demand.habits import HORIZONS
from edge_agent.demand.kin import CAP
from edge_agent.demand.lattices import learned
from edge_agent.demand.priors import NEUTRAL, Priors
from edge_agent.demand.series import ShopHistory

LEAST_ITEMS = 8
"""A word that fewer items have in their categories tells nothing; nor do fewer items with a price."""
ALIKE = 1.1
"""A word that moves less than this is left out."""


@dataclass(frozen=True)
class _Shop:
    steeper: tuple[float, float] | None
    ratios: dict[str, list[tuple[float, float]]]
    phi: tuple[float, ...]


def learn_priors(shops: Sequence[ShopHistory]) -> Priors:
    """From histories that end where they may no longer teach; each shop counts the same."""
    told = [one for shop in shops if (one := _shop(shop))]
    if not told:
        return NEUTRAL
    slopes = [one.steeper for one in told if one.steeper]
    ratios: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in told:
        for word, found in one.ratios.items():
            ratios[word] += found
    groups = {word: _factors(found) for word, found in sorted(ratios.items()) if len(found) >= LEAST_ITEMS}
    return Priors(
        steeper=(_mean(slopes, 0), _mean(slopes, 1)),
        groups={word: both for word, both in groups.items() if any(not 1 / ALIKE < one < ALIKE for one in both)},
        phi=tuple(round(geometric_mean(one.phi[h] for one in told), 3) for h in range(len(HORIZONS))),
    )


def _mean(slopes: Sequence[tuple[float, float]], place: int) -> float:
    return round(fmean(one[place] for one in slopes), 4) if slopes else 0.0


def _shop(shop: ShopHistory) -> _Shop | None:
    known = elders_of(shop, trading_days(shop, shop.today - 1))
    if not known:
        return None
    elders, (_, studies) = Elders(known), learned(shop)
    misses = [studies.misses(0, h) for h in range(len(HORIZONS))]
    phi = tuple(max(1.0, float(one.squares.sum() / max(1e-9, one.means.sum()))) for one in misses)
    return _Shop(_slopes(known), _ratios(known, elders), phi)


def _slopes(known: Sequence[Elder]) -> tuple[float, float] | None:
    """The powers of price that (often, size) follow within one shop; None where too few prices are known."""
    priced = [one for one in known if one.facts.price > 0 and one.kin.often > 0.0]
    if len({one.facts.price for one in priced}) < LEAST_ITEMS:
        return None
    logs = [log(one.facts.price) for one in priced]
    return _slope(logs, [log(one.kin.often) for one in priced]), _slope(logs, [log(one.kin.size) for one in priced])


def _slope(across: Sequence[float], up: Sequence[float]) -> float:
    middle, level = fmean(across), fmean(up)
    spread = sum((x - middle) ** 2 for x in across)
    return sum((x - middle) * (y - level) for x, y in zip(across, up, strict=True)) / spread if spread else 0.0


def _ratios(known: Sequence[Elder], elders: Elders) -> dict[str, list[tuple[float, float]]]:
    """By word of their categories, what items showed over what their price alone foretold."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in known:
        told, shown = elders.by_price(one.facts), one.kin
        ratio = shown.often / told.often, min(CAP, shown.size / told.size)
        for word in words(one.facts.category):
            found[word].append(ratio)
    return found


def _factors(found: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Their mean, drawn to 1 as by so many items as a category is drawn on a till."""
    often, size = (
        (sum(one[place] for one in found) + CATEGORY_WORTH) / (len(found) + CATEGORY_WORTH) for place in range(2)
    )
    return round(often, 3), round(size, 3)
