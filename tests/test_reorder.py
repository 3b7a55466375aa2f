"""The reorder decision against worked cases that were computed and cross-checked by hand."""

from dataclasses import replace

import pytest

from edge_agent.rules import negative_binomial, packs
from edge_agent.rules.order import order_key
from edge_agent.rules.packs import Odds, Stakes
from edge_agent.rules.plan import expected
from edge_agent.rules.reorder import Decision, Lot, Snapshot, decide
from edge_agent.rules.spoiling import Shelf, Spoiling, worth
from tests.shelf import FORECAST, HOURS, POLICY, at, coming, ms, oat, terms
from tests.test_calendar import WORKDAYS


def decided(snapshot: Snapshot, when: str = "2026-03-03T14:00") -> Decision:
    return decide(snapshot, POLICY, FORECAST, at(when))


def test_seventy_two_hours_from_tuesday_afternoon_expect_thirty_with_quantiles_30_38_41() -> None:
    mean = expected(FORECAST, HOURS, ms("2026-03-03T14:00"), ms("2026-03-06T14:00"))
    assert mean == 30_000
    assert [Odds(mean, 1400).level(level) for level in (5_000, 9_000, 9_500)] == [30, 38, 41]


@pytest.mark.parametrize(("mean", "level", "want"), [(71_000, 9_500, 88), (86_400, 9_500, 105), (13_000, 9_500, 20)])
def test_quantiles_of_the_summed_demand(mean: int, level: int, want: int) -> None:
    assert Odds(mean, 1400).level(level) == want


