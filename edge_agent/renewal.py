"""Renews the stored forecasts when they are due, off the counter's way, and tells for which SKUs they changed."""

import logging
import queue
import threading
from collections.abc import Callable, Collection
from dataclasses import replace

from edge_agent.clock import Clock
from edge_agent.demand.forecasting import Forecaster
from edge_agent.demand.habits import Habits
from edge_agent.demand.presence import short_days
from edge_agent.demand.series import Facts, Opening, ShopHistory, SkuHistory, sku_histories
from edge_agent.demand.shipped import shipped_priors
from edge_agent.journal.log import Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.journal.views.gone import Absence
from edge_agent.rules.day import DAY_MS, HOUR_MS, business_day, moment
from edge_agent.rules.forecast import FALLBACK, Forecast
from edge_agent.rules.negative_binomial import quantile
from edge_agent.rules.plan import OpeningHours, hours_of
from edge_agent.rules.reorder import Terms
from edge_agent.rules.stakes import at_stake
from edge_agent.signals import calm, learn, moving
from edge_agent.snapshots import policy_of_shop
from edge_agent.wire.events.catalogue import ItemSet, ShopSet
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.signals import LocalEventAdded
from edge_agent.wire.messages import FeedEntry

log = logging.getLogger(__name__)

REMEMBERED_DAYS = 2 * 182
"""The forecasters look two windows of 26 weeks back."""
ORDER_DAYS = 3
"""What corrections of the base have earned is judged on orders for so many days."""
BAND = 0.99
SETTLES_MS = 5 * 60_000
"""A forecast that was renewed for a run on its SKU is not renewed for each further sale of it."""
CHUNK = 200
"""Forecasts stored in one transaction, so that a sale never waits behind a long one."""


def shop_history(memory: Reading, at: int, skus: Collection[str] | None = None) -> ShopHistory:
    """What the forecasters read, as of `at`; with `skus` only these, without facts (the hours stay the shop's)."""
    shop = memory.shop()
    zone, closes = (shop.zone, shop.day_closes) if shop else ("UTC", 0)
    today = business_day(at, zone, closes)
    first = today - REMEMBERED_DAYS
    histories = _some(memory, first, skus) if skus is not None else sku_histories(memory.all_demand_days(first))
    profile = tuple(tuple(row) for row in memory.hour_profile())
    opening = opening_of(hours_of(shop)) if shop else Opening()
    away, asked = _away(memory, moment(first, 0, zone), skus), _asked(memory, first, skus)
    for sku in away.keys() & histories.keys():
        short = short_days(away[sku], profile, zone, closes, first=first, now=at, special=opening.special)
        histories[sku] = replace(histories[sku], short=short, asked=asked.get(sku, {}))
    for sku, guess in memory.guesses(skus).items():
        histories[sku] = replace(histories.get(sku, SkuHistory(sku, (), ())), guess=guess)
    # Of what sold, and not of the whole catalogue: a hundred thousand items are forty megabytes.
    facts = _facts(memory, histories, shop) if skus is None else {}
    return ShopHistory(zone, opening, today, histories, profile, facts=facts, priors=shipped_priors())


def _facts(memory: Reading, skus: Collection[str], shop: ShopSet | None) -> dict[str, Facts]:
    """What tells which items are alike, and what is at stake in an order of each for ORDER_DAYS."""
    policy, found = policy_of_shop(shop) if shop else None, {}
    for sku, (alike, (pack, cost, price, rate, life)) in memory.facts(skus).items():
        earns = level = 0
        if policy and pack > 0:
            terms = Terms(pack, cost, price, rate, life_days=life)
            stakes, level = at_stake(terms, policy, span=ORDER_DAYS * DAY_MS, spoilt=0 < life <= ORDER_DAYS)
            earns = stakes.under
        found[sku] = Facts(*alike, earns, level)
    return found


def opening_of(hours: OpeningHours) -> Opening:
    """When the shop was and will be open, as the forecasters ask it."""
    closed = frozenset(day for day, _, closes in hours.other if not closes)
    special = {day: (opens, closes) for day, opens, closes in hours.other if closes}
    return Opening(hours.weekly, closed, special)


def _away(memory: Reading, since: int, skus: Collection[str] | None) -> dict[str, list[Absence]]:
    if skus is None:
        return memory.absences(since)
    return {sku: absences for one in skus for sku, absences in memory.absences(since, one).items()}


def _asked(memory: Reading, first: int, skus: Collection[str] | None) -> dict[str, dict[int, int]]:
    if skus is None:
        return memory.asked_days(first)
    return {sku: days for one in skus for sku, days in memory.asked_days(first, one).items()}


def _some(memory: Reading, first: int, skus: Collection[str]) -> dict[str, SkuHistory]:
    rows = ((sku, day, qty) for sku in sorted(skus) for day, qty in memory.demand_days(sku, first))
    return sku_histories(rows)


