"""Signals and events: what moves demand from outside, how old it is and who says so; a value, an event or a file."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response, UploadFile

from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.pages.guard import Doer, Fields, Looker, file_of, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from cloud_sync.signals import calendar, enter, signals
from edge_agent.errors import BadInput
from edge_agent.rules.imports_signals import Row, cells_of, event_of, read_file, signal_of
from edge_agent.rules.imports_table import Cells

router = APIRouter()
SOURCE = "the owner"
SHOWN_DAYS_BACK = 7
ShopField = Annotated[str, Form(max_length=32)]


@router.get("/signals")
def signals_page(request: Request, owner: Looker, shop: ShopName = "", entered: int = -1) -> Response:
    """What is known, and the forms to enter more; `entered` values or events have just been taken."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        told: dict[str, Any] = {
            "signals": signals(session, **where, now=here.now),
            "events": calendar(session, **where, first_day=here.day - SHOWN_DAYS_BACK),
            "standing": standing(session, here),
            "entered": entered,
        }
    return page(request, "signals.html", owner=owner, shop=here, **told)


@router.post("/signals/value")
def enter_value(request: Request, owner: Doer, fields: Fields, shop: ShopField = "") -> Response:
    """A value of a signal; without a time it is of now."""
    here = _shop(request, owner, shop)
    cells = _cells(fields)
    cells.values["time"] = cells.text("time") or here.iso(here.now)
    return _enter(request, here, [signal_of(cells, here.zone, here.now)])


@router.post("/signals/event")
def enter_event(request: Request, owner: Doer, fields: Fields, shop: ShopField = "") -> Response:
    """Something on the calendar, or that it is called off."""
    here = _shop(request, owner, shop)
    return _enter(request, here, [event_of(_cells(fields))])


@router.post("/signals/file")
def enter_file(
    request: Request, owner: Doer, fields: Fields, file: UploadFile | None = None, shop: ShopField = ""
) -> Response:
    """A CSV file of values or of events: all of it or nothing."""
    here = _shop(request, owner, shop)
    content = file_of(fields, "file")
    if not content:
        raise BadInput("Choose a file first.")
    return _enter(request, here, read_file("the file", content, here.zone, here.now))


def _shop(request: Request, owner: SignedIn, shop: str) -> Shown:
    service = service_of(request)
    with service.database.reading() as session:
        return shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())


def _cells(fields: Fields) -> Cells:
    given = {name: value for name, value in fields.items() if isinstance(value, str)}
    return cells_of("the form", {**given, "source": given.get("source", "").strip() or SOURCE})


def _enter(request: Request, here: Shown, rows: list[Row]) -> Response:
    with service_of(request).database.writing() as session:
        done = enter(session, tenant=here.tenant, shop=here.shop, rows=rows, at=here.now)
    return see_other(f"/signals?shop={here.shop}&entered={done}")
