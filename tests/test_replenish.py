"""Replenishing on a real journal: a recorded sale wakes its SKUs, one order per supplier and cycle, never twice."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge_agent.clock import FileClock
from edge_agent.journal.log import Journal
from edge_agent.journal.rebuild import verify
from edge_agent.journal.views.orders import Order
from edge_agent.ordering import Desk, open_order, revised
from edge_agent.replenish import Replenish
from edge_agent.rules.explain import settles_again
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.record import decision_of, replayed
from edge_agent.wire.events.device import DevicePaired
from edge_agent.wire.events.orders import OrderOutcome, OutcomeLine
from edge_agent.wire.events.reorder import ReorderDecided
from edge_agent.wire.events.stock import CountedLine, ReceivedLine, StockAdjusted, StockCounted, StockReceived
from edge_agent.wire.messages import FeedEntry
from tests.shelf import MONDAY, WEEK, ms
from tests.shop import MILK, NORTH, SHOP, TUESDAY_14, open_journal, record, sold


class Shop:
    """A till's memory with its replenishment on a scripted clock."""

    def __init__(self, folder: Path) -> None:
        self.journal: Journal = open_journal(folder)
        self.clock = FileClock(folder / "clock")
        self.replenish = Replenish(self.journal, self.clock)
        self.memory = self.journal.reading()
        self._cursor = 0

    def forecast(self, *skus: str) -> None:
        shares = (*[0] * 9, *[1000] * 10, *[0] * 5)
        made = [Forecast(sku, TUESDAY_14, MONDAY, WEEK * 4, shares, 1400, "base", "") for sku in skus]
        self.journal.store_forecasts(made).result()

    def count(self, **pieces: int) -> None:
        memory = self.memory
        lines = [
            CountedLine(sku=sku, counted=1000 * n, expected=memory.stock(sku).on_hand) for sku, n in pieces.items()
        ]
        record(self.journal, StockCounted(lines=tuple(lines), saw={}))

    def sell(self, *skus: str, pieces: int = 1) -> None:
        record(self.journal, sold(self.memory.next_receipt(), *skus, qty=1000 * pieces))

    def settle(self) -> None:
        assert self.replenish.settled(10)

    def feed(self, outcome: OrderOutcome) -> None:
        self._cursor += 1
        entry = FeedEntry(
            cursor=self._cursor, kind="order_outcome", v=1, at=self.clock.now(), body=outcome.model_dump()
        )
        self.journal.take_feed("g1", [entry]).result()

    def decide(self, order: Order, state: str, packs: dict[str, int]) -> None:
        """The owner's word on an order."""
        lines = tuple(OutcomeLine(sku=sku, packs=n, qty=6000 * n) for sku, n in packs.items())
        fields = {"order": order.key, "number": order.number, "revision": order.revision, "version": order.version + 1}
        self.feed(OrderOutcome.model_validate({**fields, "state": state, "by": "owner", "reason": "", "lines": lines}))

    def decisions(self) -> list[ReorderDecided]:
        return [ReorderDecided.model_validate(event.body) for event in self.memory.events("reorder_decided")]

    def open(self) -> Order:
        return self.memory.orders(("proposed", "held"))[-1]


@contextmanager
def opened(folder: Path) -> Iterator[Shop]:
    shop = Shop(folder)
    try:
        yield shop
    finally:
        shop.replenish.stop()
        shop.memory.close()
        shop.journal.close()


@contextmanager
def decided(folder: Path) -> Iterator[Shop]:
    """A shop with milk and bread counted and forecast, whose first decisions are made."""
    with opened(folder) as one:
        one.forecast("milk", "bread")
        one.count(milk=36, bread=200)
        one.replenish.start()
        one.settle()
        yield one


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with decided(tmp_path) as one:
        yield one


def test_at_the_start_everything_that_is_due_is_decided(shop: Shop) -> None:
    order = shop.open()
    assert (order.state, order.supplier, order.revision) == ("proposed", "north", 1)
    assert [(line.sku, line.packs) for line in order.lines] == [("milk", 9)]
    assert (order.cutoff_at, order.arrives_at) == (ms("2026-03-03T15:00"), ms("2026-03-05T08:00"))


