"""Orders that go by themselves: decided at a real till, approved by the real cloud at the cut-off, and sent once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from cloud_sync.automatic import BEFORE_MS, approve_due, why_not
from cloud_sync.catalogue import set_supplier
from cloud_sync.ingest.verify import verify
from cloud_sync.orders import By, approved_lines, expire_due, order_of, reject, version_of
from cloud_sync.pages.order_view import view
from cloud_sync.pages.shown import shown
from cloud_sync.post.channels import Choice, choose
from cloud_sync.sending import claim_next
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.orders import Order
from edge_agent.journal.views.orders import Order as TillsOrder
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.reasons import whole
from edge_agent.wire.events.catalogue import HistoryImported
from edge_agent.wire.events.reorder import ReorderDecided
from scripts.tortures.order_shop import SharedShop
from tests.shelf import MONDAY, WEEK
from tests.shop import CAST, NORTH, TUESDAY_14

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
AUTO = NORTH.model_copy(update={"auto": True, "most_order": 1_000_000})
CUTOFF = TUESDAY_14 + HOUR_MS
DUE = CUTOFF - BEFORE_MS + 1


class Trusted:
    """A shop whose tills order by themselves: nine days old, so that no address of a supplier is fresh."""

    def __init__(self, folder: Path, tills: int, database: str) -> None:
        bodies = [AUTO if body is NORTH else body for body in CAST]
        self.house = SharedShop(folder, bodies, tills, at=TUESDAY_14 - 9 * DAY_MS, database=database)
        self.till, self.office = self.house.first, self.house.office
        hours = [(TUESDAY_14 - days * DAY_MS) // HOUR_MS for days in range(20, 1, -1)]
        rows = tuple((hour, sku, 8_000) for hour in hours for sku in ("milk", "bread"))
        self.till.record(HistoryImported(source="0" * 64, part=1, parts=1, daily=False, rows=rows))
        self.house.clock.at = TUESDAY_14
        for till in self.house.tills:
            till.journal.store_forecasts([self.forecast("milk"), self.forecast("bread")]).result()
            till.replenish.start()
        self.sync()

    def forecast(self, sku: str, forecaster: str = "onnx") -> Forecast:
        shares = (*[0] * 9, *[1000] * 10, *[0] * 5)
        return Forecast(sku, TUESDAY_14, MONDAY, WEEK * 4, shares, 1400, forecaster, "0" * 64)

    def count(self, **pieces: int) -> None:
        self.till.room.count([(sku, 1_000 * number) for sku, number in pieces.items()]).result()
        self.sync()

    def sync(self) -> None:
        for till in self.house.tills:
            till.decide(whole=True)
        self.house.settle(1)

    def at(self, moment: int) -> None:
        """Time goes on, the tills are heard, and the cloud does what is due."""
        self.house.clock.at = moment
        self.house.settle(1)
        approve_due(self.office.database, moment)
        expire_due(self.office.database, moment)

    @property
    def open(self) -> TillsOrder:
        return self.till.memory.orders(("proposed", "held", "approved", "sent"))[0]

    @property
    def body(self) -> ReorderDecided:
        return ReorderDecided.model_validate(self.till.memory.event(self.open.seq).body)

    def in_cloud(self, key: str) -> Order:
        with self.office.database.reading() as session:
            return order_of(session, tenant=self.office.shop.tenant, order=key)

    def against(self, key: str) -> list[str]:
        with self.office.database.reading() as session:
            return why_not(session, self.in_cloud(key), self.house.clock.at)

    def page(self, key: str) -> list[str]:
        """What the owner's page says of the order as a whole."""
        office = self.office.shop
        with self.office.database.reading() as session:
            here = shown(session, tenant=office.tenant, shop=office.shop, now=self.house.clock.at)
            return list(view(session, here, self.in_cloud(key)).holds)

    def claims(self) -> list[str]:
        return [one.order for one in iter(lambda: claim_next(self.office.database, "w", self.house.clock.at), None)]


@pytest.fixture
def shop(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Trusted]:
    one = Trusted(tmp_path, 1, new_database())
    yield one
    one.house.close()


