"""The peers at work on one history: their forecasts and dresses on every evening, the slow ones kept in a cache."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_agent.demand.backtest import EVENING_GAP
from edge_agent.demand.features import Floats, sold_table
from edge_agent.demand.habits import HORIZONS
from edge_agent.demand.metrics import LEVELS
from edge_agent.demand.rows import ACTIVE_DAYS
from edge_agent.demand.series import WEEK, ShopHistory
from models.dressing import Week, conformal, negative_binomial, poisson
from models.peers import Answer, Peer

EARLIER = 8
"""Earlier evenings, EVENING_GAP days apart, whose misses set a peer's dispersion."""
_OWN = len(HORIZONS) * len(LEVELS)


@dataclass(frozen=True)
class Rivals:
    """The peers on one history: `cache` is a folder, `name` tells the data and the sample in it."""

    shop: ShopHistory
    skus: tuple[str, ...]
    cache: Path
    name: str

    def active(self, origin: int) -> tuple[str, ...]:
        """The SKUs of the sample that sold in the ACTIVE_DAYS up to `origin`."""
        first = origin - ACTIVE_DAYS + 1
        return tuple(sku for sku in self.skus if self.shop.skus[sku].sold_within(first, origin))

    def quantiles(self, peer: Peer, origin: int) -> dict[str, Floats]:
        """By dress: (active SKUs, horizons, levels)."""
        skus = self.active(origin)
        now = self.answers(peer, origin)
        means = np.array([now[sku].means for sku in skus])
        past = [self._week(peer, skus, origin - EVENING_GAP * back) for back in range(EARLIER, 0, -1)]
        found = {"nb": negative_binomial(means, past)}
        if "poisson" in peer.dresses:
            found = {"poisson": poisson(means)}
        if "conformal" in peer.dresses:
            found["conformal"] = conformal(means, past)
        if "own" in peer.dresses:
            found["own"] = _own(now, skus, found["nb"])
        return found

    def _week(self, peer: Peer, skus: Sequence[str], origin: int) -> Week:
        """What it said on an earlier evening, of SKUs that were active then, and what came."""
        then = self.answers(peer, origin)
        silent = np.full(WEEK, np.nan)
        means = np.array([then[sku].means if sku in then else silent for sku in skus])
        return Week(means, sold_table([self.shop.skus[sku] for sku in skus], origin + WEEK, WEEK))

    def answers(self, peer: Peer, origin: int) -> dict[str, Answer]:
        """What it says on the evening of `origin` of every active SKU, from the cache where it is slow and known."""
        if not peer.slow:
            return self._answers(peer, origin)
        path = self.cache / f"{peer.name.replace(' ', '-').lower()}-{self.name}-{origin}.csv"
        if not path.exists():
            self.cache.mkdir(parents=True, exist_ok=True)
            _write(path, self._answers(peer, origin))
        return _read(path)

    def _answers(self, peer: Peer, origin: int) -> dict[str, Answer]:
        return {sku: peer.answer(self._series(sku, origin)) for sku in self.active(origin)}

    def _series(self, sku: str, origin: int) -> Floats:
        """Daily pieces from the first sale to the evening of `origin`, zeros included."""
        one = self.shop.skus[sku]
        daily: Floats = sold_table([one], origin, origin - one.days[0] + 1)[0]
        return daily


def _own(now: Mapping[str, Answer], skus: Sequence[str], instead: Floats) -> Floats:
    """The method's own quantiles; the negative binomial's where it refused a series."""
    told = [(now[sku].own, other) for sku, other in zip(skus, instead, strict=True)]
    return np.array([other if own is None else own for own, other in told]).reshape(instead.shape)


def _write(path: Path, found: Mapping[str, Answer]) -> None:
    fresh = path.with_suffix(".next")
    with fresh.open("w", newline="", encoding="utf-8") as file:
        for sku, one in found.items():
            own = [] if one.own is None else one.own.ravel().tolist()
            csv.writer(file).writerow((sku, *(f"{value:.6g}" for value in [*one.means.tolist(), *own])))
    fresh.replace(path)


def _read(path: Path) -> dict[str, Answer]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row[0]: _answer(np.array([float(value) for value in row[1:]])) for row in csv.reader(file)}


def _answer(values: Floats) -> Answer:
    own = values[WEEK:].reshape(len(HORIZONS), len(LEVELS)) if len(values) == WEEK + _OWN else None
    return Answer(values[:WEEK], own)
