"""What a whole order decides over its lines: the minimum's three ways with their figures, and the budget."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.rules.explain import settles_again
from edge_agent.rules.order import Heading, proposal
from edge_agent.rules.reasons import Names, sentences, whole
from edge_agent.rules.record import decision_of, replayed
from edge_agent.rules.reorder import Decision, decide
from edge_agent.rules.settle import Limits, most_within
from edge_agent.wire.events.reorder import ReorderDecided
from tests.shelf import FORECAST, POLICY, at, oat, terms

NOON = at("2026-03-03T12:00")
NAMES = {"OAT": "Oat milk", "RYE": "Rye bread"}


def line(sku: str = "OAT", on_hand: int = 40_000, **changed: int) -> Decision:
    return decide(oat(sku=sku, on_hand=on_hand, terms=terms(**changed)), POLICY, FORECAST, NOON)


def order(limits: Limits, *found: Decision) -> ReorderDecided:
    made = proposal(found, POLICY, NOON, Heading("s1", "northside", 1, {}, trusted=True, limits=limits))
    again = ReorderDecided.model_validate_json(made.model_dump_json())
    assert again == made
    assert settles_again(again)
    for one in (*again.lines, *again.left):
        assert replayed(again, one) == decision_of(again, one)
    return made


def test_an_order_just_below_the_minimum_is_topped_up_with_what_the_next_interval_needs() -> None:
    one = line()
    found = order(Limits(least=one.cost + 900), one)
    assert one.packs == 9
    assert (found.state, found.holds, [row.packs for row in found.lines]) == ("proposed", (), [10])
    assert found.settled is not None
    assert (found.settled.way, found.settled.wanted) == ("top_up", one.cost)
    assert found.settled.top_up_loses <= found.settled.wait_loses


def test_the_three_figures_stand_in_the_sentence() -> None:
    one = line()
    found = order(Limits(least=one.cost + 900, fee=350), one)
    assert found.settled is not None
    said = whole(found, NAMES)[-1]
    waiting = f"{found.settled.wait_loses // 100}.{found.settled.wait_loses % 100:02d}"
    assert said == (
        "81.00 is below the supplier's minimum of 90.00. Topping up loses about 0.00, the small-order fee is 3.50, "
        f"waiting loses about {waiting}: it is topped up."
    )
    line_said = sentences(found, found.lines[0], Names("Northside", "Oat milk"))
    assert "54 would be right for it alone." in line_said[3]


def test_out_of_reach_the_fee_is_paid_when_waiting_loses_more_and_else_it_waits() -> None:
    urgent, calm = line(on_hand=4_000), line(on_hand=86_000)
    paid = order(Limits(least=1_000_000, fee=350), urgent)
    assert (paid.state, paid.settled and paid.settled.way, paid.settled and paid.settled.top_up_loses) == (
        "proposed",
        "fee",
        -1,
    )
    assert calm.packs == 1
    waits = order(Limits(least=1_000_000, fee=350), calm)
    assert (waits.state, waits.holds, waits.settled and waits.settled.way) == ("held", ("minimum",), "wait")
    assert "Topping up is not possible" in whole(waits, NAMES)[-1]


def test_no_need_makes_no_order_whatever_the_minimum() -> None:
    found = order(Limits(least=100, fee=0), line(on_hand=400_000))
    assert (found.state, found.lines, found.settled) == ("withdrawn", (), None)


def test_goods_that_would_spoil_are_no_filling() -> None:
    fresh = decide(oat(terms=terms(life_days=6)), POLICY, FORECAST, NOON)
    found = order(Limits(least=fresh.cost + 1, fee=1), fresh)
    assert found.settled is not None
    assert (found.settled.top_up_loses, found.settled.way) == (-1, "fee")


def test_a_budget_buys_what_earns_most_and_says_what_it_left_out() -> None:
    milk, rye = line(on_hand=4_000), line("RYE", on_hand=84_000, price=2_000, pack_cost=8_000)
    both = milk.cost + rye.cost
    found = order(Limits(budget=milk.cost), milk, rye)
    assert found.value <= milk.cost < both
    assert [one.sku for one in found.lines] == ["OAT"]
    assert [(one.sku, one.packs, decision_of(found, one).wanted) for one in found.left] == [("RYE", 0, rye.packs)]
    said = " ".join(whole(found, NAMES))
    assert f"The budget of {milk.cost / 100:.2f} pays for" in said
    assert "The budget leaves nothing for Rye bread." in said
    assert order(Limits(budget=both), milk, rye).left == ()


def test_what_other_orders_of_the_week_took_is_not_there_for_this_one() -> None:
    milk, rye = line(on_hand=4_000), line("RYE", on_hand=84_000, price=2_000, pack_cost=8_000)
    both = milk.cost + rye.cost
    found = order(Limits(week=both + 500, spent=500 + rye.cost), milk, rye)
    assert found.value <= milk.cost
    assert "RYE" in {one.sku for one in found.left}
    said = whole(found, NAMES)[0]
    assert said.startswith(
        f"Of the {(both + 500) / 100:.2f} that all orders of a week may cost {(500 + rye.cost) / 100:.2f}"
    )
    assert order(Limits(week=both + 500, spent=500), milk, rye).left == ()
    nothing = order(Limits(week=100, spent=400), milk, rye)
    assert (nothing.state, nothing.value, len(nothing.left)) == ("withdrawn", 0, 2)
    tighter = order(Limits(budget=milk.cost, week=both, spent=rye.cost + 1), milk, rye)
    assert tighter.value < milk.cost


def test_a_week_is_any_seven_days_that_hold_the_cut_off() -> None:
    day, cutoff = 24 * 3_600_000, NOON.cutoff_at
    gone = [
        (cutoff - 7 * day, 50),
        (cutoff - 4 * day, 10),
        (cutoff - day, 20),
        (cutoff + 2 * day, 5),
        (cutoff + 6 * day, 7),
    ]
    assert most_within(gone, cutoff) == 35
    assert most_within([], cutoff) == 0


@settings(max_examples=40, deadline=None)
@given(
    stock=st.lists(st.integers(-10, 90), min_size=1, max_size=4),
    least=st.integers(0, 40_000),
    fee=st.integers(0, 2_000),
    budget=st.integers(0, 40_000),
)
def test_whatever_the_limits_they_are_kept_and_come_out_the_same(
    stock: list[int], least: int, fee: int, budget: int
) -> None:
    found = [line(f"S{i}", 1_000 * pieces) for i, pieces in enumerate(stock)]
    made = order(Limits(least, fee, budget), *found)
    again = order(Limits(least, fee, budget), *found[::-1])
    assert made == again
    assert budget == 0 or made.value <= budget
    assert {one.sku for one in (*made.lines, *made.left)} == {one.snapshot.sku for one in found if one.packs}
    assert made.state != "proposed" or made.value >= least or (made.settled and made.settled.way == "fee")


@pytest.mark.parametrize("limits", [Limits(), Limits(least=100), Limits(budget=10**9)], ids=["none", "least", "budget"])
def test_limits_that_do_not_bind_change_no_line(limits: Limits) -> None:
    one = line()
    bare = order(Limits(), one)
    assert order(limits, one).lines == bare.lines
    assert order(limits, replace(one)).value == bare.value
