"""One history in court: the same evenings and SKUs for everyone, ours and the peers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_agent.demand.backtest import Told, Verdict, came, evening, judge
from edge_agent.demand.features import Floats, sold_table
from edge_agent.demand.habits import HORIZONS
from edge_agent.demand.model import DemandModel
from edge_agent.demand.series import WEEK, ShopHistory
from models.boosted import Boosted, evenings_with_refit
from models.peers import LIGHTGBM, PEERS
from models.rivals import Rivals


@dataclass(frozen=True)
class Court:
    """`skus` is the sample that is judged; everyone may learn from the whole shop up to each evening."""

    shop: ShopHistory
    skus: tuple[str, ...]
    evenings: Sequence[int]
    cache: Path
    name: str

    def rivals(self) -> Rivals:
        """The peers on this history."""
        return Rivals(self.shop, self.skus, self.cache, self.name)

    def actual(self, origin: int) -> Floats:
        """(active SKUs of the sample, horizons): what came."""
        skus = self.rivals().active(origin)
        sold = sold_table([self.shop.skus[sku] for sku in skus], origin + WEEK, WEEK)
        sums: Floats = np.stack([sold[:, :horizon].sum(axis=1) for horizon in HORIZONS], axis=1)
        return sums

    def verdict(self, forecasts: Sequence[Floats]) -> Verdict:
        """Of one array (SKUs, horizons, levels) an evening."""
        actual = np.concatenate([self.actual(origin) for origin in self.evenings])
        return judge(actual, np.concatenate(list(forecasts)))


def ours(court: Court, model: DemandModel | None) -> Verdict:
    """What the device would have said, with this model or with the base alone."""
    told = [_picked(court, evening(court.shop, origin, model)) for origin in court.evenings]
    return judge(
        np.concatenate([came(court.shop, one) for one in told]), np.concatenate([one.quantiles() for one in told])
    )


def _picked(court: Court, told: Told) -> Told:
    places = {sku: row for row, sku in enumerate(told.skus)}
    skus = court.rivals().active(told.origin)
    rows = [places[sku] for sku in skus]
    return Told(told.origin, skus, told.means[rows], told.phis[rows])


def peers(court: Court, *, slow: bool) -> Mapping[str, Mapping[str, Verdict]]:
    """By peer and dress; without `slow` only those that take a moment."""
    rivals = court.rivals()
    found: dict[str, dict[str, Verdict]] = {}
    for peer in PEERS:
        if slow or not peer.slow:
            told = [rivals.quantiles(peer, origin) for origin in court.evenings]
            found[peer.name] = {dress: court.verdict([one[dress] for one in told]) for dress in told[0]}
    if slow:
        found[LIGHTGBM] = {"own": court.verdict(_boosted(court))}
    return found


def _boosted(court: Court) -> list[Floats]:
    """From the cache where it is there: growing the forests takes half a minute a time."""
    path = court.cache / f"lightgbm-{court.name}-{len(court.evenings)}.npz"
    if not path.exists():
        forests, told = Boosted(court.shop), []
        for origin, anew in evenings_with_refit(court.evenings):
            if anew:
                forests.refit(origin)
            told.append(forests.quantiles(origin, court.rivals().active(origin)))
        court.cache.mkdir(parents=True, exist_ok=True)
        np.savez(path, *told)
    with np.load(path) as kept:
        return [kept[name] for name in kept.files]
