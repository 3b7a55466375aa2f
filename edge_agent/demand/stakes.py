"""What is at stake in orders that a back-test simulates: what a piece short loses, and how high a SKU is stocked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .quantiles import Floats
from .series import Facts

ORDER_LEVELS = (0.3, 0.5, 0.65, 0.8, 0.9, 0.95, 0.975, 0.99)
"""A SKU is ordered up to the nearest of these quantiles."""
USUAL_LEVEL = 9_000
USUAL_MARGIN = 0.4
"""What is taken where neither cost nor margin is known: the house's floor, and what a shop earns of a price."""


@dataclass(frozen=True)
class Stakes:
    """By SKU, from what is known of it; where nothing is, all pieces count the same."""

    facts: Mapping[str, Facts] = field(default_factory=dict)

    def of(self, skus: Sequence[str]) -> tuple[Floats, Floats]:
        """What a piece short loses, and the order-up-to level, one of ORDER_LEVELS; each (skus)."""
        known = [self.facts.get(sku, _NOTHING) for sku in skus]
        under = np.array([one.earns or 1_000.0 * USUAL_MARGIN * one.price or 1.0 for one in known])
        wanted = np.array([one.level or USUAL_LEVEL for one in known]) / 10_000.0
        levels = np.array(ORDER_LEVELS)
        return under, levels[np.abs(wanted[:, None] - levels).argmin(axis=1)]


_NOTHING = Facts()
