"""The judge of our forecasts is fair: peers by definition, dresses from past misses, bounds that fail."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edge_agent.demand.backtest import Verdict
from edge_agent.demand.habits import HORIZONS
from edge_agent.demand.metrics import LEVELS
from models.cold import cold_starts
from models.dressing import Week, conformal, negative_binomial, poisson
from models.goals import Judged, goals, small_bounds
from models.peers import PEERS, mean_28, rolling, same_weekdays, seasonal_naive
from models.rivals import Rivals
from models.splits import JUDGED_DAYS, development_evenings, judging_evenings
from tests.test_models import small_shop

ROOT = Path(__file__).parent.parent


def test_on_the_project_s_own_histories_the_shipped_model_is_within_its_bounds() -> None:
    done = subprocess.run(
        [sys.executable, "models/evaluate.py", "--small"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("must <=") == 6


def test_simple_peers_say_what_their_names_say() -> None:
    series = np.arange(1.0, 36.0)
    assert seasonal_naive(series).means.tolist() == [29.0, 30.0, 31.0, 32.0, 33.0, 34.0, 35.0]
    assert mean_28(series).means[0] == pytest.approx(series[7:].mean())
    assert same_weekdays(series).means[0] == pytest.approx(np.mean([1, 8, 15, 22, 29]))
    rolled = rolling(series).own
    assert rolled is not None
    assert rolled[0, LEVELS.index(0.5)] == 18.0
    assert rolled[1, LEVELS.index(0.99)] == 33.0 + 34.0 + 35.0


def test_every_method_answers_short_constant_and_sparse_series() -> None:
    for series in (np.array([3.0]), np.full(40, 2.0), np.eye(1, 60, 3)[0]):
        for peer in PEERS:
            answer = peer.answer(series)
            assert answer.means.shape == (7,)
            assert np.isfinite(answer.means).all()
            assert (answer.means >= 0.0).all()
            assert answer.own is None or answer.own.shape == (len(HORIZONS), len(LEVELS))


def test_a_peer_that_missed_by_much_gets_wide_quantiles() -> None:
    means = np.full((3, 7), 4.0)
    calm = [Week(means, means)] * 8
    wild = [Week(means, np.where(np.arange(7) % 2 == 0, 16.0, 0.0) * np.ones((3, 1)))] * 8
    for dress in (negative_binomial, conformal):
        assert (dress(means, wild)[..., -1] > dress(means, calm)[..., -1]).all()
    assert (negative_binomial(means, calm) == poisson(means)).all()
    assert (np.diff(conformal(means, wild), axis=2) >= 0.0).all()


def test_no_peer_sees_the_days_after_its_evening(tmp_path: Path) -> None:
    shop = small_shop()
    origin = shop.today - 20
    other = shop.as_of(origin + 1)
    for peer in PEERS:
        told = [
            Rivals(one, ("s0", "s1"), tmp_path / name, "x").answers(peer, origin)
            for name, one in (("whole", shop), ("cut", other))
        ]
        assert all((told[0][sku].means == told[1][sku].means).all() for sku in ("s0", "s1"))


def test_evenings_that_choose_end_before_the_days_that_judge_begin() -> None:
    shop = small_shop(weeks=60)
    first_judged = shop.today - JUDGED_DAYS
    assert min(judging_evenings(shop)) >= first_judged - 1
    assert max(development_evenings(shop)) + max(HORIZONS) < first_judged


def test_a_shop_without_history_forgets_what_came_before_its_first_day() -> None:
    told = cold_starts(small_shop(weeks=40))
    assert [one.what for one in told] == [f"no history, day {day}" for day in (1, 2, 3, 7, 14, 28)]
    # The sales have no week and no trend: the own mean so far is as good as anything.
    assert all(0.75 < one.ratio < 1.2 for one in told)


def test_a_loss_above_its_bound_fails() -> None:
    def judged(loss: float) -> Judged:
        verdict = Verdict(loss, (loss,) * 3, LEVELS, 100)
        peer = Verdict(1.0, (1.0,) * 3, LEVELS, 100)
        peers = {name: {"nb": peer} for name in ("AutoETS", "28-day mean + NB")}
        return Judged("h", "", "", 1, 1, {"base": peer, "shipped": verdict}, peers)

    assert all(row.ok for row in goals([judged(0.8)]))
    assert all(row.ok for row in small_bounds([judged(0.8)]))
    assert [row.ok for row in small_bounds([judged(1.1)])][:3] == [False, False, False]
    assert not all(row.ok for row in goals([judged(1.1)]))
