"""Orders at a hub that fails, over real sockets: whatever is lost or said twice, each leaves once or not at all."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cloud_sync.hubs.book import Shelf
from cloud_sync.hubs.desk import Asked, Desk, ports
from cloud_sync.post.webhook import web_of
from cloud_sync.tables.hubs import HubOrder
from edge_agent.errors import BadInput
from edge_agent.rules.hub import Point
from edge_agent.rules.imports_hubs import HubCard, Told, card_of, read_told
from edge_agent.rules.imports_table import Cells
from edge_agent.rules.signature import signature
from scripts.hub_ import CUT, Simulator, hub
from tests.cloud import Cloud, serving
from tests.shop import TUESDAY_14
from tests.test_hub import CARD

DAY = 739_678


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with serving(tmp_path_factory.mktemp("hubs")) as cloud:
        cloud.service = replace(cloud.service, settings=replace(cloud.service.settings, webhook_networks="127.0.0.0/8"))
        yield cloud


def described(cloud: Cloud, card: HubCard) -> Asked:
    with cloud.database.writing() as session:
        Shelf(session, cloud.shop.tenant, cloud.shop.shop).put(card, "Ann", TUESDAY_14)
    return Asked(cloud.shop.tenant, cloud.shop.shop, card.hub, "Ann", TUESDAY_14, DAY, "Europe/London")


def rest(cloud: Cloud, box: Simulator, name: str) -> Asked:
    plain = card_of(Cells("f", 1, CARD), 2)
    return described(cloud, replace(plain, hub=name, adapter="rest", url=box.url))


def desk(cloud: Cloud) -> Desk:
    made = ports(web_of(cloud.service.settings), lambda: TUESDAY_14 // 1000)

    def port(shelf: Shelf, card: HubCard) -> object:
        found = made(shelf, card)
        return replace(found, wait=lambda _: None) if card.adapter == "rest" else found  # type: ignore[type-var]

    return Desk(cloud.database, port)  # type: ignore[arg-type]


def orders(cloud: Cloud, name: str) -> dict[str, HubOrder]:
    with cloud.reading() as session:
        return {one.reference: one for one in Shelf(session, cloud.shop.tenant, cloud.shop.shop).orders(name)}


def test_an_order_is_promised_for_tomorrow_only_while_the_hub_says_that_it_is_there(cloud: Cloud) -> None:
    with hub(stock={"tea": 5}) as box:
        asked, front = rest(cloud, box, "prom"), desk(cloud)
        first = front.send(asked, "A", {"tea": 3})
        assert (first.state, first.promised, first.shipped) == ("shipped", DAY + 1, DAY)
        late = front.send(replace(asked, now=TUESDAY_14 + 61 * 60_000), "B", {"tea": 1})
        assert late.promised == DAY + 2
        short = front.send(asked, "C", {"tea": 2})
        assert (short.state, short.promised) == ("refused", 0)
        assert "Not enough of tea" in short.words
        with pytest.raises(BadInput, match="another order already"):
            front.send(asked, "A", {"tea": 1})
        box.faults = lambda _: CUT
        silent = front.send(asked, "D", {"tea": 1})
        assert (silent.state, silent.promised) == ("asking", 0)
        assert "Try again: nothing is sent twice" in silent.words
        box.faults = lambda _: None
        assert front.go_on(asked, "D").state == "shipped"
        assert "has left already" in front.release(asked, "D").words
        web = web_of(cloud.service.settings)
        secret = web.seal("hub", cloud.shop.tenant, cloud.shop.shop, "prom", 0)
        assert box.signatures[0] == signature(secret, TUESDAY_14 // 1000, b"GET /api/stock\n")


def test_a_hub_tells_where_orders_are_and_what_it_asks_and_odd_answers_change_nothing(cloud: Cloud) -> None:
    with hub(stock={"tea": 5}) as box:
        asked, front = rest(cloud, box, "told"), desk(cloud)
        front.send(asked, "A/1 b", {"tea": 2})
        box.parcels["A/1 b"].state = "delivered"
        box.charged = [{"day": "2026-03-03", "kind": "pick", "amount": 110, "invoice": "H-1"}]
        assert front.ask(asked) == ""
        assert orders(cloud, "told")["A/1 b"].delivered == DAY
        with cloud.reading() as session:
            shelf = Shelf(session, cloud.shop.tenant, cloud.shop.shop)
            assert [one.amount for one in shelf.charges("told", DAY, DAY)] == [110]
            assert shelf.accrual("told", DAY, DAY)["pick"] == 100
        box.charged = [{"day": "soon", "kind": "pick", "amount": 110, "invoice": "H-1"}]
        assert "day that is none" in front.ask(asked)
        box.charged, box.stock["tea"] = [], -4
        assert "on_hand is no number" in front.ask(asked)
        with cloud.reading() as session:
            assert Shelf(session, cloud.shop.tenant, cloud.shop.shop).stock("told")[0].on_hand == 3


def test_a_hub_that_is_told_by_files_keeps_and_refuses_as_well(cloud: Cloud) -> None:
    card = card_of(Cells("f", 1, {**CARD, "hub": "files"}), 2)
    asked, front = described(cloud, card), desk(cloud)

    def told(file: bytes, now: int) -> None:
        with cloud.database.writing() as session:
            shelf = Shelf(session, cloud.shop.tenant, cloud.shop.shop)
            shelf.take("files", read_told("f", file, 2), DAY, now)

    told(b"sku,on_hand\ntea,4\n", TUESDAY_14 - 1)
    assert (front.send(asked, "A", {"tea": 3}).state, front.send(asked, "B", {"tea": 2}).state) == (
        "shipped",
        "refused",
    )
    assert front.send(asked, "C", {"tea": 1}).promised == DAY + 1
    told(b"reference,state,date\nA,delivered,2026-03-04\n", TUESDAY_14)
    told(b"sku,on_hand\ntea,9\n", TUESDAY_14 + 1)
    known = orders(cloud, "files")
    assert (known["A"].state, known["A"].delivered) == ("delivered", DAY + 1)
    assert "left the hub already" in front.release(asked, "A").words
    assert front.send(replace(asked, now=TUESDAY_14 + 2), "E", {"tea": 9}).state == "shipped"
    with cloud.database.writing() as session:
        Shelf(session, cloud.shop.tenant, cloud.shop.shop).take("files", Told(), DAY, TUESDAY_14)
        assert Shelf(session, cloud.shop.tenant, cloud.shop.shop).place() is None
        Shelf(session, cloud.shop.tenant, cloud.shop.shop).put_place(Point(51_507_400, -127_800))


def test_the_simulator_serves_on_loopback_alone(tmp_path: Path) -> None:
    with hub(stock={}) as box:
        assert box.url.startswith("http://127.0.0.1:")
        assert not list(tmp_path.iterdir())
