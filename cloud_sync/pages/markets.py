"""Marketplaces on the owner's page: who sells what beside the shop, by which key, and orders by file."""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response, UploadFile

from cloud_sync import markets
from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.channels import channels
from cloud_sync.database import Database
from cloud_sync.market_door import code_for
from cloud_sync.pages.guard import Doer, Fields, Looker, file_of
from cloud_sync.pages.kept import typed
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from cloud_sync.settings import Settings
from edge_agent.errors import BadInput
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.imports_market import MarketOrder, read_orders
from edge_agent.rules.imports_signals import cells_of

router = APIRouter()
ShopField = Annotated[str, Form(max_length=32)]


@dataclass(frozen=True)
class Done:
    """What came of an order of a file; `wrong` says why it was not taken."""

    reference: str
    new: bool
    wrong: str = ""


@router.get("/markets")
def markets_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """All of them, and the forms."""
    return _page(request, owner, shop)


@router.post("/markets")
def put(request: Request, owner: Doer, fields: Fields, shop: ShopField = "") -> Response:
    """Describe one; a new one gets a key, which is shown this once."""
    service, cells = service_of(request), cells_of("the form", typed(fields))
    name, skus = cells.text("market").lower(), cells.text("skus").replace(",", " ").split()
    days = cell.whole(cells, "days", markets.DAYS[-1])
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        known = name in {one.market for one in markets.markets(session, **where)}
        key = "" if known and cells.text("key") != "new" else secrets.token_urlsafe(32)
        markets.put_market(session, **where, name=name, skus=skus, days=days, key=key, at=here.now)
    return _page(request, owner, here.shop, key=key, named=name)


@router.post("/markets/file")
def take_file(
    request: Request, owner: Doer, fields: Fields, file: UploadFile | None = None, shop: ShopField = ""
) -> Response:
    """Orders by file: each is taken whole or not at all, those that are known change nothing."""
    service, content = service_of(request), file_of(fields, "file")
    name = typed(fields).get("market", "")
    if not content:
        raise BadInput("Choose a file first.")
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
    orders = read_orders("the file", content, here.decimals)
    where = {"tenant": here.tenant, "shop": here.shop}
    done = take_orders(service.database, service.settings, **where, name=name, orders=orders, now=here.now)
    return _page(request, owner, here.shop, done=done)


def take_orders(
    database: Database, settings: Settings, *, tenant: str, shop: str, name: str, orders: list[MarketOrder], now: int
) -> list[Done]:
    """Take orders one by one, each in its own transaction. NotKnown when there is no such marketplace."""
    found: list[Done] = []
    for order in orders:
        with database.reading() as session:
            seller = markets.market(session, tenant=tenant, shop=shop, name=name)
        try:
            with database.writing() as session:
                taken = markets.take(session, seller, order, code_for(settings, seller, order.reference), now)
            found.append(Done(order.reference, taken.new))
        except BadInput as error:
            found.append(Done(order.reference, new=False, wrong=error.message))
    return found


def _page(
    request: Request,
    owner: SignedIn,
    shop: str,
    *,
    key: str = "",
    named: str = "",
    done: list[Done] | None = None,
) -> Response:
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        told: dict[str, Any] = {
            "markets": [
                (one, [each.sku for each in channels(session, **where, channel=one.market)])
                for one in markets.markets(session, **where)
            ],
            "key": key,
            "named": named,
            "done": done,
            "standing": standing(session, here),
        }
    return page(request, "markets.html", owner=owner, shop=here, **told)
