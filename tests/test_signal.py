"""Signals and events as factors: the worked numbers, the clip, the fading, and a decision that carries them."""

from dataclasses import replace
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.rules.explain import arithmetic, is_same
from edge_agent.rules.factor import LEAST, MOST, product, taken, with_factors
from edge_agent.rules.forecast import Factor, Forecast
from edge_agent.rules.money import quantity
from edge_agent.rules.negative_binomial import quantile
from edge_agent.rules.order import proposal
from edge_agent.rules.plan import cut, expected, mean_on
from edge_agent.rules.reasons import sentences
from edge_agent.rules.record import decision_of
from edge_agent.rules.reorder import decide
from edge_agent.rules.signal import (
    WHOLE,
    Learnt,
    Lift,
    by_deviation,
    by_lift,
    deviation,
    faded,
    learnt_as_text,
    learnt_from,
    named,
    usual,
)
from edge_agent.wire.events.reorder import ReorderDecided
from tests.shelf import FORECAST, HOURS, MONDAY, POLICY, at, coming, ms, oat
from tests.test_reorder_reasons import HEADING, NAMES

TUESDAY = MONDAY + 1
MARKET = Factor("night market", "Harbour night market", "the council", TUESDAY, TUESDAY, (1_264_911,) * 4, seen=4)
TREND = Factor("trend", "Searches for oat milk", "index file", TUESDAY, TUESDAY, (1_100_759,) * 6, 72_000, 60_000)
OPT_INS = Factor("count", "SMS opt-ins", "till", TUESDAY - 1, TUESDAY, (1_133_148,) * 5, 90_000, 40_000)
TOGETHER = (MARKET, TREND, OPT_INS)


def test_the_next_72_hours_of_the_worked_week_are_30_at_the_mean_and_41_at_95_percent() -> None:
    mean = expected(FORECAST, HOURS, ms("2026-03-03T14:00"), ms("2026-03-06T14:00")) / 1000
    assert mean == 30.0
    assert [quantile(mean, 1.4, level) for level in (0.5, 0.9, 0.95)] == [30, 38, 41]


def test_a_trend_1_2_deviations_up_is_worth_1_1008() -> None:
    assert by_deviation(1.2, 0.08) == 1_100_759


def test_ninety_opt_ins_against_forty_are_worth_1_1331() -> None:
    assert by_deviation((90 - 40) / 40, 0.10) == 1_133_148


def test_an_uplift_of_1_6_seen_at_four_events_is_believed_as_1_2649_and_one_never_seen_as_nothing() -> None:
    assert by_lift(Lift(1.6, 4)) == 1_264_911
    assert by_lift(Lift(1.6, 0)) == WHOLE


def test_a_larger_crowd_than_those_before_moves_more_and_none_more_than_twice_as_much() -> None:
    four = Lift(1.6, 4, attendance=500)
    assert by_lift(four) == by_lift(four, 500) == 1_264_911
    assert by_lift(four, 250) < by_lift(four, 500) < by_lift(four, 750) < by_lift(four, 1_000) == by_lift(four, 9_000)


def test_what_was_learnt_is_kept_as_text() -> None:
    learnt = Learnt({"night market": Lift(1.6, 4, 500)}, {named("Searches", "milk"): 0.11})
    assert learnt_from(learnt_as_text(learnt)) == learnt


def test_signals_together_move_30_to_47_and_95_percent_from_41_to_61() -> None:
    assert f"{product(TOGETHER, TUESDAY) / WHOLE:.4f}" == "1.5778"
    moved = with_factors(FORECAST, TOGETHER)
    mean = expected(moved, HOURS, ms("2026-03-03T14:00"), ms("2026-03-06T14:00"))
    assert f"{mean / 1000:.2f}" == "47.33"
    assert quantile(mean / 1000, 1.4, 0.95) == 61


def test_a_product_is_believed_between_a_half_and_three() -> None:
    wild = replace(MARKET, parts=(2_900_000,))
    assert taken((wild, TREND), TUESDAY) == MOST
    assert taken((replace(MARKET, parts=(300_000,)),), TUESDAY) == LEAST


def test_a_closed_day_sells_nothing_whatever_the_signals_say() -> None:
    closed = Factor("closed", "Stocktaking", "", MONDAY, TUESDAY, (0,))
    moved = with_factors(FORECAST, (closed, *TOGETHER))
    assert (mean_on(moved, TUESDAY), mean_on(moved, MONDAY)) == (0, 8_000)
    assert mean_on(moved, TUESDAY + 21) == 8_000, "a day that is not stored knows of no closing"


def test_a_signal_holds_five_days_fades_over_three_and_counts_for_nothing_after() -> None:
    assert [faded(1_200_000, age) for age in (0, 5, 6, 7, 8, 30)] == [
        1_200_000,
        1_200_000,
        1_129_243,
        1_062_659,
        WHOLE,
        WHOLE,
    ]