@pytest.mark.parametrize(
    ("phi", "levels"), [(1000, [44, 46, 48]), (4000 * 12 // 36, [45, 48, 50])], ids=["poisson", "variance 48"]
)
def test_three_days_of_twelve_need_what_tables_say(phi: int, levels: list[int]) -> None:
    assert [Odds(36_000, phi).level(level) for level in (9_000, 9_500, 9_750)] == levels


def test_nothing_incoming_orders_54() -> None:
    found = decided(oat())
    assert (found.moment.arrives_at, found.moment.next_arrives_at) == (ms("2026-03-05T08:00"), ms("2026-03-10T08:00"))
    assert (found.need.mean, found.need.level, found.need.position, found.need.raw) == (71_000, 88_000, 36_000, 52_000)
    assert (found.qty, found.packs, found.cost) == (54_000, 9, 8_100)


def test_goods_that_come_within_the_interval_are_not_ordered_again() -> None:
    found = decided(oat(coming("2026-03-05T08:00")))
    assert (found.need.position, found.need.raw, found.qty) == (60_000, 28_000, 30_000)
    assert found.what_if[0].out == 8_550


def test_goods_that_come_after_the_interval_do_not_count_and_the_decision_says_so() -> None:
    found = decided(oat(coming("2026-03-11T08:00")))
    assert (found.need.position, found.qty) == (36_000, 54_000)
    assert found.notes == (("after", "a1b2c3d4", ms("2026-03-11T08:00"), 24_000),)


def test_a_missed_cutoff_protects_until_the_arrival_after_the_next() -> None:
    found = decided(oat(coming("2026-03-05T08:00")), "2026-03-03T16:00")
    assert (found.moment.arrives_at, found.moment.next_arrives_at) == (ms("2026-03-10T08:00"), ms("2026-03-12T08:00"))
    assert (found.need.mean, found.need.level, found.need.raw, found.qty) == (86_400, 105_000, 45_000, 48_000)
    assert found.need.out_first == pytest.approx(8_155, abs=1)


def test_working_days_make_thursdays_interval_end_on_tuesday() -> None:
    found = at("2026-03-05T14:00", WORKDAYS)
    assert (found.arrives_at, found.next_arrives_at) == (ms("2026-03-09T08:00"), ms("2026-03-10T08:00"))


# --- packs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on_hand", "pack", "least", "packs_of"),
    [(14, 6, 0, 24), (14, 10, 0, 30), (30, 6, 4, 24), (40, 6, 4, 0)],
    ids=["six", "ten", "minimum", "enough"],
)
def test_the_need_is_filled_in_whole_packs_and_a_minimum_creates_no_need(
    on_hand: int, pack: int, least: int, packs_of: int
) -> None:
    snapshot = oat(
        coming("2026-03-05T08:00", 12),
        on_hand=on_hand * 1_000,
        reserved=2_000,
        terms=terms(pack=pack * 1_000, pack_cost=150 * pack, least=least),
    )
    forecast = replace(FORECAST, day_means=_thirty_six(), phi_milli=1000)
    found = decide(snapshot, replace(POLICY, floor=9_750), forecast, at("2026-03-03T14:00"))
    assert (found.need.mean, found.need.level, found.need.position) == (36_000, 48_000, (on_hand + 10) * 1_000)
    assert (found.need.raw, found.qty) == (max(0, 48_000 - found.need.position), packs_of * 1_000)


def _thirty_six() -> tuple[int, ...]:
    """Days whose sum from Tuesday 14:00 to the next Tuesday 08:00 is 36."""
    return (4_000, 8_000, 6_000, 6_000, 6_000, 5_000, 5_000) * 3


def test_a_pack_too_big_for_the_need_is_ordered_only_if_it_pays() -> None:
    odds = Odds(71_000, 1400)
    cheap, dear = Stakes(under=100_000, over=15_000), Stakes(under=100_000, over=120_000)
    tried = ((cheap, 24_000), (cheap, 48_000), (dear, 24_000))
    gains = [packs.gain(odds, stakes, 60_000, qty) for stakes, qty in tried]
    assert gains == pytest.approx([915_300, 614_300, -440_300], abs=50)
    assert packs.best(odds, cheap, 60_000, 24_000, [0, 1, 2]) == 1
    assert packs.best(odds, dear, 60_000, 24_000, [0, 1]) == 0


def test_when_the_owners_floor_binds_the_cost_it_implies_decides_the_pack() -> None:
    large = terms(pack=24_000, pack_cost=3_600)
    found = decided(oat(coming("2026-03-05T08:00"), terms=large))
    assert (found.need.alpha, found.need.under, found.need.over, found.qty) == (9_500, 100_000, 5_263, 24_000)


def test_a_need_that_does_not_pay_a_minimum_order_is_left_and_noted() -> None:
    found = decided(oat(on_hand=84_000, reserved=0, terms=terms(least=50)))
    assert found.need.raw == 4_000
    assert (found.packs, found.notes) == (0, (("not_worth", 50),))


def test_more_than_the_most_is_cut_and_noted() -> None:
    found = decided(oat(terms=terms(most=5)))
    assert (found.packs, found.notes) == (5, (("most", 9),))


def test_a_margin_far_above_the_cost_of_keeping_raises_the_level_to_the_ceiling() -> None:
    found = decided(oat(terms=terms(price=100_000)))
    assert found.need.alpha == 9_900
    assert found.need.level == 1_000 * negative_binomial.quantile(71.0, 1.4, 0.99)


def test_goods_sold_below_cost_are_kept_at_the_owners_floor_and_say_so() -> None:
    found = decided(oat(terms=terms(price=100)))
    assert (found.need.alpha, found.qty) == (9_500, 54_000)
    assert ("no_margin",) in found.notes


# --- shelf life ---------------------------------------------------------------------------------------------------


def test_expected_waste_of_four_days_at_twelve_a_day() -> None:
    life = Odds(48_000, 1400)
    waste = [packs.wasted(life, 0, qty * 1_000) / 1_000 for qty in (36, 42, 48, 54)]
    assert waste == pytest.approx([0.20, 1.04, 3.26, 7.17], abs=0.005)
    assert packs.within_waste(life, 0, 6_000, 9, 500) == 7


def test_goods_that_spoil_are_capped_by_waste_and_the_decision_says_from_how_many() -> None:
    durable = decided(oat(on_hand=4_000))
    fresh = decided(oat(on_hand=4_000, terms=terms(life_days=2)))
    assert fresh.need.until == ms("2026-03-07T08:00")
    assert fresh.packs < durable.packs
    assert fresh.what_if[fresh.packs].waste * 10_000 <= POLICY.waste * fresh.qty


def test_stock_that_expires_after_the_interval_counts_in_full() -> None:
    assert decided(oat(lots=(Lot(ms("2026-03-12T00:00"), 40_000),))).need.expiring == 0


def test_stock_that_expires_unsold_within_the_interval_does_not_count() -> None:
    found = decided(oat(lots=(Lot(ms("2026-03-05T00:00"), 40_000),)))
    assert found.need.expiring == 40_000 - 4_000 - 9_000
    assert found.need.position == 36_000 - 27_000


# --- what is out of the ordinary ----------------------------------------------------------------------------------


def test_a_late_delivery_is_counted_on_for_three_days_and_then_no_longer() -> None:
    late, lost = decided(oat(coming("2026-03-02T08:00"))), decided(oat(coming("2026-02-27T08:00")))
    assert (late.need.position, late.notes[0][0]) == (60_000, "late")
    assert (lost.need.position, lost.notes[0][0]) == (36_000, "lost")


def test_stock_below_zero_and_stock_never_counted_are_noted() -> None:
    assert decided(oat(on_hand=-3_000)).notes == (("negative", -3_000),)
    assert decided(oat(counted=False)).notes == (("uncounted",),)


def test_a_shop_that_sells_nothing_orders_nothing() -> None:
    found = decide(oat(on_hand=0, reserved=0), POLICY, replace(FORECAST, day_means=(0,) * 14), at("2026-03-03T14:00"))
    assert (found.packs, found.need.raw) == (0, 0)


# --- the key ------------------------------------------------------------------------------------------------------


def test_ten_runs_on_two_tills_give_one_key_with_no_date_sku_or_quantity_in_it() -> None:
    def run(when: str) -> str:
        return order_key(shop="s1", supplier="northside", cycle=at(when).cycle)

    keys = {run(f"2026-03-0{day}T{hour}:00") for day, hour in ((1, "09"), (2, "11"), (3, "14"), (3, "15"))}
    assert len(keys) == 1
    assert run("2026-03-03T16:00") not in keys
    cycle = at("2026-03-03T14:00").cycle
    assert order_key(shop="s2", supplier="northside", cycle=cycle) not in keys
    assert order_key(shop="s1", supplier="northside", cycle=cycle, purpose="drop") not in keys


def fresh(pack: int, life: int, on_hand: int = 0, floor: int = 1, rate: int = 0) -> Decision:
    """Twelve a day or so, ordered on Tuesday for Thursday, the next on Tuesday, at the price of 1.00 more than cost."""
    goods = oat(on_hand=on_hand, terms=terms(pack=pack, life_days=life))
    return decide(goods, replace(POLICY, floor=floor, waste=10_000), FORECAST, at("2026-03-03T14:00"))


def test_goods_that_outlive_the_interval_and_yet_spoil_stop_where_the_last_pack_wastes_more_than_it_earns() -> None:
    durable, six_days = fresh(1_000, 0), fresh(1_000, 6)
    assert 0 < six_days.packs < durable.packs
    assert ("spoils", durable.packs) in six_days.notes
    gains = [_worth(six_days, number) for number in range(durable.packs + 1)]
    assert six_days.packs == max(range(len(gains)), key=lambda number: gains[number])


def _worth(found: Decision, number: int) -> float:
    """What so many packs earn less what of them spoils costs."""
    need, pack = found.need, found.snapshot.terms.pack
    odds, life = (Odds(mean, found.forecast.phi_milli) for mean in (need.mean, need.mean_life))
    spoilt = life.left(need.position + number * pack) - life.left(need.position)
    cost = found.snapshot.terms.pack_cost * 1_000_000 / pack
    return packs.gain(odds, Stakes(need.under, need.over), need.position, number * pack) - cost * spoilt


def test_the_owner_s_floor_stands_against_waste() -> None:
    kept = fresh(1_000, 6, floor=9_500)
    assert kept.need.position + kept.qty >= 1_000 * Odds(kept.need.mean, 1400).level(9_500)


def test_a_slow_seller_in_a_large_pack_is_ordered_for_an_empty_shelf_if_the_pack_pays_in_its_life() -> None:
    odds, life, own = (Odds(mean, 1200) for mean in (2_000, 11_000, 10_500))
    fair, dear = Spoiling(life, own, 1_500_000), Spoiling(life, own, 15_000_000)
    for spoiling, empty, want in ((fair, True, 1), (fair, False, 0), (dear, True, 0)):
        assert worth(odds, Stakes(700_000, 3_000), spoiling, Shelf(0, 1, empty), 12_000, 1) == want
