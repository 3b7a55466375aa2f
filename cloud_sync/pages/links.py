"""The public end of a short link: whoever scans it is sent on, and counted by the day without a trace of who it was."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Path, Request, Response
from fastapi.responses import RedirectResponse

from cloud_sync import links, popups
from cloud_sync.following import found
from cloud_sync.pages.guard import Doer, Fields, see_other
from cloud_sync.pages.kept import typed
from cloud_sync.pages.shown import shown
from cloud_sync.post.ways import ways_of
from cloud_sync.service import let_in, service_of
from cloud_sync.tables.links import Link
from edge_agent.errors import BadInput
from edge_agent.rules.imports_signals import cells_of
from edge_agent.rules.link import Utm, target
from edge_agent.rules.text import clean_name

router = APIRouter()
ROBOTS = ("bot", "crawl", "spider", "preview", "facebookexternalhit", "whatsapp")
PopUp = Annotated[str, Path(max_length=64)]
ShopField = Annotated[str, Form(max_length=32)]


@router.get("/q/{code}")
def follow(request: Request, code: Annotated[str, Path(pattern=r"^[0-9a-z]{7}$")]) -> Response:
    """On to where it leads; a look ahead by a program is not a visitor."""
    link = found(service_of(request).database, code)
    if link is None:
        raise HTTPException(404)
    let_in(request, link.tenant)
    service = service_of(request)
    if _is_person(request):
        with service.database.writing() as session:
            links.follow(session, link, service.clock.now())
    return RedirectResponse(link.target, 302, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


@router.post("/popups/{popup}/link")
def make(request: Request, owner: Doer, fields: Fields, popup: PopUp, shop: ShopField = "") -> Response:
    """A new link of a pop-up; its campaign is the pop-up, its content the link's name."""
    service, given = service_of(request), cells_of("the form", typed(fields))
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        planned = popups.outing(session, tenant=here.tenant, shop=here.shop, popup=popup).popup
        named = clean_name(given.text("name"))
        if not named:
            raise BadInput("Name the link: the poster, or the item that it is about.")
        source, medium = given.text("source") or "popup", given.text("medium") or "qr"
        link = Link(
            code=links.code_of(secrets.choice),
            tenant=here.tenant,
            shop=here.shop,
            popup=popup,
            name=named,
            target=target(given.text("to"), Utm(source, medium, planned.name, named, given.text("term"))),
            made_at=here.now,
        )
        links.make(session, link, address=ways_of(service.settings).address, at=here.now)
    return see_other(f"/popups/{popup}?shop={here.shop}")


def _is_person(request: Request) -> bool:
    purpose = request.headers.get("sec-purpose", "") + request.headers.get("purpose", "")
    agent = request.headers.get("user-agent", "").casefold()
    return "prefetch" not in purpose and not any(word in agent for word in ROBOTS)
