"""The negative binomial keeps its worked values and its laws."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.demand.quantiles import quantiles
from edge_agent.rules.negative_binomial import cdf, expected_over, quantile, running_out

MEANS = st.floats(0.0, 3_000.0)
PHIS = st.floats(1.0, 60.0)


@pytest.mark.parametrize(
    ("mean", "phi", "level", "pieces"),
    [(71, 1.4, 0.95, 88), (86.4, 1.4, 0.95, 105), (13, 1.4, 0.95, 20), (36, 1, 0.9, 44), (36, 1, 0.95, 46)],
)
def test_worked_quantiles_hold(mean: float, phi: float, level: float, pieces: int) -> None:
    assert quantile(mean, phi, level) == pieces


def test_the_chance_to_run_out_and_the_lost_sales_of_worked_cases_hold() -> None:
    assert quantile(36, 1.0, 0.975) == 48
    assert running_out(60, 71, 1.4) == pytest.approx(0.8550, abs=5e-5)
    assert expected_over(-3, 5.0, 2.0) == 8.0


def test_nothing_expected_sells_nothing() -> None:
    assert quantile(0.0, 1.7, 0.99) == 0
    assert cdf(0, 0.0, 1.0) == 1.0
    assert expected_over(0, 0.0, 1.0) == 0.0


@given(MEANS, PHIS)
def test_lost_sales_without_stock_are_the_whole_demand_and_never_grow_with_stock(mean: float, phi: float) -> None:
    lost = [expected_over(stock, mean, phi) for stock in sorted({0, 1, int(mean), int(mean) + 5})]
    assert lost[0] == pytest.approx(mean, rel=1e-9, abs=1e-9)
    assert all(more >= less - 1e-12 for more, less in pairwise(lost))


@given(MEANS, PHIS, st.floats(0.01, 0.995))
def test_a_quantile_is_the_smallest_number_that_reaches_its_level(mean: float, phi: float, level: float) -> None:
    k = quantile(mean, phi, level)
    assert cdf(k, mean, phi) >= level - 1e-9
    assert k == 0 or cdf(k - 1, mean, phi) < level + 1e-9


@pytest.mark.parametrize(("mean", "phi"), [(1e5, 1.0), (1e5, 1.4), (1e5, 500.0), (0.01, 100.0)])
def test_extreme_demand_neither_underflows_nor_loses_its_mean(mean: float, phi: float) -> None:
    assert expected_over(0, mean, phi) == pytest.approx(mean, rel=1e-9)
    middle = quantile(mean, phi, 0.5)
    assert middle <= mean + 1
    assert cdf(middle, mean, phi) == pytest.approx(0.5, abs=0.01) or mean < 1


@pytest.mark.parametrize(("mean", "phi"), [(-1.0, 1.5), (float("nan"), 1.5), (3.0, 0.9), (3.0, float("inf"))])
def test_impossible_demand_is_refused(mean: float, phi: float) -> None:
    with pytest.raises(ValueError, match="lies within"):
        quantile(mean, phi, 0.9)


def test_many_quantiles_at_once_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(3)
    means, phis = np.exp(rng.uniform(-4, 5.9, 300)), 1.0 + rng.gamma(1.0, 3.0, 300)
    levels = (0.1, 0.5, 0.8, 0.9, 0.95, 0.99)
    one_by_one = [
        [quantile(m, p, level) for level in levels] for m, p in zip(means.tolist(), phis.tolist(), strict=True)
    ]
    np.testing.assert_array_equal(quantiles(means, phis, levels), one_by_one)
