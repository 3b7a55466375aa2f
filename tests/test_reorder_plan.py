"""The demand plan and what feeds a decision: parts of days, days not stored, new items, dated goods, prices to come."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.ordering import record as record_order
from edge_agent.rules.calendar import SupplierCalendar
from edge_agent.rules.day import HOUR_MS
from edge_agent.rules.newcomer import newcomer
from edge_agent.rules.plan import OpeningHours, expected, mean_on, reached
from edge_agent.rules.reorder import decide
from edge_agent.snapshots import snapshot_of
from edge_agent.wire.events.stock import ReceivedLine, StockReceived
from tests.shelf import FORECAST, HOURS, LONDON, MONDAY, NORTHSIDE, POLICY, WEEK, at, coming, ms, oat, terms
from tests.shop import MILK, SHOP, record
from tests.test_replenish import opened


def test_a_part_of_a_day_counts_by_the_hours_that_are_open_on_that_weekday() -> None:
    assert expected(FORECAST, HOURS, ms("2026-03-08T10:00"), ms("2026-03-08T13:00")) == 3_000
    assert expected(FORECAST, HOURS, ms("2026-03-08T16:00"), ms("2026-03-09T09:00")) == 0
    assert expected(FORECAST, HOURS, ms("2026-03-02T09:00"), ms("2026-03-02T09:30")) == 400


def test_a_weekday_whose_open_hours_never_sold_is_spread_evenly_over_them() -> None:
    evenings = OpeningHours(LONDON, (*[(9 * 60, 19 * 60)] * 6, (19 * 60, 23 * 60)))
    assert expected(FORECAST, evenings, ms("2026-03-08T19:00"), ms("2026-03-08T20:00")) == 1_500


def test_days_that_are_not_stored_are_the_same_weekday_of_the_last_stored_week() -> None:
    two_weeks = replace(FORECAST, day_means=(*WEEK, *(2 * mean for mean in WEEK)))
    assert [mean_on(two_weeks, MONDAY + 14 + day) for day in range(7)] == [2 * mean for mean in WEEK]
    assert [mean_on(two_weeks, MONDAY + 21 + day) for day in range(7)] == [2 * mean for mean in WEEK]
    assert mean_on(two_weeks, MONDAY - 1) == WEEK[6]
    assert mean_on(replace(FORECAST, day_means=()), MONDAY) == 0


def test_an_interval_that_is_empty_or_reversed_expects_nothing() -> None:
    for end in ("2026-03-03T12:00", "2026-03-03T09:00"):
        assert expected(FORECAST, HOURS, ms("2026-03-03T12:00"), ms(end)) == 0


minutes = st.integers(0, 20 * 1440).map(lambda n: ms("2026-03-20T00:00") + n * 60_000)


@given(minutes, minutes, minutes)
def test_the_parts_of_an_interval_add_up_over_a_clock_change(one: int, other: int, third: int) -> None:
    first, middle, last = sorted((one, other, third))
    whole = expected(FORECAST, HOURS, first, last)
    parts = expected(FORECAST, HOURS, first, middle) + expected(FORECAST, HOURS, middle, last)
    assert abs(whole - parts) <= 3


EVENINGS = OpeningHours(LONDON, (*[(9 * 60, 19 * 60)] * 5, None, (19 * 60 + 30, 23 * 60)))


@given(st.sampled_from((HOURS, EVENINGS)), minutes, minutes, st.integers(1, 60_000))
def test_an_amount_is_reached_by_the_first_full_hour_by_which_so_much_is_expected(
    hours: OpeningHours, one: int, other: int, amount: int
) -> None:
    first, last = sorted((one, other))
    at = reached(FORECAST, hours, first, amount, last)
    assert (at is None) == (expected(FORECAST, hours, first, last) < amount)
    if at is not None:
        assert first <= at <= last
        assert at == last or at % HOUR_MS == 0
        assert expected(FORECAST, hours, first, at) >= amount
        assert expected(FORECAST, hours, first, at - HOUR_MS) < amount


def test_two_cutoffs_that_share_a_delivery_protect_until_a_later_one() -> None:
    weekly = SupplierCalendar(1, NORTHSIDE.valid_from, (0, 1), 900, 1, delivery_days=(3,))
    found = at("2026-03-02T09:00", weekly)
    assert (found.arrives_at, found.next_arrives_at) == (ms("2026-03-05T08:00"), ms("2026-03-12T08:00"))


def test_goods_due_at_the_very_end_of_the_interval_come_too_late() -> None:
    assert decide(oat(coming("2026-03-10T08:00")), POLICY, FORECAST, at("2026-03-03T14:00")).need.incoming == 0
    assert decide(oat(coming("2026-03-10T07:59")), POLICY, FORECAST, at("2026-03-03T14:00")).need.incoming == 24_000


@pytest.mark.parametrize(("salvage", "over"), [(0, 150_000), (4_000, 90_000)])
def test_what_spoilt_goods_still_bring_lowers_the_cost_of_too_many(salvage: int, over: int) -> None:
    policy = replace(POLICY, floor=0, salvage=salvage)
    found = decide(oat(terms=terms(life_days=2)), policy, FORECAST, at("2026-03-03T14:00"))
    assert found.need.over == over


def test_a_new_items_sales_are_spread_over_the_open_days_since_the_first() -> None:
    closed_sundays = OpeningHours(LONDON, (*[(9 * 60, 19 * 60)] * 6, None))
    saturday = MONDAY + 5
    found = newcomer("new", [(saturday, 4_000), (saturday + 2, 2_000)], closed_sundays, today=saturday + 2, at=7)
    assert found.day_means[:7] == (3_000, 3_000, 3_000, 3_000, 3_000, 3_000, 0)
    assert (sum(found.hour_shares), found.hour_shares[8], found.made_at) == (10_000, 0, 7)
    assert expected(found, closed_sundays, ms("2026-03-09T09:00"), ms("2026-03-10T09:00")) == 3_000


@given(st.lists(st.none() | st.tuples(st.integers(0, 720), st.integers(721, 1440)), min_size=7, max_size=7))
def test_a_new_items_hours_are_whole_shares_whatever_the_opening(weekly: list[tuple[int, int] | None]) -> None:
    found = newcomer("new", [], OpeningHours(LONDON, tuple(weekly)), today=MONDAY, at=0)
    assert (len(found.hour_shares), sum(found.hour_shares), sum(found.day_means)) == (24, 10_000, 0)


def test_dated_goods_are_sold_oldest_first_and_a_date_that_has_passed_says_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        today = MONDAY + 1
        for expires, qty in ((today - 1, 8_000), (today, 6_000), (today + 3, 10_000)):
            line = ReceivedLine(sku="milk", qty=qty, ordered=None, expires=expires)
            record(shop.journal, StockReceived(order="", supplier="north", lines=(line,)))
        shop.sell("milk", pieces=4)
        lots = snapshot_of(shop.memory, MILK, SHOP, shop.clock.now()).lots
        assert [(lot.expires_at, lot.qty) for lot in lots] == [
            (ms("2026-03-04T00:00"), 6_000),
            (ms("2026-03-07T00:00"), 10_000),
        ]
        shop.sell("milk", pieces=7)
        lots = snapshot_of(shop.memory, MILK, SHOP, shop.clock.now()).lots
        assert [lot.qty for lot in lots] == [3_000, 10_000]


def test_a_price_that_starts_later_does_not_count_yet(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        dearer = MILK.model_copy(update={"price": 999, "from_at": shop.clock.now() + 1})
        record(shop.journal, dearer)
        assert snapshot_of(shop.memory, dearer, SHOP, shop.clock.now()).terms.price == 185
        assert snapshot_of(shop.memory, dearer, SHOP, shop.clock.now() + 1).terms.price == 999


def test_an_order_that_the_owner_settled_meanwhile_is_not_recorded_again(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.forecast("milk")
        shop.count(milk=36)
        shop.replenish.start()
        shop.settle()
        body = shop.decisions()[-1]
        shop.replenish.stop()
        shop.decide(shop.open(), "approved", {"milk": 9})
        assert record_order(shop.journal, body, None) is None
        assert len(shop.decisions()) == 1
