"""The shipped model answers as it was trained, and training refuses a conversion that does not."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge_agent.demand.features import NAMES, SCHEMA, Floats
from edge_agent.demand.model import MAX_BYTES, DemandModel
from edge_agent.demand.series import Opening, ShopHistory, sku_histories
from edge_agent.errors import BadInput, Broken

SHIPPED = Path(__file__).parent.parent / "models" / "demand.onnx"
SMALL = {"trees": 6, "spread_trees": 4, "leaves": 8, "spread_leaves": 4, "least": 20}


def small_shop(weeks: int = 16, skus: int = 4, seed: int = 5) -> ShopHistory:
    """Poisson sales of a few SKUs that ends the day before ordinal 736000."""
    rng = np.random.default_rng(seed)
    days = range(736_000 - 7 * weeks, 736_000)
    sold = ((f"s{i}", day, 1000 * int(rng.poisson(1.5 + i))) for i in range(skus) for day in days)
    return ShopHistory("UTC", Opening(), 736_000, sku_histories(sold))


@pytest.fixture(scope="module")
def school() -> Any:
    """Settings, the lessons of one small shop, and a model trained on them."""
    from cloud_sync.fleet import Settings, lessons, train

    settings = Settings(**SMALL)
    taught = [lessons(small_shop(), settings)]
    return settings, taught, train(taught, settings)


def test_the_shipped_model_answers_as_scikit_learn_did_when_it_was_trained() -> None:
    golden = json.loads(SHIPPED.with_name("demand.examples.json").read_text(encoding="utf-8"))
    questions = [[np.nan if x is None else x for x in one["features"]] for one in golden["examples"]]
    model = DemandModel(SHIPPED)
    assert model.sha256 == golden["sha256"]
    assert np.isnan(questions).any()
    np.testing.assert_allclose(
        model.answers(np.array(questions)), [one["answer"] for one in golden["examples"]], rtol=1e-5
    )


def test_the_shipped_model_is_small_and_its_card_names_it() -> None:
    card = SHIPPED.with_name("CARD.md").read_text(encoding="utf-8")
    assert SHIPPED.stat().st_size <= 400_000 < MAX_BYTES
    assert DemandModel(SHIPPED).sha256 in card
    assert f"`{SCHEMA}` ({len(NAMES)} features)" in card


def test_a_fresh_training_converts_to_the_same_answers_and_grows_the_same_way_twice(
    tmp_path: Path, school: Any
) -> None:
    from cloud_sync.fleet import PARITY, grow

    settings, taught, trained = school
    means, spreads = grow(taught, settings)
    path = tmp_path / "fresh.onnx"
    path.write_bytes(trained.onnx)
    features = taught[0].features.astype(np.float32)
    features[::3, ::2] = np.nan
    expected = np.column_stack([means.predict(features), spreads.predict(features)])
    assert trained.parity <= PARITY
    np.testing.assert_allclose(DemandModel(path).answers(features), expected, rtol=1e-5)


def test_a_conversion_without_the_inverse_link_is_refused(monkeypatch: pytest.MonkeyPatch, school: Any) -> None:
    from onnx import helper

    from cloud_sync import fleet

    def identity(kind: str, *args: Any, **kwargs: Any) -> Any:
        return make_node("Identity" if kind == "Exp" else kind, *args, **kwargs)

    settings, taught, _ = school
    make_node = helper.make_node
    monkeypatch.setattr(helper, "make_node", identity)
    with pytest.raises(Broken, match="differs from the trained one"):
        fleet.train(taught, settings)


def test_a_history_of_a_few_weeks_teaches_nothing() -> None:
    from cloud_sync.fleet import Settings, lessons

    with pytest.raises(BadInput, match="too short"):
        lessons(small_shop(weeks=4), Settings(**SMALL))


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x07" * 600_000])
def test_a_file_that_is_no_model_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(Broken, match=r"broken\.onnx"):
        DemandModel(path)


def test_a_model_for_other_features_is_refused(tmp_path: Path) -> None:
    import onnx

    other = onnx.load(SHIPPED)
    onnx.helper.set_model_props(other, {"feature_schema": "demand-0"})
    path = tmp_path / "other.onnx"
    onnx.save(other, path)
    with pytest.raises(Broken, match="demand-0"):
        DemandModel(path)


def kept_examples() -> list[dict[str, Any]]:
    """Questions that the training kept, with the forests' own answers."""
    kept = json.loads(SHIPPED.with_name("demand.examples.json").read_text(encoding="utf-8"))
    examples: list[dict[str, Any]] = kept["examples"]
    return examples


def kept_questions() -> Floats:
    return np.array([[np.nan if x is None else x for x in one["features"]] for one in kept_examples()])


def test_the_file_read_by_our_own_trees_and_by_other_sums_of_the_runtime_forecasts_the_same() -> None:
    from models.reread import NEAR_ENOUGH, OwnReader, apart

    found = dict(apart(SHIPPED, small_shop(weeks=30, skus=30)))
    assert len(found) == 2
    assert max(found.values()) <= NEAR_ENOUGH
    answers = [one["answer"] for one in kept_examples()]
    np.testing.assert_allclose(OwnReader(SHIPPED).answers(kept_questions()), answers, rtol=1e-5)


def test_a_tree_that_was_altered_is_seen_by_reading_it_otherwise() -> None:
    from models.reread import OwnReader

    reader, asked = OwnReader(SHIPPED), kept_questions()
    before = reader.answers(asked)
    reader.forests[0].weight *= 1.001
    assert abs(reader.answers(asked) / before - 1.0).max() > 1e-6


def test_another_value_is_chosen_for_more_than_chance_alone() -> None:
    from models.choose import chosen

    near = {100.0: {"one": 1.0, "two": 1.0}, 50.0: {"one": 0.999, "two": 1.0}}
    assert chosen("lean.RIDGE", 100.0, near)["chosen"] == 100.0
    far = {100.0: {"one": 1.0, "two": 1.0}, 50.0: {"one": 0.9, "two": 1.02}}
    row = chosen("lean.RIDGE", 100.0, far)
    assert row["chosen"] == 50.0
    assert row["left_out"] == {"one": 100.0, "two": 50.0}
    assert row["left_out_costs"] == pytest.approx({"one": 1.0 / 0.9 - 1.0, "two": 0.0})


def test_every_setting_that_is_tried_stands_in_the_code_and_is_put_back() -> None:
    from edge_agent.demand import base, lattices
    from models.choose import SETTINGS, current, with_value

    for name, (_, others) in SETTINGS.items():
        assert current(name) not in others
    now = current("base.PROFILE_WORTH")
    with_value("base.PROFILE_WORTH", 75.0)
    assert (base.PROFILE_WORTH, vars(lattices)["PROFILE_WORTH"]) == (75.0, 75.0)
    with_value("base.PROFILE_WORTH", now)
    assert current("base.PROFILE_WORTH") == now
