"""Stock as it adds up from the tills' events: what is there, and the file for a spreadsheet."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, select

from cloud_sync.catalogue import items
from cloud_sync.pages.files import csv_file
from cloud_sync.pages.guard import Looker
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from cloud_sync.tables.figures import Stock
from edge_agent.rules.money import quantity

router = APIRouter()


@dataclass(frozen=True)
class Shelf:
    """A SKU's stock in milli-units; `counted` is False until somebody counted it."""

    sku: str
    name: str
    category: str
    on_hand: int
    counted: bool

    @property
    def word(self) -> str:
        """What is to be said beside the number; empty when there is nothing."""
        if self.on_hand < 0:
            return "below zero: count it"
        return "" if self.counted else "never counted"


def shelves(session: Session, shop: Shown) -> list[Shelf]:
    """Every item of the catalogue and everything else that was sold or received, by name."""
    known = items(session, tenant=shop.tenant, shop=shop.shop)
    rows = session.exec(select(Stock).where(Stock.tenant == shop.tenant, Stock.shop == shop.shop)).all()
    stock = {row.sku: row for row in rows}
    found = []
    for sku in known.keys() | stock.keys():
        item, row = known.get(sku), stock.get(sku)
        name, category = (item.name, item.category) if item else (sku, "")
        found.append(Shelf(sku, name, category, row.on_hand if row else 0, bool(row and row.counts)))
    return sorted(found, key=lambda shelf: (shelf.name.casefold(), shelf.sku))


@router.get("/stock")
def stock_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """What is on the shelf, by name."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        found, tills = shelves(session, here), standing(session, here)
    return page(request, "stock.html", owner=owner, shop=here, standing=tills, shelves=found)


@router.get("/stock.csv")
def stock_file(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """The same as a file."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        found = shelves(session, here)
    rows = [[one.sku, one.name, one.category, quantity(one.on_hand), "yes" if one.counted else "no"] for one in found]
    return csv_file(f"stock-{here.shop}.csv", ["sku", "name", "category", "on_hand", "counted"], rows)
