"""An owner's shop in which every page has something to show, made through the pages' own forms and the tills' lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

    from tests.owner_shop import Good, Scene

IMPORTED = b"sku,name,price,cost,vat\noat,Oat milk 1 l,1.99,1.20,0\nnuts,Nuts 200 g,3.50,2,20\nbad,Bad row,cheap,1,20\n"


@dataclass(frozen=True)
class Filled:
    """A scene, and where what was made in it stands."""

    scene: Scene
    drop: str
    popup: str
    file: str
    invitation: str
    public: str
    answer: str


def filled(scene: Scene) -> Filled:
    """Fill what the scene has left empty."""
    with scene.owner() as owner:
        _money(owner)
        drop = _path(_sends(owner, "/drops/plan", _drop()))
        _sends(owner, f"{drop}/public", {"slug": "spring-tea", "hold": "30", "kept": "10", "listed": "yes"})
        popup = _path(_sends(owner, "/popups/plan", _popup()))
        _hubs(owner)
        _signals(owner)
        _promotion(scene)
        _tills_say(scene, popup)
        found = re.search(
            r"(/invitation/[\w-]{32})", _sends(owner, "/people/invite", {"name": "Max", "role": "manager"}).text
        )
        assert found, "an invitation shows its link"
        token = {"csrf": _token(owner)}
        file = owner.post("/imports", data=token, files={"file": ("items.csv", IMPORTED)}).headers["location"]
    looked_round(scene)
    return Filled(scene, drop, popup, file.partition("?")[0], found[1], "/d/spring-tea", _sent(scene))


def bare(scene: Scene) -> Filled:
    """A scene in which nothing was made."""
    return Filled(scene, "", "", "", "", "", "")


def many(goods: int = 75) -> tuple[Good, ...]:
    """So many goods with names of every length, most of which run out."""
    from tests.owner_shop import GOODS, Good

    kinds = ("Tea", "Oat biscuits with chocolate and orange, 12 pieces", "Soap", "Organic tomatoes, chopped, 400 g")
    made = (
        Good(
            f"many-{number:03}",
            f"{kinds[number % 4]} {number + 1}",
            90 + 37 * number,
            left=number % 23,
            daily=2 + number % 7,
            supplier=("north", "bake")[number % 2],
        )
        for number in range(goods)
    )
    return (*GOODS, *made)


def capped(scene: Scene) -> None:
    """Eight days later: an order within its supplier's caps, and one to a supplier without."""
    from tests.owner_shop import BAKEHOUSE, GOODS, later, order, says
    from tests.shop import NORTH

    supplier = NORTH.model_copy(update={"auto": True, "most_order": 1_000_000})
    now = later(8)
    scene.cloud.set_clock(now)
    for name, one, auto in (("north", supplier, True), ("bake", BAKEHOUSE, False)):
        made = order(one, [good for good in GOODS if good.supplier == name], now=now)
        scene.orders[name] = made.model_copy(update={"auto": auto})
    says(scene.till, supplier, *scene.orders.values())
    scene.till.sends()


@contextmanager
def speaking(scene: Scene, language: str) -> Iterator[None]:
    """The owner reads in that language meanwhile."""
    with scene.owner() as owner:
        _sends(owner, "/account/language", {"language": language})
        yield
        _sends(owner, "/account/language", {"language": ""})


def looked_round(scene: Scene) -> None:
    """Alerts are raised as they are every minute."""
    from cloud_sync.alerts.herald import Herald
    from cloud_sync.post.ways import ways_of

    Herald(scene.cloud.database, scene.cloud.service.clock, ways_of(scene.cloud.service.settings)).go_round()


def printer_down(scene: Scene) -> None:
    """The till's printer went away a quarter of an hour ago, three printouts wait for it, and the owner was told."""
    fitted = [
        {
            "fitting": "printer",
            "state": "gone",
            "words": "no printer at 192.168.1.20:9100 (No route to host)",
            "for_s": 900,
        },
        {"fitting": "drawer", "state": "ok", "for_s": 9_000},
        {"fitting": "scanner", "state": "ok", "for_s": 9_000},
    ]
    said = json.dumps({"fittings": fitted, "waiting": 3, "waiting_s": 720})
    generation = str(scene.till.open()["generation"])
    scene.till.http.get("/v1/feed", params={"after": 0, "generation": generation, "fittings": said})
    looked_round(scene)