def test_a_trend_is_held_against_its_own_spread_and_a_count_against_its_usual() -> None:
    assert deviation("trend", 72, (50, 70, 50, 70)) == pytest.approx(12 / 11.547, rel=1e-3)
    assert deviation("count", 90, (30, 40, 50)) == 1.25
    assert usual((30, 40, 50)) == 40
    assert deviation("trend", 72, (50, 70, 50)) is None, "three values tell no spread"
    assert deviation("trend", 900, (50, 70, 50, 70)) == 3.0, "no spike is believed whole"
    assert deviation("trend", 72, (60,) * 9) == 0.0
    assert deviation("count", 72, (0,) * 9) == 0.0


def ordered(*factors: Factor, forecast: Forecast = FORECAST) -> ReorderDecided:
    moment = at("2026-03-03T14:00")
    found = decide(oat(coming("2026-03-05T08:00")), POLICY, with_factors(forecast, factors), moment)
    return proposal([found], POLICY, moment, HEADING)


def said(order: ReorderDecided) -> str:
    return " ".join(sentences(order, order.lines[0], NAMES))


def test_each_signal_of_a_decision_is_a_sentence_of_its_own_with_its_age_and_source() -> None:
    words = said(ordered(*TOGETHER))
    assert (
        "Harbour night market from Tue 3 Mar to Fri 6 Mar (a night market was seen 4 times before, says the council): "
        "x 1.26. Searches for oat milk stands at 72, usually 60 (today, says index file): x 1.10. "
        "SMS opt-ins stands at 90, usually 40 (yesterday, says till): x 1.13."
    ) in words
    assert "By Tue 10 Mar 08:00 you'll sell about 98" in words


def test_a_decision_with_signals_orders_more_and_replays_from_its_record() -> None:
    order, without = ordered(*TOGETHER), ordered()
    assert order.lines[0].packs > without.lines[0].packs
    again = ReorderDecided.model_validate_json(order.model_dump_json())
    assert is_same(again, again.lines[0])
    found = decision_of(again, again.lines[0]).forecast
    assert found.factors == TOGETHER
    assert found.plain[:3] == (8_000, 9_000, 10_000)
    assert "before    8, 9, 10" in "\n".join(arithmetic(again, again.lines[0], NAMES))


def test_a_decision_without_signals_is_recorded_as_before() -> None:
    order = ordered()
    assert "moved" not in order.lines[0].decision
    assert order.basis is not None
    assert order.basis.factors == ()


def test_signals_that_go_too_far_are_noted_and_said() -> None:
    order = ordered(replace(MARKET, parts=(2_900_000,) * 4), TREND)
    assert ("signal_clip", TUESDAY, 3_192_201) in decision_of(order, order.lines[0]).notes
    assert "On Tue 3 Mar all of this together would be x 3.19, more than is believed: look at it." in said(order)


def test_signals_are_said_in_the_shops_language() -> None:
    order = ordered(*TOGETHER, Factor("closed", "Inventur", "", TUESDAY + 5, TUESDAY + 5, (0,)))
    words = " ".join(sentences(order, order.lines[0], replace(NAMES, language="de")))
    assert (
        "Harbour night market von Di 3. März bis Fr 6. März (night market: 4-mal erlebt, laut the council): x 1.26."
        in words
    )
    assert (
        "SMS opt-ins steht bei 90, sonst 40 (gestern, laut till): x 1.13. Geschlossen am So 8. März: Inventur." in words
    )


def test_an_event_after_the_interval_is_not_spoken_of() -> None:
    assert "market" not in said(ordered(replace(MARKET, first_day=TUESDAY + 8)))


def test_a_fading_signal_says_how_far() -> None:
    fading = replace(TREND, parts=(*(1_100_759,) * 5, 1_066_092, 1_032_518), day=TUESDAY)
    assert "x 1.10, fading to x 1.03 on Mon 9 Mar." in said(ordered(fading))


parts = st.integers(100_000, 4_000_000)


@given(st.lists(parts, max_size=4), st.integers(0, 50_000))
def test_factors_taken_off_leave_what_was_there_and_put_on_twice_count_once(several: list[int], mean: int) -> None:
    plain = replace(FORECAST, day_means=(mean,) * 14)
    factors = [replace(TREND, name=str(place), parts=(one,)) for place, one in enumerate(several)]
    moved = with_factors(plain, factors)
    assert with_factors(moved, ()) == plain
    assert with_factors(moved, moved.factors) == moved
    whole = min(max(prod(one / WHOLE for one in several), 0.5), 3.0)
    assert abs(mean_on(moved, TUESDAY) - mean * whole) <= 1 + mean / 1_000_000
    assert cut(cut(moved, MONDAY, MONDAY + 9), MONDAY, MONDAY + 9) == cut(moved, MONDAY, MONDAY + 9)
    assert quantity(mean_on(moved, MONDAY)) == quantity(mean)
