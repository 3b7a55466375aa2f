"""Refunds, drawers and closings at the cloud: counted, shown to the owner, equal to their rebuild, never put aside."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from cloud_sync.accounts.devices import set_state
from cloud_sync.ingest.verify import verify
from cloud_sync.tables.drawer import Closing, DrawerDay
from cloud_sync.tables.events import Quarantine
from cloud_sync.tables.figures import Stock, Takings, TakingsRate
from edge_agent.counter.shift import Counted
from edge_agent.rules.refund import Back
from tests.cloud import Cloud, FakeTill, sells
from tests.owner_shop import Scene, own_password
from tests.test_refund import Desk

pytestmark = pytest.mark.both


def a_day(folder: Path) -> Desk:
    """A day at a real counter: sales, two refunds, cash moved, a tender put right, a Z."""
    desk = Desk(folder)
    desk.shifts.open(10_000).result()
    known = desk.bought("milk", "choc")
    desk.bought("bread", kind="card")
    desk.refunding.give_back(known, [Back(0, 1000), Back(1, 1000, "damaged")], "cash").result()
    desk.shifts.move("out", 500, "expenses").result()
    desk.shifts.move("no_sale", 0, "change given").result()
    desk.shifts.close(Counted({1000: 9, 100: 4}, 9_000)).result()
    return desk


def sent(till: FakeTill, desk: Desk) -> None:
    """Everything that the counter recorded, said by this till."""
    for event in desk.reading.events():
        if event.kind != "genesis":
            till.says(event.kind, event.body, id_=event.id)
    till.sends()


@pytest.fixture
def till(cloud: Cloud, tmp_path: Path) -> Iterator[FakeTill]:
    till = FakeTill(cloud)
    desk = a_day(tmp_path)
    sent(till, desk)
    desk.close()
    yield till
    till.close()


def test_takings_are_sales_less_refunds_and_stock_is_what_is_on_the_shelf(till: FakeTill) -> None:
    with till.cloud.reading() as session:
        day = session.exec(select(Takings).where(Takings.tenant == till.cloud.shop.tenant)).one()
        rates = session.exec(select(TakingsRate).where(TakingsRate.tenant == till.cloud.shop.tenant)).all()
        drawer = session.exec(select(DrawerDay).where(DrawerDay.tenant == till.cloud.shop.tenant)).one()
        stock = {
            row.sku: row.on_hand for row in session.exec(select(Stock).where(Stock.tenant == till.cloud.shop.tenant))
        }
        odd = session.exec(select(Quarantine).where(Quarantine.tenant == till.cloud.shop.tenant)).all()
    assert (day.receipts, day.total, day.cash, day.card) == (2, 340, 0, 340)
    assert {rate.rate: (rate.gross, rate.tax) for rate in rates} == {0: (340, 0), 2000: (0, 0)}
    assert (drawer.refunds, drawer.refunded, drawer.paid_out, drawer.no_sales) == (1, -314, 500, 1)
    assert stock == {"milk": 0, "choc": -1000, "bread": -1000}
    assert list(odd) == []


def test_a_z_is_kept_as_its_till_said_it_and_everything_equals_its_rebuild(till: FakeTill) -> None:
    with till.cloud.reading() as session:
        z = session.exec(select(Closing).where(Closing.tenant == till.cloud.shop.tenant)).one()
    assert (z.what, z.number, z.sold, z.refunded) == ("shift", 1, 654, -314)
    assert (z.expected, z.counted, z.difference, z.dropped) == (9_500, 9_400, -100, 400)
    proved = verify(till.cloud.database)
    assert proved.rows["closing"] >= 1
    assert proved.rows["drawer_day"] >= 1


def test_the_owner_sees_what_was_given_back_and_what_was_missing(till: FakeTill) -> None:
    email = f"{till.cloud.shop.tenant}@shop.example"
    own_password(till.cloud, email)
    with Scene(till.cloud, till, {}).owner(email) as browser:
        page = browser.get("/takings").text
    for words in ("1 refund", "£3.14", "£5.00 out", "1 no-sale", "Closed shifts", "Till 1 1", "-1.00", "3.40"):
        assert words in page


def test_the_tills_of_a_shop_are_told_each_others_keys_and_of_one_that_is_banned(cloud: Cloud) -> None:
    tills = [FakeTill(cloud, name * 32, f"Till {name}") for name in "ab"]
    for till in tills:
        sells(till, 1)
        till.sends()

    def told() -> dict[str, tuple[str, bool]]:
        known = [row["body"] for row in tills[0].feed() if row["kind"] == "till_known"]
        return {body["device"]: (body["public_key"], body["trusted"]) for body in known}  # type: ignore[index]

    first, second = (till.keys().pairing.paired.device for till in tills)
    keys = {till.keys().private.public_key().public_bytes_raw().hex() for till in tills}
    assert {key for key, trusted in told().values() if trusted} == keys
    with cloud.database.writing() as session:
        set_state(session, tenant=cloud.shop.tenant, device=second, state="banned")
    sells(tills[0], 1)
    tills[0].sends()
    assert [told()[device][1] for device in (first, second)] == [True, False]
    for till in tills:
        till.close()