def test_a_shop_with_counted_stock_sends_an_order_without_anybodys_word(shop: Trusted) -> None:
    shop.count(milk=36, bread=200)
    order = shop.open
    assert (order.state, shop.body.auto, shop.body.guards) == ("proposed", True, ())
    assert "It goes by itself shortly before Tue 3 Mar 15:00" in whole(shop.body, {})[-1]
    shop.at(DUE - 2)
    assert shop.in_cloud(order.key).state == "proposed"
    assert shop.page(order.key) == ["It goes by itself shortly before Tue 3 Mar 15:00, unless you decide otherwise."]
    shop.at(DUE)
    stands = shop.in_cloud(order.key)
    assert (stands.state, stands.by) == ("approved", "the shop itself")
    assert shop.claims() == [order.key]
    assert shop.claims() == []
    shop.at(CUTOFF)
    with shop.office.database.reading() as session:
        lines = [(line.sku, line.packs) for line in approved_lines(session, shop.in_cloud(order.key))]
    assert lines == [("milk", 9)]
    told = shop.till.memory.order(order.key)
    assert told is not None
    assert told.state == "sent"
    assert [one.qty for one in shop.till.memory.incoming("milk")] == [54_000]
    verify(shop.office.database)


def test_a_shop_without_a_count_sends_nothing_and_says_why(shop: Trusted) -> None:
    shop.till.sell("milk", pieces=6)
    shop.sync()
    order = shop.open
    assert order.state == "held"
    said = whole(shop.body, {"milk": "Oat milk"})
    assert "Needs you: the stock of bread and Oat milk was never counted." in said
    shop.at(DUE)
    assert shop.in_cloud(order.key).state == "held"
    assert shop.claims() == []
    shop.at(CUTOFF)
    assert shop.in_cloud(order.key).state == "expired"


def test_what_is_sold_until_then_is_on_the_order_that_goes(shop: Trusted) -> None:
    shop.count(milk=36, bread=200)
    shop.till.sell("milk", pieces=6)
    shop.till.decide()
    shop.at(DUE)
    with shop.office.database.reading() as session:
        lines = [(line.sku, line.packs) for line in approved_lines(session, shop.in_cloud(shop.open.key))]
    assert lines == [("milk", 10)]


def test_the_owner_may_still_say_no(shop: Trusted) -> None:
    shop.count(milk=36, bread=200)
    key = shop.open.key
    with shop.office.database.writing() as session:
        seen = version_of(shop.in_cloud(key))
        reject(session, tenant=shop.office.shop.tenant, order=key, version=seen, by=By("ann", "Ann"), now=TUESDAY_14)
    shop.at(DUE)
    assert (shop.in_cloud(key).state, shop.claims()) == ("rejected", [])


def test_a_forecast_without_the_model_needs_the_owner(shop: Trusted) -> None:
    shop.till.journal.store_forecasts([shop.forecast("milk", "base")]).result()
    shop.count(milk=36, bread=200)
    assert "stand_in" in shop.body.holds
    shop.at(DUE)
    assert shop.claims() == []


def test_more_than_the_cap_of_the_week_needs_the_owner(shop: Trusted) -> None:
    shop.count(milk=36, bread=200)
    capped = AUTO.model_copy(update={"most_week": shop.open.value + 1})
    shop.till.record(capped)
    shop.sync()
    assert shop.body.auto
    shop.at(DUE)
    assert len(shop.claims()) == 1
    shop.till.pull()
    shop.till.sell("milk", pieces=36)
    shop.sync()
    following = shop.till.memory.orders(("proposed", "held"))[0]
    said = ReorderDecided.model_validate(shop.till.memory.event(following.seq).body)
    assert "most_week" in said.holds


def test_what_all_orders_of_a_week_may_cost_cuts_the_next_one_and_it_says_so(shop: Trusted) -> None:
    shop.count(milk=36, bread=200)
    card = shop.till.memory.shop()
    assert card is not None
    first = shop.open.value
    shop.till.record(card.model_copy(update={"week_budget": first + 1}))
    shop.sync()
    shop.at(DUE)
    assert len(shop.claims()) == 1
    shop.till.pull()
    shop.till.sell("milk", pieces=36)
    shop.sync()
    *_, newest = shop.till.memory.events("reorder_decided")
    said = ReorderDecided.model_validate(newest.body)
    assert said.settled is not None
    assert (said.lines, said.settled.week, said.settled.spent) == ((), first + 1, first)
    assert [one.sku for one in said.left] == ["milk"]
    assert f"{first / 100:.2f} is taken" in whole(said, {})[0]


