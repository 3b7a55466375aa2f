"""Shops that live again: the shelf adds up, nobody sees the future, and on real demand our rule keeps its bounds."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.demand.model import DemandModel
from edge_agent.demand.series import ShopHistory
from edge_agent.places import model_file
from edge_agent.proof.contest import Contest, Eyes, contest
from edge_agent.proof.history import History
from edge_agent.proof.rules import BASE, CLAIRVOYANT, COVER, OURS
from edge_agent.proof.run import Run
from edge_agent.proof.shelf import Shelf
from edge_agent.proof.world import HOURS_72, simple
from scripts.simulations import drops
from scripts.simulations.drops import MEAN, Window, outcome
from scripts.simulations.figures import against_base, bounds, contests
from scripts.simulations.history import OWN, history
from scripts.simulations.loop import loop
from scripts.simulations.world import full_grocery


@pytest.fixture(scope="module")
def bakery() -> History:
    return history(OWN[0])


@pytest.fixture(scope="module")
def grocer() -> History:
    return history(OWN[1])


@pytest.fixture(scope="module")
def model() -> DemandModel:
    path = model_file()
    assert path is not None
    return DemandModel(path)


def test_a_shelf_sells_the_oldest_first_and_throws_away_what_is_past_its_day() -> None:
    shelf = Shelf()
    shelf.receive(3, 10)
    shelf.receive(5, 8)
    assert shelf.sell(6) == 6
    assert (shelf.pieces, shelf.spoil(9), shelf.spoil(10), shelf.pieces) == (2, 0, 2, 0)
    assert shelf.sell(1) == 0


def test_a_day_total_comes_at_minutes_of_real_receipts_and_the_same_each_time(bakery: History) -> None:
    sku = bakery.busiest(1, bakery.last - 100, bakery.last)[0]
    lines = bakery.wanted(sku, bakery.last)
    assert sum(pieces for _, pieces in lines) == bakery.pieces(sku, bakery.last) > 0
    assert list(lines) == sorted(lines) == history(OWN[0]).wanted(sku, bakery.last)
    assert all(7 * 60 <= minute < 22 * 60 for minute, _ in lines)


@pytest.fixture(scope="module")
def short_contests(bakery: History, grocer: History) -> list[Contest]:
    return [found for one, skus in ((bakery, 4), (grocer, 8)) for found in contests(one, skus, short=True)]


def test_our_rule_keeps_its_bounds_on_real_demand(short_contests: list[Contest]) -> None:
    assert [bounds(found) for found in short_contests] == [[], []]
    assert all(found.ratio(OURS.name, COVER.name) < 0.95 for found in short_contests)


def test_a_bound_that_is_missed_is_said(short_contests: list[Contest]) -> None:
    found = short_contests[0]
    swapped = {OURS.name: COVER.name, COVER.name: OURS.name}
    entries = tuple(type(one)(swapped.get(one.rule, one.rule), one.value, one.tally) for one in found.entries)
    assert len(bounds(Contest(found.world, entries))) == 2


def test_a_simulated_order_does_not_see_the_future(grocer: History, model: DemandModel) -> None:
    first = grocer.last - 20
    shop = grocer.shop
    draw = random.Random(5)
    later = {key: [(600, draw.randint(1, 9))] for key in grocer.lines if key[1] > first}
    other = History("other", "", shop, {**grocer.lines, **later}, grocer.minutes)
    orders = []
    for one in (grocer, other):
        world = simple(one, HOURS_72, 5, first)
        known = ShopHistory(shop.zone, shop.opening, first + 1, shop.skus, shop.hour_profile)
        run = Run(world, OURS, 9_000, Eyes(known, list(world.goods), model).of(OURS), first=first)
        run.live(first, first)
        orders.append({sku: place.coming for sku, place in run.places.items()})
    assert orders[0] == orders[1]
    assert any(orders[0].values())


def test_in_the_full_world_orders_wait_for_least_values_and_none_goes_out_twice(
    grocer: History, model: DemandModel
) -> None:
    first = grocer.last - 89
    world = full_grocery(grocer, 12, first)
    eyes = Eyes(grocer.shop, list(world.goods), model)
    found = contest(world, eyes, first, (COVER, BASE, CLAIRVOYANT), days=14)
    tally = found.entries[1].tally
    assert found.doubled == 0
    assert 0 < tally.orders < 14 * 3
    assert tally.wanted > tally.lost > 0
    assert found.cost(CLAIRVOYANT.name) < found.cost(BASE.name)


def test_an_order_below_the_minimum_is_topped_up_paid_for_or_waits_as_a_till_would_settle_it(
    grocer: History, model: DemandModel
) -> None:
    first = grocer.last - 20
    world = replace(full_grocery(grocer, 6, first), fees={"northside": 50, "greenfield": 50})
    eyes = Eyes(grocer.shop, list(world.goods), model)
    ours, dear, waits, pays = (
        Run(one, rule, value, eyes.of(rule), first=first, pays=fee).live(first, first + 14)
        for one, rule, value, fee in (
            (world, BASE, 1, False),
            (replace(world, fees={}), BASE, 1, False),
            (world, COVER, 1.0, False),
            (world, COVER, 1.0, True),
        )
    )
    assert sorted(ours.small) == ["fee", "top_up"]
    assert ours.small["fee"] * 50 == ours.fee_cost
    assert ours.total == ours.lost_cost + ours.waste_cost + ours.holding_cost + ours.fee_cost
    assert sorted(dear.small) == ["top_up", "wait"]
    assert [list(one.small) for one in (waits, pays)] == [["wait"], ["fee"]]
    assert pays.orders > waits.orders


@pytest.mark.parametrize("place", [0, 1])
def test_a_shop_that_sells_out_does_not_learn_to_sell_less(
    place: int, bakery: History, grocer: History, model: DemandModel
) -> None:
    shop = (bakery, grocer)[place]
    raw, whole = (loop(shop, model, learns=learns, skus=8, days=60) for learns in ("raw", "whole"))
    assert abs(whole.bias) <= 0.10
    assert raw.bias < whole.bias


def test_the_histories_are_inside_the_project() -> None:
    assert all(isinstance(path, Path) and path.is_file() for path in OWN)


def test_a_lot_sells_until_it_is_gone_and_says_when() -> None:
    window = Window(((540, 3), (700, 4), (900, 2)))
    assert window.sell(7) == (7, 700)
    assert window.sell(6) == (6, 700)
    assert window.sell(20) == (9, None)
    assert window.sell(9) == (9, 900)


def test_our_drops_earn_what_the_model_earns_that_sees_all_demand_and_more_than_thumb_rules(grocer: History) -> None:
    one = outcome(grocer, 20)
    assert one.missed() == []
    assert one.profit[drops.OURS] < one.clairvoyant
    robbed = replace(one, profit={**one.profit, drops.OURS: one.profit[MEAN] - 1})
    assert len(robbed.missed()) >= 2


def test_the_corrections_are_held_against_the_base_alone_and_may_cost_two_percent_more(grocer: History) -> None:
    found = against_base(grocer, 2)
    assert [one.rule for one in found.entries] == [BASE.name, OURS.name]
    assert found.as_json()["rules"][0]["to_cover"] == 1.0  # type: ignore[index]
    assert found.lines()[1].split()[3] == "/base"
    dear = replace(found.entries[1], tally=replace(found.entries[1].tally, lost_cost=2 * found.cost(BASE.name)))
    assert "of the base, more than 1.02" in bounds(Contest(found.world, (found.entries[0], dear)))[0]
