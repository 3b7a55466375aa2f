"""Returns: from sold to come back, why, and what became of it; the rate of each item; deposits that are owed."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from cloud_sync import returns, speech
from cloud_sync.catalogue import names
from cloud_sync.pages.files import csv_file
from cloud_sync.pages.guard import Looker
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from edge_agent.rules.money import quantity
from edge_agent.rules.returns import HIGH, LOW, WHERE, WORDS, Funnel, Row, funnel

router = APIRouter()
DAYS = 90
SPANS = (30, 90, 365)
MOST_ITEMS = 30
HUNDRED = 100
Days = Annotated[int, Query(ge=1, le=3660)]


@dataclass(frozen=True)
class Item:
    """An item that came back: its part of the funnel, its believed rate, and of the next hundred how many come back
    with eight chances in ten."""

    name: str
    funnel: Funnel
    rate: float
    fewest: int
    most: int


@router.get("/returns")
def returns_page(request: Request, owner: Looker, shop: ShopName = "", days: Days = DAYS) -> Response:
    """The last weeks of it."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where, since = {"tenant": here.tenant, "shop": here.shop}, here.day - days + 1
        rows = returns.rows(session, **where, since=since, until=here.day)
        sold = returns.sold(session, **where, since=since, until=here.day)
        told: dict[str, Any] = {
            "funnel": funnel(sum(sold.values()), rows),
            "items": _items(session, here, rows, sold),
            "deposits": returns.deposits(session, **where),
            "names": names(session, **where),
            "standing": standing(session, here),
        }
    said: dict[str, Any] = {"days": days, "spans": SPANS, "where": WHERE, "why": WORDS, "quantity": speech.quantity}
    return page(request, "returns.html", owner=owner, shop=here, **told, **said)


def _items(session: Session, here: Shown, rows: list[Row], sold: dict[str, int]) -> list[Item]:
    """Those of which most money came back first."""
    called = names(session, tenant=here.tenant, shop=here.shop)
    known = returns.seen(session, tenant=here.tenant, shop=here.shop)
    found = []
    for sku in {row.sku for row in rows}:
        rate = known.rate([sku])
        own = funnel(sold.get(sku, 0), [row for row in rows if row.sku == sku])
        spread = rate.among(HUNDRED, LOW), rate.among(HUNDRED, HIGH)
        found.append(Item(called.get(sku, sku), own, rate.mean, *spread))
    return sorted(found, key=lambda one: (one.funnel.gross, one.name))[:MOST_ITEMS]


@router.get("/returns.csv")
def returns_file(request: Request, owner: Looker, shop: ShopName = "", days: Days = DAYS) -> Response:
    """One row an item, whereabouts and reason."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        found = returns.rows(session, **where, since=here.day - days + 1, until=here.day)
        called = names(session, **where)
    rows: list[list[str | int]] = [
        [one.sku, called.get(one.sku, ""), one.goes, one.why, quantity(one.qty), here.bare(-one.gross)] for one in found
    ]
    head = ["sku", "name", "goes", "why", "quantity", "given_back"]
    return csv_file(f"returns-{here.shop}.csv", head, rows)
