"""What a new item is taken to sell: its kin by price, category, name and variants, and its own first days."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from edge_agent.demand.elders import LEAST_TRUST, MOST_TRUST, Elder, Elders, elders_of, kindred_of, words
from edge_agent.demand.kin import STRANGERS, Kin, Kindred, Trust, young_pace
from edge_agent.demand.series import Facts, Opening, ShopHistory, SkuHistory
from tests.house import ROOT

TODAY = 736_000
TRADING = tuple(range(TODAY - 200, TODAY))


def elder(sku: str, often: int, size: float, facts: Facts | None = None) -> Elder:
    """On `often` of a hundred days after its first it sold `size` pieces."""
    return Elder(sku, facts or Facts(), 101, (size,) * (often + 1))


def test_a_pace_is_how_often_times_how_much_each_drawn_by_days() -> None:
    # Sold 3 + 5 + 4 pieces on 3 of 8 days: often (2 + 2 x .5) / (7 + 2), at a time (12 + 1 x 2) / (3 + 1).
    assert young_pace(3, 12.0, 8.0, Kin(0.5, 2.0), Trust(2.0, 1.0)) == pytest.approx((3 / 9) * (14 / 4))


def test_on_its_first_day_an_item_sells_as_often_as_its_kin_for_that_day_says_nothing_of_it() -> None:
    assert young_pace(1, 2.0, 1.0, Kin(0.25, 2.0), Trust(2.0, 1.0)) == pytest.approx(0.25 * 2.0)


def test_without_kin_an_item_sells_what_it_has_sold_after_its_first_day() -> None:
    one = SkuHistory("jam", (TODAY - 4, TODAY - 2, TODAY - 1), (2_000, 2_000, 2_000))
    assert STRANGERS.pace(one, TODAY - 1, 4.0) == pytest.approx(3 / 4 * 2.0)


def test_one_great_order_counts_as_eight_usual_ones() -> None:
    one = SkuHistory("jam", (TODAY - 2, TODAY - 1), (1_000, 900_000))
    kindred = Kindred(Kin(0.5, 1.0), Trust(1.0, 1.0))
    assert kindred.pace(one, TODAY - 1, 2.0) == pytest.approx((1 + 0.5) / 2 * (9 + 1) / 3)


def test_what_comes_later_is_not_seen() -> None:
    one = SkuHistory("jam", (TODAY - 3, TODAY + 2), (1_000, 9_000))
    assert STRANGERS.pace(one, TODAY - 1, 3.0) == STRANGERS.pace(one.until(TODAY), TODAY - 1, 3.0)


def test_items_of_the_same_price_foretell_how_much_is_bought_at_a_time() -> None:
    cheap = [elder(f"cheap {i}", 50, 10.0, Facts(price=100)) for i in range(30)]
    dear = [elder(f"dear {i}", 10, 1.0, Facts(price=3_000)) for i in range(30)]
    elders = Elders([*cheap, *dear])
    assert elders.foretold("new", Facts(price=110)).size == pytest.approx(10.0, rel=0.1)
    told = elders.foretold("new", Facts(price=2_900))
    assert told.size == pytest.approx(1.0, rel=1.0)
    assert told.often == pytest.approx(0.1, rel=0.4)


def test_a_category_is_believed_as_far_as_it_has_items() -> None:
    usual = [elder(f"thing {i}", 20, 2.0, Facts(price=100, category="things")) for i in range(40)]
    for count, least, most in ((1, 0.2, 0.3), (12, 0.35, 0.6)):
        milk = [elder(f"milk {i}", 60, 2.0, Facts(price=100, category="milk")) for i in range(count)]
        told = Elders([*usual, *milk]).foretold("new", Facts(price=100, category="milk"))
        assert least < told.often < most


def test_like_names_and_the_same_product_tell_more_than_the_price() -> None:
    usual = [elder(f"s{i}", 20, 2.0, Facts(100, f"plain thing number{i}")) for i in range(40)]
    owls = [elder(f"owl {i}", 60, 2.0, Facts(100, f"purple owl mug {i}", item="owl")) for i in range(3)]
    elders = Elders([*usual, *owls])
    plain = elders.foretold("new", Facts(100, "something else"))
    named = elders.foretold("new", Facts(100, "purple owl cup"))
    sibling = elders.foretold("new", Facts(100, "purple owl cup", item="owl"))
    assert plain.often < named.often < sibling.often <= 1.0


def test_an_item_s_own_sales_do_not_foretell_it() -> None:
    usual = [elder(f"s{i}", 20, 2.0, Facts(name=f"thing {i}")) for i in range(30)]
    wild = elder("wild", 90, 50.0, Facts(name="wild boar", item="wild"))
    elders = Elders([*usual, wild])
    assert elders.foretold("wild", wild.facts).often == pytest.approx(elders.foretold("", Facts()).often)


def test_the_more_alike_items_are_the_more_they_are_trusted() -> None:
    alike = [elder(f"s{i}", 20 + i % 2, 2.0) for i in range(60)]
    apart = [elder(f"s{i}", 2 + 3 * (i % 30), 2.0) for i in range(60)]
    assert Elders(alike).trust.often == MOST_TRUST
    assert Elders(apart).trust.often < MOST_TRUST - 0.1
    noisy = [replace(one, sizes=(1.0, 9.0) * 10) for one in alike]
    steady = [replace(one, sizes=(1.0 + i % 8,) * 20) for i, one in enumerate(alike)]
    assert Elders(noisy).trust.size == MOST_TRUST
    assert Elders(steady).trust.size == LEAST_TRUST


def test_where_few_have_sold_for_long_the_young_tell_of_each_other() -> None:
    young = {f"s{i}": SkuHistory(f"s{i}", (TODAY - 7, TODAY - 1), (1_000, 1_000)) for i in range(30)}
    shop = ShopHistory("UTC", Opening(), TODAY, young)
    assert len(elders_of(shop, TRADING[-7:])) == 30
    assert kindred_of(shop, TRADING[-7:], 0).usual.often == pytest.approx(1 / 6)
    assert kindred_of(ShopHistory("UTC", Opening(), TODAY, {}), (), 0) == STRANGERS


def test_only_what_was_lately_new_is_told_of() -> None:
    days = tuple(range(TODAY - 180, TODAY))
    old = {f"s{i}": SkuHistory(f"s{i}", days, (1_000,) * len(days)) for i in range(30)}
    new = SkuHistory("new", (TODAY - 3,), (1_000,))
    kindred = kindred_of(ShopHistory("UTC", Opening(), TODAY, {**old, "new": new}), TRADING, 8)
    assert set(kindred.told) == {"new"}
    assert kindred.about(["s1"]).told == {}


KIN_OF_A_NAME = """
import sys
from edge_agent.demand.elders import kindred_of
from edge_agent.demand.series import Facts, Opening, ShopHistory, SkuHistory
from tests.house import ROOT
words = "blue red green large small round mug cup plate bowl glass jar lid tray set gift".split()
facts, skus = {}, {}
for i in range(60):
    first = 700 if i < 50 else 830
    days = tuple(range(first + i % 7, 850, 2 + i % 5))
    skus[f"s{i}"] = SkuHistory(f"s{i}", days, tuple(1000 * (1 + (i * d) % 3) for d in days))
    facts[f"s{i}"] = Facts(price=100 + 7 * i, name=" ".join(words[(i * i * k + i) % 16] for k in (1, 3, 5, 7, 11)))
shop = ShopHistory("UTC", Opening(), 850, skus, facts=facts)
print(repr(kindred_of(shop, tuple(range(690, 850)), 8)))
"""


def test_what_is_foretold_is_the_same_in_every_process() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", KIN_OF_A_NAME],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "3")
    }
    assert len(told) == 1
    assert "s55" in told.pop()


def test_words_are_those_that_could_mean_something() -> None:
    assert words("PURPLE Owl-Mug 2, A") == {"purple", "owl", "mug"}