def test_a_sale_that_changes_the_packs_revises_the_same_order_and_names_its_cause(shop: Shop) -> None:
    before = shop.open()
    shop.sell("milk", pieces=6)
    shop.settle()
    after = shop.open()
    assert (after.key, after.revision) == (before.key, 2)
    assert [(line.sku, line.packs) for line in after.lines] == [("milk", 10)]
    event = shop.memory.event(after.seq)
    assert event.because == after.seq - 1
    assert shop.memory.event(after.seq - 1).kind == "sale_completed"


def test_a_sale_that_changes_no_packs_records_nothing(shop: Shop) -> None:
    shop.sell("milk")
    shop.sell("bread")
    shop.settle()
    assert len(shop.decisions()) == 1


def test_a_sale_adds_the_line_of_its_sku_and_leaves_the_other_lines(shop: Shop) -> None:
    shop.sell("bread", pieces=150)
    shop.settle()
    order = shop.open()
    assert [line.sku for line in order.lines] == ["bread", "milk"]
    body = shop.decisions()[-1]
    assert body.value == sum(line.cost for line in body.lines)


def test_every_recorded_order_replays_to_its_own_numbers(shop: Shop) -> None:
    for pieces in (3, 5, 40):
        shop.sell("milk", "bread", pieces=pieces)
        shop.settle()
    decisions = shop.decisions()
    assert len(decisions) > 1
    for order in decisions:
        assert all(replayed(order, line) == decision_of(order, line) for line in order.lines)


