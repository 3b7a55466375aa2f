"""The supplier's answer: by the letter's own link an order is confirmed, changed, delayed or refused."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from cloud_sync.catalogue import item
from cloud_sync.ingest.verify import verify
from cloud_sync.orders import order_of
from cloud_sync.pages.replies import replies
from cloud_sync.pages.shown import shown
from cloud_sync.tables.orders import Order
from edge_agent.rules.day import DAY_MS, HOUR_MS
from edge_agent.wire.events.reorder import ReorderDecided
from edge_agent.wire.messages import FeedEntry
from scripts.smtp_ import MailBox, mailbox
from tests.cloud import Cloud, proposal
from tests.owner_shop import Scene, at_work, copied
from tests.page_text import hidden, words
from tests.post import Office, mail_to, office
from tests.shop import TUESDAY_14, open_journal, record

pytestmark = pytest.mark.both
ASKED = TUESDAY_14 + 2 * DAY_MS
AS_IT_IS = {"packs 0": "3", "packs 1": "2", "said": "confirmed"}
"""What a supplier's form holds before anything is changed: the lines in the order of the letter."""


@pytest.fixture
def shop(cloud: Cloud) -> Iterator[Office]:
    made = office(cloud)
    yield made
    made.clear()


def sent(shop: Office) -> tuple[str, str]:
    """An order that has left; its key and the address in its letter."""
    key = shop.approved()
    with mailbox() as box:
        shop.postman(mail_to(box)).go_round()
        return key, link_in(box)


def link_in(box: MailBox) -> str:
    """The address in the one letter that came."""
    body = box.taken[0].get_body(("plain",))
    assert body is not None
    found = re.search(r"http://\S+/answer/\S+", str(body.get_content()))
    assert found is not None
    return found[0]


def answers(address: str, **said: str) -> httpx.Response:
    return httpx.post(address, data={**AS_IT_IS, **said}, follow_redirects=True, trust_env=False)


def order(shop: Office, key: str) -> Order:
    with shop.cloud.reading() as session:
        return order_of(session, tenant=shop.cloud.shop.tenant, order=key)


def told(shop: Office) -> list[dict[str, object]]:
    """What the tills hear of orders."""
    feed = [FeedEntry.model_validate(one) for one in shop.till.feed()]
    return [dict(one.body) for one in feed if one.kind == "order_outcome"]


def heard(shop: Office, key: str) -> list[str]:
    """What the owner reads of the answers."""
    with shop.cloud.reading() as session:
        row = order_of(session, tenant=shop.cloud.shop.tenant, order=key)
        here = shown(session, tenant=row.tenant, shop=row.shop, now=shop.cloud.service.clock.now())
        return [one.words for one in replies(session, here, row)]


def test_the_letters_link_shows_the_order_and_a_tap_confirms_it(shop: Office) -> None:
    key, address = sent(shop)
    page = httpx.get(address, trust_env=False)
    assert "Order 0001-0001 from Corner Shop to Northside" in words(page)
    assert "3 ordered" in words(page)
    assert "Thank you. The shop knows." in words(answers(address))
    assert order(shop, key).state == "sent"
    assert heard(shop, key) == ["The supplier confirmed it, 14:00 today."]
    assert [one["state"] for one in told(shop)] == ["approved", "sent", "sent"]
    assert "arrives_at" not in told(shop)[-1]


def test_what_comes_less_and_later_is_what_the_till_counts_on(shop: Office, tmp_path: Path) -> None:
    key, address = sent(shop)
    page = answers(address, **{"packs 0": "1", "arrives": "2026-03-06", "note": "lorry is full"})
    assert page.status_code == 200
    row = order(shop, key)
    assert row.arrives_at == ASKED + DAY_MS
    assert not row.edited
    (said,) = heard(shop, key)
    assert said.startswith("The supplier confirmed it otherwise, 14:00 today; it comes Fri 14:00; only 1 of 3 packs of")
    assert said.endswith("; “lorry is full”.")
    with closing(open_journal(tmp_path / "till")) as journal:
        record(journal, ReorderDecided.model_validate(proposal(key, number="0001-0001")))
        entries = [FeedEntry.model_validate(one) for one in shop.till.feed()]
        journal.take_feed("g", [one for one in entries if one.kind == "order_outcome"]).result()
        held = journal.reading().order(key)
    assert held is not None
    assert (held.state, held.arrives_at) == ("sent", ASKED + DAY_MS)
    assert {line.sku: line.packs for line in held.lines} == {"milk": 1, "bread": 2}


