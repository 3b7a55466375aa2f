"""What the shop's own forecasters say each morning: the base alone, or the device's mix of base and model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from edge_agent.demand.forecasting import base_forecast, learn_studies
from edge_agent.demand.habits import Blend
from edge_agent.demand.model import DemandModel, forecast_with, learn_with
from edge_agent.demand.series import ShopHistory
from edge_agent.rules.day import moment
from edge_agent.rules.forecast import Forecast
from scripts.simulations.world import ZONE

LEARNS_EVERY = 7
"""What the model has earned is looked at once a week here; a till does so each night."""


@dataclass
class Seer:
    """Forecasts in the morning of `shop.today`; with `model` None those of the base."""

    model: DemandModel | None
    _earned: dict[int, Blend] = field(default_factory=dict)

    def forecasts(self, shop: ShopHistory) -> dict[str, Forecast]:
        at = moment(shop.today, 0, ZONE)
        habits, studies = learn_studies(shop)
        if self.model is not None:
            habits = replace(habits, blend=self._blend(shop), model=self.model.sha256)
            return forecast_with(self.model, shop, habits, list(shop.skus), at)
        return {sku: base_forecast(shop, habits, shop.skus[sku], one, at) for sku, one in studies.items()}

    def goes_its_own_way(self, shop: ShopHistory) -> bool:
        """False while the model has earned nothing in this shop."""
        return self.model is not None and self._blend(shop) != Blend()

    def _blend(self, shop: ShopHistory) -> Blend:
        assert self.model is not None
        week = shop.today // LEARNS_EVERY
        if week not in self._earned:
            self._earned[week] = learn_with(self.model, shop).blend
        return self._earned[week]


@dataclass
class Foresight:
    """A seer's forecasts of one history seen whole, kept by day: rules that differ in policy alone share them."""

    seer: Seer
    shop: ShopHistory
    base: Foresight | None = None
    """Another's, which are these too while the model has earned nothing."""
    _known: dict[int, dict[str, Forecast]] = field(default_factory=dict)

    def forecasts(self, today: int) -> dict[str, Forecast]:
        if today not in self._known:
            then = self.shop.as_of(today)
            if self.base is not None and not self.seer.goes_its_own_way(then):
                return self.base.forecasts(today)
            self._known[today] = self.seer.forecasts(then)
        return self._known[today]
