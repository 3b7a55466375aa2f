"""Cold starts on the judged days: items that have been sold for a week, and a shop that has no history at all.

Such a shop is the real one with all sales before a day forgotten, on eight days of the judged weeks. The rival is each
item's own mean so far, with our dispersion. The base alone forecasts: a model has had no time to earn anything; what
other shops foretell (`ShopHistory.priors`) is of shops that are not this one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge_agent.demand.backtest import Told, came, evening
from edge_agent.demand.features import Floats, sold_table
from edge_agent.demand.habits import HORIZONS
from edge_agent.demand.metrics import weighted_quantile_loss
from edge_agent.demand.series import WEEK, ShopHistory, SkuHistory
from models.splits import JUDGED_DAYS

NEW_ITEMS = "new items after 7 days"
FIRST_DAYS = (1, 2, 3, 7, 14, 28)
STARTS = 8
GAP = 6
"""Days between them: they meet every weekday."""
LEAST_NEW = 30
OLD_ENOUGH, HALF_YEAR = 100, 182
SETTLED = 28
"""An item is new if the shop has traded for so long before it first sold."""


@dataclass(frozen=True)
class Cold:
    """Quantile losses of ours and of the items' own mean so far."""

    what: str
    sums: int
    ours: float
    own_mean: float

    @property
    def ratio(self) -> float:
        """Below 1 ours is better."""
        return self.ours / self.own_mean

    def text(self) -> str:
        """One printed line."""
        told = f"{self.ours:.4f}, own mean so far {self.own_mean:.4f}: {self.ratio:.3f}"
        return f"  {self.what:24} {told} ({self.sums} sums)"


def cold_starts(shop: ShopHistory) -> list[Cold]:
    """New items, then a shop without history after FIRST_DAYS days."""
    first = shop.today - JUDGED_DAYS
    told = [_new(shop, origin) for origin in range(first, shop.today - WEEK, GAP)]
    starts = range(first, first + GAP * STARTS, GAP)
    days = [_cold(f"no history, day {day}", [_opened(shop, start, day) for start in starts]) for day in FIRST_DAYS]
    return [*([_cold(NEW_ITEMS, told)] if sum(len(actual) for actual, _, _ in told) >= LEAST_NEW else []), *days]


def new_items(shop: ShopHistory) -> float | None:
    """The loss over the new items of a shop's last half year, met every other GAP; None where they are few."""
    first = max(min(one.days[0] for one in shop.skus.values() if one.days) + OLD_ENOUGH, shop.today - HALF_YEAR)
    parts = [_new(shop, origin) for origin in range(first, shop.today - WEEK, 2 * GAP)]
    if sum(len(actual) for actual, _, _ in parts) < LEAST_NEW:
        return None
    return _cold(NEW_ITEMS, parts).ours


Part = tuple[Floats, Floats, Floats]
"""What came, our quantiles, the own mean's quantiles of one evening's items."""


def _cold(what: str, parts: Sequence[Part]) -> Cold:
    actual, ours, own = (np.concatenate([part[place] for part in parts]) for place in range(3))
    return Cold(what, actual.size, _loss(actual, ours), _loss(actual, own))


def _loss(actual: Floats, forecast: Floats) -> float:
    return float(np.mean([weighted_quantile_loss(actual[:, h], forecast[:, h]) for h in range(len(HORIZONS))]))


def _new(shop: ShopHistory, origin: int) -> Part:
    """Items that first sold 7 to 12 days before the evening: each is met on one evening."""
    opened = min(one.days[0] for one in shop.skus.values() if one.days)
    told = evening(shop, origin)
    ages = [origin + 1 - shop.skus[sku].days[0] for sku in told.skus]
    new = [row for row, age in enumerate(ages) if WEEK <= age < WEEK + GAP and origin + 1 - age > opened + SETTLED]
    return _part(shop, Told(origin, tuple(told.skus[row] for row in new), told.means[new], told.phis[new]))


def _opened(shop: ShopHistory, start: int, day: int) -> Part:
    """The evening of its `day`th day, of a shop whose sales before `start` nobody knows."""
    skus = {sku: _since(one, start) for sku, one in shop.skus.items()}
    young = replace(shop, skus=skus)
    return _part(young, evening(young, start + day - 1))


def _since(one: SkuHistory, start: int) -> SkuHistory:
    kept = [place for place, day in enumerate(one.days) if day >= start]
    return SkuHistory(one.sku, tuple(one.days[i] for i in kept), tuple(one.qtys[i] for i in kept))


def _part(shop: ShopHistory, told: Told) -> Part:
    if not told.skus:
        nothing = np.zeros((0, len(HORIZONS)))
        return nothing, np.zeros((*nothing.shape, 6)), np.zeros((*nothing.shape, 6))
    means = [_own_mean(shop.skus[sku], told.origin) for sku in told.skus]
    own = Told(told.origin, told.skus, np.outer(means, HORIZONS), told.phis)
    return came(shop, told), told.quantiles(), own.quantiles()


def _own_mean(one: SkuHistory, origin: int) -> float:
    """Pieces a day since its first sale."""
    days = origin - one.days[0] + 1
    return float(sold_table([one], origin, days).mean())
