"""The owner's catalogue: an item is found, changed and added on the phone, and the tills take it from their feed."""

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from edge_agent.rules.day import DAY_MS
from edge_agent.rules.imports import read_items
from edge_agent.wire.messages import FeedEntry
from tests.owner_shop import Scene, at_work
from tests.page_text import hidden, typed_in, words
from tests.shop import TUESDAY_14, open_journal


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("owner"), away=False) as scene:
        yield scene


def fields(answer: httpx.Response) -> dict[str, list[str]]:
    return typed_in(answer, "/catalogue/item")


def saves(browser: httpx.Client, of: str = "", /, **changed: str) -> httpx.Response:
    form = fields(browser.get("/catalogue/item", params={"sku": of}))
    return browser.post("/catalogue/item", data={**form, **changed}, follow_redirects=True)


def fed(scene: Scene, after: int) -> list[FeedEntry]:
    return [FeedEntry.model_validate(one) for one in scene.till.feed(after)]


def head(scene: Scene) -> int:
    return max((one.cursor for one in fed(scene, 0)), default=0)


def test_a_price_that_the_owner_saves_reaches_the_till_and_nothing_else_of_the_item_changes(
    fresh: Scene, tmp_path: Path
) -> None:
    before = head(fresh)
    with fresh.owner() as browser:
        answer = saves(browser, "oat", price="1.99")
    assert "Saved. The tills take it with their next look." in words(answer)
    assert 'value="1.99"' in answer.text
    (entry,) = fed(fresh, before)
    body = dict(entry.body)
    assert (body["sku"], body["price"], body["from_at"]) == ("oat", 199, TUESDAY_14)
    assert (body["name"], body["pack"]) == ("Oat milk 1 l", 6000)
    with closing(open_journal(tmp_path / "till")) as journal:
        journal.take_feed("g", [entry]).result()
        article = journal.reading().article("oat", TUESDAY_14)
    assert article is not None
    assert article.price == 199


def test_a_price_can_start_later_and_the_page_says_from_when(fresh: Scene, tmp_path: Path) -> None:
    before = head(fresh)
    with fresh.owner() as browser:
        answer = saves(browser, "oat", price="2.10", starts="2026-03-09T07:00")
        assert "£2.10 holds from Mon 07:00; until then the price before it." in words(answer)
        assert "new price from Mon 07:00" in words(browser.get("/catalogue", params={"find": "oat milk"}))
        assert "is not a time like" in words(saves(browser, "oat", price="2.20", starts="Monday"))
        saves(browser, "oat", category="Milk")
    entries = fed(fresh, before)
    assert [dict(one.body)["from_at"] for one in entries] == [TUESDAY_14 + 6 * DAY_MS - 7 * 3_600_000] * 2


def test_an_item_is_found_by_words_of_its_name_its_sku_or_its_code(fresh: Scene) -> None:
    with fresh.owner() as browser:
        saves(browser, "tea", codes="4006381333931")
        for asked in ("TEA bags", "tea", "4006381333931"):
            said = words(browser.get("/catalogue", params={"find": asked}))
            assert "1 item Breakfast tea, 80 bags" in said, asked
        assert "No item has “50%” in its name" in words(browser.get("/catalogue", params={"find": "50%"}))
        assert "7 items" in words(browser.get("/catalogue"))


def test_a_new_item_is_added_once_and_its_fields_are_checked_by_name(fresh: Scene) -> None:
    new = {"sku": "jam", "name": "Plum jam", "price": "3.40", "vat": "0", "pack": "6", "pack_cost": "12.00"}
    with fresh.owner() as browser:
        wrong = saves(browser, **{**new, "price": "three"})
        assert wrong.status_code == 422
        assert "the form: price 'three' is not a plain number like 12.50" in words(wrong)
        assert 'value="Plum jam"' in wrong.text
        assert "Saved." in words(saves(browser, **new))
        again = saves(browser, **{**new, "name": "Other jam"})
        assert again.status_code == 409
        assert "There is such an item already" in words(again)
        assert "Plum jam" in words(again)


def test_two_who_change_one_item_do_not_undo_each_other(fresh: Scene) -> None:
    with fresh.owner() as browser:
        old = fields(browser.get("/catalogue/item", params={"sku": "oat"}))
        saves(browser, "oat", name="Oat drink 1 l")
        late = browser.post("/catalogue/item", data={**old, "price": "9.99"})
        assert late.status_code == 409
        assert "Somebody changed this item meanwhile" in words(late)
        assert 'value="Oat drink 1 l"' in late.text
        assert 'value="1.85"' in late.text


WRONG = (
    ({"codes": "4006381333932"}, "has a wrong check digit"),
    ({"supplier": "nobody"}, "supplier is not one of this shop"),
    ({"vat": "120"}, "is more than 100 percent"),
    ({"name": " "}, "name is empty"),
    ({"codes": "eggs"}, "eggs belongs to Eggs, free range, 6 already"),
    ({"age": "200"}, "is more than 99"),
)


def test_what_is_not_right_is_named_and_nothing_is_saved(fresh: Scene) -> None:
    before = head(fresh)
    with fresh.owner() as browser:
        for changed, said in WRONG:
            answer = saves(browser, "oat", **changed)
            assert answer.status_code == 422
            assert said in words(answer)
    assert fed(fresh, before) == []


def test_the_file_of_the_catalogue_is_one_that_the_import_takes_back(fresh: Scene) -> None:
    with fresh.owner() as browser:
        saves(browser, "oat", name="=HYPERLINK(1)", codes="4006381333931")
        content = browser.get("/catalogue.csv").content
    assert b"'=HYPERLINK" in content
    rows = read_items("items.csv", content, 2)
    assert len(rows) == len(list(csv.reader(io.StringIO(content.decode())))) - 1 == 7
    oat = next(row for row in rows if row.sku == "oat")
    assert (oat.price_minor, oat.cost_per_pack_minor, oat.pack_milli, oat.codes) == (
        185,
        777,
        6000,
        ("04006381333931",),
    )
    assert oat.name == "=HYPERLINK(1)"


def test_saving_the_form_as_it_was_changes_nothing(fresh: Scene) -> None:
    before = head(fresh)
    with fresh.owner() as browser:
        assert "Saved." in words(saves(browser, "sour"))
        assert hidden(browser.get("/catalogue/item", params={"sku": "sour"}), "sku") == "sour"
    assert fed(fresh, before) == []
