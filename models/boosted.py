"""The twelfth peer: LightGBM quantile regression, trained on the judged shop's own past alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cloud_sync.fleet import Lessons, Settings, lessons
from edge_agent.demand.features import KINDS, Floats
from edge_agent.demand.habits import HORIZONS
from edge_agent.demand.metrics import LEVELS
from edge_agent.demand.model import evening_rows
from edge_agent.demand.series import ShopHistory

REFIT = 3
"""It is trained anew on every third evening."""
_WORDS = {
    "objective": "quantile",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 100,
    "verbosity": -1,
    "num_threads": 1,
    "seed": 20260101,
    "deterministic": True,
}
_TREES = 150
_KINDS = tuple(KINDS.index((1, horizon)) for horizon in HORIZONS)


class Boosted:
    """One forest per level, over all SKUs of the shop and all horizons; it sees what our own model sees."""

    def __init__(self, shop: ShopHistory) -> None:
        self._shop = shop
        self._forests: list[Any] = []

    def refit(self, origin: int) -> None:
        """Learns from sales up to the evening of `origin`."""
        taught = lessons(self._shop.as_of(origin + 1), Settings())
        self._forests = [_grown(taught, level) for level in LEVELS]

    def quantiles(self, origin: int, wanted: Sequence[str]) -> Floats:
        """(skus, horizons, levels), ascending."""
        rows = evening_rows(self._shop.as_of(origin + 1), wanted)
        skus = len(rows.skus)
        found = np.zeros((skus, len(HORIZONS), len(LEVELS)))
        for h, kind in enumerate(_KINDS):
            features = rows.features[kind * skus : (kind + 1) * skus]
            base = rows.base[:, : HORIZONS[h]].sum(axis=1)
            factors = np.column_stack([forest.predict(features) for forest in self._forests])
            found[:, h] = np.sort(np.clip(factors, 0.0, None), axis=1) * base[:, None]
        return found


def _grown(taught: Lessons, level: float) -> Any:
    import lightgbm

    data = lightgbm.Dataset(taught.features, taught.came / taught.base, weight=taught.base)
    return lightgbm.train({**_WORDS, "alpha": level}, data, num_boost_round=_TREES)


def evenings_with_refit(evenings: Sequence[int]) -> list[tuple[int, bool]]:
    """The evenings, each with whether the forests are trained anew on it."""
    return [(origin, place % REFIT == 0) for place, origin in enumerate(evenings)]
