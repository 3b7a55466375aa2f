"""Renews the stored forecasts when they are due, off the counter's way, and tells for which SKUs they changed."""

import logging
import threading
from collections.abc import Callable, Collection

from edge_agent.clock import Clock
from edge_agent.demand.forecasting import Forecaster
from edge_agent.demand.habits import Habits
from edge_agent.demand.series import ALWAYS_OPEN, Opening, ShopHistory, SkuHistory, sku_histories
from edge_agent.journal.log import Journal
from edge_agent.journal.reading import Reading
from edge_agent.rules.day import HOUR_MS, business_day
from edge_agent.rules.forecast import Forecast

log = logging.getLogger(__name__)

REMEMBERED_DAYS = 2 * 182
"""The forecasters look two windows of 26 weeks back."""
CHUNK = 200
"""Forecasts stored in one transaction, so that a sale never waits behind a long one."""


def shop_history(memory: Reading, at: int, skus: Collection[str] | None = None) -> ShopHistory:
    """What the forecasters read, as of `at`; with `skus` only these (the hour profile stays the shop's)."""
    shop = memory.shop()
    zone, closes = (shop.zone, shop.day_closes) if shop else ("UTC", 0)
    today = business_day(at, zone, closes)
    first = today - REMEMBERED_DAYS
    histories = _some(memory, first, skus) if skus is not None else sku_histories(memory.all_demand_days(first))
    profile = tuple(tuple(row) for row in memory.hour_profile())
    return ShopHistory(zone, Opening(shop.hours if shop else ALWAYS_OPEN), today, histories, profile)


def _some(memory: Reading, first: int, skus: Collection[str]) -> dict[str, SkuHistory]:
    rows = ((sku, day, qty) for sku in sorted(skus) for day, qty in memory.demand_days(sku, first))
    return sku_histories(rows)


class Renewal:
    """Keeps every SKU's stored forecast fresh: all of them each business day, what sold at most hourly.

    What is due is read from the stored rows and the clock, never from a scheduler's memory. Calls are serialised;
    `renewed` is told the SKUs whose forecast was stored, on the calling thread.
    """

    def __init__(
        self, journal: Journal, clock: Clock, forecaster: Forecaster, renewed: Callable[[Collection[str]], None]
    ) -> None:
        self._journal, self._clock, self._forecaster, self._renewed = journal, clock, forecaster, renewed
        self._lock = threading.Lock()
        self._habits: Habits | None = None
        self._touched: set[str] = set()
        self._hour = 0
        journal.listen(lambda done: self._touched.update(*(skus_of(one.event.body) for one in done if _is_sale(one))))

    def use(self, forecaster: Forecaster) -> None:
        """Another forecaster speaks from the next renewal on, which then is of all SKUs."""
        with self._lock:
            self._forecaster, self._habits = forecaster, None

    def tick(self) -> int:
        """Renew what is due now; how many forecasts were stored."""
        with self._lock, self._journal.reading() as memory:
            now = self._clock.now()
            today = shop_history(memory, now, ()).today
            if self._habits is None or self._habits.until != today - 1:
                return self._all(memory, now)
            if now // HOUR_MS != self._hour and self._touched:
                touched, self._touched = self._touched, set()
                return self._store(memory, touched, now)
            return 0

    def renew(self, skus: Collection[str]) -> int:
        """Renew these at once: their sales left the band of their forecast."""
        with self._lock, self._journal.reading() as memory:
            now = self._clock.now()
            return self._store(memory, skus, now) if self._habits else self._all(memory, now)

    def _all(self, memory: Reading, now: int) -> int:
        history = shop_history(memory, now)
        self._habits = self._forecaster.learn(history)
        self._touched.clear()
        return self._keep(self._forecaster.forecast(history, self._habits, sorted(history.skus), now), now)

    def _store(self, memory: Reading, skus: Collection[str], now: int) -> int:
        assert self._habits is not None
        return self._keep(self._forecaster.forecast(shop_history(memory, now, skus), self._habits, skus, now), now)

    def _keep(self, forecasts: dict[str, Forecast], now: int) -> int:
        self._hour = now // HOUR_MS
        rows = list(forecasts.values())
        for start in range(0, len(rows), CHUNK):
            self._journal.store_forecasts(rows[start : start + CHUNK]).result()
        if rows:
            self._renewed(set(forecasts))
        return len(rows)


def _is_sale(one: object) -> bool:
    return getattr(one, "event", None) is not None and one.event.kind == "sale_completed"  # type: ignore[attr-defined]


def skus_of(body: dict[str, object]) -> set[str]:
    """The SKUs on the lines of an event's body."""
    lines = body.get("lines")
    return {str(line["sku"]) for line in lines} if isinstance(lines, list | tuple) else set()
