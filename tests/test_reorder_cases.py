"""The worked cases of a reorder, by the names they go by, with their numbers.

T0  three days of 12 (sd 4)          here; Poisson and variance 48 in test_reorder
T0b packs and minimum of a need      test_reorder: the need is filled in whole packs and a minimum creates no need
T1  nothing incoming                 test_reorder: nothing incoming orders 54
T2  24 within the interval           test_reorder, and its sentence in test_reorder_reasons
T3  24 after the interval            test_reorder
T4  missed cut-off, expedite         test_reorder; the second source asked because of it, here
T5  working days                     test_calendar, test_reorder; with days that the supplier is closed, here
T6  packs by expected profit         test_reorder
T7  shelf life                       test_reorder
T8  second source, priced            here
T9  in-stock open hours              here
T10 budget                           here (exactness in test_allot)
T11 far above the usual              here
T12 one key                          test_reorder, test_replenish, test_torture_order
T13 quantiles                        test_reorder
"""

from dataclasses import replace
from datetime import date
from statistics import NormalDist

import pytest

from edge_agent.rules import rush
from edge_agent.rules.allot import allot, choices
from edge_agent.rules.calendar import SupplierCalendar, next_cutoffs
from edge_agent.rules.guard import is_unusual, usual
from edge_agent.rules.lateness import usually_late
from edge_agent.rules.order import Heading, proposal
from edge_agent.rules.packs import Odds, Stakes
from edge_agent.rules.reasons import Names, sentences
from edge_agent.rules.record import decision_of, replayed
from edge_agent.rules.reorder import decide
from edge_agent.rules.rush import Rush, Second
from tests.shelf import FORECAST, LONDON, NORTHSIDE, POLICY, at, coming, ms, oat

DAY = 86_400_000


@pytest.mark.parametrize(("level", "want"), [(0.90, 44.88), (0.95, 47.40), (0.975, 49.58)])
def test_t0_three_normal_days_need_what_tables_say(level: float, want: float) -> None:
    three_days = NormalDist(36, 4 * 3**0.5)
    assert three_days.inv_cdf(level) == pytest.approx(want, abs=0.005)
    assert abs(Odds(36_000, 1_333).level(round(10_000 * level)) - want) < 1


def test_t4_a_missed_cutoff_asks_the_second_source() -> None:
    hub = Second("hub", ms("2026-03-04T10:00"), 1_140, 200)
    late = at("2026-03-03T16:00")
    found = decide(oat(coming("2026-03-05T08:00"), second=hub), POLICY, FORECAST, late)
    assert found.need.out_first == pytest.approx(8_155, abs=1)
    (kind, supplier, packs, arrives, net) = found.notes[-1]
    assert (kind, supplier, arrives) == ("rush", "hub", hub.arrives_at)
    assert int(packs) > 0
    assert int(net) > 0
    dearer = decide(oat(coming("2026-03-05T08:00"), second=replace(hub, fee=450)), POLICY, FORECAST, late)
    assert dearer.notes == ()
    order = proposal([found], POLICY, late, Heading("s1", "northside", 1, {}, trusted=True))
    assert replayed(order, order.lines[0]) == decision_of(order, order.lines[0]) == found
    said = " ".join(sentences(order, order.lines[0], Names("Northside", "Oat milk")))
    assert "from hub would come Wed already and earn about" in said


def test_a_second_source_is_not_asked_while_stock_lasts_or_when_it_comes_no_sooner() -> None:
    hub = Second("hub", ms("2026-03-04T10:00"), 1_140, 450)
    rich = decide(oat(on_hand=200_000, second=hub), POLICY, FORECAST, at("2026-03-03T14:00"))
    late = replace(hub, arrives_at=ms("2026-03-05T09:00"))
    no_sooner = decide(oat(on_hand=0, second=late), POLICY, FORECAST, at("2026-03-03T14:00"))
    assert [note for found in (rich, no_sooner) for note in found.notes if note[0] == "rush"] == []


@pytest.mark.parametrize(("pieces", "net"), [(6, -1.22), (12, 0.90), (18, 1.07), (24, -0.36)])
def test_t8_a_dearer_hub_is_priced_against_what_is_lost(pieces: int, net: float) -> None:
    odds = Odds(34_000, 1_400)
    found = rush.net(odds, 20_000, 1_000 * pieces, margin=60_000, dearer=40_000, fee=450)
    assert found / 100_000 == pytest.approx(net, abs=0.005)


