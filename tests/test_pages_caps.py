"""All orders within their suppliers' caps are approved by one tap on the inbox; what stays says why."""

from collections.abc import Iterator

import httpx
import pytest
from sqlmodel import col, select

from cloud_sync.accounts.rights import PROOF_MS
from cloud_sync.tables.events import OrderCommand
from cloud_sync.tables.people import Deed
from edge_agent.wire.events.catalogue import SupplierSet
from edge_agent.wire.events.reorder import Guard, ReorderDecided
from tests.owner_shop import BAKEHOUSE, GOODS, OWN, Scene, at_work, later, order, says
from tests.page_text import form_of, words
from tests.shop import NORTH

NOW = later(8)
"""No address of a supplier is fresh any more."""
CAPPED = NORTH.model_copy(update={"auto": True, "most_order": 1_000_000})
TO = "/orders/within-caps"


def proposed(supplier: SupplierSet, *, revision: int = 1, now: int = NOW, auto: bool = True) -> ReorderDecided:
    goods = [good for good in GOODS if good.supplier == supplier.supplier]
    return order(supplier, goods, revision=revision, now=now).model_copy(update={"auto": auto})


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """An order that goes by itself to a supplier with caps, and one to a supplier without."""
    with at_work(tmp_path_factory.mktemp("caps"), away=False) as scene:
        scene.cloud.set_clock(NOW)
        scene.orders.update(north=proposed(CAPPED), bake=proposed(BAKEHOUSE, auto=False))
        says(scene.till, CAPPED, *scene.orders.values())
        scene.till.sends()
        yield scene


def tells(scene: Scene, *bodies: SupplierSet | ReorderDecided) -> None:
    says(scene.till, *bodies)
    scene.till.sends()


def approves(browser: httpx.Client) -> str:
    """What the inbox says after its button was tapped."""
    answer = browser.post(TO, data=form_of(browser.get("/orders")))
    assert answer.status_code == 200, answer.text
    return words(answer)


def approved(scene: Scene) -> list[str]:
    """The orders that Ann approved; those of the week before have expired meanwhile."""
    by_ann = select(OrderCommand).where(OrderCommand.command == "approved", OrderCommand.by == "Ann")
    with scene.cloud.reading() as session:
        return [row.order for row in session.exec(by_ann.order_by(col(OrderCommand.at), col(OrderCommand.order)))]


def test_one_tap_approves_what_is_within_caps_and_says_why_the_rest_stays(fresh: Scene) -> None:
    with fresh.owner() as browser:
        form = form_of(browser.get("/orders"))
        first, second = (words(browser.post(TO, data=form)) for _ in range(2))
    assert "1 order approved, 1 left as before" in first
    assert "Northside approved" in first
    assert "Bakehouse No caps hold for this supplier." in first
    assert "0 orders approved, 2 left as before" in second
    assert "Northside This order is approved already." in second
    assert approved(fresh) == [fresh.order("north").order]
    with fresh.cloud.reading() as session:
        deeds = [one.about for one in session.exec(select(Deed).where(Deed.route == f"POST {TO}"))]
    assert sorted(deeds) == ["", fresh.order("north").number]


def test_where_no_supplier_of_a_waiting_order_has_caps_there_is_no_button(fresh: Scene) -> None:
    with fresh.owner() as browser:
        assert "Approve all within caps" in words(browser.get("/orders"))
        for without in (CAPPED.model_copy(update={"most_order": 0}), CAPPED.model_copy(update={"auto": False})):
            tells(fresh, without)
            assert "Approve all within caps" not in words(browser.get("/orders"))


