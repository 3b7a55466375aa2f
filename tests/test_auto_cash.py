"""Orders that go by themselves stop where the account would not bear them, and the owner hears why in time."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloud_sync.alerts.facts import facts_of
from cloud_sync.alerts.rules import alerts
from cloud_sync.automatic import approve_due
from cloud_sync.cash import account, enter
from cloud_sync.pages.shown import shown
from edge_agent.rules.cash_ledger import Flow
from edge_agent.rules.day import DAY_MS, business_day
from edge_agent.rules.imports_cash import Entry
from tests.shop import TUESDAY_14
from tests.test_automatic import CUTOFF, DUE, Trusted

TODAY = business_day(TUESDAY_14, "Europe/London", 240)
ARRIVES = TODAY + 2


@pytest.fixture
def shop(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Trusted]:
    one = Trusted(tmp_path, 1, new_database())
    one.count(milk=36, bread=200)
    yield one
    one.house.close()


def says(shop: Trusted, *rows: Entry) -> None:
    where = {"tenant": shop.office.shop.tenant, "shop": shop.office.shop.shop}
    with shop.office.database.writing() as session:
        enter(session, **where, rows=rows, by="Ann", at=TUESDAY_14)


def balance(amount: int, day: int = TODAY - 1) -> Entry:
    return Entry("balance", day, "", amount)


def told(shop: Trusted) -> list[str]:
    office = shop.office.shop
    with shop.office.database.reading() as session:
        here = shown(session, tenant=office.tenant, shop=office.shop, now=shop.house.clock.at)
        return [one.words for one in alerts(facts_of(session, here)) if one.rule == "order waits"]


def test_an_order_that_the_account_does_not_bear_waits_for_the_owner_by_day_and_bill(shop: Trusted) -> None:
    value = shop.open.value
    says(shop, balance(value - 500))
    (said,) = shop.against(shop.open.key)
    assert said.startswith("Needs you: paid for, the account would be £")
    assert "under zero on" in said
    assert shop.page(shop.open.key)[-1] == said
    assert told(shop) == [f"Order {shop.open.number} to Northside waits for you; its cut-off is 15:00 today."]
    shop.at(DUE)
    assert (shop.in_cloud(shop.open.key).state, shop.claims()) == ("proposed", [])


def test_an_order_that_the_account_bears_goes_and_is_on_the_account_from_then_on(shop: Trusted) -> None:
    key, value = shop.open.key, shop.open.value
    says(shop, balance(10_000_000))
    assert (shop.against(key), told(shop)) == ([], [])
    shop.at(DUE)
    assert shop.claims() == [key]
    paid = [flow for flow in flows(shop, DUE) if flow.key == f"order {key}"]
    assert [(flow.day, flow.amount) for flow in paid] == [(ARRIVES, -value)]


def flows(shop: Trusted, now: int) -> tuple[Flow, ...]:
    where = {"tenant": shop.office.shop.tenant, "shop": shop.office.shop.shop}
    with shop.office.database.reading() as session:
        found = account(session, **where, now=now)
    assert found is not None
    return found.flows


def test_a_bill_to_come_is_named_as_what_binds(shop: Trusted) -> None:
    says(shop, balance(500_000), Entry("rent", TODAY + 5, "Harbour estate", 499_999))
    (said,) = shop.against(shop.open.key)
    assert "What binds is Harbour estate, £4,999.99 on Sun 8 Mar 2026." in said
    says(shop, Entry("rent", TODAY + 5, "Harbour estate", 499_999, gone=True), balance(10_000_000))
    assert shop.against(shop.open.key) == []


def test_a_balance_that_is_too_old_asks_for_a_newer_one_and_without_any_nothing_is_held(shop: Trusted) -> None:
    assert shop.against(shop.open.key) == []
    says(shop, balance(10_000_000, TODAY - 20))
    assert shop.against(shop.open.key) == ["Needs you: The bank balance is 20 days old: enter a newer one."]
    says(shop, Entry("balance", TODAY - 20, "", 10_000_000, gone=True))
    assert shop.against(shop.open.key) == []
    approve_due(shop.office.database, DUE)
    assert shop.claims() == [shop.open.key]


def test_what_came_since_the_balance_is_paid_and_what_came_before_it_is_in_it(shop: Trusted) -> None:
    key, value = shop.open.key, shop.open.value
    says(shop, balance(10_000_000))
    shop.at(DUE)
    assert shop.claims() == [key]
    shop.at(CUTOFF)
    shop.till.pull()
    shop.house.clock.at = later = CUTOFF + 2 * DAY_MS
    shop.till.room.receive_as_ordered(key).result()
    shop.sync()
    assert shop.in_cloud(key).state == "received"
    assert sum(flow.amount for flow in flows(shop, later) if flow.key == f"order {key}") == -value
    says(shop, balance(10_000_000, ARRIVES))
    assert [flow for flow in flows(shop, later) if flow.key == f"order {key}"] == []
