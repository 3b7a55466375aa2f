"""What corrections of the base had earned stands in the decision's record, is kept with the forecast and is told."""

from dataclasses import replace
from pathlib import Path

from edge_agent.rules.explain import arithmetic, is_same
from edge_agent.rules.order import proposal
from edge_agent.rules.record import decision_of
from edge_agent.rules.reorder import decide
from edge_agent.wire.events.reorder import ReorderDecided
from tests.shelf import FORECAST, POLICY, at, oat
from tests.test_reorder_reasons import HEADING, NAMES
from tests.test_replenish import opened

MIX = (500, 1000, 1012, 1000, 0, 500, 1000, 1200, 0, 0, 1000, 1000)


def test_a_decision_carries_its_mix_replays_with_it_and_tells_it() -> None:
    moment = at("2026-03-03T14:00")
    plain, mixed = replace(FORECAST, sku="tea"), replace(FORECAST, mix=MIX)
    found = [decide(oat(), POLICY, mixed, moment), decide(replace(oat(), sku="tea"), POLICY, plain, moment)]
    order = ReorderDecided.model_validate_json(proposal(found, POLICY, moment, HEADING).model_dump_json())
    assert [decision_of(order, line).forecast.mix for line in order.lines] == [MIX, ()]
    assert all(is_same(order, line) for line in order.lines)
    told = [next((text for text in arithmetic(order, line, NAMES) if "mix" in text), "") for line in order.lines]
    assert "day 1: model 0.5, lean 1, level x 1.012, spread x 1; days 2-3: model 0, lean 0.5, level x 1" in told[0]
    assert told[1] == ""


def test_an_order_without_any_mix_is_written_as_before() -> None:
    moment = at("2026-03-03T14:00")
    order = proposal([decide(oat(), POLICY, FORECAST, moment)], POLICY, moment, HEADING)
    assert order.basis is not None
    assert "mixes" not in order.basis.model_dump()
    assert "mix" not in order.lines[0].decision


def test_a_forecast_is_kept_with_its_mix_and_loses_it_when_it_is_made_without(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        for one in (replace(FORECAST, sku="milk", mix=MIX), replace(FORECAST, sku="milk")):
            shop.journal.store_forecasts([one]).result()
            assert shop.memory.forecast("milk") == one
            assert list(shop.memory.forecasts()) == [one]


def test_an_item_whose_forecast_is_nothing_on_all_days_is_not_expected_to_sell(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        made = {"milk": (0, 10, 0), "salt": (0, 0, 0), "rice": (100,)}
        forecasts = [replace(FORECAST, sku=sku, day_means=means) for sku, means in made.items()]
        shop.journal.store_forecasts(forecasts).result()
        assert shop.memory.expected_to_sell() == {"milk", "rice"}
