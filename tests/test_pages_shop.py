"""The owner's pages of promotions and of the shop's card: the tills get what is set there, and nothing else moves."""

from collections.abc import Iterator

import httpx
import pytest

from cloud_sync.catalogue import promotions, shop_card
from edge_agent.rules.day import DAY_MS, HOUR_MS
from edge_agent.wire.events.catalogue import ShopSet
from edge_agent.wire.events.promotion import PromotionSet
from tests.owner_shop import Scene, at_work
from tests.page_text import typed_in, words
from tests.shop import SHOP, TUESDAY_14

ONE, CARD = "/promotions/one", "/shop"
THREE = {"promotion": "eggs3", "name": "3 eggs for £7", "method": "n_for", "skus": "eggs", "value": "7.00", "need": "3"}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("owner"), away=False) as scene:
        yield scene


def saves(browser: httpx.Client, page: str, key: str = "", /, **changed: str) -> httpx.Response:
    form: dict[str, str | list[str]] = {**typed_in(browser.get(page, params={"promotion": key}), page)}
    return browser.post(page, data={**form, **changed}, follow_redirects=True)


def kept(scene: Scene) -> dict[str, PromotionSet]:
    with scene.cloud.reading() as session:
        return promotions(session, tenant=scene.cloud.shop.tenant, shop=scene.cloud.shop.shop)


def card(scene: Scene) -> ShopSet:
    with scene.cloud.reading() as session:
        found = shop_card(session, tenant=scene.cloud.shop.tenant, shop=scene.cloud.shop.shop)
    assert found is not None
    return found


def test_a_promotion_is_set_and_taken_back_and_the_tills_feed_has_both(fresh: Scene) -> None:
    with fresh.owner() as browser:
        said = words(saves(browser, ONE, **THREE, **{"from": "2026-03-02", "until": "2026-03-08"}))
        assert "Saved. The tills take it with their next look." in said
        assert "3 eggs for £7 several for one price, 1 item; until Sun 23:59 on now" in said
        one = kept(fresh)["eggs3"]
        assert (one.members, one.need, one.value) == (("eggs",), 3, 700)
        monday = TUESDAY_14 - DAY_MS - 14 * HOUR_MS
        assert (one.from_at, one.until_at) == (monday, monday + 7 * DAY_MS)
        assert "taken back" in words(saves(browser, ONE, "eggs3", active="no"))
    fed = [dict(entry["body"]) for entry in fresh.till.feed() if entry["kind"] == "promotion_set"]  # type: ignore[call-overload]
    assert [one["active"] for one in fed] == [True, False]


def test_saving_a_promotion_as_it_was_changes_nothing(fresh: Scene) -> None:
    with fresh.owner() as browser:
        saves(browser, ONE, **THREE, **{"from": "2026-03-02", "until": "2026-03-08"})
        before = kept(fresh)
        saves(browser, ONE, "eggs3")
    assert kept(fresh) == before


def test_a_promotion_that_can_not_be_is_refused_by_field_and_one_name_is_one_promotion(fresh: Scene) -> None:
    with fresh.owner() as browser:
        for changed, said in (
            ({"skus": "eggs dodo"}, "skus names dodo, which is not in the catalogue"),
            ({"value": "cheap"}, "value 'cheap' is not a plain number"),
            ({"method": "pair_for"}, "others belongs to pair_for"),
            ({"from": "soon"}, "from 'soon' is not a day like 2026-03-01"),
            ({"name": ""}, "name"),
        ):
            answer = saves(browser, ONE, **{**THREE, **changed})
            assert answer.status_code == 422
            assert said in words(answer)
        assert kept(fresh) == {}
        saves(browser, ONE, **THREE)
        again = saves(browser, ONE, **THREE)
        assert again.status_code == 409
        assert "There is such a promotion already" in words(again)


def test_the_shops_card_changes_where_the_owner_changed_it_and_nowhere_else(fresh: Scene) -> None:
    with fresh.owner() as browser:
        saves(browser, CARD)
        assert card(fresh) == SHOP
        answer = saves(
            browser, CARD, address="2 Low Street\n\nHastings\nTN34", sun_opens="", sun_closes="", reorder_floor="96.5",
            mon_closes="00:00", week_budget="1200.50",
        )  # fmt: skip
        assert "Saved. The tills take it with their next look." in words(answer)
    found = card(fresh)
    assert found.address == ("2 Low Street", "Hastings", "TN34")
    assert (found.hours[0], found.hours[6], found.reorder_floor) == ((540, 1440), None, 9650)
    assert found == SHOP.model_copy(
        update={"address": found.address, "hours": ((540, 1440), *SHOP.hours[1:6], None)}
        | {"reorder_floor": 9650, "week_budget": 120_050}
    )


def test_what_the_shops_card_can_not_hold_is_named_and_nothing_is_saved(fresh: Scene) -> None:
    with fresh.owner() as browser:
        for changed, said in (
            ({"name": " "}, "name is empty"),
            ({"reorder_floor": "99.9"}, "is more than 99"),
            ({"week_budget": "-5"}, "week budget '-5' is negative"),
            ({"tue_closes": "07:00"}, "tue closes is not after 09:00"),
            ({"wed_opens": ""}, "wed opens '' is not a time like 15:00"),
            ({"address": "\n".join("123456789")}, "address has 9 lines; 8 fit"),
        ):
            answer = saves(browser, CARD, **changed)
            assert answer.status_code == 422
            assert said in words(answer)
        old = typed_in(browser.get(CARD), CARD)
        saves(browser, CARD, name="Corner & Co")
        assert "Somebody changed this shop meanwhile" in words(browser.post(CARD, data=old))
    assert card(fresh) == SHOP.model_copy(update={"name": "Corner & Co"})
