"""The owner's side of live windows: planned on a drop's page, called off there, and how each stands."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from sqlmodel import Session

from cloud_sync import drops, live
from cloud_sync.pages.guard import Doer, Fields, see_other
from cloud_sync.pages.kept import typed
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.service import service_of
from edge_agent.errors import BadInput
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.imports_drops import time_of
from edge_agent.rules.imports_signals import cells_of
from edge_agent.rules.imports_table import Cells
from edge_agent.rules.live import HOLDS, code_of, state
from edge_agent.wire.events.drops import DropSet
from edge_agent.wire.events.live import LivePart, LiveSet

router = APIRouter()
ShopField = Annotated[str, Form(max_length=32)]
Drop = Annotated[str, Path(max_length=64)]
PIECE, MOST = 1_000, 100_000
HOLD = 120


def live_told(session: Session, here: Shown, drop: DropSet) -> dict[str, Any]:
    """What the owner's page of a drop says of its live windows."""
    where = {"tenant": here.tenant, "shop": here.shop}
    mine = live.lives(session, **where, drop=drop.drop)
    return {
        "lives": [(live.standing(session, **where, live=one, at=here.now), state(one, here.now)) for one in mine],
        "live_hold": HOLD,
    }


@router.post("/drops/{drop}/live")
def plan(request: Request, owner: Doer, fields: Fields, drop: Drop, shop: ShopField = "") -> Response:
    """Plan a live window: its code, its time, and pieces with their price."""
    service, given = service_of(request), cells_of("the form", typed(fields))
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        one = drops.drop(session, **where, drop=drop)
        live.plan(session, **where, live=_window(given, one, here), at=here.now)
    return see_other(f"/drops/{drop}?shop={here.shop}")


@router.post("/drops/{drop}/live/off")
def call_off(
    request: Request, owner: Doer, drop: Drop, code: Annotated[str, Form(max_length=12)] = "", shop: ShopField = ""
) -> Response:
    """It does not take place, or ends now."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        live.call_off(session, tenant=here.tenant, shop=here.shop, code=code, at=here.now)
    return see_other(f"/drops/{drop}?shop={here.shop}")


def _window(given: Cells, drop: DropSet, here: Shown) -> LiveSet:
    code = code_of(given.text("code"))
    if not code:
        raise BadInput("A live window's code is 4 to 12 letters and digits.")
    hold = cell.whole(given, "hold", HOLDS[-1]) if given.text("hold") else HOLD
    if hold not in HOLDS:
        raise BadInput("A reservation is kept five minutes at least and a week at most.")
    parts = tuple(_part(given, number, part.sku, here) for number, part in enumerate(drop.parts, 1))
    found = tuple(part for part in parts if part)
    if not found:
        raise BadInput("Say how many pieces are held for it.")
    start, end = (time_of(given, column, here.zone) for column in ("start", "end"))
    return LiveSet(code=code, drop=drop.drop, start=start, end=end, parts=found, hold=hold)


def _part(given: Cells, number: int, sku: str, here: Shown) -> LivePart | None:
    if not given.text(f"units{number}"):
        return None
    pieces = cell.whole(given, f"units{number}", MOST)
    price = cell.amount(given, f"price{number}", here.decimals)
    return LivePart(sku=sku, qty=pieces * PIECE, price=price) if pieces else None
