"""What wakes a reorder, for which SKUs: decides beside the counter, on its own thread, and records what changed."""

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from edge_agent.clock import Clock
from edge_agent.journal.log import Journal, Recorded
from edge_agent.journal.reading import Reading
from edge_agent.lateness import lateness
from edge_agent.newest import Newest
from edge_agent.ordering import (
    Bodies,
    Desk,
    Doubts,
    OpenOrder,
    decided,
    is_news,
    open_order,
    overtaken,
    record,
    revised,
)
from edge_agent.rules.day import HOUR_MS, business_day
from edge_agent.snapshots import NEWCOMER_DAYS, policy_of_shop
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.catalogue import ItemSet, ShopSet, SupplierSet
from edge_agent.wire.events.device import DevicePaired
from edge_agent.wire.events.drops import DropSet
from edge_agent.wire.events.popups import PopUpClosed, StockCame, StockSent
from edge_agent.wire.events.promotion import PromotionSet
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.samples import SampleGiven
from edge_agent.wire.events.selling import CodeMatched, SaleHeld
from edge_agent.wire.events.signals import LocalEventAdded, SignalRecorded
from edge_agent.wire.events.stock import StockAdjusted, StockCounted, StockReceived
from edge_agent.wire.messages import FeedEntry

log = logging.getLogger(__name__)

UNHEARD_MS = 2 * HOUR_MS
TICK_S = 20.0
"""How often the clock is looked at: a cut-off may have passed, an hour may have struck."""
FEED_KINDS = (
    "item_set",
    "supplier_set",
    "shop_set",
    "order_outcome",
    "received_elsewhere",
    "promotion_set",
    "signal_recorded",
    "local_event_added",
    "drop_set",
)
KEPT = "reservation_set"
OF_A_SUPPLIER = ("order_stands", "cash_room")


@dataclass(frozen=True)
class Pace:
    """How the decisions keep up: passes made, orders recorded, and slowest and last ms from a sale to its decision."""

    passes: int = 0
    recorded: int = 0
    slowest_ms: float = 0.0
    last_ms: float = 0.0


@dataclass
class _Woken:
    """What waits to be decided: SKUs that a sale touched, and suppliers (or all of them) to go through whole."""

    skus: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    all_: bool = False
    because: int | None = None
    since: float = 0.0

    def __bool__(self) -> bool:
        return self.all_ or bool(self.skus) or bool(self.whole)