def test_an_address_changed_lately_needs_the_owner(shop: Trusted) -> None:
    shop.count(milk=36, bread=200)
    moved = AUTO.model_copy(update={"email": "pay-here@thief.example"})
    names = {"tenant": shop.office.shop.tenant, "shop": shop.office.shop.shop}
    with shop.office.database.writing() as session:
        set_supplier(session, **names, supplier=moved, at=TUESDAY_14)
    shop.till.pull()
    shop.sync()
    shop.at(DUE)
    said = "Needs you: the supplier's address for orders was changed within seven days."
    assert shop.against(shop.open.key) == shop.page(shop.open.key) == [said]
    assert shop.claims() == []


def test_another_way_to_the_supplier_chosen_lately_needs_the_owner_too(shop: Trusted) -> None:
    shop.count(milk=36, bread=200)
    office = shop.office.shop

    def chooses(goes_by: Literal["email", "webhook"], url: str, at: int) -> None:
        with shop.office.database.writing() as session:
            choose(session, Choice(office.tenant, office.shop, "north", goes_by, url, "Ann", at))

    chooses("webhook", "https://orders.northside.example/in", TUESDAY_14 - 8 * DAY_MS)
    chooses("webhook", "https://orders.northside.example/in", TUESDAY_14)
    assert shop.against(shop.open.key) == []
    chooses("webhook", "https://thief.example/in", TUESDAY_14)
    said = "Needs you: the supplier's address for orders was changed within seven days."
    assert shop.against(shop.open.key) == [said]


def test_an_owner_who_stops_it_is_obeyed_though_the_till_has_not_heard(shop: Trusted) -> None:
    shop.count(milk=36, bread=200)
    names = {"tenant": shop.office.shop.tenant, "shop": shop.office.shop.shop}
    with shop.office.database.writing() as session:
        set_supplier(session, **names, supplier=AUTO.model_copy(update={"auto": False}), at=TUESDAY_14)
    shop.house.clock.at = DUE
    approve_due(shop.office.database, DUE)
    assert shop.claims() == []


def test_a_till_that_was_not_heard_or_holds_something_back_needs_the_owner(
    tmp_path: Path, new_database: Callable[[], str]
) -> None:
    shop = Trusted(tmp_path, 2, new_database())
    shop.count(milk=36, bread=200)
    shop.sync()
    key = shop.open.key
    other = shop.house.tills[1]
    other.sell("milk")
    with shop.office.database.writing() as session:
        device = session.get(Device, (shop.office.shop.tenant, other.device.device))
        assert device is not None
        device.backlog = 1
        session.add(device)
    assert shop.against(key) == ["Needs you: not all that till2 knows has come in."]
    shop.house.clock.at = TUESDAY_14 + 2 * HOUR_MS + 60_000
    shop.till.sync()
    assert "Needs you: till2 was not heard for two hours." in shop.against(key)
    shop.house.close()


def test_ten_runs_on_two_tills_before_and_after_sync_give_one_order_sent_once(
    tmp_path: Path, new_database: Callable[[], str]
) -> None:
    shop = Trusted(tmp_path, 2, new_database())
    shop.count(milk=36, bread=200)
    for turn in range(10):
        for till in shop.house.tills:
            till.decide(whole=True)
        if turn % 3 == 2:
            shop.house.settle(1)
    shop.house.settle()
    keys = {order.key for till in shop.house.tills for order in till.memory.orders()}
    assert len(keys) == 1
    shop.at(DUE)
    shop.at(DUE + 1)
    assert shop.claims() == [shop.open.key]
    for till in shop.house.tills:
        till.pull()
        assert [(one.order, one.qty) for one in till.memory.incoming("milk")] == [(shop.open.key, 54_000)]
    shop.house.close()