def test_t8_eighteen_earn_most() -> None:
    odds = Odds(34_000, 1_400)
    assert rush.best(odds, 20_000, 6_000, margin=60_000, dearer=40_000, fee=450) == Rush(3, 107)
    assert rush.best(odds, 20_000, 6_000, margin=60_000, dearer=40_000, fee=4_500) is None
    assert rush.best(odds, 20_000, 6_000, margin=-1, dearer=40_000, fee=0) is None


def test_t9_sold_by_the_hour_in_stock_is_a_day_of_ten() -> None:
    per_hour = 45 / 42
    assert per_hour * 66 / 7 == pytest.approx(10.10, abs=0.005)


BASKET = [  # mean, phi, position, pack, cost, under, over
    (18, 1.4, 8, 6, 9.0, 6.0, 1.0),
    (10, 1.3, 2, 4, 6.5, 7.5, 2.0),
    (40, 1.5, 22, 12, 1.2, 0.7, 0.6),
    (4, 1.6, 1, 2, 22.0, 18.0, 6.0),
]


@pytest.mark.parametrize(
    ("budget", "packs", "cost", "gain"),
    [
        (100, [0, 2, 0, 1], 96.00, 71.393),
        (150, [1, 2, 0, 1], 150.00, 103.804),
        (300, [2, 3, 1, 2], 288.40, 140.437),
        (10_000, [3, 3, 2, 2], 356.80, 142.001),
    ],
)
def test_t10_a_budget_buys_the_packs_that_earn_most_together(
    budget: int, packs: list[int], cost: float, gain: float
) -> None:
    goods = [
        choices(
            Odds(1_000 * mean, round(1_000 * phi)),
            Stakes(round(100_000 * under), round(100_000 * over)),
            1_000 * position,
            1_000 * pack,
            round(100 * each * pack),
            5,
        )
        for mean, phi, position, pack, each, under, over in BASKET
    ]
    chosen = allot(goods, 100 * budget)
    assert [one.packs for one in chosen] == packs
    assert sum(one.cost for one in chosen) / 100 == cost
    assert sum(one.gain for one in chosen) / 100_000 == pytest.approx(gain, abs=0.0005)


def test_t11_three_times_the_usual_passes_and_one_more_is_held() -> None:
    assert usual([24, 36, 30, 36, 24]) == (30, 6)
    assert not is_unusual(90, 30, 6)
    assert is_unusual(91, 30, 6)
    assert usual([30, 30]) == (0, 0)
    assert not is_unusual(10**9, 0, 0)


# --- closed days and lateness -------------------------------------------------------------------------------------


def closed(*days: str) -> SupplierCalendar:
    return replace(NORTHSIDE, closed=frozenset(date.fromisoformat(day).toordinal() for day in days))


def test_t5_on_days_that_the_supplier_is_closed_nobody_works_delivers_or_takes_orders() -> None:
    moment = at("2026-03-03T14:00", closed("2026-03-04"))
    assert (moment.arrives_at, moment.next_arrives_at) == (ms("2026-03-06T08:00"), ms("2026-03-10T08:00"))
    no_friday = next_cutoffs(closed("2026-03-06"), LONDON, ms("2026-03-03T16:00"), 2)
    open_ = next_cutoffs(NORTHSIDE, LONDON, ms("2026-03-03T16:00"), 3)
    assert [one.cycle for one in no_friday] == [one.cycle for one in open_[1:]]
    assert at("2026-03-03T14:00", closed("2026-03-05")).arrives_at == ms("2026-03-06T08:00")


def test_a_late_delivery_is_looked_for_as_late_as_its_supplier_usually_is_and_given_up_after_three_times_that() -> None:
    def found(due: str, late_days: int) -> tuple[int, str]:
        said = decide(oat(coming(due), late_ms=late_days * DAY), POLICY, FORECAST, at("2026-03-03T14:00"))
        return said.need.incoming, str(said.notes[0][0])

    assert found("2026-03-02T08:00", 2) == (24_000, "late")
    assert found("2026-02-26T08:00", 2) == (24_000, "late")
    assert found("2026-02-25T08:00", 2) == (0, "lost")
    assert found("2026-03-02T08:00", 7) == (0, "overdue")


def test_how_late_a_supplier_usually_is_needs_three_deliveries_and_is_a_day_at_least() -> None:
    assert usually_late([5 * DAY, 5 * DAY]) == 0
    assert usually_late([-DAY, 0, 3_600_000]) == DAY
    assert usually_late([0, 3 * DAY + 17, 9 * DAY]) == 3 * DAY
