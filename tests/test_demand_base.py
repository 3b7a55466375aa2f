"""The base forecast: level, weekdays, closed days, new items, stock-outs, today's sales, dispersion."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.demand.dispersion import Misses, curve, dispersion, misses
from edge_agent.demand.forecasting import BaseForecaster, forecast_many, learn
from edge_agent.demand.habits import elapsed, hour_shares, whole_shares
from edge_agent.demand.series import ALWAYS_OPEN, Opening, ShopHistory, SkuHistory, sku_histories, weekday

TODAY = date(2026, 3, 2).toordinal()
"""A Monday."""
MORNING = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000)
HOUR = 3_600_000


def shop_of(
    *skus: SkuHistory, opening: Opening | None = None, profile: tuple[tuple[int, ...], ...] | None = None
) -> ShopHistory:
    known = {one.sku: one for one in skus}
    return ShopHistory("UTC", opening or Opening(), TODAY, known, profile or ((0,) * 24,) * 7)


def sells(sku: str, daily: float, days: int = 200, *, until: int = TODAY - 1) -> SkuHistory:
    """The same quantity every day, Saturdays three times as much."""
    first = until - days + 1
    rows = ((sku, day, round(1000 * daily * (3 if weekday(day) == 5 else 1))) for day in range(first, until + 1))
    return sku_histories(rows)[sku]


def test_a_steady_seller_is_forecast_at_its_level_and_its_saturdays() -> None:
    forecast = forecast_many(shop_of(sells("bread", 20.0)), MORNING)["bread"]
    assert forecast.start_day == TODAY
    assert forecast.day_means[0] == pytest.approx(20_000, rel=0.01)
    assert forecast.day_means[5] == pytest.approx(60_000, rel=0.01)
    assert len(forecast.day_means) == 28
    assert forecast.forecaster == "base"
    assert forecast.phi_milli == 1000


def test_days_that_the_shop_is_closed_expect_nothing() -> None:
    hours = (*ALWAYS_OPEN[:6], None)
    opening = Opening(hours, closed=frozenset({TODAY + 2}))
    forecast = forecast_many(shop_of(sells("bread", 5.0), opening=opening), MORNING)["bread"]
    assert forecast.day_means[2] == 0
    assert forecast.day_means[6] == forecast.day_means[13] == 0
    assert forecast.day_means[3] > 0


def test_a_day_without_any_sale_in_a_busy_shop_was_a_closed_day() -> None:
    open_days = [day for day in range(TODAY - 60, TODAY) if weekday(day) != 6]
    closed_sundays = sku_histories(("milk", day, 40_000) for day in open_days)["milk"]
    forecast = forecast_many(shop_of(closed_sundays), MORNING)["milk"]
    assert forecast.day_means[0] == pytest.approx(40_000, rel=0.01)
    assert forecast.day_means[6] == 0


def test_a_new_item_counts_from_its_first_sale() -> None:
    shop = shop_of(sells("old", 30.0), sells("new", 10.0, days=7))
    assert forecast_many(shop, MORNING)["new"].day_means[1] == pytest.approx(10_000, rel=0.25)


def test_a_new_item_is_drawn_to_its_kin_s_pace_and_an_old_one_is_not() -> None:
    usual = [sells(f"slow {i}", 0.5 + i / 20) for i in range(24)]
    new, old = sells("new", 4.0, 7), sells("old", 4.0)
    among = forecast_many(shop_of(*usual, new, old), MORNING)
    alone = forecast_many(shop_of(new, old), MORNING)
    assert sum(among["new"].day_means) < 0.9 * sum(alone["new"].day_means)
    assert sum(among["old"].day_means) == pytest.approx(sum(alone["old"].day_means), rel=0.02)


def test_one_that_sells_much_from_its_first_day_is_hardly_drawn_in_a_shop_of_much() -> None:
    busy = [sells(f"roll {i}", 40.0 + i) for i in range(6)]
    new = sells("new", 60.0, 7)
    forecast = forecast_many(shop_of(*busy, new), MORNING)["new"]
    assert forecast.day_means[0] == pytest.approx(60_000, rel=0.1)


def test_sold_out_days_do_not_pull_the_forecast_down() -> None:
    steady, gone = sells("steady", 30.0), list(range(TODAY - 10, TODAY))
    sold = sells("jam", 12.0, days=150, until=TODAY - 11)
    silent = forecast_many(shop_of(steady, sold), MORNING)["jam"]
    told = forecast_many(shop_of(steady, SkuHistory("jam", sold.days, sold.qtys, dict.fromkeys(gone, 0))), MORNING)[
        "jam"
    ]
    assert silent.day_means[0] < 9_000
    assert told.day_means[0] == pytest.approx(12_000, rel=0.02)


def test_what_never_sold_is_forecast_at_nothing() -> None:
    forecast = forecast_many(shop_of(SkuHistory("dust", (), ())), MORNING)["dust"]
    assert set(forecast.day_means) == {0}
    assert forecast.phi_milli == 1000


def test_a_run_on_an_item_today_raises_its_forecast_at_once() -> None:
    profile = tuple((0,) * 8 + (100,) * 10 + (0,) * 6 for _ in range(7))
    calm = sells("ice", 10.0)
    run = SkuHistory("ice", (*calm.days, TODAY), (*calm.qtys, 60_000))
    base, shop, hot = BaseForecaster(), shop_of(calm, profile=profile), shop_of(run, profile=profile)
    habits, noon = learn(shop), MORNING + 12 * HOUR
    before = base.forecast(shop, habits, ["ice"], MORNING)["ice"].day_means[1]
    after = base.forecast(hot, habits, ["ice"], noon)["ice"].day_means[1]
    nothing_yet = base.forecast(shop, habits, ["ice"], noon)["ice"].day_means[1]
    assert nothing_yet < before < after


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 400), st.integers(-5_000, 90_000)), max_size=60), st.integers(0, 6))
def test_a_forecast_is_never_negative_and_its_shares_are_whole(rows: list[tuple[int, int]], closed: int) -> None:
    hours = tuple(None if day == closed else (480, 1200) for day in range(7))
    skus = sku_histories(("thing", TODAY - back, qty) for back, qty in rows)
    for one in forecast_many(shop_of(*skus.values(), opening=Opening(hours)), MORNING).values():
        assert min(one.day_means) >= 0
        assert one.phi_milli >= 1000
        assert sum(one.hour_shares) == 10_000
        assert one.day_means[closed] == 0


def test_hours_follow_the_shop_and_without_receipts_its_opening() -> None:
    busy = tuple((0,) * 9 + (700,) + (300,) + (0,) * 13 for _ in range(7))
    assert hour_shares(shop_of(profile=busy))[9:11] == (7000, 3000)
    evenly = hour_shares(shop_of(opening=Opening(((600, 720),) * 7)))
    assert evenly[10:12] == (5000, 5000)
    assert sum(whole_shares([1, 1, 1])) == 10_000


def test_the_share_of_a_day_that_has_passed_follows_its_hours() -> None:
    shares = (0,) * 9 + (10_000,) + (0,) * 14
    half_past_nine = MORNING + 9 * HOUR + HOUR // 2
    assert elapsed(MORNING, "UTC", TODAY, shares) == 0.0
    assert elapsed(half_past_nine, "UTC", TODAY, shares) == pytest.approx(0.5)
    assert elapsed(MORNING + 24 * HOUR, "UTC", TODAY, shares) == 1.0


def test_dispersion_is_learned_from_misses_and_leans_on_the_shop_where_there_are_few() -> None:
    rng = np.random.default_rng(11)
    shops = [misses((float(y), 8.0) for y in rng.negative_binomial(8, 0.5, 40)) for _ in range(60)]
    shop = curve(shops)
    assert dispersion(Misses(), shop, 8.0) == pytest.approx(2.0, rel=0.1)
    wild = misses((y, 8.0) for y in (0.0, 24.0) * 100)
    assert dispersion(wild, shop, 8.0) > 19.0
    assert dispersion(Misses(), shop, 0.0) == 1.0


def test_the_order_of_rows_and_of_refunds_does_not_matter() -> None:
    rows = [("a", 3, 1000), ("a", 1, 2000), ("b", 2, 500), ("a", 3, -400)]
    assert sku_histories(rows) == sku_histories(rows[::-1])
    assert sku_histories(rows)["a"] == SkuHistory("a", (1, 3), (2000, 600))
