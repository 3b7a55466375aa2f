"""What the shop's own forecasters say each morning: the base alone, or the device's mix of base and model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from edge_agent.demand.habits import Blend
from edge_agent.demand.lattices import learned
from edge_agent.demand.model import DemandModel, forecast_with, learn_with
from edge_agent.demand.series import ShopHistory
from edge_agent.proof.world import ZONE
from edge_agent.rules.day import moment
from edge_agent.rules.forecast import Forecast

LEARNS_EVERY = 7
"""What the mix has earned is looked at once a week here; a till does so each night."""


@dataclass
class Seer:
    """Forecasts in the morning of `shop.today`: the mix that was earned by then, or (`mixes` False) the base alone."""

    model: DemandModel
    mixes: bool
    _earned: dict[int, Blend] = field(default_factory=dict)

    def forecasts(self, shop: ShopHistory) -> dict[str, Forecast]:
        habits = replace(learned(shop)[0], blend=self.blend(shop), model=self.model.sha256)
        return forecast_with(self.model, shop, habits, list(shop.skus), moment(shop.today, 0, ZONE))

    def blend(self, shop: ShopHistory) -> Blend:
        """What corrections of the base have earned in this shop; nothing where it goes by the base."""
        week = shop.today // LEARNS_EVERY
        if self.mixes and week not in self._earned:
            self._earned[week] = learn_with(self.model, shop).blend
        return self._earned.get(week, Blend())


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
            if self.base is not None and self.seer.blend(then) == Blend():
                return self.base.forecasts(today)
            self._known[today] = self.seer.forecasts(then)
        return self._known[today]
