"""Hubs: the finder by distance and cost, stock, orders with a promise that is true, charges beside ours."""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Request, Response, UploadFile

from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.catalogue import items, suppliers
from cloud_sync.hubs.book import OPEN, Shelf, lines_of
from cloud_sync.hubs.desk import Asked, Desk, ports
from cloud_sync.pages.files import csv_file
from cloud_sync.pages.guard import Doer, Fields, Looker, file_of, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.post.network import place_of
from cloud_sync.post.webhook import web_of
from cloud_sync.service import Service, service_of
from cloud_sync.speech import say
from edge_agent.errors import BadInput
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.day import local
from edge_agent.rules.hub import (
    BANDS,
    KINDS,
    Band,
    Point,
    arrives,
    band_of,
    distance_m,
    matched,
    order_cost,
    order_grams,
)
from edge_agent.rules.imports_hubs import MOST_PIECES, HubCard, card_of, point_of, read_told
from edge_agent.rules.imports_signals import cells_of
from edge_agent.rules.imports_table import Cells

router = APIRouter()
ShopField = Annotated[str, Form(max_length=32)]
HubName = Annotated[str, Path(max_length=64)]
MONTH_DAYS = 30
TYPICAL_ITEMS = 2
GRAMS = 1_000
ORDERS_SHOWN = 40


@dataclass(frozen=True)
class Found:
    """A hub in the finder: how far, and what a usual order of two pieces costs and weighs."""

    card: HubCard
    metres: int | None
    cost: int
    grams: int

    @property
    def band(self) -> str:
        kind: Band | None = None if self.metres is None else band_of(self.metres)
        return BANDS[kind] if kind else ""


@router.get("/hubs")
def hubs_page(request: Request, owner: Looker, shop: ShopName = "", saved: str = "") -> Response:
    """All hubs, the nearest first."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        shelf = Shelf(session, here.tenant, here.shop)
        place, cards = shelf.place(), shelf.hubs()
        seconds = [one.second for one in suppliers(session, tenant=here.tenant, shop=here.shop).values()]
        told: dict[str, Any] = {
            "place": place,
            "found": sorted(
                (_found(card, place) for card in cards.values()), key=lambda one: (one.metres or 0, one.card.hub)
            ),
            "seconds": seconds,
            "standing": standing(session, here),
            "saved": saved,
        }
    return page(request, "hubs.html", owner=owner, shop=here, **told)


def _found(card: HubCard, place: Point | None) -> Found:
    metres = distance_m(place, card.place) if place else None
    grams = order_grams(card.route_m, card.km_g, card.stops, card.box_g)
    return Found(card, metres, order_cost(TYPICAL_ITEMS, card.tariff), grams)


@router.get("/hubs/{hub}")
def hub_page(
    request: Request, owner: Looker, hub: HubName, shop: ShopName = "", sent: str = "", secret: str = ""
) -> Response:
    """One hub: stock, the promise, orders, a month of charges."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        shelf = Shelf(session, here.tenant, here.shop)
        row, first = shelf.row(hub), here.day - MONTH_DAYS + 1
        card, charges = shelf.hubs()[hub], shelf.charges(hub, first, here.day)
        comes = arrives(here.now, here.zone, card.rounds)
        told: dict[str, Any] = {
            "card": card,
            "row": row,
            "stock": shelf.stock(hub),
            "comes": say("tomorrow")
            if comes == local(here.now, here.zone).toordinal() + 1
            else say("on {day}", day=here.date(comes)),
            "orders": [(one, lines_of(one)) for one in shelf.orders(hub)[:ORDERS_SHOWN]],
            "open": (*OPEN, "shipped"),
            "matched": matched(shelf.accrual(hub, first, here.day), [(one.kind, one.amount) for one in charges]),
            "kinds": KINDS,
            "names": {sku: one.name for sku, one in items(session, tenant=here.tenant, shop=here.shop).items()},
            "standing": standing(session, here),
            "sent": shelf.order(hub, sent) if sent else None,
            "secret": web_of(service.settings).seal("hub", here.tenant, here.shop, hub, row.turn)
            if secret and owner.may("settings")
            else "",
        }
    return page(request, "hub.html", owner=owner, shop=here, **told)