def test_an_order_that_changed_or_came_meanwhile_is_left_and_said_so(fresh: Scene) -> None:
    key = fresh.order("north").order
    with fresh.owner() as browser:
        form = form_of(browser.get("/orders"))
        unseen = {name: value for name, value in form.items() if key not in name}
        assert "Northside It came after this list was shown. Look at it first." in words(browser.post(TO, data=unseen))
        newer = fresh.order("north").model_copy(update={"revision": 2, "saw": {"a" * 32: 2}})
        tells(fresh, newer)
        said = words(browser.post(TO, data=form))
        assert "Northside The till has changed this order meanwhile. Look at it again." in said
        strange = {**form, f"seen.{'0' * 64}": "0.1.aaaaaaaa", "seen.": "x", "seen": "y"}
        assert "0 orders approved, 2 left as before" in words(browser.post(TO, data=strange))
        assert approved(fresh) == []
        assert "Northside approved" in approves(browser)
    assert approved(fresh) == [key]


@pytest.mark.parametrize(
    ("cap", "room", "why"),
    [
        ("most_order", 0, ""),
        ("most_order", -1, "more than the"),
        ("most_day", 0, ""),
        ("most_day", -1, "with what went the same day"),
        ("most_week", 0, ""),
        ("most_week", -1, "with what went within a week"),
    ],
)
def test_a_cap_is_kept_to_the_penny(fresh: Scene, cap: str, room: int, why: str) -> None:
    value = fresh.order("north").value
    tells(fresh, CAPPED.model_copy(update={"most_order": 0, cap: value + room}))
    with fresh.owner() as browser:
        said = approves(browser)
    assert (why or "Northside approved") in said
    assert approved(fresh) == ([] if why else [fresh.order("north").order])


def test_two_orders_that_are_within_a_weeks_cap_alone_are_not_both_approved(fresh: Scene) -> None:
    first = fresh.order("north")
    second = proposed(CAPPED, now=first.cutoff_at + 1)
    most = first.value + second.value - 1
    tells(fresh, CAPPED.model_copy(update={"most_week": most}), second)
    with fresh.owner() as browser:
        said = approves(browser)
    assert "Needs you: with what went within a week it is worth" in said
    assert approved(fresh) == [first.order]


def test_what_the_till_holds_or_has_not_judged_waits_for_the_owner(fresh: Scene) -> None:
    guard = Guard(word="uncounted", sku="oat")
    held = {"state": "held", "holds": ("uncounted",), "guards": (guard,), "auto": False}
    plain = fresh.order("north").model_copy(update={"revision": 2, "saw": {"a" * 32: 2}})
    with fresh.owner() as browser:
        tells(fresh, plain.model_copy(update=held))
        assert "Needs you: the stock of Oat milk 1 l was never counted." in approves(browser)
        newer = plain.model_copy(update={"revision": 3, "saw": {"a" * 32: 3}, "auto": False})
        tells(fresh, newer)
        assert "The till has not looked at it since orders to this supplier go by themselves." in approves(browser)
        tells(fresh, CAPPED.model_copy(update={"email": "new@northside.example"}))
        assert "the supplier's address for orders was changed within seven days" in approves(browser)
    assert approved(fresh) == []


def test_after_half_an_hour_who_is_there_must_be_proved_and_nothing_of_the_form_is_lost(fresh: Scene) -> None:
    with fresh.owner(remember="yes") as browser:
        form = form_of(browser.get("/orders"))
        fresh.cloud.set_clock(NOW + PROOF_MS)
        asked = browser.post(TO, data=form)
        assert (asked.status_code, approved(fresh)) == (403, [])
        kept = form_of(asked)
        assert "Northside approved" in words(browser.post(TO, data={**kept, "proof": OWN}))
    assert approved(fresh) == [fresh.order("north").order]


def test_it_is_told_in_german(fresh: Scene) -> None:
    with fresh.owner() as browser:
        csrf = form_of(browser.get("/orders"))["csrf"]
        browser.post("/account/language", data={"csrf": csrf, "language": "de"})
        assert "Alle in ihren Grenzen freigeben" in words(browser.get("/orders"))
        said = approves(browser)
    assert "1 Bestellung freigegeben, 1 unverändert" in said
    assert "Bakehouse Für diesen Lieferanten gelten keine Grenzen." in said