def _token(owner: httpx.Client) -> str:
    from tests.page_text import hidden

    return hidden(owner.get("/cash"), "csrf")


def _sends(owner: httpx.Client, to: str, form: dict[str, str]) -> httpx.Response:
    answer = owner.post(to, data={"csrf": _token(owner), **form}, follow_redirects=True)
    assert answer.status_code == 200, f"{to}: {answer.status_code}"
    return answer


def _path(answer: httpx.Response) -> str:
    return answer.url.path


def _drop() -> dict[str, str]:
    from tests.test_pages_drops import FORM

    return {**FORM, "home": "gb", "countries": "DE fr"}


def _popup() -> dict[str, str]:
    from tests.test_pages_popups import FORM

    return FORM


def _money(owner: httpx.Client) -> None:
    from tests.test_pages_vat import BALANCE, INVOICE

    _sends(owner, "/cash/entry", BALANCE)
    _sends(owner, "/cash/entry", {"kind": "rent", "date": "2026-03-20", "amount": "600.00", "name": "Rent"})
    _sends(owner, "/cash/payout", {"channel": "card", "fee": "1.75", "days": "2", "working": "yes"})
    _sends(owner, "/vat/invoice", INVOICE)


def _hubs(owner: httpx.Client) -> None:
    from tests.test_hub import CARD

    _sends(owner, "/hubs/card", CARD)
    _sends(owner, "/hubs/place", {"lat": "51.5074", "lon": "-0.1278"})


def _signals(owner: httpx.Client) -> None:
    from tests.test_cloud_signals import pushes

    value = {"name": "Oat milk searches", "time": "2026-03-02T09:00", "value": 72, "source": "search console"}
    pushes(owner, events=[{"name": "Harbour market", "date": "2026-03-06", "kind": "market"}], signals=[value])


def _promotion(scene: Scene) -> None:
    from cloud_sync.catalogue import set_promotion
    from edge_agent.wire.events.promotion import PromotionSet
    from tests.shop import TUESDAY_14

    offer = {"others": (), "value": 300, "need": 2, "get": 0, "limit": 0, "from_at": 0, "until_at": 0}
    said = {"promotion": "oat2", "name": "Two oat milks for 3.00", "method": "n_for", "members": ("oat",), **offer}
    where = {"tenant": scene.cloud.shop.tenant, "shop": scene.cloud.shop.shop}
    with scene.cloud.database.writing() as session:
        set_promotion(session, **where, promotion=PromotionSet.model_validate(said), at=TUESDAY_14)


def _tills_say(scene: Scene, popup: str) -> None:
    """A pop-up with two pieces missing, goods that came back, samples that were given."""
    from edge_agent.wire.events.popups import CameLine, PopUpOpened, SentLine, StockCame, StockSent, VisitorsCounted
    from edge_agent.wire.events.samples import SampleGiven
    from tests.owner_shop import GOODS, TODAY, sale, says
    from tests.test_pages_returns import back, line

    name = popup.rsplit("/", maxsplit=1)[-1]
    says(
        scene.till,
        back(901, line("choc", -129, why="faulty", goes="damaged"), line("tea", -325, why="size")),
        *(
            SampleGiven(sample=f"{n:016x}", sku="tea", qty=1000, day=TODAY - 18, expires=TODAY - 4, percent=1000)
            for n in range(4)
        ),
        StockSent(transfer="a" * 16, popup=name, to="popup", lines=(SentLine(sku="tea", qty=20_000),)),
        PopUpOpened(popup=name),
        StockCame(transfer="a" * 16, popup=name, to="popup", lines=(CameLine(sku="tea", sent=20_000, came=18_000),)),
        VisitorsCounted(popup=name, passed=180, stayed=72),
        *(sale(TODAY, 910 + number, GOODS[6]) for number in range(9)),
    )
    scene.till.sends()


def _sent(scene: Scene) -> str:
    """An order that has left by e-mail; the path of the link in its letter."""
    from cloud_sync.post.answers import seal_of
    from scripts.smtp_ import mailbox
    from tests.post import Office, mail_to

    office = Office(scene.cloud, scene.till, made=8)
    order, tenant = office.approved(), scene.cloud.shop.tenant
    with mailbox() as box:
        office.postman(mail_to(box)).go_round()
    return f"/answer/{tenant}/{order}/{seal_of(office.web, tenant=tenant, order=order)}"