class Renewal:
    """Keeps every SKU's stored forecast fresh: all each business day, what sold hourly, and a run on one at once.

    What is due is read from the stored rows and the clock, never from a scheduler's memory. Calls are serialised;
    `renewed` is told the SKUs whose forecast was stored, on the calling thread.
    """

    def __init__(
        self, journal: Journal, clock: Clock, forecaster: Forecaster, renewed: Callable[[Collection[str]], None]
    ) -> None:
        self._journal, self._clock, self._forecaster, self._renewed = journal, clock, forecaster, renewed
        self._lock = threading.Lock()
        self._habits: Habits | None = None
        self._told_of_past = False
        self._fell_back_at: int | None = None
        self._touched: set[str] = set()
        self._hour = 0
        self._sold: queue.SimpleQueue[set[str] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._watch, name="renewal", daemon=True)
        journal.listen(self._recorded)
        journal.listen_feed(self._fed)

    def start(self) -> None:
        """Watch the sales on a thread of its own: what sells out of its band is renewed at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread after what it is at."""
        self._sold.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        with self._journal.reading() as memory:
            while (skus := self._sold.get()) is not None:
                try:
                    run = {sku for sku in skus if out_of_band(memory, sku, self._clock.now())}
                    if run:
                        self.renew(run)
                except Exception:
                    log.exception("a forecast could not be renewed; the stored one stands")

    def _recorded(self, done: tuple[Recorded, ...]) -> None:
        for one in done:
            if isinstance(one.body, SaleCompleted):
                self._touch({line.sku for line in one.body.lines})
            elif isinstance(one.body, LocalEventAdded) or (isinstance(one.body, ItemSet) and one.body.expects):
                self._told_of_past = True

    def _fed(self, entries: tuple[FeedEntry, ...]) -> None:
        skus = {str(row[1]) for entry in entries if entry.kind == "stock_stands" for row in entry.body["sold"]}
        if skus:
            self._touch(skus)
        self._told_of_past |= any(
            entry.kind == "local_event_added" or (entry.kind == "item_set" and "expects" in entry.body)
            for entry in entries
        )

    def _touch(self, skus: set[str]) -> None:
        self._touched |= skus
        self._sold.put(skus)

    def use(self, forecaster: Forecaster) -> None:
        """Another forecaster speaks from the next renewal on, which then is of all SKUs."""
        with self._lock:
            self._forecaster, self._habits = forecaster, None

    def tick(self) -> int:
        """Renew what is due now; how many forecasts were stored."""
        with self._lock, self._journal.reading() as memory:
            now = self._clock.now()
            today = shop_history(memory, now, ()).today
            due = self._told_of_past or self._may_be_back(now)
            if self._habits is None or self._habits.until != today - 1 or due:
                return self._all(memory, now)
            if now // HOUR_MS != self._hour and self._touched:
                touched, self._touched = self._touched, set()
                return self._store(memory, touched, now)
            return 0

    def _may_be_back(self, now: int) -> bool:
        """A model that failed is asked again after a while: the base in its place does not speak for the whole day."""
        return self._fell_back_at is not None and now - self._fell_back_at >= SETTLES_MS

    def renew(self, skus: Collection[str]) -> int:
        """Renew these at once: their sales left the band of their forecast."""
        with self._lock, self._journal.reading() as memory:
            now = self._clock.now()
            return self._store(memory, skus, now) if self._habits else self._all(memory, now)

    def _all(self, memory: Reading, now: int) -> int:
        # What is told from here on is learnt next time.
        self._told_of_past = False
        history = shop_history(memory, now)
        learnt = learn(memory, history)
        self._journal.store_learnt(learnt).result()
        history = calm(memory, history, learnt)
        self._habits = self._forecaster.learn(history)
        self._touched.clear()
        return self._keep(self._forecaster.forecast(history, self._habits, sorted(history.skus), now), now)

    def _store(self, memory: Reading, skus: Collection[str], now: int) -> int:
        assert self._habits is not None
        history = calm(memory, shop_history(memory, now, skus), memory.learnt())
        return self._keep(self._forecaster.forecast(history, self._habits, skus, now), now)

    def _keep(self, forecasts: dict[str, Forecast], now: int) -> int:
        self._hour = now // HOUR_MS
        rows = list(forecasts.values())
        self._fell_back_at = now if any(one.forecaster == FALLBACK for one in rows) else None
        for start in range(0, len(rows), CHUNK):
            self._journal.store_forecasts(rows[start : start + CHUNK]).result()
        if rows:
            self._renewed(set(forecasts))
        return len(rows)


def out_of_band(memory: Reading, sku: str, now: int) -> bool:
    """True when a day's sales so far are more than its stored forecast held likely (99 %), and it is not fresh."""
    stored, shop = memory.forecast(sku), memory.shop()
    if stored is None or shop is None or now - stored.made_at < SETTLES_MS:
        return False
    today = business_day(now, shop.zone, shop.day_closes)
    place = today - stored.start_day
    if not 0 <= place < len(stored.day_means):
        return False
    stored = moving(memory, shop.zone, now).moved(stored, memory.item(sku))
    sold = sum(qty for _, qty in memory.demand_days(sku, today)) / 1000
    return sold > quantile(stored.day_means[place] / 1000, stored.phi_milli / 1000, BAND)
