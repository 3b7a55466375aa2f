"""The rival: AutoETS (statsforecast, season of 7 days) with negative binomial quantiles, its forecasts kept in a cache.

It forecasts daily means only. Our own function learns its dispersion from its own misses on earlier evenings, per SKU
and horizon, so that it is judged as fairly as ours. A development dependency; nothing of it runs in the product.
"""

import csv
import hashlib
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_agent.demand.backtest import EVENING_GAP, Told
from edge_agent.demand.dispersion import Misses, curve, dispersion, misses
from edge_agent.demand.features import Floats, sold_table
from edge_agent.demand.habits import HORIZONS
from edge_agent.demand.rows import ACTIVE_DAYS
from edge_agent.demand.series import WEEK, ShopHistory

EARLIER = 8
"""Earlier evenings, EVENING_GAP days apart, whose misses set the rival's dispersion."""
_NUMBA = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS")


@dataclass(frozen=True)
class Reference:
    """The rival on one history: `cache` is a folder, `name` tells the data and the sample in it."""

    shop: ShopHistory
    skus: tuple[str, ...]
    cache: Path
    name: str

    def evening(self, origin: int) -> Told:
        """Its forecasts for the SKUs of the sample that sold in the ACTIVE_DAYS up to `origin`."""
        earlier = [origin - EVENING_GAP * back for back in range(EARLIER, 0, -1)]
        past = {sku: [Misses()] * len(HORIZONS) for sku in self.skus}
        for then in earlier:
            self._add_misses(past, then)
        now = self.daily_means(origin)
        curves = [curve(one[h] for one in past.values()) for h in range(len(HORIZONS))]
        means = np.array([_sums(now[sku]) for sku in sorted(now)])
        phis = np.array(
            [
                [dispersion(past[sku][h], curves[h], float(means[row, h])) for h in range(len(HORIZONS))]
                for row, sku in enumerate(sorted(now))
            ]
        )
        return Told(origin, tuple(sorted(now)), means, phis)

    def _add_misses(self, past: dict[str, list[Misses]], origin: int) -> None:
        forecast = self.daily_means(origin)
        skus = sorted(forecast)
        sold = sold_table([self.shop.skus[sku] for sku in skus], origin + WEEK, WEEK)
        for row, sku in enumerate(skus):
            for h, (actual, mean) in enumerate(zip(_sums(sold[row]), _sums(forecast[sku]), strict=True)):
                past[sku][h] = _added(past[sku][h], misses([(actual, mean)] if mean > 0.0 else []))

    def daily_means(self, origin: int) -> dict[str, Floats]:
        """Its seven daily means after `origin` by SKU, from the cache where it has them."""
        path = self.cache / f"autoets-{self.name}-{origin}.csv"
        if path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                return {row[0]: np.array([float(value) for value in row[1:]]) for row in csv.reader(file)}
        found = self._forecast(origin)
        self.cache.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".next")
        with fresh.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows((sku, *(f"{value:.6g}" for value in days)) for sku, days in found.items())
        fresh.replace(path)
        return found

    def _forecast(self, origin: int) -> dict[str, Floats]:
        then = self.shop.as_of(origin + 1)
        active = [
            sku
            for sku in self.skus
            if sku in then.skus and then.skus[sku].sold_within(origin - ACTIVE_DAYS + 1, origin)
        ]
        return {sku: _autoets(_series(then, sku, origin)) for sku in active}


def _series(shop: ShopHistory, sku: str, origin: int) -> Floats:
    """Daily pieces from the first sale to the evening of `origin`, zeros included."""
    one = shop.skus[sku]
    daily: Floats = sold_table([one], origin, origin - one.days[0] + 1)[0]
    return daily


def _autoets(series: Floats) -> Floats:
    """Seven daily means; the series' own mean where the method refuses (too short, constant)."""
    for name in _NUMBA:
        os.environ.setdefault(name, "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsforecast.models import AutoETS

        try:
            means = AutoETS(season_length=WEEK).fit(series).predict(WEEK)["mean"]
        except Exception:  # noqa: BLE001  (it raises bare Exceptions for series that it cannot fit)
            means = np.full(WEEK, series.mean())
    clipped: Floats = np.nan_to_num(np.clip(np.asarray(means, dtype=np.float64), 0.0, None), nan=float(series.mean()))
    return clipped


def _sums(days: Sequence[float] | Floats) -> list[float]:
    return [float(sum(days[:horizon])) for horizon in HORIZONS]


def _added(left: Misses, right: Misses) -> Misses:
    return Misses(left.squares + right.squares, left.means + right.means, left.sums + right.sums)


def sample(shop: ShopHistory, count: int, seed: int) -> tuple[str, ...]:
    """A fixed-seed sample of the shop's SKUs, or all of them where there are no more."""
    skus = sorted(sku for sku, one in shop.skus.items() if one.days)
    picked = np.random.default_rng(seed).choice(len(skus), size=min(count, len(skus)), replace=False)
    return tuple(skus[i] for i in sorted(picked.tolist()))


def data_hash(path: Path) -> str:
    """SHA-256 of a data file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
