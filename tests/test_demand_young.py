"""A shop in its first weeks: its week, how far sums stray, and what other shops foretell of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.demand.dispersion import from_days, volume_class
from edge_agent.demand.elders import Elder, Elders
from edge_agent.demand.forecasting import forecast_many, learn_studies
from edge_agent.demand.lattices import learned
from edge_agent.demand.messages import shop_from, shop_to_plain
from edge_agent.demand.priors import NEUTRAL, Priors
from edge_agent.demand.series import Facts, Opening, ShopHistory, SkuHistory
from edge_agent.demand.shipped import shipped_priors
from edge_agent.places import priors_file
from models.priors import learn_priors

MONDAY = 736_004
PRIORS = Priors((0.0, -0.5), {"bread": (1.5, 1.0), "wine": (0.5, 1.0)}, (9.0, 10.0, 11.0))


def young(days: int, **skus: tuple[int, ...]) -> ShopHistory:
    """A shop that opened on a Monday; each item's pieces by day, repeated."""
    first = MONDAY
    sold = {
        sku: SkuHistory(sku, tuple(range(first, first + days)), tuple(1000 * qtys[i % len(qtys)] for i in range(days)))
        for sku, qtys in skus.items()
    }
    return ShopHistory("UTC", Opening(), first + days, sold)


def test_weekdays_that_a_young_shop_has_not_met_sell_like_a_mean_day() -> None:
    shop = young(2, rolls=(20,), cake=(10,))
    told = forecast_many(shop, 0)["rolls"]
    assert told.day_means[:7] == pytest.approx([20_000] * 7, rel=0.15)


def test_a_weekday_on_which_it_was_met_and_never_sold_stays_closed() -> None:
    shop = young(14, rolls=(20,))
    one = shop.skus["rolls"]
    kept = [i for i, day in enumerate(one.days) if (day - MONDAY) % 7 != 6]
    closed = SkuHistory("rolls", tuple(one.days[i] for i in kept), tuple(one.qtys[i] for i in kept))
    told = forecast_many(replace(shop, skus={"rolls": closed}), 0)["rolls"]
    assert [mean == 0 for mean in told.day_means[:7]] == [False] * 6 + [True]


def test_how_far_days_lay_from_their_mean_tells_how_far_sums_will() -> None:
    # 8 days, variance 14 / 7 = 2: a sum of 3 days strays by 3 x 2 and by the mean's doubt, 9 x 2 / 8.
    told = from_days(14.0, 40.0, 8, 1.0, 3)
    assert told.squares / told.sums == pytest.approx(3 * 2 + 9 * 2 / 8)
    assert told.means / told.sums == pytest.approx(3 * 5.0)
    assert from_days(0.0, 5.0, 1, 1.0, 1).sums == 0


def test_a_shop_of_wild_days_is_not_taken_for_a_calm_one_after_a_week() -> None:
    wild = learn_studies(young(7, rolls=(10, 90, 30, 70), cake=(80, 5, 50), bun=(20, 95)))[0]
    calm = learn_studies(young(7, rolls=(50, 49, 51), cake=(45, 46)))[0]
    day = volume_class(50.0)
    assert wild.curves[0][day] > 4.0
    assert calm.curves[0][day] < 1.5


@pytest.mark.parametrize("days", [3, 10, 40])
def test_one_item_and_all_at_once_tell_the_same_of_the_first_weeks(days: int) -> None:
    shop = young(days, rolls=(10, 90, 30, 70), cake=(8, 5, 1), jam=(1,))
    for many, single in zip(learned(shop)[0].curves, learn_studies(shop)[0].curves, strict=True):
        assert many == pytest.approx(single)


def test_before_anything_was_missed_sums_stray_as_in_other_shops() -> None:
    shop = replace(young(1, rolls=(20,)), priors=PRIORS)
    assert [curve[8] for curve in learned(shop)[0].curves] == pytest.approx(PRIORS.phi)


def test_dear_goods_are_foretold_as_in_other_shops_until_its_own_have_shown_it() -> None:
    def elder(sku: str, price: int, size: float) -> Elder:
        return Elder(sku, Facts(price=price), 10, (size,) * 5)

    few = [elder("a", 100, 4.0), elder("b", 110, 4.0), elder("c", 90, 4.0)]
    told = Elders(few, PRIORS).foretold("new", Facts(price=400))
    assert told.size == pytest.approx(2.0)
    many = [elder(f"dear {i}", 400, 8.0) for i in range(60)]
    assert Elders([*few, *many], PRIORS).foretold("new", Facts(price=400)).size > 7.0


def test_a_category_that_nothing_was_sold_of_yet_sells_as_its_words_say_against_the_others() -> None:
    known = [Elder(f"wine {i}", Facts(category="Red wine"), 21, (1.0,) * 5) for i in range(6)]
    elders = Elders(known, PRIORS)
    told = {word: elders.foretold("new", Facts(category=word)).often for word in ("White bread", "Red wine", "Soap")}
    assert told["White bread"] == pytest.approx(min(1.0, told["Red wine"] * 3.0))
    assert told["Soap"] == pytest.approx(told["Red wine"] * 2.0)


def test_the_model_s_child_hears_the_priors_of_the_shop() -> None:
    shop = replace(young(2, rolls=(2,)), priors=PRIORS)
    assert shop_from(shop_to_plain(shop)).priors == PRIORS


def test_what_ships_is_learnt_and_read_and_a_broken_file_foretells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shipped_priors() != NEUTRAL
    assert priors_file() is not None
    broken = tmp_path / "priors.json"
    broken.write_text('{"steeper": [1]}', encoding="utf-8")
    monkeypatch.setattr("edge_agent.demand.shipped.priors_file", lambda: broken)
    shipped_priors.cache_clear()
    assert shipped_priors() == NEUTRAL
    shipped_priors.cache_clear()


def test_shops_teach_which_words_and_prices_sell_more() -> None:
    facts = {
        **{f"bread {i}": Facts(price=100 + i, category="bread") for i in range(12)},
        **{f"wine {i}": Facts(price=900 + i, category="wine") for i in range(12)},
    }
    shop = young(60, **{sku: ((9,) if "bread" in sku else (2, 0, 0)) for sku in facts})
    sold = {
        sku: replace(one, days=one.days[::3], qtys=one.qtys[::3]) if "wine" in sku else one
        for sku, one in shop.skus.items()
    }
    told = learn_priors([replace(shop, skus=sold, facts=facts)])
    assert all(power < -0.3 for power in told.steeper)
    assert learn_priors([]) == NEUTRAL
