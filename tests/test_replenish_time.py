"""Replenishing as time goes by: what a sale touches and what waits, clocks that jump, suppliers that come late."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.lateness import lateness
from edge_agent.rules.record import decision_of, replayed
from edge_agent.wire.events.drops import DropPart
from edge_agent.wire.events.stock import ReceivedLine, StockAdjusted, StockReceived
from tests.shelf import ms
from tests.shop import TUESDAY_14, record
from tests.test_drops import a_drop
from tests.test_replenish import Shop, decided


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with decided(tmp_path) as one:
        yield one


def test_a_sale_decides_only_what_it_touched_and_a_whole_look_the_rest(shop: Shop) -> None:
    shop.sell("bread", pieces=150)
    shop.settle()
    later = TUESDAY_14 + 60_000
    shop.clock.set(later)
    shop.sell("milk", pieces=12)
    shop.settle()
    body = shop.decisions()[-1]
    assert {line.sku: line.decision["at"] for line in body.lines} == {"bread": TUESDAY_14, "milk": later}


def test_a_clock_that_jumps_about_leaves_one_order_a_cycle_and_the_open_one_as_it_was(shop: Shop) -> None:
    first = shop.open()
    jumps = [40, -3, 400, 0, 7, -30, 0]
    for days in jumps:
        shop.clock.set(TUESDAY_14 + days * 86_400_000)
        shop.replenish.wake_all()
        shop.settle()
        shop.sell("bread")
        shop.settle()
    orders = shop.memory.orders()
    assert len({order.key for order in orders}) == len({order.cycle for order in orders}) == len(orders)
    again = shop.memory.order(first.key)
    assert again is not None
    assert (again.state, [line.packs for line in again.lines]) == (first.state, [line.packs for line in first.lines])
    for body in shop.decisions():
        assert all(replayed(body, line) == decision_of(body, line) for line in body.lines)
    record_before = len(shop.decisions())
    shop.replenish.wake_all()
    shop.settle()
    assert len(shop.decisions()) == record_before


def test_suppliers_that_are_often_late_are_looked_for_later(shop: Shop) -> None:
    start = ms("2026-01-06T14:00")
    for week in range(3):
        shop.clock.set(start + week * 7 * 86_400_000)
        shop.replenish.wake_all()
        shop.settle()
        order = shop.memory.orders(("proposed",))[0]
        shop.decide(order, "approved", {"milk": 9})
        shop.settle()
        shop.clock.set(order.arrives_at + 2 * 86_400_000)
        came = ReceivedLine(sku="milk", qty=54_000, ordered=54_000, expires=None)
        record(shop.journal, StockReceived(order=order.key, supplier="north", lines=(came,)))
        record(shop.journal, StockAdjusted(sku="milk", qty=-54_000, reason="waste"))
        shop.settle()
    assert lateness(shop.memory) == {"north": 2 * 86_400_000}


def test_goods_of_a_drop_are_not_reordered_until_it_is_over(shop: Shop) -> None:
    assert [line.sku for line in shop.open().lines] == ["milk"]
    launch = a_drop(parts=(DropPart(sku="milk", qty=36_000),))
    record(shop.journal, launch)
    shop.settle()
    assert (shop.decisions()[-1].state, shop.decisions()[-1].lines) == ("withdrawn", ())
    shop.sell("milk", pieces=12)
    shop.settle()
    assert shop.memory.orders(("proposed", "held")) == []
    shop.clock.set(launch.end)
    shop.replenish.wake_all()
    shop.settle()
    assert [line.sku for line in shop.open().lines] == ["milk"]
    record(shop.journal, launch.model_copy(update={"end": launch.end + 1}))
    record(shop.journal, launch.model_copy(update={"end": launch.end + 1, "called_off": True}))
    shop.settle()
    assert [line.sku for line in shop.open().lines] == ["milk"]
