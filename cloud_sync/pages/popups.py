"""Pop-ups on the owner's page: planned, there now, and what each came to: stock, takings, visitors, what came back."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response

from cloud_sync import popups
from cloud_sync.catalogue import items
from cloud_sync.links import links
from cloud_sync.pages.guard import Doer, Fields, Looker, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.popups import Outing
from cloud_sync.post.ways import ways_of
from cloud_sync.service import service_of
from edge_agent.rules.imports_signals import cells_of, event_of
from edge_agent.rules.popup import share
from edge_agent.wire.events.popups import PopUpSet

router = APIRouter()
KIND = "pop-up"
ShopField = Annotated[str, Form(max_length=32)]
PopUp = Annotated[str, Path(max_length=64)]


@router.get("/popups")
def popups_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """All pop-ups, and the form to plan one."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        planned = [one for one in popups.popups(session, **where) if not one.called_off]
        told: dict[str, Any] = {
            "outings": popups.outings(session, **where, planned=planned),
            "standing": standing(session, here),
            "share": share,
        }
    return page(request, "popups.html", owner=owner, shop=here, **told)


@router.get("/popups/{popup}")
def popup_page(request: Request, owner: Looker, popup: PopUp, shop: ShopName = "") -> Response:
    """One pop-up: what is there, what it took, who came by."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        found = popups.outing(session, **where, popup=popup)
        names = {sku: one.name for sku, one in items(session, **where).items()}
        told: dict[str, Any] = {
            "outing": found,
            "goods": _goods(found, names),
            "conversion": share(found.tally.orders, found.tally.passed),
            "stayed": share(found.tally.stayed, found.tally.passed),
            "links": [
                (one, share(one.scans, found.tally.passed)) for one in links(session, tenant=here.tenant, popup=popup)
            ],
            "address": ways_of(service.settings).address,
            "standing": standing(session, here),
        }
    return page(request, "popup.html", owner=owner, shop=here, **told)


@router.post("/popups/plan")
def plan(request: Request, owner: Doer, fields: Fields, shop: ShopField = "") -> Response:
    """Plan a pop-up; it stands on the calendar, too."""
    service = service_of(request)
    given = {name: value for name, value in fields.items() if isinstance(value, str)}
    event = event_of(cells_of("the form", {**given, "kind": given.get("kind", "").strip() or KIND, "about": ""}))
    told = event.model_dump(include={"name", "kind", "first_day", "last_day", "attendance"})
    popup = PopUpSet(popup=secrets.token_hex(8), **told)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        popups.plan(session, tenant=here.tenant, shop=here.shop, popup=popup, at=here.now)
    return see_other(f"/popups/{popup.popup}?shop={here.shop}")


@router.post("/popups/{popup}/off")
def call_off(request: Request, owner: Doer, popup: PopUp, shop: ShopField = "") -> Response:
    """Call a pop-up off."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        popups.call_off(session, tenant=here.tenant, shop=here.shop, popup=popup, at=here.now)
    return see_other(f"/popups?shop={here.shop}")


def _goods(found: Outing, names: dict[str, str]) -> list[dict[str, Any]]:
    """What went, sold, was lost, came back and is there, by name."""
    tally = found.tally
    skus = {*tally.came, *tally.sold, *tally.lost, *tally.given, *tally.sent, *tally.there}
    rows = [
        {
            "name": names.get(sku, sku),
            "came": tally.came[sku],
            "sold": tally.sold[sku],
            "lost": tally.lost[sku],
            "given": tally.given[sku],
            "sent": tally.sent[sku],
            "there": tally.there[sku],
        }
        for sku in skus
    ]
    return sorted(rows, key=lambda one: str(one["name"]))
