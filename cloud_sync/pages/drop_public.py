"""The owner's side of a drop's public page: its address with a QR code, what is reserved, who waits."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from sqlmodel import Session

from cloud_sync import drop_pages, waiting
from cloud_sync.catalogue import items
from cloud_sync.channels import WEB
from cloud_sync.drop_pages import HOLDS, Wanted
from cloud_sync.pages.guard import Doer, Fields, see_other
from cloud_sync.pages.kept import typed
from cloud_sync.pages.public_drop import qr
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.post.ways import ways_of
from cloud_sync.reservations import left, release, reservations
from cloud_sync.service import Service, service_of
from edge_agent.errors import NotKnown
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.imports_signals import cells_of
from edge_agent.wire.events.drops import DropSet

router = APIRouter()
ShopField = Annotated[str, Form(max_length=32)]
Drop = Annotated[str, Path(max_length=64)]
MOST_KEPT = 100_000


def public_told(session: Session, service: Service, here: Shown, drop: DropSet, fallback: str) -> dict[str, Any]:
    """What the owner's page of a drop says of its public one."""
    where = {"tenant": here.tenant, "shop": here.shop}
    found = drop_pages.page_of(session, **where, drop=drop.drop)
    link = f"{ways_of(service.settings).address or fallback}/d/{found.slug}" if found else ""
    skus = [part.sku for part in drop.parts]
    return {
        "public": found,
        "link": link,
        "picture": qr(link) if link else "",
        "kept": reservations(session, **where, drop=drop.drop, since=drop.start),
        "in_line": waiting.lengths(session, **where, drop=drop.drop),
        "web_left": left(session, **where, channel=WEB, skus=skus, at=here.now) if found else {},
        "names": {sku: one.name for sku, one in items(session, **where).items()},
    }


@router.post("/drops/{drop}/public")
def publish(request: Request, owner: Doer, fields: Fields, drop: Drop, shop: ShopField = "") -> Response:
    """Make the page public, change it, or take it away."""
    service, given = service_of(request), cells_of("the form", typed(fields))
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        if given.text("do") == "withdraw":
            drop_pages.withdraw(session, **where, drop=drop, at=here.now)
        else:
            drop_pages.publish_page(
                session,
                **where,
                drop=drop,
                wanted=Wanted(
                    slug=given.text("slug").lower() or secrets.token_hex(8),
                    listed=given.text("listed") == "yes",
                    hold=cell.whole(given, "hold", HOLDS[-1]),
                    kept=cell.whole(given, "kept", MOST_KEPT),
                ),
                at=here.now,
            )
    return see_other(f"/drops/{drop}?shop={here.shop}")


@router.post("/drops/{drop}/release")
def let_go(
    request: Request,
    owner: Doer,
    drop: Drop,
    reservation: Annotated[str, Form(pattern=r"^[0-9a-f]{16}$")],
    shop: ShopField = "",
) -> Response:
    """The owner lets a reservation go."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        if not release(session, tenant=here.tenant, shop=here.shop, marks=[reservation], at=here.now):
            raise NotKnown("there is no such reservation")
    return see_other(f"/drops/{drop}?shop={here.shop}")
