"""Marketplaces: an order comes in once under its own reference, from the same stock, and a no can be acted on."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cloud_sync import markets
from cloud_sync.cash_market import market_flows
from cloud_sync.commands import main
from cloud_sync.reservations import reservations
from edge_agent.errors import BadInput, BadRow
from edge_agent.rules.imports_market import MarketLine, MarketOrder, read_orders
from edge_agent.rules.reservation import mark_of
from edge_agent.wire.events.quota import QuotaGiven
from edge_agent.wire.events.sales import SaleCompleted, SoldLine, TaxTotal, Tender
from edge_agent.wire.events.stock import CountedLine, StockCounted
from tests.cloud import Cloud, FakeTill
from tests.owner_shop import OWN, TODAY, own_password, says
from tests.page_text import hidden, words
from tests.shop import CAST
from tests.test_drops import HOUR, MUGS, START

PIECE = 1000
KEY = "k" * 43


class Bazaar:
    """A shop with ten mugs, and a marketplace that may sell five of them."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.where = {"tenant": cloud.shop.tenant, "shop": cloud.shop.shop}
        self.key = KEY + cloud.shop.tenant
        self.till = FakeTill(cloud, journal=cloud.shop.tenant * 2)
        says(self.till, *CAST, *MUGS)
        says(self.till, StockCounted(lines=(CountedLine(sku="mug-s", counted=10 * PIECE, expected=0),), saw={}))
        self.till.sends()
        cloud.set_clock(START)
        with cloud.database.of(cloud.shop.tenant).writing() as session:
            markets.put_market(session, **self.where, name="bazaar", skus=["mug-s"], days=7, key=self.key, at=START)
        says(self.till, QuotaGiven(sku="mug-s", qty=5 * PIECE))
        self.till.sends()
        self.http = httpx.Client(
            base_url=cloud.url, timeout=20, trust_env=False, headers={"Authorization": f"Bearer {self.key}"}
        )

    def order(self, reference: str, pieces: int = 1, **more: object) -> httpx.Response:
        lines = [{"sku": "mug-s", "pieces": pieces, "price": 1250}]
        return self.http.post("/v1/market/orders", json={"reference": reference, "lines": lines, **more})

    def stock(self) -> int:
        found: int = self.http.get("/v1/market/stock").json()["stock"]["mug-s"]
        return found

    def close(self) -> None:
        self.http.close()
        self.till.close()


@pytest.fixture
def bazaar(cloud: Cloud) -> Iterator[Bazaar]:
    made = Bazaar(cloud)
    yield made
    made.close()


def test_an_order_is_kept_at_its_price_and_a_repeat_changes_nothing(bazaar: Bazaar) -> None:
    first = bazaar.order("BZ-1", 2)
    assert first.status_code == 200
    said = first.json()
    assert (said["state"], said["new"], said["until"]) == ("open", True, START + 7 * 24 * HOUR)
    assert bazaar.order("BZ-1", 2).json() == {**said, "new": False}
    assert bazaar.stock() == 3
    with bazaar.cloud.reading() as session:
        (kept,) = reservations(session, tenant=bazaar.where["tenant"], shop=bazaar.where["shop"])
    assert (kept.row.reference, kept.row.paid, kept.total) == ("BZ-1", True, 2500)
    assert kept.row.reservation == mark_of(said["code"])


def test_a_repeat_that_says_something_else_is_refused_with_words(bazaar: Bazaar) -> None:
    bazaar.order("BZ-1", 2)
    for changed in (bazaar.order("BZ-1", 3), bazaar.order("BZ-1", 2, paid=False)):
        assert changed.status_code == 409
        assert changed.json()["error"] == "CHANGED"
        assert changed.json()["words"] == (
            "Order BZ-1 is known with 2 mug-s, paid. Cancel it and give it another reference."
        )
    assert bazaar.stock() == 3


def test_when_nothing_is_left_the_answer_says_how_many_there_are(bazaar: Bazaar) -> None:
    assert bazaar.order("BZ-1", 4).status_code == 200
    refused = bazaar.order("BZ-2", 2)
    assert refused.status_code == 409
    assert refused.json() == {"error": "NONE_LEFT", "words": "Mug s: only 1 left.", "sku": "mug-s", "left": 1}
    assert bazaar.order("BZ-3", 1).status_code == 200
    assert bazaar.order("BZ-4", 1).json()["left"] == 0


def test_an_order_that_is_cancelled_is_free_again_and_twice_is_as_good_as_once(bazaar: Bazaar) -> None:
    bazaar.order("BZ-1", 5)
    for _ in range(2):
        gone = bazaar.http.delete("/v1/market/orders/BZ-1")
        assert (gone.status_code, gone.json()["state"]) == (200, "released")
    assert bazaar.stock() == 5
    assert bazaar.order("BZ-1", 5).json()["state"] == "released", "it stays as it is: a new one needs a new reference"
    assert bazaar.http.delete("/v1/market/orders/BZ-9").status_code == 404


def test_what_was_paid_there_is_in_the_cash_a_week_after_it_was_handed_over(bazaar: Bazaar) -> None:
    code = bazaar.order("BZ-1", 2).json()["code"]
    says(bazaar.till, handed(mark_of(code)))
    bazaar.till.sends()
    assert bazaar.order("BZ-1", 2).json()["state"] == "handed"
    with bazaar.cloud.reading() as session:
        told = market_flows(session, **bazaar.where, zone="UTC", first=0, now=START, rules={}, said=())
        said = {("bazaar", TODAY)}
        mine = market_flows(session, **bazaar.where, zone="UTC", first=0, now=START, rules={}, said=said)
    assert [(one.day, one.amount, one.name) for one in told] == [(TODAY + 7, 2500, "bazaar")]
    assert mine == []
    gone = bazaar.http.delete("/v1/market/orders/BZ-1")
    assert (gone.status_code, gone.json()["words"]) == (409, "Order BZ-1 was handed over already.")


