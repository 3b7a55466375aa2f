"""Alerts: what is so, each with its row; what was; and how this owner and other programs hear of it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path, Request, Response

from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.alerts import book
from cloud_sync.alerts.herald import hook_secret
from cloud_sync.news import book as news
from cloud_sync.news.kinds import KINDS, NAMES
from cloud_sync.pages.guard import Doer, Fields, Looker, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.post.network import place_of
from cloud_sync.post.ways import ways_of
from cloud_sync.service import service_of
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.imports_signals import cells_of

router = APIRouter()
ShopField = Annotated[str, Form(max_length=32)]
Yes = Literal["", "yes"]
MOST_MIN = 1_440


@router.get("/alerts")
def alerts_page(request: Request, owner: Looker, shop: ShopName = "", saved: str = "") -> Response:
    """What is so now, and what was."""
    return _page(request, owner, shop, said="Saved." if saved else "")


@router.post("/alerts/{alert}/seen")
def see_alert(
    request: Request, owner: Doer, alert: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")], shop: ShopField = ""
) -> Response:
    """The owner knows."""
    service = service_of(request)
    with service.database.writing() as session:
        now = service.clock.now()
        row = book.acknowledge(session, tenant=owner.tenant, alert=alert, by=owner.name, now=now)
    return see_other(f"/alerts?shop={row.shop}")


@router.post("/alerts/choice")
def choose(
    request: Request,
    owner: Doer,
    shop: ShopField = "",
    at_once: Annotated[Yes, Form()] = "",
    digest: Annotated[Yes, Form()] = "",
) -> Response:
    """What this owner wants to hear by e-mail."""
    with service_of(request).database.writing() as session:
        row = book.choice_of(session, tenant=owner.tenant, owner=owner.owner)
        row.at_once, row.digest = bool(at_once), bool(digest)
        session.add(row)
    return see_other(f"/alerts?shop={shop}&saved=1")


@router.post("/alerts/rules")
def set_rules(
    request: Request, owner: Doer, shop: ShopField = "", minutes: Annotated[str, Form(max_length=6)] = "10"
) -> Response:
    """After how many minutes a printer that is down is told."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        row = book.hook_of(session, tenant=here.tenant, shop=here.shop)
        row.printer_min = cell.whole(cells_of("the form", {"minutes": minutes.strip()}), "minutes", MOST_MIN)
        session.add(row)
    return see_other(f"/alerts?shop={here.shop}&saved=1")


@router.post("/alerts/hook")
def set_hook(
    request: Request,
    owner: Doer,
    fields: Fields,
    shop: ShopField = "",
    url: Annotated[str, Form(max_length=400)] = "",
    renew: Annotated[Yes, Form()] = "",
    low: Annotated[str, Form(max_length=12)] = "3",
) -> Response:
    """Where other programs hear of alerts and news. A new secret stands on the answering page, nowhere after."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        row = book.hook_of(session, tenant=here.tenant, shop=here.shop)
        row.url = url.strip()
        row.kinds = " ".join(kind for kind in KINDS if fields.get(kind) == "yes")
        row.low = cell.milli(cells_of("the form", {"low": low.strip()}), "low")
        if row.url:
            place_of(row.url)
        fresh = bool(row.url) and (bool(renew) or row.turn == 0)
        row.turn += fresh
        session.add(row)
        turn = row.turn
    if not fresh:
        return see_other(f"/alerts?shop={here.shop}&saved=1")
    secret = hook_secret(ways_of(service.settings), tenant=here.tenant, shop=here.shop, turn=turn)
    return _page(request, owner, here.shop, said="Saved.", secret=secret)


def _page(request: Request, owner: SignedIn, shop: str, *, said: str, secret: str = "") -> Response:
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        told: dict[str, Any] = {
            "open": book.open_alerts(session, **where),
            "past": book.past_alerts(session, **where),
            "choice": book.choice_of(session, tenant=owner.tenant, owner=owner.owner),
            "hook": book.hook_of(session, **where),
            "news": news.standing(session, **where),
            "kinds": NAMES,
            "mails": bool(service.settings.mail_host),
        }
        tills = standing(session, here)
    return page(request, "alerts.html", owner=owner, shop=here, standing=tills, said=said, secret=secret, **told)
