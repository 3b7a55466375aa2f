"""News to the shop's own programs: opted into by kind, signed, with an id, told until it is taken."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from cloud_sync.alerts.herald import hook_secret
from cloud_sync.news import book
from cloud_sync.news.courier import Courier
from cloud_sync.news.kinds import KINDS, NAMES
from cloud_sync.post.ways import ways_of
from cloud_sync.post.webhook import web_of
from cloud_sync.tables.news import NewsRow
from edge_agent.rules.day import DAY_MS
from edge_agent.wire.events.drops import ClosedPart, DropClosed
from edge_agent.wire.events.stock import ReceivedLine, StockReceived
from scripts.hook_ import TAKEN_SILENTLY, Hook, hook
from tests.owner_shop import GOODS, TODAY, Scene, at_work, sale, says
from tests.page_text import hidden, words
from tests.shop import TUESDAY_14

PAGE = Path(__file__).parents[1] / "docs" / "protocol.md"
EGGS = GOODS[1]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("news"), away=False) as scene:
        yield scene


@pytest.fixture
def box() -> Iterator[Hook]:
    with hook() as box:
        yield box


def opts_in(scene: Scene, url: str, *kinds: str, low: str = "12") -> str:
    """The owner's choice; the page's answer."""
    with scene.owner() as browser:
        form = {"csrf": hidden(browser.get("/alerts"), "csrf"), "url": url, "low": low}
        answer = browser.post("/alerts/hook", data={**form, **dict.fromkeys(kinds, "yes")}, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        return words(browser.get("/alerts"))


def courier(scene: Scene) -> Courier:
    settings = replace(scene.cloud.service.settings, webhook_networks="127.0.0.0/8")
    return Courier(scene.cloud.database, scene.cloud.service.clock, replace(ways_of(settings), web=web_of(settings)))


def happens(scene: Scene) -> None:
    """A sale of three boxes of eggs (14 are left), a delivery, and the end of a drop."""
    line = ReceivedLine(sku="tea", qty=24_000, ordered=None, expires=None, damaged=2000)
    part = ClosedPart(sku="tea", sold=60_000, back=1_000, left=0, last_at=TUESDAY_14)
    says(
        scene.till,
        sale(TODAY, 950, EGGS, qty=3),
        StockReceived(order="", supplier="north", lines=(line,)),
        DropClosed(drop="spring", journal="a" * 32, parts=(part,), hours=(1000,)),
    )
    scene.till.sends()


def waiting(scene: Scene) -> list[NewsRow]:
    with scene.cloud.reading() as session:
        return list(session.exec(select(NewsRow).order_by(NewsRow.kind)))


def test_what_is_opted_into_is_told_once_with_its_id_and_nothing_else(fresh: Scene, box: Hook) -> None:
    happens(fresh)
    assert waiting(fresh) == [], "who opts into nothing is told nothing"
    assert NAMES["sale"] in opts_in(fresh, box.url, *KINDS, low="8")
    says(fresh.till, sale(TODAY, 951, EGGS, qty=3))
    happens(fresh)
    sent = courier(fresh)
    assert sent.go_round() == 5
    assert sent.go_round() == 0
    told = {one["kind"]: one for one in box.taken}
    assert sorted(one["kind"] for one in box.taken) == ["delivery", "drop_closed", "sale", "sale", "stock_low"]
    assert told["sale"]["total"] == 795
    assert told["sale"]["lines"] == [
        {"sku": "eggs", "quantity": "3", "gross": 795, "tax": 0, "item": "Eggs, free range, 6"}
    ]
    assert (told["stock_low"]["left"], told["stock_low"]["low"]) == ("5", "8")
    assert told["delivery"]["lines"] == [
        {"sku": "tea", "quantity": "24", "damaged": "2", "item": "Breakfast tea, 80 bags"}
    ]
    assert told["drop_closed"]["lines"][0]["sold"] == "60"
    assert {one["till"] for one in box.taken} == {"Till 1"}
    assert [header["Idempotency-Key"] for header in box.headers] == [one["id"] for one in box.taken]
    assert waiting(fresh) == []


def test_it_is_told_again_until_it_is_taken_under_the_same_id(fresh: Scene, box: Hook) -> None:
    opts_in(fresh, box.url, "delivery")
    happens(fresh)
    faults = iter((500, 404, TAKEN_SILENTLY, None))
    box.faults = lambda _number: next(faults)
    sent, at = courier(fresh), TUESDAY_14
    for tries in range(1, 5):
        assert sent.go_round() == 1
        assert sent.go_round() == 0, "it rests before it is told again"
        at += book.FIRST_PAUSE_MS << (tries - 1)
        fresh.cloud.set_clock(at)
    assert waiting(fresh) == []
    assert [one["id"] for one in box.taken] == [box.taken[0]["id"]] * 2, "what was not heard is told once more"


def test_a_worker_that_stops_leaves_it_to_the_next_and_after_three_days_it_has_failed(fresh: Scene, box: Hook) -> None:
    opts_in(fresh, box.url, "delivery")
    happens(fresh)
    row = book.take(fresh.cloud.database, TUESDAY_14)
    assert row is not None
    assert book.take(fresh.cloud.database, TUESDAY_14) is None, "one worker has it"
    fresh.cloud.set_clock(TUESDAY_14 + book.HELD_MS)
    box.faults = lambda _number: 500
    assert courier(fresh).go_round() == 1
    fresh.cloud.set_clock(TUESDAY_14 + 3 * DAY_MS)
    assert courier(fresh).go_round() == 1
    assert [one.state for one in waiting(fresh)] == ["failed"]
    with fresh.owner() as browser:
        said = words(browser.get("/alerts"))
    assert "1 could not be told for three days" in said
    assert "The webhook answered 500." in said
    with fresh.cloud.database.writing() as session:
        book.forget_old(session, tenant=fresh.cloud.shop.tenant, now=TUESDAY_14 + book.FAILED_MS)
    assert waiting(fresh) == []


def test_a_shop_that_does_not_answer_holds_up_no_other(fresh: Scene, box: Hook) -> None:
    opts_in(fresh, box.url, "delivery")
    happens(fresh)
    mine = (fresh.cloud.shop.tenant, fresh.cloud.shop.shop)
    assert book.take(fresh.cloud.database, TUESDAY_14, [mine]) is None
    assert book.take(fresh.cloud.database, TUESDAY_14, [("other", "shop")]) is not None


def test_the_choice_stands_on_the_page_and_a_threshold_that_is_none_is_refused(fresh: Scene, box: Hook) -> None:
    opts_in(fresh, box.url, "sale", low="2.5")
    with fresh.owner() as browser:
        page = browser.get("/alerts")
        assert 'name="sale" value="yes" checked' in page.text
        assert 'name="delivery" value="yes">' in page.text
        assert 'name="low" inputmode="decimal" maxlength="12" value="2.500"' in page.text
        form = {"csrf": hidden(page, "csrf"), "url": box.url, "low": "many"}
        assert browser.post("/alerts/hook", data=form).status_code == 422
    opts_in(fresh, "", "sale")
    happens(fresh)
    assert waiting(fresh) == [], "without an address nothing is kept"


def test_the_example_of_the_docs_takes_what_is_signed_and_nothing_else(fresh: Scene, box: Hook) -> None:
    opts_in(fresh, box.url, "delivery")
    happens(fresh)
    sent = courier(fresh)
    sent.go_round()
    made: dict[str, Callable[[bytes, str, str, int], bool]] = {}
    exec(PAGE.read_text().split("```python\n")[1].split("```")[0], made)
    is_ours, shop = made["is_ours"], fresh.cloud.shop
    secret = hook_secret(sent._ways, tenant=shop.tenant, shop=shop.shop, turn=1)
    body, signed, now = box.bodies[0], box.headers[0]["Dropshelf-Signature"], TUESDAY_14 // 1000
    assert json.loads(body)["kind"] == "delivery"
    assert is_ours(body, signed, secret, now)
    assert not is_ours(body + b" ", signed, secret, now)
    assert not is_ours(body, signed, secret[::-1], now)
    assert not is_ours(body, signed, secret, now + 301)