def handed(mark: str) -> SaleCompleted:
    """The sale that hands two mugs over, paid where they were ordered."""
    line = SoldLine(sku="mug-s", name="Mug", qty=2 * PIECE, price=1250, gross=2500, rate=2000, tax=417)
    return SaleCompleted(
        receipt=1,
        day=TODAY,
        currency="GBP",
        lines=(line,),
        total=2500,
        taxes=(TaxTotal(rate=2000, gross=2500, tax=417),),
        tenders=(Tender(kind="channel", amount=2500, given=2500),),
        change=0,
        collected=(mark,),
    )


def test_a_barcode_names_an_item_as_well_and_nonsense_is_refused_by_name(bazaar: Bazaar) -> None:
    lines = [{"sku": "nothing", "pieces": 1}]
    refused = bazaar.http.post("/v1/market/orders", json={"reference": "BZ-1", "lines": lines})
    assert (refused.status_code, refused.json()["words"]) == (422, "nothing is not in the catalogue.")
    wrongs: tuple[dict[str, object], ...] = (
        {"reference": "a b"},
        {"lines": []},
        {"lines": [{"sku": "mug-s", "pieces": 0}]},
        {"more": 1},
    )
    for wrong in wrongs:
        asked = {"reference": "BZ-1", "lines": [{"sku": "mug-s", "pieces": 1}], **wrong}
        assert bazaar.http.post("/v1/market/orders", json=asked).status_code == 422
    assert bazaar.http.get("/v1/market/stock", headers={"Authorization": "Bearer x"}).status_code == 401
    assert bazaar.http.get("/v1/market/stock", headers={"Authorization": ""}).status_code == 401


def test_the_owner_describes_one_gets_its_key_once_and_takes_orders_by_file(bazaar: Bazaar) -> None:
    own_password(bazaar.cloud, email := f"{bazaar.cloud.shop.tenant}@shop.example")
    with httpx.Client(base_url=bazaar.cloud.url, timeout=20, trust_env=False) as owner:
        assert owner.post("/sign-in", data={"email": email, "password": OWN}).status_code == 303
        seen = owner.get("/markets")
        assert "bazaar mug-s 7 days" in words(seen)
        form = {"csrf": hidden(seen, "csrf"), "market": "fair", "skus": "mug-s, mug-m", "days": "3"}
        made = owner.post("/markets", data=form)
        assert "The key of fair, shown this once:" in words(made)
        assert "shown this once" not in words(owner.post("/markets", data=form))
        file = b"reference,sku,pieces,price,paid\nF-1,mug-s,1,12.00,yes\nF-1,mug-m,1,,\nF-2,mug-s,1,,no\n"
        sent = {"csrf": form["csrf"], "market": "bazaar"}
        done = owner.post("/markets/file", data=sent, files={"file": ("orders.csv", file)})
        assert "1 new of 2 F-1 Mug m: none left." in words(done)
        again = owner.post("/markets/file", data=sent, files={"file": ("orders.csv", file)})
        assert "0 new of 2" in words(again)
        listed = words(owner.get("/reservations"))
        assert "To take off the shelf Mug s 1" in listed
        assert "1: 1 Mug s bazaar F-2; kept until Tue 10 Mar 16:00 £12.00" in listed
        assert "F-2,mug-s,Mug s,1,12.00,no," in owner.get("/tables/reservations.csv").text


def test_a_command_takes_the_same_file(
    bazaar: Bazaar, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("reference,sku,pieces\nF-1,mug-s,2\nF-2,mug-s,9\n")
    data = str(bazaar.cloud.service.settings.data)
    monkeypatch.setenv("DROPSHELF_CLOUD_DATABASE", bazaar.cloud.service.settings.database)
    words_ = ["take-orders", str(file), "--shop", bazaar.where["shop"], "--market", "bazaar", "--data", data, "--json"]
    assert main(words_) == 1
    told = json.loads(capsys.readouterr().out)
    assert told == {"orders": 2, "new": 1, "refused": [{"reference": "F-2", "words": "Mug s: only 3 left."}]}


def test_a_file_says_its_orders_row_by_row() -> None:
    told = read_orders("o.csv", b"reference,sku,pieces,price\nA,x,2,1.50\nB,y,1,\nA,z,1,\n", 2)
    lines = (MarketLine("x", 2, 150), MarketLine("z", 1))
    assert told == [MarketOrder("A", lines), MarketOrder("B", (MarketLine("y", 1),))]
    for wrong, where in ((b"A,x,0,", "pieces"), (b",x,1,", "reference"), (b"A,x,1,z", "price")):
        with pytest.raises(BadRow, match=where):
            read_orders("o.csv", b"reference,sku,pieces,price\n" + wrong, 2)
    with pytest.raises(BadRow, match="paid"):
        read_orders("o.csv", b"reference,sku,pieces,paid\nA,x,1,yes\nA,y,1,no\n", 2)


def test_a_name_that_is_none_is_refused(bazaar: Bazaar) -> None:
    for name in ("web", "Big Market", "", "x" * 41):
        with bazaar.cloud.database.of(bazaar.where["tenant"]).writing() as session, pytest.raises(BadInput):
            markets.put_market(session, **bazaar.where, name=name, skus=[], days=7, key="", at=START)
