"""What wakes a reorder, for which SKUs: decides beside the counter, on its own thread, and records what changed."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from edge_agent.clock import Clock
from edge_agent.journal.log import Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.ordering import Desk, OpenOrder, decided, open_order, overtaken, record, revised
from edge_agent.rules.day import HOUR_MS, business_day
from edge_agent.snapshots import NEWCOMER_DAYS, policy_of_shop
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.catalogue import ItemSet, ShopSet, SupplierSet
from edge_agent.wire.events.device import DevicePaired
from edge_agent.wire.events.reorder import ReorderDecided
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.stock import StockAdjusted, StockCounted, StockReceived
from edge_agent.wire.messages import FeedEntry

log = logging.getLogger(__name__)

TICK_S = 20.0
"""How often the clock is looked at: a cut-off may have passed, an hour may have struck."""
FEED_KINDS = ("item_set", "supplier_set", "shop_set", "order_outcome")


@dataclass(frozen=True)
class Pace:
    """How the decisions keep up: passes made, orders recorded, and slowest and last ms from a sale to its decision."""

    passes: int = 0
    recorded: int = 0
    slowest_ms: float = 0.0
    last_ms: float = 0.0


@dataclass
class _Woken:
    """What waits to be decided; `all_` is everything."""

    skus: set[str] = field(default_factory=set)
    all_: bool = False
    because: int | None = None
    since: float = 0.0

    def __bool__(self) -> bool:
        return self.all_ or bool(self.skus)


class Replenish:
    """One per till. `start` listens to the journal and decides everything once; `stop` finishes what it is at."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal, self._clock = journal, clock
        self._changed = threading.Condition()
        self._woken, self._busy, self._stopping = _Woken(), False, False
        self._pace = Pace()
        self._passed: dict[str, tuple[str, int]] = {}
        self._bodies: dict[int, ReorderDecided] = {}
        self._told: list[Callable[[Recorded], None]] = []
        self._said: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="replenish", daemon=True)

    def start(self) -> None:
        """Listen from now on, and decide everything that is due."""
        self._journal.listen(self._recorded)
        self._journal.listen_feed(self._fed)
        self.wake_all()
        self._thread.start()

    def stop(self) -> None:
        """End the thread after what it is deciding now."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def on_decided(self, told: Callable[[Recorded], None]) -> None:
        """Be told of each recorded `reorder_decided`, on this room's thread: post and return."""
        self._told.append(told)

    def wake(self, skus: Collection[str], because: int | None = None) -> None:
        """Decide these SKUs again soon; never blocks."""
        self._wake(set(skus), all_=False, because=because)

    def wake_all(self) -> None:
        """Decide every SKU of every supplier again soon; never blocks."""
        self._wake(set(), all_=True, because=None)

    def pace(self) -> Pace:
        """How fast it decides."""
        return self._pace

    def settled(self, timeout: float) -> bool:
        """Wait until nothing is left to decide; False when it takes longer than `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._woken and not self._busy, timeout)

    # What wakes it. Called on the journal's thread.

    def _recorded(self, done: tuple[Recorded, ...]) -> None:
        for one in done:
            self._wake_for(one.body, one.event.seq)

    def _fed(self, entries: tuple[FeedEntry, ...]) -> None:
        # An approval moves stock of later cycles; whatever the cloud changed is rare, so that everything is looked at.
        if any(entry.kind in FEED_KINDS for entry in entries):
            self.wake_all()

    def _wake_for(self, body: Contract, seq: int) -> None:
        match body:
            case SaleCompleted() | StockReceived() | StockCounted():
                self.wake({line.sku for line in body.lines}, seq)
            case StockAdjusted():
                self.wake({body.sku}, seq)
            case ItemSet() | ShopSet() | SupplierSet() | DevicePaired():
                # An item may have left another supplier's order, a pairing renames every order.
                self.wake_all()

    def _wake(self, skus: set[str], *, all_: bool, because: int | None) -> None:
        with self._changed:
            if not self._woken:
                self._woken.since = time.monotonic()
            self._woken.skus |= skus
            self._woken.all_ |= all_
            self._woken.because = because or self._woken.because
            self._changed.notify_all()

    # The thread.

    def _run(self) -> None:
        with self._journal.reading() as memory:
            while (woken := self._next()) is not None:
                try:
                    self._pass(memory, woken)
                except Exception:
                    log.exception("a reorder pass failed; the next one tries again")
                self._done(woken)

    def _next(self) -> _Woken | None:
        with self._changed:
            self._changed.wait_for(lambda: self._woken or self._stopping, TICK_S)
            if self._stopping:
                return None
            woken, self._woken, self._busy = self._woken, _Woken(), True
            return woken

    def _done(self, woken: _Woken) -> None:
        with self._changed:
            self._busy = False
            if woken:
                took = 1000 * (time.monotonic() - woken.since)
                pace = self._pace
                slowest = pace.slowest_ms if woken.all_ else max(pace.slowest_ms, took)
                self._pace = Pace(pace.passes + 1, pace.recorded, slowest, took)
            self._changed.notify_all()

    def _pass(self, memory: Reading, woken: _Woken) -> None:
        shop = memory.shop()
        if shop is None:
            return
        now, trusted = self._clock.now(), self._clock.quality() != "floor"
        items = [item for sku in sorted(woken.skus) if (item := memory.item(sku))]
        for name, supplier in memory.suppliers().items():
            touched = [item for item in items if item.supplier == name]
            if touched or woken.all_ or not woken.skus:
                self._supplier(Desk(memory, shop, supplier, now, trusted, self._bodies), touched, woken)

    def _supplier(self, desk: Desk, touched: list[ItemSet], woken: _Woken) -> None:
        name = desk.supplier.supplier
        current = open_order(desk)
        if current is None:
            self._once(f"{name}: its calendar has no arrival after the next one, so that nothing is decided")
            return
        hour = desk.now // HOUR_MS
        whole = woken.all_ or self._is_due(name, current.key, hour, idle=not woken)
        if whole:
            for gone in overtaken(desk, current):
                self._told_of(record(self._journal, gone, woken.because))
            touched = _all_items(desk, current)
            self._passed[name] = (current.key, hour)
        if touched or whole:
            fresh = decided(desk, touched, policy_of_shop(desk.shop), current.moment)
            order = revised(desk, current, fresh, whole=whole)
            if order is not None:
                self._told_of(record(self._journal, order, woken.because))

    def _is_due(self, supplier: str, key: str, hour: int, *, idle: bool) -> bool:
        """All of a supplier's SKUs are decided once a cycle opens, and every hour when no sale waits for it."""
        was_key, was_hour = self._passed.get(supplier, ("", 0))
        return was_key != key or (idle and was_hour != hour)

    def _told_of(self, recorded: Recorded | None) -> None:
        if recorded is None:
            return
        pace = self._pace
        self._pace = Pace(pace.passes, pace.recorded + 1, pace.slowest_ms, pace.last_ms)
        for told in self._told:
            try:
                told(recorded)
            except Exception:
                log.exception("a listener failed; the order stands")

    def _once(self, words: str) -> None:
        if words not in self._said:
            self._said.add(words)
            log.warning(words)


def _all_items(desk: Desk, current: OpenOrder) -> list[ItemSet]:
    """The supplier's items that could need anything: forecast, sold lately, or on the order now."""
    skus = {forecast.sku for forecast in desk.memory.forecasts() if any(forecast.day_means)}
    today = business_day(desk.now, desk.shop.zone, desk.shop.day_closes)
    skus |= {sku for sku, _, _ in desk.memory.all_demand_days(today - NEWCOMER_DAYS)}
    skus |= {line.sku for line in current.body.lines} if current.body else set()
    return list(_of_supplier(desk, skus))


def _of_supplier(desk: Desk, skus: set[str]) -> Iterator[ItemSet]:
    for sku in sorted(skus):
        item = desk.memory.item(sku)
        if item and item.supplier == desk.supplier.supplier:
            yield item
