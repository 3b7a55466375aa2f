"""The page behind an order's letter: its supplier confirms it, or says what comes otherwise or later."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, cast

from fastapi import APIRouter, HTTPException, Path, Request, Response
from sqlmodel import Session

from cloud_sync.catalogue import items, suppliers
from cloud_sync.orders import Conflict, order_of
from cloud_sync.pages.guard import Fields, see_other
from cloud_sync.pages.kept import typed
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.post.answers import Answer, Said, answers, coming, is_sealed, take_answer
from cloud_sync.post.letter import letter
from cloud_sync.post.ways import ways_of
from cloud_sync.service import Service, let_in, service_of
from cloud_sync.tables.orders import Order
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.day import local, moment
from edge_agent.rules.imports_signals import cells_of
from edge_agent.rules.imports_table import Cells
from edge_agent.rules.money import written

router = APIRouter()
NOON = 720
SAID = {"confirmed": "Confirmed", "changed": "Changed", "shipped": "On its way", "refused": "Can't be delivered"}

Tenant = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,32}$")]
Key = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
Seal = Annotated[str, Path(max_length=64)]


@router.get("/answer/{tenant}/{key}/{seal}")
def answer_page(request: Request, tenant: Tenant, key: Key, seal: Seal, done: str = "") -> Response:
    """The order, and the form to answer it."""
    service = _let_in(request, tenant, key, seal)
    return _form(request, service, tenant, key, said="Thank you. The shop knows." if done else "")


@router.post("/answer/{tenant}/{key}/{seal}")
def answer_order(request: Request, fields: Fields, tenant: Tenant, key: Key, seal: Seal) -> Response:
    """Take the answer. The link is the right to give it: there is no session that another site could use."""
    service, given = _let_in(request, tenant, key, seal), typed(fields)
    try:
        with service.database.writing() as session:
            order, here = _order(session, service, tenant, key)
            answer = _read(session, here, order, given)
            by = _supplier(session, order)
            take_answer(session, tenant=tenant, order=key, by=by, answer=answer, now=here.now)
    except Conflict as conflict:
        return _form(request, service, tenant, key, status=409, wrong=conflict.message)
    except BadInput as error:
        return _form(request, service, tenant, key, given=given, status=422, wrong=error.message)
    return see_other(f"/answer/{tenant}/{key}/{seal}?done=1")


def _let_in(request: Request, tenant: str, key: str, seal: str) -> Service:
    web = ways_of(service_of(request).settings).web
    if not is_sealed(web, tenant=tenant, order=key, seal=seal):
        raise HTTPException(404)
    let_in(request, tenant)
    return service_of(request)


def _order(session: Session, service: Service, tenant: str, key: str) -> tuple[Order, Shown]:
    try:
        order = order_of(session, tenant=tenant, order=key)
    except NotKnown as error:
        raise HTTPException(404) from error
    return order, shown(session, tenant=tenant, shop=order.shop, now=service.clock.now())


def _supplier(session: Session, order: Order) -> str:
    known = suppliers(session, tenant=order.tenant, shop=order.shop).get(order.supplier)
    return known.name if known else order.supplier


def _read(session: Session, here: Shown, order: Order, given: Mapping[str, str]) -> Answer:
    cells = cells_of("the form", given)
    lines = coming(session, order)
    packs = {line.sku: cell.whole(cells, f"packs {place}", line.packs) for place, line in enumerate(lines)}
    known = items(session, tenant=order.tenant, shop=order.shop)
    costs = {}
    for place, line in enumerate(lines):
        if cells.text(f"cost {place}"):
            cost = cell.amount(cells, f"cost {place}", here.decimals)
            if line.sku not in known or cost != known[line.sku].pack_cost:
                costs[line.sku] = cost
    said = cast(Said, given.get("said", ""))
    if said == "confirmed" and any(packs[line.sku] != line.packs for line in lines):
        said = "changed"
    return Answer(said, packs, _arrives(cells, here, order), cells.text("note"), costs)


def _arrives(cells: Cells, here: Shown, order: Order) -> int:
    """The day of the form as a moment; 0 when it is the day that was asked for."""
    text = cells.text("arrives")
    if not text or text == _day_of(here, order):
        return 0
    try:
        day = date.fromisoformat(text).toordinal()
    except ValueError:
        raise cells.bad("arrives", f"{text[:40]!r} is not a date like 2026-03-05") from None
    asked = local(order.arrives_at, here.zone)
    return moment(day, asked.hour * 60 + asked.minute or NOON, here.zone)


def _day_of(here: Shown, order: Order) -> str:
    return local(order.arrives_at, here.zone).date().isoformat()


def _form(
    request: Request,
    service: Service,
    tenant: str,
    key: str,
    *,
    given: Mapping[str, str] | None = None,
    status: int = 200,
    said: str = "",
    wrong: str = "",
) -> Response:
    with service.database.reading() as session:
        order, here = _order(session, service, tenant, key)
        known = items(session, tenant=tenant, shop=order.shop)
        told: dict[str, Any] = {
            "letter": letter(session, tenant=tenant, order=key),
            "lines": coming(session, order),
            "costs": {sku: written(one.pack_cost, here.decimals) for sku, one in known.items()},
            "names": {sku: one.name for sku, one in known.items()},
            "arrives": _day_of(here, order),
            "fields": given or {},
            "answers": [(one, SAID[one.said]) for one in answers(session, order)],
            "order": order,
            "said": said,
            "wrong": wrong,
        }
    return page(request, "answer.html", status=status, shop=here, standing=None, **told)
