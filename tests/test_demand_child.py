"""The model's child process answers, and whatever befalls it the base answers in its place and says so."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from edge_agent.demand.child import RESTED_SECONDS, Child, ChildForecaster, in_its_place
from edge_agent.demand.forecasting import BaseForecaster, learn
from edge_agent.demand.kin import Kin, Kindred, Trust
from edge_agent.demand.messages import habits_from, shop_from, shop_to_plain
from edge_agent.demand.series import Facts, Opening, ShopHistory, SkuHistory, sku_histories
from edge_agent.errors import Unreachable

SHIPPED = Path(__file__).parent.parent / "models" / "demand.onnx"
TODAY = 736_000
AT = 1_500_000_000_000


@pytest.fixture(scope="module")
def shop() -> ShopHistory:
    rng = np.random.default_rng(8)
    sold = (
        (f"s{i}", day, 1000 * int(rng.poisson(0.4 * (i + 1)))) for i in range(20) for day in range(TODAY - 200, TODAY)
    )
    opening = Opening(((480, 1200),) * 6 + (None,), frozenset({TODAY + 1}), {TODAY + 3: (600, 720)})
    return ShopHistory("Europe/London", opening, TODAY, sku_histories(sold))


@pytest.fixture(scope="module")
def forecaster() -> Iterator[ChildForecaster]:
    one = ChildForecaster(SHIPPED)
    yield one
    one.close()


def test_the_child_learns_and_forecasts_and_names_its_model(shop: ShopHistory, forecaster: ChildForecaster) -> None:
    habits = forecaster.learn(shop)
    found = forecaster.forecast(shop, habits, ["s3", "s4", "unknown"], AT)
    assert forecaster.trouble == ""
    assert sorted(found) == ["s3", "s4"]
    assert found["s3"].forecaster == "onnx"
    assert found["s3"].model == habits.model != ""
    assert min(found["s3"].day_means) >= 0
    assert found["s3"].day_means[1] == 0


def test_a_child_that_was_killed_lets_the_base_answer_and_is_started_again_later(shop: ShopHistory) -> None:
    now = [0.0]
    one = ChildForecaster(SHIPPED, monotonic=lambda: now[0])
    habits = one.learn(shop)
    process = one._child._process
    assert process is not None
    process.kill()
    process.wait()
    fallen = one.forecast(shop, habits, ["s3"], AT)["s3"]
    assert fallen.forecaster == "fallback"
    assert one.trouble
    resting = one.forecast(shop, habits, ["s3"], AT)["s3"]
    assert resting.forecaster == "fallback"
    now[0] += RESTED_SECONDS + 1
    assert one.forecast(shop, habits, ["s3"], AT)["s3"].forecaster == "onnx"
    assert one.trouble == ""
    one.close()


@pytest.mark.parametrize("content", [None, b"", b"rubbish" * 99])
def test_without_a_sound_model_file_the_base_answers_and_says_why(
    tmp_path: Path, shop: ShopHistory, content: bytes | None
) -> None:
    path = tmp_path / "demand.onnx"
    if content is not None:
        path.write_bytes(content)
    one = ChildForecaster(path)
    habits = one.learn(shop)
    assert habits == learn(shop)
    assert one.forecast(shop, habits, ["s3"], AT) == in_its_place(BaseForecaster().forecast(shop, habits, ["s3"], AT))
    assert "demand.onnx" in one.trouble
    one.close()


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; print('{}', flush=True); sys.stdin.readline(); import time; time.sleep(60)", "within"),
        ("print('{}', flush=True); print('not json', flush=True); input()", "died"),
        ("print('{}', flush=True); input(); print('{\"error\": \"no memory\"}', flush=True)", "no memory"),
        ("raise SystemExit(132)", "died"),
    ],
)
def test_a_child_that_hangs_babbles_fails_or_dies_is_ended_with_a_reason(program: str, words: str) -> None:
    child = Child(SHIPPED, (sys.executable, "-c", program))
    with pytest.raises(Unreachable, match=words) as told:
        child.ask({"do": "learn"}, 0.3)
    assert told.value.again
    child.close()


def test_a_child_whose_file_is_another_than_it_must_be_is_ended_before_it_is_asked(shop: ShopHistory) -> None:
    one = ChildForecaster(SHIPPED, sha256="0" * 64)
    habits = one.learn(shop)
    assert (habits.model, one.failures) == ("", 1)
    assert one.trouble == "the model's file is not what was signed"
    one.close()


def test_a_shop_survives_the_way_to_the_child_and_back(shop: ShopHistory) -> None:
    import json

    short = SkuHistory("gone", (TODAY - 3, TODAY - 2), (1000, 2500), {TODAY - 1: 250})
    one = ShopHistory(shop.zone, shop.opening, TODAY, {**shop.skus, "gone": short}, shop.hour_profile)
    assert shop_from(json.loads(json.dumps(shop_to_plain(one)))) == one
    assert list(shop_from(json.loads(json.dumps(shop_to_plain(one, ["gone"])))).skus) == ["gone"]


def test_the_child_loads_numbers_and_the_model_s_runtime_and_none_of_the_contract() -> None:
    code = (
        "import sys, edge_agent.demand.worker as _; sys.exit('pydantic' in sys.modules or 'numpy' not in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_is_known_of_items_and_their_kin_goes_to_the_child_and_back_unchanged() -> None:
    facts = {"new": Facts(250, "Blue mug", "mugs", "mug"), "old": Facts()}
    shop = replace(shop_of_two(), facts=facts)
    assert shop_from(json.loads(json.dumps(shop_to_plain(shop)))).facts == facts
    assert shop_from(json.loads(json.dumps(shop_to_plain(shop, ["new"])))).facts == {}
    habits = replace(learn(shop), kindred=Kindred(Kin(0.5, 2.0), Trust(1.0, 2.0), {"new": Kin(0.25, 3.0)}))
    assert habits_from(json.loads(json.dumps(asdict(habits)))) == habits


def shop_of_two() -> ShopHistory:
    rows = [(sku, TODAY - days, 2_000) for sku, lived in (("old", 60), ("new", 5)) for days in range(1, lived)]
    return ShopHistory("UTC", Opening(), TODAY, sku_histories(rows))
