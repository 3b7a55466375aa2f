"""Forecasts of a shop's SKUs: the port that every forecaster meets, and the base behind it in pure Python."""

from collections.abc import Collection
from dataclasses import replace
from typing import Protocol

from edge_agent.rules.forecast import Forecast

from .base import LEVEL_WORTH, exposure, means_ahead, shop_week, trading_days
from .dispersion import curve, dispersion
from .elders import kindred_of
from .expecting import doubt
from .habits import HORIZONS, Habits, elapsed, hour_shares, part_of_day
from .lattice import JUDGED_WEEKS, Study, study
from .presence import WHOLE
from .series import WEEK, ShopHistory, SkuHistory

DAYS_AHEAD = 28
STORED = HORIZONS.index(3)
"""A stored forecast carries the dispersion of the 72-hour sum."""


class Forecaster(Protocol):
    """Learns a shop's habits (nightly, may take a second), then forecasts any SKU from its own sales (quick)."""

    def learn(self, shop: ShopHistory) -> Habits:
        """From sales up to the evening before `shop.today`."""
        ...

    def forecast(self, shop: ShopHistory, habits: Habits, skus: Collection[str], at: int) -> dict[str, Forecast]:
        """One forecast per known SKU of `skus`, made at `at` (UTC ms), from `shop.today` on; today's sales count."""
        ...


class BaseForecaster:
    """The base alone: needs no child, no model and no numpy, and is always there."""

    def learn(self, shop: ShopHistory) -> Habits:
        return learn(shop)

    def forecast(self, shop: ShopHistory, habits: Habits, skus: Collection[str], at: int) -> dict[str, Forecast]:
        known = [shop.skus[sku] for sku in skus if sku in shop.skus]
        return {one.sku: base_forecast(shop, habits, one, study(one, habits), at) for one in known}


def forecast_many(shop: ShopHistory, at: int, *, forecaster: Forecaster | None = None) -> dict[str, Forecast]:
    """Learns and forecasts every SKU of the shop in one call, with the base unless told otherwise."""
    if forecaster:
        return forecaster.forecast(shop, forecaster.learn(shop), list(shop.skus), at)
    habits, studies = learn_studies(shop)
    return {sku: base_forecast(shop, habits, shop.skus[sku], studied, at) for sku, studied in studies.items()}


def learn(shop: ShopHistory) -> Habits:
    """The shop's week, hours and dispersion in the morning of `shop.today`; the model has earned nothing yet."""
    return learn_studies(shop)[0]


def learn_studies(shop: ShopHistory, back: int = JUDGED_WEEKS) -> tuple[Habits, dict[str, Study]]:
    """The habits and the study of every SKU that they were learned from, over `back` past weeks."""
    until = shop.today - 1
    trading = trading_days(shop, until)
    exposed = exposure(trading, until)
    kindred = kindred_of(shop, trading, back)
    habits = Habits(until, trading, shop_week(shop, exposed), hour_shares(shop), (), kindred=kindred)
    studies = {sku: study(one, habits, back) for sku, one in shop.skus.items()}
    seen = studies.values()
    curves = tuple(curve((one.misses(0, h) for one in seen), phi) for h, phi in enumerate(shop.priors.phi))
    return replace(habits, curves=curves), studies


def base_forecast(shop: ShopHistory, habits: Habits, one: SkuHistory, studied: Study, at: int) -> Forecast:
    """The base of one SKU: 28 daily means, and the dispersion of a 72-hour sum from its own misses."""
    means = daily_means(shop, habits, one, studied.weeks[0], studied.recent, at)
    phi = dispersion(studied.misses(0, STORED), habits.curves[STORED], sum(means[: HORIZONS[STORED]]))
    return stored(one.sku, at, shop.today, means, habits, phi + doubt(one, habits.until, HORIZONS[STORED]))


def daily_means(
    shop: ShopHistory, habits: Habits, one: SkuHistory, week: tuple[float, ...], recent: float, at: int
) -> list[float]:
    """The base's means in pieces of DAYS_AHEAD days from `shop.today` on; today's sales so far move the level.

    `week` and `recent` as in `Study`, on the newest evening.
    """
    behind = shop.today - 1 - habits.until
    week = week[behind % WEEK :] + week[: behind % WEEK]
    means = means_ahead(week, shop.opening, shop.today, DAYS_AHEAD)
    for day in [day for day in shop.opening.special if 0 <= day - shop.today < DAYS_AHEAD]:
        means[day - shop.today] *= part_of_day(shop.opening, day, habits.hour_shares)
    if behind:
        return means
    moved = _moved_by_today(shop, habits, one, recent + LEVEL_WORTH, means[0], at)
    return [mean * moved for mean in means]


def _moved_by_today(shop: ShopHistory, habits: Habits, one: SkuHistory, carried: float, today: float, at: int) -> float:
    """How much today's sales so far move the level: 1 before opening, more when more came than was due by now.

    Nothing was due while it was out of stock.
    """
    other = shop.opening.special.get(shop.today)
    gone = elapsed(at, shop.zone, shop.today, habits.hour_shares, other)
    due = today * min(gone, one.short.get(shop.today, WHOLE) / WHOLE)
    sold = one.qtys[-1] / 1000.0 if one.days and one.days[-1] == shop.today else 0.0
    return (carried + sold) / (carried + due) if due or sold else 1.0


def stored(
    sku: str, at: int, start: int, means: list[float], habits: Habits, phi: float, *, model: str = ""
) -> Forecast:
    """Rounds to the integers that are stored and decided on."""
    return Forecast(
        sku=sku,
        made_at=at,
        start_day=start,
        day_means=tuple(round(1000.0 * mean) for mean in means),
        hour_shares=habits.hour_shares,
        phi_milli=round(1000.0 * phi),
        forecaster="onnx" if model else "base",
        model=model,
    )
