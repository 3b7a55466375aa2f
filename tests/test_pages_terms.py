"""The owner's page of a supplier: its terms are changed on the phone, open orders keep their cut-offs."""

from collections.abc import Iterator
from datetime import date

import httpx
import pytest

from cloud_sync.catalogue import suppliers
from edge_agent.rules.imports import read_suppliers
from edge_agent.rules.terms import supplier_of
from edge_agent.wire.events.catalogue import SupplierSet
from tests.owner_shop import Scene, at_work
from tests.page_text import typed_in, words
from tests.shop import NORTH, TUESDAY_14

FILE = "/suppliers/terms"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("owner"), away=False) as scene:
        yield scene


def saves(browser: httpx.Client, supplier: str = "", /, **changed: str | list[str]) -> httpx.Response:
    form: dict[str, str | list[str]] = {**typed_in(browser.get(FILE, params={"supplier": supplier}), FILE)}
    return browser.post(FILE, data={**form, **changed}, follow_redirects=True)


def held(scene: Scene, supplier: str = "north") -> SupplierSet:
    with scene.cloud.reading() as session:
        return suppliers(session, tenant=scene.cloud.shop.tenant, shop=scene.cloud.shop.shop)[supplier]


def test_saving_the_form_as_it_was_changes_nothing(fresh: Scene) -> None:
    before = held(fresh)
    with fresh.owner() as browser:
        assert "Saved. The tills take it with their next look." in words(saves(browser, "north"))
    assert held(fresh) == before == NORTH


def test_money_automatic_ordering_and_closed_days_change_without_a_new_calendar(fresh: Scene) -> None:
    changed = {
        "min_order": "75.00",
        "fee": "6.50",
        "auto": "yes",
        "most_week": "400",
        "closed": "2026-04-03 2026-04-06",
        "second": "bake",
        "dearer": "12.5",
    }
    with fresh.owner() as browser:
        assert "Saved." in words(saves(browser, "north", **changed))
        assert "2026-04-03 2026-04-06" in browser.get(FILE, params={"supplier": "north"}).text
    one = held(fresh)
    assert (one.min_order, one.fee, one.auto, one.most_week, one.second, one.dearer) == (
        7500, 650, True, 40_000, "bake", 1250,
    )  # fmt: skip
    assert one.closed == (date(2026, 4, 3).toordinal(), date(2026, 4, 6).toordinal())
    assert (one.calendar, one.valid_from) == (NORTH.calendar, NORTH.valid_from)


def test_another_cutoff_holds_after_the_one_that_is_open(fresh: Scene) -> None:
    with fresh.owner() as browser:
        assert "Next: order before 15:00 today, comes" in words(browser.get(FILE, params={"supplier": "north"}))
        saves(browser, "north", cutoff="11:30", order_days=["mon", "wed"])
    one = held(fresh)
    assert (one.calendar, one.cutoff, one.order_days) == (NORTH.calendar + 1, 690, (0, 2))
    assert one.valid_from == date(2026, 3, 4).toordinal()


def test_a_new_supplier_is_added_and_can_be_chosen_for_an_item(fresh: Scene) -> None:
    with fresh.owner() as browser:
        assert "Saved." in words(saves(browser, supplier="dairy", name="Hill Dairy", email="orders@dairy.example"))
        assert "Hill Dairy" in browser.get("/catalogue/item", params={"sku": "oat"}).text
    one = held(fresh, "dairy")
    assert (one.calendar, one.order_days, one.cutoff) == (1, (0, 1, 2, 3, 4), 900)


WRONG: tuple[tuple[dict[str, str | list[str]], str], ...] = (
    ({"email": "no address"}, "is not one e-mail address"),
    ({"closed": "Christmas"}, "is not a date like 2026-12-25"),
    ({"second": "north"}, "second is the supplier itself"),
    ({"second": "nobody"}, "is not a supplier of this shop"),
    ({"order_days": []}, "order days is empty"),
    ({"ordered_from": "shop", "till": ""}, "till is empty; which till writes the order slips?"),
    ({"ordered_from": "shop", "till": "x"}, "till is not a till of this shop"),
    ({"budget": "-5"}, "is negative"),
)


def test_what_is_not_right_is_named_and_nothing_is_saved(fresh: Scene) -> None:
    with fresh.owner() as browser:
        for changed, said in WRONG:
            answer = saves(browser, "north", **changed)
            assert answer.status_code == 422
            assert said in words(answer)
    assert held(fresh) == NORTH


def test_a_form_that_is_older_than_the_supplier_is_not_taken(fresh: Scene) -> None:
    with fresh.owner() as browser:
        old = typed_in(browser.get(FILE, params={"supplier": "north"}), FILE)
        saves(browser, "north", name="Northside & Sons")
        late = browser.post(FILE, data={**old, "min_order": "10"})
    assert late.status_code == 409
    assert "Somebody changed this supplier meanwhile" in words(late)
    assert held(fresh).min_order == 0


def test_a_file_that_knows_less_than_the_owner_set_takes_nothing_of_it_away() -> None:
    content = b"supplier,name,order_days,cutoff,lead_days\nnorth,Northside,Tue Fri,15:00,2\n"
    (row,) = read_suppliers("suppliers.csv", content, 2)
    known = NORTH.model_copy(update={"auto": True, "most_week": 40_000, "closed": (739_700,), "min_order": 0})
    again = supplier_of(row, known, "Europe/London", TUESDAY_14)
    assert again == known.model_copy(update={"email": ""})
