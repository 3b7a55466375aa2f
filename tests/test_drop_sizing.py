"""Drop sizing against its worked examples: stakes with returns, sold-out drops, priors, samples, variants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.rules.drop import (
    Demand,
    Gamma,
    Past,
    Stakes,
    believed,
    converted_quantile,
    deviation,
    expected,
    from_samples,
    guessed,
    likeliest,
    normal_size,
    shares,
    split,
)

STAKES = Stakes(price=20, cost=8, salvage=5, handling=2, returned=0.10, resellable=0.8)
DROPS = [Past(40, 0.5), Past(52, 1.0), Past(60, 0.8)]
PRIOR = Gamma(4, 0.08)
RATIO = 10.2 / 13.2


def test_returns_lower_the_ratio_and_the_size() -> None:
    assert STAKES.value == pytest.approx(18.20)
    assert STAKES.value - STAKES.cost == pytest.approx(10.20)
    assert STAKES.ratio == pytest.approx(0.7727, abs=5e-5)
    assert normal_size(60, 18, STAKES.ratio) == pytest.approx(73.4615, abs=5e-4)
    assert Demand(60, 324).size(STAKES.ratio) == 73
    naive = Stakes(price=20, cost=8, salvage=5)
    assert naive.ratio == pytest.approx(0.80)
    assert normal_size(60, 18, naive.ratio) == pytest.approx(75.15, abs=0.005)
    assert Demand(60, 324).size(naive.ratio) == 74


def test_what_earns_nothing_is_not_made() -> None:
    assert Stakes(price=7, cost=8, salvage=5).ratio == 0.0
    assert Demand(60, 324).size(0.0) == 0


def test_sold_out_drops_count_by_what_of_the_window_they_saw() -> None:
    assert likeliest(DROPS) == pytest.approx(66.09, abs=0.005)
    naive = sum(one.sold for one in DROPS) / 3
    assert naive == pytest.approx(50.67, abs=0.005)
    assert 1 - naive / likeliest(DROPS) == pytest.approx(0.23, abs=0.005)
    assert likeliest([]) == 0.0


def test_a_prior_and_three_drops_give_a_demand_that_varies_as_drops_do() -> None:
    tempered = expected(believed(PRIOR, DROPS, 2.5), 2.5)
    assert tempered.mean == pytest.approx(64.80, abs=0.005)
    assert tempered.variance == pytest.approx(226.80, abs=0.005)
    assert tempered.size(RATIO) == 76
    plain = expected(believed(PRIOR, DROPS))
    assert plain.mean == pytest.approx(65.55, abs=0.005)
    assert plain.variance == pytest.approx(93.09, abs=0.005)
    assert plain.size(RATIO) == 73


def test_a_prior_is_what_an_owner_says() -> None:
    prior = guessed(18, 50, 82)
    assert prior.a / prior.b == pytest.approx(50)
    assert prior.a**0.5 / prior.b == pytest.approx(25, abs=0.1)


def test_samples_that_convert_add_to_it() -> None:
    cohorts = [(18, 120), (10, 80), (7, 100)]
    converted = 2 + sum(bought for bought, _ in cohorts)
    not_converted = 18 + sum(given - bought for bought, given in cohorts)
    assert (converted, not_converted) == (37, 283)
    samples = from_samples(converted, not_converted, 300)
    assert samples.mean == pytest.approx(34.69, abs=0.005)
    assert deviation(samples) == pytest.approx(7.70, abs=0.005)
    assert [converted_quantile(37, 283, 300, level) for level in (0.1, 0.5, 0.9)] == [25, 34, 45]
    together = Demand(60, 324) + samples
    assert together.mean == pytest.approx(94.69, abs=0.005)
    assert together.variance == pytest.approx(383.25, abs=0.02)
    assert together.size(RATIO) == 109


def test_a_variant_that_sold_out_early_gets_its_share() -> None:
    parts = shares([Past(70, 0.6), Past(45, 1.0), Past(35, 1.0)], 10)
    assert parts == pytest.approx([0.5806, 0.2339, 0.1855], abs=5e-5)
    assert split(109, parts) == [63, 26, 20]
    uncorrected = shares([Past(70, 1.0), Past(45, 1.0), Past(35, 1.0)], 10)
    assert split(109, uncorrected) == [50, 33, 26]


def test_three_sizes_are_told_by_what_they_risk() -> None:
    demand = Demand(60, 324)
    sold_out = [demand.sells_out(size) for size in (60, 73, 90)]
    left = [demand.left_over(size) for size in (60, 73, 90)]
    assert sold_out == sorted(sold_out, reverse=True)
    assert sold_out[1] <= 1 - STAKES.ratio
    assert left == sorted(left)


@given(st.integers(0, 500), st.lists(st.floats(0.01, 50), min_size=1, max_size=6))
def test_a_split_gives_away_every_piece_and_is_never_a_piece_off(pieces: int, parts: list[float]) -> None:
    found = split(pieces, parts)
    assert sum(found) == pieces
    for got, part in zip(found, parts, strict=True):
        assert abs(got - pieces * part / sum(parts)) < 1 + 1e-6
