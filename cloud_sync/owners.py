"""The owners' door as JSON: signing in, the orders to decide, and the commands on them (the pages have their own)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, select

from cloud_sync import catalogue, orders
from cloud_sync.accounts.attempts import TooMany
from cloud_sync.accounts.door import Commander, Reader, clear_cookie, note_now, same_origin, set_cookie, visit_of
from cloud_sync.accounts.sessions import second_key
from cloud_sync.accounts.sign_in import SignedIn, finish, prove, sign_in, sign_out
from cloud_sync.orders import By, Conflict, State
from cloud_sync.projections.orders import lines_of
from cloud_sync.service import service_of
from cloud_sync.tables.house import Shop
from cloud_sync.tables.orders import Order
from edge_agent.errors import BadInput, NotAllowed, NotKnown

router = APIRouter(prefix="/v1/owner")


class Credentials(BaseModel):
    """`POST /v1/owner/sign-in`."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, Field(max_length=254)]
    password: Annotated[str, Field(max_length=256)]
    code: Annotated[str, Field(max_length=40)] = ""


class Proof(BaseModel):
    """`POST /v1/owner/prove`: a code, or the password where there is no authenticator."""

    model_config = ConfigDict(extra="forbid")

    answer: Annotated[str, Field(max_length=256)]


class Approval(BaseModel):
    """`version` is the word that came with the order; `packs` {SKU: packs} where they differ from the proposal."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[str, Field(max_length=64)]
    packs: Annotated[dict[str, int], Field(max_length=1_000)] = {}


class Rejection(BaseModel):
    """`reason` is shown on the till."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[str, Field(max_length=64)]
    reason: Annotated[str, Field(max_length=80)] = ""


@router.post("/sign-in")
def owner_signs_in(request: Request, asked: Credentials) -> Response:
    """Sets the session cookie; the answer's `csrf` goes with every command as `X-CSRF-Token`. 401 with `code` true
    where the account asks for a code as well."""
    same_origin(request)
    service, visit = service_of(request), visit_of(request)
    now, key_file = service.clock.now(), second_key(service.settings)
    try:
        owner = sign_in(service.database, email=asked.email, password=asked.password, visit=visit, now=now)
        if owner.awaits_code and not asked.code:
            sign_out(service.database, owner.token)
            return JSONResponse({"error": "This account asks for a code as well.", "code": True}, 401)
        if owner.awaits_code:
            code = {"token": owner.token, "code": asked.code}
            owner = finish(service.database, **code, visit=visit, key_file=key_file, now=now)
    except NotAllowed as error:
        return _not_in(error)
    note_now(request, owner, "sign-in")
    return _in(request, owner)


@router.post("/prove")
def owner_proves(request: Request, owner: Commander, asked: Proof) -> Response:
    """Proves once more who is there; what needs it may be done for half an hour. The session's cookie is new."""
    service = service_of(request)
    now, key_file = service.clock.now(), second_key(service.settings)
    try:
        fresh = prove(service.database, owner, answer=asked.answer, key_file=key_file, now=now)
    except NotAllowed as error:
        return _not_in(error)
    return _in(request, fresh)


@router.post("/sign-out")
def owner_signs_out(request: Request, owner: Commander) -> Response:
    """Ends the session."""
    service = service_of(request)
    sign_out(service.database, owner.token)
    answer = JSONResponse({})
    clear_cookie(answer, service.settings)
    return answer


@router.get("/orders")
def owner_reads_orders(
    request: Request, owner: Reader, state: Annotated[tuple[State, ...], Query(max_length=10)] = orders.OPEN
) -> Response:
    """Orders in the given states (default: to decide), the soonest cut-off first, shop by shop."""
    with service_of(request).database.reading() as session:
        shops = session.exec(select(Shop).where(Shop.tenant == owner.tenant)).all()
        found = [_listed(session, shop, state) for shop in shops]
    return JSONResponse({"orders": [order for shop in found for order in shop]})


@router.post("/orders/{order}/approve")
def owner_approves(request: Request, owner: Commander, order: str, asked: Approval) -> Response:
    """Approves as proposed or with other packs; 409 with the order as it stands when it is not as the owner saw it."""
    service = service_of(request)
    by, now = By(owner.owner, owner.name), service.clock.now()
    try:
        with service.database.writing() as session:
            done = orders.approve(
                session, tenant=owner.tenant, order=order, version=asked.version, packs=asked.packs, by=by, now=now
            )
            return JSONResponse(shown(session, done))
    except (Conflict, NotKnown, BadInput) as error:
        return _refused(request, error)


@router.post("/orders/{order}/reject")
def owner_rejects(request: Request, owner: Commander, order: str, asked: Rejection) -> Response:
    """Rejects, with a reason; 409 as for approve."""
    service = service_of(request)
    by, now = By(owner.owner, owner.name), service.clock.now()
    try:
        with service.database.writing() as session:
            done = orders.reject(
                session, tenant=owner.tenant, order=order, version=asked.version, reason=asked.reason, by=by, now=now
            )
            return JSONResponse(shown(session, done))
    except (Conflict, NotKnown, BadInput) as error:
        return _refused(request, error)


def shown(session: Session, order: Order) -> dict[str, Any]:
    """An order as JSON, with names; `version` is the word to give back with a command."""
    names = catalogue.names(session, tenant=order.tenant, shop=order.shop)
    suppliers = catalogue.names(session, tenant=order.tenant, shop=order.shop, kind="supplier_set")
    came = orders.received_of(session, order)
    copied = {"order", "number", "shop", "state", "supplier", "cycle", "revision", "edited", "by", "reason", "value"}
    times = {"proposed_at", "cutoff_at", "arrives_at", "next_arrives_at", "decided_at"}
    lines = [
        {
            **line.model_dump(include={"sku", "packs", "qty", "cost", "approved_packs", "approved_qty"}),
            "name": names.get(line.sku, line.sku),
            "received": came.get(line.sku),
        }
        for line in lines_of(session, order)
    ]
    named = {"version": orders.version_of(order), "supplier_name": suppliers.get(order.supplier, order.supplier)}
    return {**order.model_dump(include=copied | times), **named, "lines": lines}


def _listed(session: Session, shop: Shop, states: tuple[str, ...]) -> list[dict[str, Any]]:
    found = orders.listed(session, tenant=shop.tenant, shop=shop.shop, states=states)
    return [shown(session, order) for order in found]


def _refused(request: Request, error: Conflict | NotKnown | BadInput) -> Response:
    if isinstance(error, Conflict):
        with service_of(request).database.reading() as session:
            stands = shown(session, error.order)
        return JSONResponse({"error": error.message, "order": stands}, 409)
    return JSONResponse({"error": error.message}, 404 if isinstance(error, NotKnown) else 422)


def _in(request: Request, owner: SignedIn) -> Response:
    said = {"email": owner.email, "name": owner.name, "role": owner.role, "one_time": owner.one_time}
    answer = JSONResponse({**said, "csrf": owner.csrf})
    set_cookie(answer, service_of(request).settings, owner)
    return answer


def _not_in(error: NotAllowed) -> Response:
    if isinstance(error, TooMany):
        return JSONResponse({"error": error.message}, 429, {"Retry-After": str(error.wait_s)})
    return JSONResponse({"error": error.message}, 401)