@router.get("/hubs/{hub}/orders.csv")
def orders_file(request: Request, owner: Looker, hub: HubName, shop: ShopName = "") -> Response:
    """Orders for a hub without an interface: one row a SKU; what it has sent already is left out."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        shelf = Shelf(session, here.tenant, here.shop)
        shelf.row(hub)
        found = [one for one in shelf.orders(hub) if one.state in (*OPEN, "shipped")]
    rows: list[list[str | int]] = [
        [one.reference, sku, pieces, here.date_iso(one.promised) if one.promised else "", one.state]
        for one in found
        for sku, pieces in lines_of(one).items()
    ]
    return csv_file("hub-orders.csv", ["reference", "sku", "pieces", "promised", "state"], rows)


@router.post("/hubs/place")
def set_place(request: Request, owner: Doer, fields: Fields, shop: ShopField = "") -> Response:
    """Where the shop is."""
    here = _shop(request, owner, shop)
    place = point_of(_cells(fields))
    with service_of(request).database.writing() as session:
        Shelf(session, here.tenant, here.shop).put_place(place)
    return see_other(f"/hubs?shop={here.shop}&saved=1")


@router.post("/hubs/card")
def set_card(request: Request, owner: Doer, fields: Fields, shop: ShopField = "") -> Response:
    """A hub, new or described anew; one that is spoken to gets its secret shown."""
    here, service = _shop(request, owner, shop), service_of(request)
    card = card_of(_cells(fields), here.decimals)
    if card.adapter == "rest":
        place_of(card.url)
    with service.database.writing() as session:
        Shelf(session, here.tenant, here.shop).put(card, owner.name, here.now)
    return see_other(f"/hubs/{card.hub}?shop={here.shop}&secret={'1' if card.adapter == 'rest' else ''}")


@router.post("/hubs/{hub}/ask")
def ask(request: Request, owner: Doer, hub: HubName, shop: ShopField = "") -> Response:
    """Ask it for stock, orders and charges, now."""
    asked = _asked(request, owner, hub, shop)
    _desk(service_of(request)).ask(asked)
    return see_other(f"/hubs/{hub}?shop={asked.shop}")


@router.post("/hubs/{hub}/send")
def send(request: Request, owner: Doer, fields: Fields, hub: HubName, shop: ShopField = "") -> Response:
    """Have it send so many of a SKU, under the order's own reference."""
    cells = _cells(fields)
    sku, pieces = cell.identifier(cells, "sku", needed=True), cell.whole(cells, "pieces", MOST_PIECES)
    if not pieces:
        raise cells.bad("pieces", "is 0")
    reference = cell.identifier(cells, "reference", needed=False) or secrets.token_hex(4)
    asked = _asked(request, owner, hub, shop)
    _desk(service_of(request)).send(asked, reference, {sku: pieces})
    return see_other(f"/hubs/{hub}?shop={asked.shop}&sent={quote(reference, safe='')}")


@router.post("/hubs/{hub}/order")
def act_on(request: Request, owner: Doer, fields: Fields, hub: HubName, shop: ShopField = "") -> Response:
    """Try an order again, or release it."""
    cells, asked = _cells(fields), _asked(request, owner, hub, shop)
    desk, reference = _desk(service_of(request)), cell.identifier(cells, "reference", needed=True)
    if cells.text("act") == "release":
        desk.release(asked, reference)
    else:
        desk.go_on(asked, reference)
    return see_other(f"/hubs/{hub}?shop={asked.shop}&sent={quote(reference, safe='')}")


@router.post("/hubs/{hub}/file")
def take_file(
    request: Request, owner: Doer, fields: Fields, hub: HubName, file: UploadFile | None = None, shop: ShopField = ""
) -> Response:
    """What a hub tells by file: stock, orders or charges."""
    here, content = _shop(request, owner, shop), file_of(fields, "file")
    if not content:
        raise BadInput("Choose a file first.")
    told = read_told("the file", content, here.decimals)
    with service_of(request).database.writing() as session:
        shelf = Shelf(session, here.tenant, here.shop)
        shelf.row(hub)
        shelf.take(hub, told, here.day, here.now)
    return see_other(f"/hubs/{hub}?shop={here.shop}")


def _cells(fields: Fields) -> Cells:
    return cells_of("the form", {name: value for name, value in fields.items() if isinstance(value, str)})


def _shop(request: Request, owner: SignedIn, shop: str) -> Shown:
    service = service_of(request)
    with service.database.reading() as session:
        return shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())


def _asked(request: Request, owner: SignedIn, hub: str, shop: str) -> Asked:
    here = _shop(request, owner, shop)
    return Asked(here.tenant, here.shop, hub, owner.name, here.now, here.day, here.zone)


def _desk(service: Service) -> Desk:
    return Desk(service.database, ports(web_of(service.settings), lambda: service.clock.now() // 1_000))
