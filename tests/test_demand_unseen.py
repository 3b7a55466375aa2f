"""Sold-out days are made whole: by the hours in stock, the negative binomial's tail, and what was asked for."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.commands.histories import shop_from_files
from edge_agent.demand.forecasting import learn_studies
from edge_agent.demand.messages import shop_from, shop_to_plain
from edge_agent.demand.presence import seen_share
from edge_agent.demand.series import RAN_OUT, Opening, ShopHistory, SkuHistory
from edge_agent.demand.unseen import at_least, made_whole, ran_out_some_time, rest_of_day

LAST = date(2026, 2, 28).toordinal()
DAYS = tuple(range(LAST - 199, LAST + 1))
FLAT = (1.0,) * 7


def jam(short: dict[int, int], sold: dict[int, int], asked: dict[int, int] | None = None) -> SkuHistory:
    """Ten pieces a day, other quantities on some days."""
    qtys = dict.fromkeys(DAYS, 10000) | sold
    days = tuple(day for day in DAYS if qtys[day])
    return SkuHistory("jam", days, tuple(qtys[day] for day in days), short, asked or {})


def whole(one: SkuHistory) -> dict[int, int]:
    found = made_whole(one, DAYS, FLAT, LAST)
    return dict(zip(found.days, found.qtys, strict=True))


def test_the_rest_of_a_day_is_what_a_simulated_day_shows() -> None:
    rng = np.random.default_rng(3)
    mean, phi, stock = 8.0, 2.5, 7
    rates = rng.gamma(mean / (phi - 1.0), phi - 1.0, 200_000)
    gone_at = rng.gamma(stock, 1.0 / rates)
    early = (gone_at > 0.39) & (gone_at < 0.41)
    rest = rng.poisson(rates[early] * 0.6)
    said = rest_of_day(stock, 0.4, 0.0, mean, phi)
    assert said.mean == pytest.approx(rest.mean(), rel=0.02)
    assert said.variance == pytest.approx(rest.var(), rel=0.06)


def test_the_tail_is_what_a_simulated_day_shows() -> None:
    rng = np.random.default_rng(4)
    mean, phi = 8.0, 2.5
    demand = rng.negative_binomial(mean / (phi - 1.0), 1.0 / phi, 400_000)
    assert at_least(9, mean, phi) == pytest.approx(demand[demand >= 9].mean(), rel=0.01)
    assert ran_out_some_time(9, 0, mean, phi).mean == pytest.approx((demand[demand >= 9] - 9).mean(), rel=0.02)


@given(
    st.floats(0, 60), st.floats(0, 1), st.floats(0, 12), st.floats(0, 90), st.floats(1, 9)
)  # fmt: skip
def test_what_is_not_seen_is_never_negative_and_never_less_than_was_asked_for(
    sold: float, share: float, asked: float, mean: float, phi: float
) -> None:
    for said in (rest_of_day(sold, share, asked, mean, phi), ran_out_some_time(sold, asked, mean, phi)):
        assert said.mean >= int(asked) - 1e-9
        assert said.variance >= 0.0


def test_a_whole_day_and_a_day_without_any_stock_stay_as_they_were() -> None:
    full = jam({}, {})
    assert made_whole(full, DAYS, FLAT, LAST) is full
    gone = made_whole(jam({LAST - 3: 0}, {LAST - 3: 0}), DAYS, FLAT, LAST)
    assert LAST - 3 not in gone.days
    assert gone.short == {LAST - 3: 0}


def test_a_day_that_ran_out_at_half_of_its_demand_is_nearly_doubled() -> None:
    found = whole(jam({LAST - 3: 500}, {LAST - 3: 5_000}))
    assert found[LAST - 3] == pytest.approx(10_000, abs=300)
    early = whole(jam({LAST - 3: 200}, {LAST - 3: 10_000}))
    assert early[LAST - 3] > 17_000


def test_what_was_asked_for_counts_at_least() -> None:
    found = whole(jam({LAST - 3: 500}, {LAST - 3: 5_000}, {LAST - 3: 14_000}))
    assert found[LAST - 3] >= 19_000
    nothing_there = whole(jam({LAST - 3: 0}, {LAST - 3: 0}, {LAST - 3: 4_000}))
    assert nothing_there[LAST - 3] == pytest.approx(10_000, rel=0.1)


def test_a_day_that_ran_out_at_an_unknown_time_counts_its_tail() -> None:
    found = whole(jam({LAST - 3: RAN_OUT}, {}))
    assert 10_000 < found[LAST - 3] < 16_000


def test_nothing_from_the_future_makes_a_day_whole() -> None:
    short = {LAST - 30: 400}
    later = dict.fromkeys(range(LAST - 29, LAST + 1), 50000)
    assert whole(jam(short, {LAST - 30: 6_000}))[LAST - 30] == whole(jam(short, {LAST - 30: 6_000} | later))[LAST - 30]


def test_the_share_that_was_seen_follows_the_shop_s_own_hours() -> None:
    morning = tuple((0,) * 8 + (600, 200, 100, 100) + (0,) * 12 for _ in range(7))
    assert seen_share(morning, LAST, 9 * 60) == 600
    assert seen_share(morning, LAST, 9 * 60 + 30) == 700
    assert seen_share(morning, LAST, 24 * 60, since=9 * 60) == 400
    assert seen_share(((0,) * 24,) * 7, LAST, 12 * 60) == 500


def test_the_forecast_of_an_item_that_sells_out_each_day_is_what_was_wanted() -> None:
    rng = np.random.default_rng(8)
    sold, short = {}, {}
    for day in DAYS[100:]:
        rate = rng.gamma(10.0, 1.0)
        times = np.sort(rng.random(rng.poisson(rate)))
        stock = 9
        sold[day] = 1000 * min(stock, len(times))
        if len(times) >= stock:
            short[day] = round(1000 * times[stock - 1])
    told, raw = (_level(jam(known, sold)) for known in (short, {}))
    assert told == pytest.approx(10.0, rel=0.08)
    assert raw < 8.7


def _level(one: SkuHistory) -> float:
    shop = ShopHistory("UTC", Opening(), LAST + 1, {"jam": one})
    return float(sum(learn_studies(shop)[1]["jam"].weeks[0]) / 7)


def test_the_model_s_child_hears_of_it() -> None:
    shop = ShopHistory("UTC", Opening(), LAST + 1, {"jam": jam({LAST: 400}, {}, {LAST: 2_000})})
    assert shop_from(shop_to_plain(shop)) == shop


def test_a_stock_file_may_tell_that_it_ran_out_and_what_was_asked_for(tmp_path: Path) -> None:
    sales, stock = tmp_path / "sales.csv", tmp_path / "stock.csv"
    with sales.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("ts", "sku", "qty"), ("2026-02-01", "jam", 4), ("2026-02-02", "jam", 4)])
    stock.write_text("date,sku,in_stock_share,asked\n2026-02-01,jam,,3\n2026-02-02,jam,0.5,\n", encoding="utf-8")
    first = date(2026, 2, 1).toordinal()
    one = shop_from_files(sales, stock=stock).skus["jam"]
    assert one.short == {first: RAN_OUT, first + 1: 500}
    assert one.asked == {first: 3_000}
