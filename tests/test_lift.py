"""What signals and events did is learnt from the shop's own history; what proves nothing changes next to nothing."""

import random
from collections.abc import Mapping
from math import exp

import pytest

from edge_agent.demand.lift import calmed, learn_lifts, learn_worth, sold_by_day
from edge_agent.demand.series import SkuHistory
from edge_agent.rules.signal import WHOLE, Lift, by_lift
from edge_agent.wire.events.signals import LocalEventAdded

FIRST, TODAY = 738_000, 738_364
TRADING = frozenset(range(FIRST, TODAY))


def event(day: int, kind: str = "market", days: int = 1, about: str = "", crowd: int = 0) -> LocalEventAdded:
    told = {"name": f"{kind} {day}", "about": about, "attendance": crowd, "distance": 0, "source": ""}
    return LocalEventAdded(kind=kind, first_day=day, last_day=day + days - 1, **told)


def level(*events: LocalEventAdded, lift: float, usual: float = 50.0) -> dict[int, float]:
    """A shop that sells the same on each day, and `lift` times that on the days of events."""
    busy = {day for one in events for day in range(one.first_day, one.last_day + 1)}
    return {day: usual * (lift if day in busy else 1.0) for day in TRADING}


def test_four_markets_at_1_6_times_the_usual_are_seen_as_such() -> None:
    markets = [event(TODAY - back, crowd=1_000 + back) for back in (20, 47, 110, 200)]
    lifts = learn_lifts(markets, TRADING, lambda _: level(*markets, lift=1.6))
    assert (lifts["market"].seen, lifts["market"].attendance) == (4, 1_094)
    assert lifts["market"].raw == pytest.approx(1.6)
    assert by_lift(Lift(round(lifts["market"].raw, 6), 4)) == 1_264_911


def test_events_that_scatter_are_trusted_less_and_those_that_may_be_chance_not_at_all() -> None:
    sold = dict.fromkeys(TRADING, 50.0)
    days = [TODAY - back for back in (20, 47, 110, 200)]
    some = dict(zip(days, (60.0, 110.0, 75.0, 85.0), strict=True))
    wild = dict(zip(days, (20.0, 110.0, 30.0, 80.0), strict=True))
    markets = [event(day) for day in days]
    trusted = learn_lifts(markets, TRADING, lambda _: sold | some)["market"]
    chance = learn_lifts(markets, TRADING, lambda _: sold | wild)["market"]
    assert 0.8 < trusted.trust < 0.95
    assert chance.trust == 0.0
    assert by_lift(chance) == WHOLE


def test_what_moves_a_day_by_less_than_a_tenth_is_left_out() -> None:
    assert by_lift(Lift(1.09, 1_000)) == by_lift(Lift(0.92, 1_000)) == WHOLE
    assert by_lift(Lift(1.11, 1_000)) > WHOLE


def test_events_next_to_each_other_are_no_measure_for_one_another() -> None:
    fairs = [event(TODAY - back, "fair", days=2) for back in (14, 21, 28)]
    assert learn_lifts(fairs, TRADING, lambda _: level(*fairs, lift=0.5))["fair"].raw == pytest.approx(0.5)


def test_what_has_not_come_what_was_closed_and_what_sells_hardly_anything_teach_nothing() -> None:
    events = [event(TODAY), event(TODAY - 30, "closed"), event(TODAY - 60, "market")]
    assert learn_lifts(events, TRADING - {TODAY - 60}, lambda _: level(lift=1.0)) == {}
    assert learn_lifts([event(TODAY - 60)], TRADING, lambda _: level(lift=1.0, usual=1.0)) == {}


def test_an_event_about_one_item_is_learnt_from_what_that_sold() -> None:
    offer = event(TODAY - 40, "promotion", days=7, about="milk")
    sold: Mapping[str, Mapping[int, float]] = {"milk": level(offer, lift=2.0), "": level(lift=1.0)}
    assert learn_lifts([offer], TRADING, lambda about: sold[about])["promotion\nlong"].raw == pytest.approx(2.0)


def test_a_promotion_of_many_items_is_one_event_and_no_proof_for_each_of_them() -> None:
    items = [f"s{number}" for number in range(50)]
    offers = [event(TODAY - 40, "promotion", about=sku) for sku in items]
    lifts = learn_lifts(offers, TRADING, lambda _: level(offers[0], lift=2.0, usual=3.0))
    assert (lifts["promotion"].seen, lifts["promotion"].raw) == (1, 2.0)


def test_long_events_are_learnt_apart_from_short_ones_of_their_kind() -> None:
    short, long = event(TODAY - 40, "promotion", days=3), event(TODAY - 100, "promotion", days=7)
    sold = level(short, lift=1.5) | dict.fromkeys(range(TODAY - 100, TODAY - 93), 55.0)
    lifts = learn_lifts([short, long], TRADING, lambda _: sold)
    assert {name: round(lift.raw, 2) for name, lift in lifts.items()} == {"promotion": 1.5, "promotion\nlong": 1.1}


def weekly(b: float, seed: int, noise: float = 0.1, weeks: int = 48) -> tuple[list[tuple[int, int]], dict[int, float]]:
    """A weekly index, and sales that follow it by `b` a standard deviation in the week after."""
    source = random.Random(seed)
    values: list[tuple[int, int]] = []
    sold: dict[int, float] = {}
    for week in range(weeks):
        away = source.gauss(0, 1)
        values.append((FIRST + 7 * week, round(60_000 + 10_000 * away)))
        for day in range(7):
            sold[FIRST + 7 * week + day] = 50 * exp(b * away + source.gauss(0, noise))
    return values, sold


def test_a_trend_that_sales_follow_is_learnt_and_one_that_they_do_not_fades_to_little() -> None:
    found = [learn_worth("trend", *weekly(0.2, seed), TODAY) for seed in range(20)]
    idle = [learn_worth("trend", *weekly(0.0, seed), TODAY) for seed in range(20)]
    assert 0.15 < sum(found) / len(found) < 0.22
    assert sum(map(abs, idle)) / len(idle) < 0.03


def test_without_proof_the_houses_worth_stands() -> None:
    assert learn_worth("trend", [], {}, TODAY) == 0.08
    assert learn_worth("count", [(FIRST, 40_000)] * 3, {}, TODAY) == pytest.approx(0.10)


def test_a_daily_signal_is_no_sevenfold_proof() -> None:
    values, sold = weekly(0.2, 3)
    daily = [(day + ahead, value) for day, value in values for ahead in range(7)]
    often, seldom = learn_worth("trend", daily, sold, TODAY), learn_worth("trend", values, sold, TODAY)
    assert 0.05 < often <= seldom


def test_a_history_is_calmed_by_what_events_added() -> None:
    one = SkuHistory("milk", (FIRST, FIRST + 1, FIRST + 2), (8_000, 5_000, 1), {FIRST: 500})
    assert calmed(one, {FIRST: 1.6, FIRST + 2: 3.0}).qtys == (5_000, 5_000, 1)
    assert calmed(one, {FIRST: 1.6}).short == {FIRST: 500}
    assert sold_by_day([one, one]) == {FIRST: 16.0, FIRST + 1: 10.0, FIRST + 2: 0.002}