def test_a_rerun_and_a_restart_record_nothing_new(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        first.forecast("milk")
        first.count(milk=36)
        first.replenish.start()
        for _ in range(10):
            first.replenish.wake_all()
            first.settle()
    again = Journal.open(tmp_path / "data", FileClock(tmp_path / "clock"), lambda: "0" * 16)
    replenish = Replenish(again, FileClock(tmp_path / "clock"))
    replenish.start()
    assert replenish.settled(10)
    replenish.stop()
    with again.reading() as memory:
        assert len(list(memory.events("reorder_decided"))) == 1
    again.close()


def test_stock_that_turns_up_withdraws_the_order_and_a_later_need_revives_it(shop: Shop) -> None:
    record(shop.journal, StockAdjusted(sku="milk", qty=200_000, reason="found"))
    shop.settle()
    assert [body.state for body in shop.decisions()] == ["proposed", "withdrawn"]
    assert shop.memory.orders(("proposed",)) == []
    record(shop.journal, StockAdjusted(sku="milk", qty=-200_000, reason="waste"))
    shop.settle()
    assert [(body.state, body.revision) for body in shop.decisions()][-1] == ("proposed", 3)


def test_an_approved_order_counts_as_incoming_and_the_next_cycle_is_decided(shop: Shop) -> None:
    first = shop.open()
    shop.decide(first, "approved", {"milk": 9})
    shop.settle()
    shop.sell("milk", pieces=30)
    shop.settle()
    second = shop.open()
    assert second.cycle == first.cycle + 1
    body = shop.decisions()[-1]
    found = decision_of(body, body.lines[0])
    assert [(one.order, one.qty) for one in found.snapshot.incoming] == [(first.key[:8], 54_000)]
    assert found.need.position == (36 - 30 + 54) * 1000


def test_packs_that_the_owner_edited_are_what_counts_as_incoming(shop: Shop) -> None:
    shop.decide(shop.open(), "approved", {"milk": 2})
    shop.settle()
    assert [one.qty for one in shop.memory.incoming("milk")] == [12_000]
    body = shop.decisions()[-1]
    assert decision_of(body, body.lines[0]).snapshot.incoming[0].qty == 12_000


def test_a_rejected_order_is_not_proposed_again_in_its_cycle(shop: Shop) -> None:
    first = shop.open()
    shop.decide(first, "rejected", {})
    shop.settle()
    for pieces in (6, 12):
        shop.sell("milk", pieces=pieces)
        shop.settle()
    assert {body.cycle for body in shop.decisions()[1:]} == {first.cycle + 1}
    assert shop.memory.order(first.key).state == "rejected"  # type: ignore[union-attr]


def test_what_the_owner_refused_is_proposed_again_only_when_a_fifth_more_is_needed(shop: Shop) -> None:
    refused = shop.open().lines[0].qty
    shop.decide(shop.open(), "rejected", {})
    shop.clock.set(ms("2026-03-03T15:30"))
    shop.replenish.wake_all()
    shop.settle()
    record(shop.journal, StockAdjusted(sku="milk", qty=30_000, reason="found"))
    shop.settle()
    assert shop.memory.orders(("proposed",)) == []
    for _ in range(12):
        shop.sell("milk", pieces=6)
        shop.settle()
        if shop.memory.orders(("proposed",)):
            break
    asked = shop.open().lines[0].qty
    assert refused * 12 < asked * 10 <= refused * 12 + 60_000
    body = shop.decisions()[-1]
    assert decision_of(body, body.lines[0]).snapshot.refused == refused
    shop.decide(shop.open(), "approved", {"milk": 1})
    shop.settle()
    assert shop.memory.refused("milk", 0) == 0


def test_goods_received_one_short_leave_the_next_decision_with_what_came(shop: Shop) -> None:
    first = shop.open()
    shop.decide(first, "approved", {"milk": 9})
    shop.settle()
    shop.clock.set(ms("2026-03-05T08:30"))
    came = ReceivedLine(sku="milk", qty=53_000, ordered=54_000, expires=None)
    record(shop.journal, StockReceived(order=first.key, supplier="north", lines=(came,)))
    shop.settle()
    shop.sell("milk", pieces=20)
    shop.settle()
    body = shop.decisions()[-1]
    found = decision_of(body, body.lines[0])
    assert (found.snapshot.on_hand, found.snapshot.incoming) == ((36 + 53 - 20) * 1000, ())


def test_after_the_cutoff_the_next_cycle_is_decided_and_the_missed_order_does_not_count_as_coming(shop: Shop) -> None:
    first = shop.open()
    shop.clock.set(ms("2026-03-03T15:30"))
    shop.replenish.wake(["milk"])
    shop.settle()
    bodies = shop.decisions()
    assert [body.cycle for body in bodies] == [first.cycle, first.cycle + 1]
    assert decision_of(bodies[-1], bodies[-1].lines[0]).snapshot.incoming == ()


def test_an_untrusted_clock_holds_the_order_until_the_clock_is_sure(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(FileClock, "quality", lambda _: "floor")
        shop.replenish.wake(["milk"])
        shop.settle()
        assert (shop.open().state, shop.decisions()[-1].holds) == ("held", ("clock",))
    shop.replenish.wake(["milk"])
    shop.settle()
    assert (shop.open().state, shop.decisions()[-1].holds) == ("proposed", ())


def test_an_order_below_the_suppliers_minimum_is_topped_up_or_waits_held_until_more_is_needed(shop: Shop) -> None:
    record(shop.journal, NORTH.model_copy(update={"min_order": 9 * MILK.pack_cost + 1}))
    shop.settle()
    assert (shop.open().state, [line.packs for line in shop.open().lines]) == ("proposed", [10])
    record(shop.journal, NORTH.model_copy(update={"min_order": 30 * MILK.pack_cost}))
    shop.settle()
    assert (shop.open().state, shop.decisions()[-1].holds) == ("held", ("minimum",))
    assert [line.packs for line in shop.open().lines] == [9]
    shop.sell("milk", "bread", pieces=170)
    shop.settle()
    assert (shop.open().state, shop.decisions()[-1].holds) == ("proposed", ())
    for order in shop.decisions():
        assert settles_again(order)
        assert all(replayed(order, line) == decision_of(order, line) for line in order.lines)


def test_a_new_shop_without_any_history_proposes_from_its_first_sales(tmp_path: Path) -> None:
    with opened(tmp_path) as one:
        one.count(milk=3)
        one.replenish.start()
        one.settle()
        assert one.decisions() == []
        one.sell("milk", pieces=2)
        one.settle()
        body = one.decisions()[-1]
        assert [line.sku for line in body.lines] == ["milk"]
        assert body.basis is not None
        assert body.basis.makers == (("new", ""),)


def test_an_hour_without_a_sale_is_decided_again_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_agent.replenish.TICK_S", 0.02)
    with opened(tmp_path) as one:
        one.clock.set(ms("2026-03-02T09:00"))
        one.forecast("milk")
        one.count(milk=36)
        one.replenish.start()
        one.settle()
        packs = one.open().lines[0].packs
        one.clock.set(ms("2026-03-03T14:00"))
        until = time.monotonic() + 10
        while one.open().revision == 1 and time.monotonic() < until:
            time.sleep(0.02)
        assert one.open().lines[0].packs < packs


def test_pairing_withdraws_what_was_proposed_under_the_old_name(shop: Shop) -> None:
    old = shop.open()
    paired = DevicePaired(tenant="t", shop="0f" * 8, device="d", audience="https://cloud.example", catalogue_to=1)
    record(shop.journal, paired)
    shop.settle()
    assert shop.memory.order(old.key).state == "withdrawn"  # type: ignore[union-attr]
    assert [order.cycle for order in shop.memory.orders(("proposed",))] == [old.cycle]
    assert shop.decisions()[-1].shop == "0f" * 8


def test_an_item_that_changes_its_supplier_leaves_the_old_order_and_stands_on_one_only(shop: Shop) -> None:
    south = NORTH.model_copy(update={"supplier": "south", "name": "Southside"})
    record(shop.journal, south, MILK.model_copy(update={"supplier": "south"}))
    shop.settle()
    orders = shop.memory.orders(("proposed",))
    assert [(order.supplier, [line.sku for line in order.lines]) for order in orders] == [("south", ["milk"])]


def test_a_changed_policy_decides_every_line_anew_so_that_the_order_still_replays(shop: Shop) -> None:
    generous = SHOP.model_copy(update={"reorder_floor": 9_900})
    desk = Desk(shop.memory, generous, NORTH, shop.clock.now(), trusted=True)
    current = open_order(desk)
    assert current is not None
    order = revised(desk, current, [])
    assert order is not None
    assert order.basis is not None
    assert order.basis.floor == 9_900
    assert order.lines[0].packs > current.body.lines[0].packs  # type: ignore[union-attr]
    assert all(replayed(order, line) == decision_of(order, line) for line in order.lines)


def test_a_changed_calendar_starts_after_the_cycle_that_is_open(shop: Shop) -> None:
    first = shop.open()
    daily = {"calendar": 2, "valid_from": MONDAY + 2, "order_days": (0, 1, 2, 3, 4)}
    record(shop.journal, NORTH.model_copy(update=daily))
    shop.sell("milk", pieces=6)
    shop.settle()
    assert (shop.open().key, shop.open().cutoff_at) == (first.key, first.cutoff_at)
    shop.clock.set(ms("2026-03-03T15:30"))
    shop.replenish.wake(["milk"])
    shop.settle()
    assert (shop.open().cycle // 100_000, shop.open().cutoff_at) == (2, ms("2026-03-04T15:00"))


def test_the_memory_rebuilds_to_the_same_orders(shop: Shop) -> None:
    shop.sell("milk", pieces=20)
    shop.settle()
    shop.decide(shop.open(), "approved", {"milk": 12})
    shop.settle()
    assert verify(shop.memory.db).views["purchase"] >= 1


def test_a_sku_without_supplier_or_calendar_stops_nobody(shop: Shop) -> None:
    record(shop.journal, MILK.model_copy(update={"sku": "orphan", "codes": (), "supplier": "nobody"}))
    shop.sell("orphan")
    shop.sell("milk", pieces=6)
    shop.settle()
    assert shop.open().revision == 2
