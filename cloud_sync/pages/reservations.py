"""The pick list: what waits for whom and where, to be printed and carried; pieces laid into a pick-up point."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlmodel import Session

from cloud_sync.catalogue import items
from cloud_sync.hubs.book import Shelf
from cloud_sync.pages.guard import Doer, Looker, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.reservations import Kept, move_to, reservations
from cloud_sync.service import service_of
from edge_agent.errors import BadInput
from edge_agent.rules.imports_hubs import PICK_UP
from edge_agent.rules.money import quantity
from edge_agent.rules.text import clean_name

router = APIRouter()
ShopField = Annotated[str, Form(max_length=32)]
HEAD = ("number", "channel", "reference", "sku", "name", "qty", "price", "paid", "kept_until", "where", "state")


@router.get("/reservations")
def reservations_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """What is to be taken off the shelf, and each reservation that waits."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        waiting = waiting_in(session, here)
        names = {sku: item.name for sku, item in items(session, **where).items()}
        told: dict[str, Any] = {
            "waiting": waiting,
            "names": names,
            "goods": sorted(goods_of(waiting).items(), key=lambda one: names.get(one[0], one[0])),
            "points": [card for card in Shelf(session, **where).hubs().values() if card.adapter == PICK_UP],
            "standing": standing(session, here),
        }
    return page(request, "reservations.html", owner=owner, shop=here, **told)


@router.post("/reservations/spot")
def lay(
    request: Request,
    owner: Doer,
    reservation: Annotated[str, Form(pattern=r"^[0-9a-f]{16}$")],
    point: Annotated[str, Form(max_length=64)] = "",
    compartment: Annotated[str, Form(max_length=20)] = "",
    shop: ShopField = "",
) -> Response:
    """Where it waits from now on; its customer's page says so, and so does the till. No point: at the counter."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        spot = ""
        if point:
            card = Shelf(session, **where).hubs().get(point)
            if card is None or card.adapter != PICK_UP:
                raise BadInput("That is no pick-up point.")
            spot = clean_name(", ".join(filter(None, (card.name, card.address, compartment.strip()))))
        move_to(session, **where, mark=reservation, spot=spot, at=here.now)
    return see_other(f"/reservations?shop={here.shop}")


def waiting_in(session: Session, here: Shown) -> list[Kept]:
    """Those that wait for their customers, who must come first on top."""
    every = reservations(session, tenant=here.tenant, shop=here.shop, since=here.now + 1)
    return sorted(every, key=lambda one: (one.row.until, one.row.number))


def goods_of(waiting: Iterable[Kept]) -> Counter[str]:
    """{SKU: milli-units} of all of them."""
    found: Counter[str] = Counter()
    for one in waiting:
        for line in one.lines:
            found[line.sku] += line.qty
    return found


def rows_of(session: Session, here: Shown) -> Iterable[tuple[str | int, ...]]:
    """A row for each line of what waits, for the file."""
    names = {sku: item.name for sku, item in items(session, tenant=here.tenant, shop=here.shop).items()}
    for one in waiting_in(session, here):
        row = one.row
        for line in one.lines:
            goods = line.sku, names.get(line.sku, line.sku), quantity(line.qty), here.bare(line.price)
            ends = "yes" if row.paid else "no", here.iso(row.until), row.spot, row.state
            yield (row.number, row.channel, row.reference, *goods, *ends)
