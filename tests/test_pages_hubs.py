"""The owner finds a hub by distance, sends from it, and sees its charges beside what was counted."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from cloud_sync import cash
from edge_agent.rules.money import divided
from scripts.hub_ import hub
from tests.owner_shop import Scene, at_work
from tests.page_text import hidden, words
from tests.test_hub import CARD


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Scene]]:
    with at_work(tmp_path_factory.mktemp("hubs"), away=False) as scene, scene.owner() as browser:
        app = scene.cloud.service
        object.__setattr__(app, "settings", replace(app.settings, webhook_networks="127.0.0.0/8"))
        yield browser, scene


def sends(browser: httpx.Client, to: str, form: dict[str, str]) -> httpx.Response:
    token = hidden(browser.get("/hubs"), "csrf")
    return browser.post(to, data={"csrf": token, **form}, follow_redirects=True)


def test_hubs_stand_by_their_distance_with_what_an_order_costs(owner: tuple[httpx.Client, Scene]) -> None:
    browser, _ = owner
    assert "No hub yet" in words(browser.get("/hubs"))
    sends(browser, "/hubs/card", CARD)
    near = {**CARD, "hub": "near", "name": "Near hub", "lat": "51.5155", "lon": "-0.0922"}
    sends(browser, "/hubs/card", near)
    assert "Say where the shop is" in words(browser.get("/hubs"))
    said = words(sends(browser, "/hubs/place", {"lat": "51.5074", "lon": "-0.1278"}))
    assert said.index("Near hub") < said.index("North hub")
    assert "2.62 km, nearer than 10 km; 0.661 kg of CO₂e an order £1.20" in said
    assert "15.50 km, 10 to 30 km" in said
    assert sends(browser, "/hubs/card", {**CARD, "lat": "100"}).status_code == 422
    assert sends(browser, "/hubs/card", {**CARD, "adapter": "rest", "url": "ftp://x"}).status_code == 422


def test_an_order_leaves_a_hub_by_its_interface_and_is_promised_while_it_is_there(
    owner: tuple[httpx.Client, Scene],
) -> None:
    browser, _ = owner
    with hub(stock={"tea": 5}) as box:
        made = words(sends(browser, "/hubs/card", {**CARD, "hub": "live", "adapter": "rest", "url": box.url}))
        assert "The secret that our requests are signed with" in made
        asked = words(sends(browser, "/hubs/live/ask", {}))
        assert "What is ordered now and is there comes tomorrow." in asked
        assert "Breakfast tea, 80 bags 5 on hand, 5 not promised yet 5 to sell" in asked
        sent = words(sends(browser, "/hubs/live/send", {"sku": "tea", "pieces": "2", "reference": "M/7"}))
        assert "M/7: shipped, promised for Wed 4 Mar 2026." in sent
        again = words(sends(browser, "/hubs/live/send", {"sku": "tea", "pieces": "2", "reference": "M/7"}))
        assert box.left == 2
        assert "M/7: shipped" in again
        short = words(sends(browser, "/hubs/live/send", {"sku": "tea", "pieces": "9"}))
        assert "refused" in short
        box.charged = [{"day": "2026-03-03", "kind": "pick", "amount": 150, "invoice": "H-1"}]
        told = words(sends(browser, "/hubs/live/ask", {}))
        assert "Picking counted £1.00, asked £1.50: £0.50 too much" in told
        assert sends(browser, "/hubs/live/send", {"sku": "tea", "pieces": "0"}).status_code == 422


def test_a_hub_without_an_interface_is_told_and_tells_by_file(owner: tuple[httpx.Client, Scene]) -> None:
    browser, _ = owner
    sends(browser, "/hubs/card", {**CARD, "hub": "paper"})
    token = hidden(browser.get("/hubs"), "csrf")
    file = {"file": ("s.csv", b"sku,on_hand\ntea,6\n")}
    taken = browser.post("/hubs/paper/file", data={"csrf": token}, files=file, follow_redirects=True)
    assert "6 to sell" in words(taken)
    sends(browser, "/hubs/paper/send", {"sku": "tea", "pieces": "4", "reference": "P1"})
    assert "P1,tea,4,2026-03-04,shipped" in browser.get("/hubs/paper/orders.csv").text
    assert browser.get("/hubs/nobody").status_code == 404


def test_what_hubs_will_ask_for_is_in_the_cash_until_their_invoice_is(owner: tuple[httpx.Client, Scene]) -> None:
    browser, scene = owner

    def bills() -> dict[str, int]:
        where = {"tenant": scene.cloud.shop.tenant, "shop": scene.cloud.shop.shop}
        with scene.cloud.reading() as session:
            found = cash.account(session, **where, now=scene.cloud.service.clock.now() + 3 * 24 * 3_600_000)
        assert found is not None
        return {flow.name: flow.amount for flow in found.flows if flow.key.startswith("hub ")}

    sends(browser, "/hubs/card", {**CARD, "hub": "bill", "name": "Bill hub", "receive": "1.00"})
    token = hidden(browser.get("/hubs"), "csrf")
    file = {"file": ("s.csv", b"sku,on_hand\ntea,10\n")}
    browser.post("/hubs/bill/file", data={"csrf": token}, files=file)
    sends(browser, "/cash/entry", {"kind": "balance", "date": "2026-03-02", "amount": "1000.00"})
    so_far = 10 * 100 + divided(4 * 10 * 1_200 * 18, 10_000)
    assert bills()["Bill hub, March"] == -(so_far + divided(so_far * 25, 28)), "four days, and the rest as lately"
    invoice = {"supplier": "bill", "number": "B-1", "date": "2026-04-01", "net": "12.00", "vat": "2.40"}
    sends(browser, "/vat/invoice", invoice)
    assert "Bill hub, March" not in bills()
