"""Alerts: what an owner must hear of is noted once, told once by e-mail and webhook, and ends by itself."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlmodel import select

from cloud_sync.alerts import book
from cloud_sync.alerts.herald import REST_MS, Herald, hook_secret
from cloud_sync.alerts.rules import Alert, Drawer, Facts, LowCash, Short, TillSeen, Waiting, alerts, is_open
from cloud_sync.cash import enter
from cloud_sync.post.network import networks_of
from cloud_sync.post.ways import Ways
from cloud_sync.post.webhook import web_of
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.alerts import AlertRow
from edge_agent.rules.day import DAY_MS, HOUR_MS
from edge_agent.rules.imports_cash import Entry
from edge_agent.rules.signature import signature
from scripts.hook_ import hook
from scripts.smtp_ import MailBox, mailbox
from tests.owner_shop import TODAY, Scene, at_work
from tests.page_text import hidden, words
from tests.post import mail_to
from tests.shop import SHOP, TUESDAY_14
from tests.test_pages_many import asked

MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("owner")) as scene:
        yield scene


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mailbox() as box:
        yield box


def herald(scene: Scene, box: MailBox | None) -> Herald:
    web = replace(web_of(scene.cloud.service.settings), allowed=networks_of("127.0.0.0/8"))
    ways = Ways(mail_to(box) if box else None, web, "https://shop.example")
    return Herald(scene.cloud.database, scene.cloud.service.clock, ways)


def rows(scene: Scene) -> list[AlertRow]:
    with scene.cloud.reading() as session:
        return book.open_alerts(session, tenant=scene.cloud.shop.tenant, shop=scene.cloud.shop.shop)


def rules(facts: Facts) -> dict[str, bool]:
    """{rule: urgent} of what is so."""
    return {one.rule: one.urgent for one in alerts(facts)}


def test_each_rule_speaks_at_its_bound_and_not_before_it() -> None:
    now = TUESDAY_14
    order = Waiting("0" * 64, "17", "Northside", now + 2 * HOUR_MS, "16:00 today", auto=False)
    seen = TillSeen("d", "Till 1", now - 31 * MINUTE_MS, 0, "31 min ago")
    usual = Facts(now, "s", card=SHOP)
    assert alerts(usual) == []
    assert rules(replace(usual, waiting=(order,))) == {"order waits": True}
    assert rules(replace(usual, waiting=(replace(order, cutoff_at=order.cutoff_at + 1),))) == {}
    assert rules(replace(usual, waiting=(replace(order, auto=True),))) == {}
    assert rules(replace(usual, tills=(seen,))) == {"till unseen": True}
    assert rules(replace(usual, tills=(replace(seen, seen_at=now - 30 * MINUTE_MS),))) == {}
    assert rules(replace(usual, tills=(replace(seen, seen_at=None),))) == {}
    old = replace(seen, backlog=7, seen_at=now - DAY_MS - 1)
    assert rules(replace(usual, now=now + 8 * HOUR_MS, tills=(old,))) == {"events wait": False}
    assert rules(replace(usual, short=(Short("m", "Milk", "today", "0" * 64, waits=True),))) == {"runs out": False}
    assert rules(replace(usual, odd=(("Till 1", 1),))) == {"lines need a look": True}
    assert rules(replace(usual, drawers=(Drawer("j 1", "Till 1", -501, "£5.01", now),))) == {"drawer is off": False}
    assert rules(replace(usual, drawers=(Drawer("j 1", "Till 1", 500, "£5.00", now),))) == {}
    low = LowCash("£5.00", 0, "Tue 10 Mar 2026")
    assert rules(replace(usual, low_cash=low)) == {"cash below float": True}


def test_the_words_of_low_cash_name_the_float_or_zero_and_the_payment_if_there_is_one() -> None:
    low = LowCash("£5.00", 0, "Tue 10 Mar 2026")
    for one, said in (
        (low, "If sales are low, the account is £5.00 under zero on Tue 10 Mar 2026."),
        (replace(low, floor=1), "If sales are low, the account is £5.00 under the float on Tue 10 Mar 2026."),
        (
            replace(low, bill=("£9.00", "Mon 9 Mar 2026", "VAT")),
            "If sales are low, the account is £5.00 under zero on Tue 10 Mar 2026. "
            "Behind it: £9.00 on Mon 9 Mar 2026 for VAT.",
        ),
    ):
        (alert,) = alerts(Facts(TUESDAY_14, "s", low_cash=one))
        assert (alert.key, alert.words, alert.link) == ("cash", said, "/cash?shop=s#low")


def test_a_shop_is_open_from_the_minute_it_opens_to_the_one_it_closes() -> None:
    nine = TUESDAY_14 - 5 * HOUR_MS
    assert [is_open(SHOP, nine + minutes * MINUTE_MS) for minutes in (-1, 0, 599, 600)] == [False, True, True, False]
    assert not is_open(SHOP.model_copy(update={"hours": (None,) * 7}), nine)


def test_what_is_urgent_is_told_once_with_its_row_and_the_rest_once_a_day(fresh: Scene, box: MailBox) -> None:
    teller = herald(fresh, box)
    assert teller.go_round() > 0
    assert teller.go_round() == 0
    at_once, digest = box.taken
    text = str(at_once.get_content())
    assert "Till 2 was last seen 3 h ago, and the shop is open. It goes on selling by itself." in text
    assert f"Order {fresh.order('north').number} to Northside waits for you; its cut-off is 15:00 today." in text
    assert f"https://shop.example/orders/{fresh.order('north').order}" in text
    assert "runs out" not in text
    assert "Sourdough 800 g runs out now, before more comes" in str(digest.get_content())
    assert str(digest["Subject"]).startswith("Corner Shop: ")
    fresh.cloud.set_clock(TUESDAY_14 + 20 * HOUR_MS)
    teller.go_round()
    next_day = [str(mail["Subject"]) for mail in box.taken[2:]]
    assert (
        next_day[0] == "Corner Shop: Till 1 was last seen 20 h ago, and the shop is open. It goes on selling by itself."
    )
    assert len(next_day) == 2


def test_what_is_over_ends_and_what_comes_back_within_hours_is_not_told_again(fresh: Scene) -> None:
    shop, now = fresh.cloud.shop, TUESDAY_14
    one = Alert("unseen d", "till unseen", "Till 1 was last seen 1 h ago.", "/", urgent=True)

    def noted(found: list[Alert], at: int) -> int:
        with fresh.cloud.database.of(shop.tenant).writing() as session:
            book.note(session, tenant=shop.tenant, shop=shop.shop, found=found, now=at)
            return len(book.claim_urgent(session, tenant=shop.tenant, shop=shop.shop, now=at))

    assert [noted([one], now), noted([one], now + 1), noted([], now + 2)] == [1, 0, 0]
    assert rows(fresh) == []
    assert noted([one], now + HOUR_MS) == 0
    assert noted([], now + 2 * HOUR_MS) == 0
    assert noted([one], now + 9 * HOUR_MS) == 1


def test_an_alert_that_nobody_could_be_told_is_tried_again(fresh: Scene, box: MailBox) -> None:
    fresh.cloud.set_clock(TUESDAY_14 - 3 * HOUR_MS + 31 * MINUTE_MS)
    teller = herald(fresh, box)
    box.faults = lambda _number: {"RCPT": (450, "later")}
    teller.go_round()
    assert box.taken == []
    urgent = [row for row in rows(fresh) if row.urgent]
    assert urgent
    assert all(row.told_at is None for row in urgent)
    box.faults = lambda _number: {}
    teller.go_round()
    assert all(row.told_at for row in rows(fresh) if row.urgent)
    assert [str(mail["Subject"]).endswith("open") for mail in box.taken] == [False, True]


def test_a_shop_without_news_is_looked_at_when_its_time_comes(fresh: Scene) -> None:
    teller = herald(fresh, None)

    def statements() -> int:
        with asked(fresh.cloud.database, by="MainThread") as said:
            teller.go_round()
        return len(said)

    whole, nothing_new = statements(), statements()
    assert nothing_new < 10 < whole
    fresh.cloud.set_clock(TUESDAY_14 + REST_MS)
    assert statements() > nothing_new
    assert statements() == nothing_new
    with fresh.cloud.database.writing() as session:
        for till in session.exec(select(Device)):
            till.last_seen_at = TUESDAY_14
    assert statements() > nothing_new


def test_an_order_is_told_from_the_minute_on_at_which_its_cutoff_is_near(fresh: Scene) -> None:
    teller = herald(fresh, None)
    for before, waits in ((1, False), (0, True)):
        fresh.cloud.set_clock(TUESDAY_14 - HOUR_MS - before * MINUTE_MS)
        teller.go_round()
        assert ("order waits" in {row.rule for row in rows(fresh)}) == waits


def test_the_owner_says_that_he_knows_and_what_he_wants_to_hear(fresh: Scene, box: MailBox) -> None:
    herald(fresh, None).go_round()
    with fresh.owner() as browser:
        page = browser.get("/alerts")
        said, token = words(page), hidden(page, "csrf")
        assert "Till 2 was last seen 3 h ago" in said
        assert "This cloud has no mail server" in said
        first = rows(fresh)[0]
        browser.post(f"/alerts/{first.alert}/seen", data={"csrf": token, "shop": fresh.cloud.shop.shop})
        assert "Ann knows" in words(browser.get("/alerts"))
        browser.post("/alerts/choice", data={"csrf": token, "digest": ""})
        assert "checked" not in browser.get("/alerts").text
    fresh.cloud.set_clock(TUESDAY_14 + 20 * HOUR_MS)
    herald(fresh, box).go_round()
    assert box.taken == []


def test_a_webhook_hears_the_same_signed_and_its_secret_is_shown_once(fresh: Scene) -> None:
    shop = fresh.cloud.shop
    with hook() as receiver, fresh.owner() as browser:
        token = hidden(browser.get("/alerts"), "csrf")
        answer = browser.post("/alerts/hook", data={"csrf": token, "shop": shop.shop, "url": receiver.url})
        assert "shown this once" in words(answer)
        assert "shown this once" not in words(browser.get("/alerts"))
        teller = herald(fresh, None)
        teller.go_round()
    secret = hook_secret(teller.ways, tenant=shop.tenant, shop=shop.shop, turn=1)
    assert secret in answer.text
    body, headers = receiver.bodies[0], receiver.headers[0]
    assert any("Till 2 was last seen" in one["words"] for one in json.loads(body)["alerts"])
    assert headers["Dropshelf-Signature"] == signature(secret, TUESDAY_14 // 1000, body)


def test_an_address_inside_or_another_tenants_alert_is_refused(fresh: Scene) -> None:
    herald(fresh, None).go_round()
    with fresh.owner() as browser:
        token = hidden(browser.get("/alerts"), "csrf")
        assert browser.post("/alerts/hook", data={"csrf": token, "url": "ftp://inside"}).status_code == 422
        assert browser.post(f"/alerts/{'0' * 32}/seen", data={"csrf": token}).status_code == 404


def low_cash(scene: Scene) -> list[AlertRow]:
    return [row for row in rows(scene) if row.rule == "cash below float"]


def owner_says(scene: Scene, *said: Entry) -> None:
    shop = scene.cloud.shop
    with scene.cloud.database.of(shop.tenant).writing() as session:
        enter(session, tenant=shop.tenant, shop=shop.shop, rows=said, by="Ann", at=TUESDAY_14)


def test_an_account_that_dips_under_its_float_is_told_once_as_the_cash_page_shows_it_and_ends_by_itself(
    fresh: Scene, box: MailBox
) -> None:
    teller = herald(fresh, box)
    teller.go_round()
    assert low_cash(fresh) == [], "where no balance was told nothing is known"
    before = len(box.taken)
    owner_says(fresh, Entry("balance", TODAY - 1, "", 100), Entry("rent", TODAY + 9, "Landlord", 90_000_000))
    for minutes in (5, 10):
        fresh.cloud.set_clock(TUESDAY_14 + minutes * MINUTE_MS)
        teller.go_round()
    (row,) = low_cash(fresh)
    assert "Behind it: £900,000.00 on Thu 12 Mar 2026 for Landlord." in row.words
    (mail,) = box.taken[before:]
    assert f"{row.words} https://shop.example{row.link} " in " ".join(str(mail.get_content()).split())
    with fresh.owner() as browser:
        page = words(browser.get(row.link))
        assert row.words.partition("account is ")[2].partition(" under")[0] in page
        assert row.words.partition(" on ")[2].partition(".")[0] in page
    owner_says(fresh, Entry("balance", TODAY - 1, "", 900_000_000))
    fresh.cloud.set_clock(TUESDAY_14 + 15 * MINUTE_MS)
    teller.go_round()
    assert low_cash(fresh) == []
    assert len(box.taken) == before + 1
