"""The owner's low, likely and high a week: in a file, in the forecast, overruled by own sales, told with the order."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.demand.forecasting import BaseForecaster, forecast_many
from edge_agent.demand.messages import shop_from, shop_to_plain
from edge_agent.demand.series import Opening, ShopHistory, SkuHistory
from edge_agent.errors import BadRow
from edge_agent.renewal import Renewal
from edge_agent.rules.explain import is_same
from edge_agent.rules.guess import Guess, belief, own_share, spoken
from edge_agent.rules.imports import read_items
from edge_agent.rules.reasons import Names, sentences
from edge_agent.wire.events.catalogue import ItemSet
from tests.shop import record
from tests.test_replenish import opened

MONDAY = 736_004
GUESS = Guess(7_000, 14_000, 21_000)
HEAD = b"sku,name,price,cost,vat,expect_low,expect_likely,expect_high\n"


def shop(sold: tuple[int, ...] = (), guess: Guess | None = GUESS) -> ShopHistory:
    """A shop where jam, of which something is expected, sold so many pieces a day after its first one, beside rolls."""
    today = MONDAY + 70
    days = tuple(range(today - len(sold), today))
    jam = SkuHistory("jam", days, tuple(1_000 * qty for qty in sold), guess=guess)
    rolls = SkuHistory("rolls", tuple(range(MONDAY, today)), (20_000,) * 70)
    return ShopHistory("UTC", Opening(), today, {"jam": jam, "rolls": rolls})


def week(history: ShopHistory) -> float:
    return sum(forecast_many(history, 0)["jam"].day_means[:7]) / 1_000


def test_before_it_has_sold_an_item_sells_what_the_owner_expects() -> None:
    assert week(shop()) == pytest.approx(14.0, rel=0.01)


def test_its_own_sales_overrule_the_guess_with_time() -> None:
    told = [week(shop((6,) * days)) for days in (1, 7, 28, 56)]
    assert told == sorted(told)
    assert 14.0 < told[0] < 18.0
    assert told[-1] == pytest.approx(42.0, rel=0.02)


def test_the_belief_is_the_gamma_of_the_guess_and_what_was_sold() -> None:
    # deviation = 14 / (2 x 1.2816) = 5.462: a0 = 6.569, b0 = .4692; 21 pieces in a week: + 21 / 2.5, + 1 / 2.5.
    found = belief(GUESS, 21.0, 7.0)
    assert found.a == pytest.approx(6.569 + 8.4, abs=0.01)
    assert found.b == pytest.approx(0.4692 + 0.4, abs=0.001)
    assert own_share(GUESS, 7.0) == pytest.approx(0.4 / 0.8692, abs=0.001)


def test_a_wide_guess_is_given_up_sooner_and_asks_for_more_room() -> None:
    wide = Guess(1_000, 14_000, 60_000)
    assert own_share(wide, 7.0) > own_share(GUESS, 7.0)
    phis = [forecast_many(shop(guess=one), 0)["jam"].phi_milli for one in (GUESS, wide)]
    assert phis[0] < phis[1]


def test_who_spoke_is_the_guess_then_both_then_the_sales_alone() -> None:
    assert spoken(GUESS, 0, 0) is not None
    both = spoken(GUESS, 12_000, 10)
    assert both is not None
    assert (both.guess, both.own) == (GUESS, int(100 * own_share(GUESS, 10.0)))
    assert spoken(GUESS, 90_000, 56) is None
    new = spoken(None, 3_000, 5)
    assert new is not None
    assert new.guess is None
    assert spoken(None, 0, 0) is None


def test_the_model_s_child_hears_the_guess_and_says_the_same() -> None:
    history = shop((6, 5, 7))
    assert shop_from(shop_to_plain(history)).skus["jam"].guess == GUESS


def test_one_item_alone_is_forecast_as_among_all() -> None:
    history, one = shop((6,) * 10), BaseForecaster()
    habits = one.learn(history)
    alone = one.forecast(replace(history, skus={"jam": history.skus["jam"]}), habits, ["jam"], 0)["jam"]
    assert alone == forecast_many(history, 0)["jam"]


def test_a_file_tells_all_three_or_none() -> None:
    (row,) = read_items("items.csv", HEAD + b"1,Jam,2.00,1.00,20,7,14,21\n", 2)
    assert row.expects == (7_000, 14_000, 21_000)
    (row,) = read_items("items.csv", HEAD + b"1,Jam,2.00,1.00,20,,,\n", 2)
    assert row.expects == ()
    for cells in (b"7,14,", b"14,7,21", b"0,0,0"):
        with pytest.raises(BadRow):
            read_items("items.csv", HEAD + b"1,Jam,2.00,1.00,20," + cells + b"\n", 2)


def test_an_item_that_never_sold_is_ordered_by_the_guess_and_the_order_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as till:
        milk = till.memory.item("milk")
        assert milk is not None
        record(till.journal, milk.model_copy(update={"expects": (70_000, 140_000, 210_000)}))
        till.count(milk=3)
        assert Renewal(till.journal, till.clock, BaseForecaster(), lambda _: None).tick() == 1
        till.replenish.start()
        till.settle()
        order = till.decisions()[-1]
        (line,) = order.lines
        assert is_same(order, line)
        said = sentences(order, line, Names("North", "Milk"))
        assert "It has not sold yet: you expect 140 a week, 70 to 210, and this goes by that." in said
        assert any("Sie erwarten 140" in text for text in sentences(order, line, Names("North", "Milk", language="de")))


def test_an_item_without_a_guess_is_written_as_before() -> None:
    item = ItemSet(
        sku="1", item="", name="Jam", category="", price=1, rate=0, codes=(), pack=1_000, pack_cost=1, supplier="",
        shelf_life_days=None, from_at=0,
    )  # fmt: skip
    assert "expects" not in item.model_dump_json()
    told = item.model_copy(update={"expects": (7_000, 14_000, 21_000)})
    assert ItemSet.model_validate_json(told.model_dump_json()) == told