def test_a_delay_outlasts_the_next_answer_and_a_rebuild(shop: Office) -> None:
    key, address = sent(shop)
    answers(address, arrives="2026-03-09")
    answers(address, said="shipped", arrives="2026-03-09")
    assert order(shop, key).arrives_at == ASKED + 4 * DAY_MS
    assert heard(shop, key)[0].startswith("The supplier says that it is on its way")
    verify(shop.cloud.database)


def test_what_can_not_be_delivered_does_not_come_and_can_not_be_answered_again(shop: Office) -> None:
    key, address = sent(shop)
    answers(address, said="refused")
    row = order(shop, key)
    assert (row.state, row.reason, row.by) == ("expired", "the supplier can't deliver", "")
    assert told(shop)[-1]["state"] == "expired"
    again = answers(address)
    assert again.status_code == 409
    assert "This order can't be answered any more." in words(again)


WRONG = (
    ({"packs 0": "4"}, "packs 0 4 is more than 3"),
    ({"packs 0": "0", "packs 1": "0"}, "Nothing would come"),
    ({"arrives": "2026-09-09"}, "more than 90 days ahead"),
    ({"arrives": "soon"}, "is not a date like 2026-03-05"),
    ({"said": "perhaps"}, "Say whether it comes as ordered"),
    ({"cost 0": "free"}, "is not a plain number"),
)


def test_an_answer_that_can_not_be_is_refused_and_changes_nothing(shop: Office) -> None:
    key, address = sent(shop)
    for changed, said in WRONG:
        page = answers(address, **changed)
        assert page.status_code == 422, changed
        assert said in words(page)
    assert heard(shop, key) == []


def test_a_link_with_another_seal_order_or_tenant_opens_nothing(shop: Office) -> None:
    key, address = sent(shop)
    other, _ = sent(shop)
    head, tenant, _, seal = address.rsplit("/", 3)
    for wrong in (
        f"{head}/{tenant}/{other}/{seal}",
        f"{head}/else/{key}/{seal}",
        f"{head}/{tenant}/{key}/{seal[:-1]}0x",
    ):
        assert httpx.get(wrong, trust_env=False).status_code == 404
        assert answers(wrong).status_code == 404
    assert heard(shop, key) == []


def test_an_order_is_answered_twenty_times_at_most(shop: Office) -> None:
    _, address = sent(shop)
    codes = [answers(address).status_code for _ in range(21)]
    assert codes == [200] * 20 + [422]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("owner"), away=False) as scene:
        yield scene


def test_the_owner_reads_the_answer_and_takes_a_new_cost_into_the_catalogue(scene: Scene, tmp_path: Path) -> None:
    with copied(scene, tmp_path) as fresh, fresh.owner() as browser, mailbox() as box:
        key = fresh.order("north").order
        version = hidden(browser.get(f"/orders/{key}"), "version")
        token = hidden(browser.get("/"), "csrf")
        browser.post(f"/orders/{key}/approve", data={"csrf": token, "version": version})
        Office(fresh.cloud, fresh.till).postman(mail_to(box)).go_round()
        address = link_in(box)
        page = httpx.get(address, trust_env=False)
        form = dict(re.findall(r'name="((?:packs|cost) \d+)"[^>]*value="([^"]*)"', page.text))
        place = next(name for name, cost in form.items() if name.startswith("cost") and cost == "7.77")
        httpx.post(address, data={**form, place: "8.25", "said": "confirmed"}, trust_env=False)
        said = words(browser.get(f"/orders/{key}"))
        assert "The supplier confirmed it, 14:00 today." in said
        assert "Oat milk 1 l: £8.25 a pack, £7.77 in your catalogue Take the new cost" in said
        at = hidden(browser.get(f"/orders/{key}"), "at")
        answer = browser.post(f"/orders/{key}/costs", data={"csrf": token, "at": at}, follow_redirects=True)
        assert "Take the new cost" not in words(answer)
        with fresh.cloud.reading() as session:
            shop = fresh.cloud.shop
            assert item(session, tenant=shop.tenant, shop=shop.shop, sku="oat").pack_cost == 825
        fresh.cloud.set_clock(TUESDAY_14 + HOUR_MS)
