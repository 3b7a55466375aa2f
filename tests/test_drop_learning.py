"""What past drops teach: exposure along the shop's hours, dispersion with shrinkage, and three sizes to choose from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.rules.drop import Demand, Gamma, Past, Stakes
from edge_agent.rules.drop_past import FADES, MOST, UNKNOWN, Item, Strays, Usual, learnt, returned, usual
from edge_agent.rules.drop_sizes import candidates, mixed, sized
from edge_agent.rules.exposure import LEAST, curve

STAKES = Stakes(price=20, cost=8, salvage=5, handling=2, returned=0.10, resellable=0.8)
SHARES = (0.5806, 0.2339, 0.1855)
NINE_TO_FIVE = [[0] * 9 + [1_000] * 8 + [0] * 7 for _ in range(7)]
PRIOR = Gamma(4, 0.08)


def test_a_drop_that_sold_out_at_noon_saw_what_the_shop_sells_until_noon() -> None:
    one_day = curve(NINE_TO_FIVE, 0, 9 * 60, 8 * 60)
    assert one_day.seen(3 * 60) == pytest.approx(3 / 8)
    assert one_day.seen(3 * 60 + 30) == pytest.approx(3.5 / 8)
    assert (one_day.seen(-5), one_day.seen(8 * 60), one_day.seen(99_999)) == (0.0, 1.0, 1.0)
    assert (one_day.exposure(None), one_day.exposure(0)) == (1.0, LEAST)


def test_a_window_over_the_night_and_one_that_starts_within_an_hour_follow_the_clock() -> None:
    days = curve(NINE_TO_FIVE, 4, 15 * 60 + 30, 2 * 24 * 60)
    assert days.seen(90) == pytest.approx(1.5 / 16)
    assert days.seen(24 * 60) == pytest.approx(8 / 16)
    assert curve([[0] * 24] * 7, 0, 600, 60).seen(30) == pytest.approx(0.5), "of hours nobody knows, each counts alike"


def test_a_shop_without_drops_counts_with_a_usual_dispersion_and_learns_its_own() -> None:
    assert usual([Item(PRIOR)]).phi(Item(PRIOR)) == UNKNOWN
    wild = [("mug", Past(sold, 1.0)) for sold in (20, 90, 15, 120, 60, 10)]
    calm = [("mug", Past(sold, 1.0)) for sold in (49, 51, 50, 50, 52, 48)]
    strayed, kept = (learnt(drops, {"mug": PRIOR}) for drops in (wild, calm))
    assert usual(strayed.values()).phi(strayed["mug"]) > 10
    assert usual(kept.values()).phi(kept["mug"]) < 1.5


def test_an_items_own_strays_are_shrunk_to_the_shops() -> None:
    neighbour = Item(PRIOR, Strays(5_000, 500))
    newcomer, steady = Item(PRIOR), Item(PRIOR, Strays(500, 500))
    shop = usual([neighbour, newcomer])
    assert shop.phi(newcomer) == pytest.approx(10.0)
    assert 1.0 < usual([neighbour, steady]).phi(steady) < usual([neighbour, steady]).phi(newcomer)
    assert Usual({6: Strays(1e9, 1)}).phi(newcomer) == MOST


def test_older_drops_fade_and_a_sold_out_one_counts_by_what_it_saw() -> None:
    once = Item(Gamma(40, 1.0)).after(Past(30, 0.5), 2.0)
    assert once.belief.a == pytest.approx(40 * FADES + 15)
    assert once.belief.b == pytest.approx(1.0 * FADES + 0.25)
    assert once.strays == Strays((30 - 20) ** 2, 20.0)
    assert once.mean > 40


def test_drops_of_an_item_without_a_prior_are_left_out() -> None:
    assert learnt([("hat", Past(3, 1.0))], {"mug": PRIOR}) == {"mug": Item(PRIOR)}


def test_three_sizes_go_from_careful_to_bold_and_the_middle_one_earns_most() -> None:
    careful, best, bold = candidates(Demand(94.69, 383.25), STAKES, SHARES)
    assert careful.pieces < best.pieces == 109 < bold.pieces
    assert best.parts == (63, 26, 20)
    assert careful.sells_out > best.sells_out > bold.sells_out
    assert careful.left_over < best.left_over < bold.left_over
    assert best.profit >= max(careful.profit, bold.profit)
    others = [sized("", Demand(94.69, 383.25), STAKES, SHARES, size).profit for size in (108, 110)]
    assert best.profit >= max(others)


def test_sizes_come_in_whole_packs_and_what_earns_nothing_is_not_bought() -> None:
    assert all(one.pieces % 12 == 0 for one in candidates(Demand(60, 324), STAKES, SHARES, pack=12))
    assert [one.pieces for one in candidates(Demand(60, 324), Stakes(7, 8, 5), SHARES)] == [0, 0, 0]


def test_variants_mix_by_their_shares() -> None:
    both = mixed([Stakes(10, 4, 1), Stakes(20, 8, 2)], [3, 1])
    assert (both.price, both.cost, both.salvage) == (12.5, 5.0, 1.25)


def test_returns_are_held_to_one_in_twenty_until_more_is_known() -> None:
    assert returned(0, 0) == 0.05
    assert returned(180, 19) == pytest.approx(0.1)


@given(st.integers(1, 400), st.floats(1.0, 40.0), st.floats(0.05, 0.95))
def test_what_sells_and_what_stays_are_the_pieces_that_there_are(pieces: int, phi: float, part: float) -> None:
    demand = Demand(pieces * 2 * part, pieces * 2 * part * phi)
    one = sized("", demand, STAKES, (1.0,), pieces)
    assert 0 <= one.left_over <= pieces + 1e-9
    assert one.left_over >= pieces - demand.mean - 1e-6
    assert sum(one.parts) == pieces