class Replenish:
    """One per till; `unheard` says for how many ms the cloud told nothing of other tills. `start` listens to the
    journal and decides everything once; `stop` finishes what it is at."""

    def __init__(self, journal: Journal, clock: Clock, unheard: Callable[[], int] = lambda: 0) -> None:
        self._journal, self._clock, self._unheard = journal, clock, unheard
        self._changed = threading.Condition()
        self._woken, self._busy, self._stopping = _Woken(), False, False
        self._pace, self._newest = Pace(), Newest()
        self._passed: dict[str, tuple[str, int]] = {}
        self._bodies: Bodies = {}
        self._late: tuple[int, dict[str, int]] | None = None
        self._told: list[Callable[[Recorded], None]] = []
        self._said: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="replenish", daemon=True)

    def start(self) -> None:
        """Listen from now on, and decide everything that is due."""
        self._journal.listen(self._recorded)
        self._journal.listen_feed(self._fed)
        with self._journal.reading() as memory:
            self._newest.look(memory)
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
        self._newest.recorded(done)
        for one in done:
            self._wake_for(one.body, one.event.seq)

    def _fed(self, entries: tuple[FeedEntry, ...]) -> None:
        # An approval moves stock of later cycles; whatever the cloud changed is rare, so that everything is looked at.
        if any(entry.kind in FEED_KINDS for entry in entries):
            self.wake_all()
        skus = {str(row[0]) for entry in entries if entry.kind == "stock_stands" for row in entry.body["stock"]}
        skus |= {str(line["sku"]) for entry in entries if entry.kind == KEPT for line in entry.body["lines"]}
        whole = {str(entry.body["supplier"]) for entry in entries if entry.kind in OF_A_SUPPLIER}
        if skus or whole:
            self._wake(skus, all_=False, because=None, whole=whole)

    def _wake_for(self, body: Contract, seq: int) -> None:
        match body:
            case SaleCompleted() | RefundMade() | StockReceived() | StockCounted():
                self.wake({line.sku for line in body.lines}, seq)
            case StockSent() | StockCame():
                self.wake({line.sku for line in body.lines}, seq)
            case PopUpClosed() if body.left:
                self.wake({line.sku for line in body.left}, seq)
            case SaleHeld():
                self.wake({line.sku for line in body.lines}, seq)
            case StockAdjusted() | CodeMatched() | SampleGiven():
                self.wake({body.sku}, seq)
            case SignalRecorded() | LocalEventAdded() | PromotionSet() | DropSet():
                self.wake_all()
            case ItemSet() | ShopSet() | SupplierSet() | DevicePaired():
                # An item may have left another supplier's order, a pairing renames every order.
                self.wake_all()

    def _wake(self, skus: set[str], *, all_: bool, because: int | None, whole: Collection[str] = ()) -> None:
        with self._changed:
            if not self._woken.skus:
                self._woken.since = time.monotonic()
            self._woken.skus |= skus
            self._woken.whole |= set(whole)
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
                self._done()

    def _next(self) -> _Woken | None:
        with self._changed:
            self._changed.wait_for(lambda: self._woken or self._stopping, TICK_S)
            if self._stopping:
                return None
            woken, self._woken, self._busy = self._woken, _Woken(), True
            return woken

    def _done(self) -> None:
        with self._changed:
            self._busy = False
            self._changed.notify_all()

    def _pass(self, memory: Reading, woken: _Woken) -> None:
        shop = memory.shop()
        if shop is None:
            return
        now, trusted = self._clock.now(), self._clock.quality() != "floor"
        doubts = Doubts(self._newest.behind(self._clock), self._hours_unheard(memory))
        late = self._lateness(memory, business_day(now, shop.zone, shop.day_closes))
        desks = {
            name: Desk(memory, shop, supplier, now, trusted, self._bodies, late.get(name, 0), doubts)
            for name, supplier in memory.suppliers().items()
        }
        if woken.skus:
            self._touched(desks, woken)
        whole = set(desks) if woken.all_ else woken.whole & set(desks)
        if not woken:
            whole = {name for name, desk in desks.items() if self._is_due(desk, open_order(desk))}
        self._go_through([desks[name] for name in sorted(whole)], woken.because)

    def _hours_unheard(self, memory: Reading) -> int:
        """0 while it is not long, or there is no other till that may have sold meanwhile."""
        unheard, paired = self._unheard(), memory.paired()
        return unheard // HOUR_MS if unheard > UNHEARD_MS and paired and memory.has_other_tills(paired.device) else 0

    def _lateness(self, memory: Reading, today: int) -> dict[str, int]:
        """Looked up once a day."""
        if self._late is None or self._late[0] != today:
            self._late = today, lateness(memory)
        return self._late[1]

    def _touched(self, desks: dict[str, Desk], woken: _Woken) -> None:
        """Only what a sale touched: the answer that must come within the second."""
        items: dict[str, list[ItemSet]] = {}
        for sku in sorted(woken.skus):
            item = next(iter(desks.values())).memory.item(sku) if desks else None
            if item and item.supplier in desks:
                items.setdefault(item.supplier, []).append(item)
        for name, touched in items.items():
            current = self._current(desks[name])
            if current is not None:
                anothers = current.is_anothers
                of = _all_items(desks[name], current, _wanted(desks[name])) if anothers else touched
                self._revise(desks[name], current, of, woken.because, whole=anothers)
                if self._passed.get(name, ("", 0))[0] != current.key:
                    # A new cycle has opened: its other items can wait until no sale does.
                    self._wake(set(), all_=False, because=None, whole={name})
        self._kept_pace(woken)

    def _kept_pace(self, woken: _Woken) -> None:
        took = 1000 * (time.monotonic() - woken.since)
        pace = self._pace
        self._pace = Pace(pace.passes + 1, pace.recorded, max(pace.slowest_ms, took), took)

    def _go_through(self, desks: list[Desk], because: int | None) -> None:
        """Decide every SKU of these suppliers, one supplier after the other; a sale that comes meanwhile goes first."""
        wanted = _wanted(desks[0]) if desks else {}
        while desks:
            with self._changed:
                if self._woken.skus:
                    self._woken.whole |= {desk.supplier.supplier for desk in desks}
                    return
            desk = desks.pop(0)
            current = self._current(desk)
            if current is not None:
                for gone in overtaken(desk, current):
                    self._told_of(record(self._journal, gone, because))
                self._passed[desk.supplier.supplier] = (current.key, desk.now // HOUR_MS)
                self._revise(desk, current, _all_items(desk, current, wanted), because, whole=True)

    def _current(self, desk: Desk) -> OpenOrder | None:
        current = open_order(desk)
        if current is None:
            name = desk.supplier.supplier
            self._once(f"{name}: its calendar has no arrival after the next one, so that nothing is decided")
        return current

    def _revise(
        self, desk: Desk, current: OpenOrder, items: list[ItemSet], because: int | None, *, whole: bool
    ) -> None:
        # Where another till decided, what it knew itself is no reason to say it again, or otherwise.
        standing = current.standing if current.is_anothers else None
        if standing is not None and not is_news(desk.memory, standing, trusted=desk.trusted):
            return
        fresh = decided(desk, items, policy_of_shop(desk.shop), current.moment)
        order = revised(desk, current, fresh, whole=whole)
        if order is not None:
            self._told_of(record(self._journal, order, because))

    def _is_due(self, desk: Desk, current: OpenOrder | None) -> bool:
        """All of a supplier's SKUs are decided once a cycle opens, and every hour."""
        was_key, was_hour = self._passed.get(desk.supplier.supplier, ("", 0))
        return current is not None and (was_key != current.key or was_hour != desk.now // HOUR_MS)

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


def _wanted(desk: Desk) -> dict[str, list[str]]:
    """{supplier: its SKUs that are forecast or were sold lately}: one look at them for all the suppliers of a pass."""
    today = business_day(desk.now, desk.shop.zone, desk.shop.day_closes)
    skus = desk.memory.expected_to_sell() | desk.memory.sold_since(today - NEWCOMER_DAYS)
    found: dict[str, list[str]] = {}
    for sku, supplier in desk.memory.supplied(skus):
        found.setdefault(supplier, []).append(sku)
    return found


def _all_items(desk: Desk, current: OpenOrder, wanted: dict[str, list[str]]) -> list[ItemSet]:
    """The supplier's items that could need anything: of those that are wanted, and what is on the order now."""
    name = desk.supplier.supplier
    items = (desk.memory.item(sku) for sku in sorted({*wanted.get(name, ()), *current.skus}))
    return [item for item in items if item and item.supplier == name]
