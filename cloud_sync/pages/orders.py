"""Orders: the inbox by cut-off with its history, one order with its what-ifs, and approve, edit, reject."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Path, Request, Response
from sqlmodel import Session

from cloud_sync.accounts.door import note_about
from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.capped import Fate, approve_within, versions
from cloud_sync.orders import By, Conflict, approve, order_of, reject, version_of
from cloud_sync.pages.cards import decided, waiting
from cloud_sync.pages.guard import Doer, Fields, Looker, reading, see_other
from cloud_sync.pages.leaving import Leaving, leaving
from cloud_sync.pages.look import page
from cloud_sync.pages.marks import mark
from cloud_sync.pages.order_view import OrderView, Step, by_sku, packs_of, view
from cloud_sync.pages.replies import Reply, replies
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import Standing, standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import Service, service_of
from cloud_sync.speech import say, told
from cloud_sync.tables.orders import Order
from edge_agent.errors import BadInput, NotKnown

router = APIRouter()
REASONS = ("Not needed", "Too much", "Ordered elsewhere", "Cash is short")

Key = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
Version = Annotated[str, Form(max_length=64)]


@router.get("/orders")
def orders_page(request: Request, shop: ShopName = "") -> Response:
    """What waits for a decision, and what was decided."""
    return _inbox(request, reading(request), shop, None)


@router.post("/orders/within-caps")
def approve_all(
    request: Request, owner: Doer, fields: Fields, shop: Annotated[str, Form(max_length=32)] = ""
) -> Response:
    """Approve all that is within caps, of the orders and versions in the form; then what became of each."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
    fates = approve_within(service.database, here, _seen(fields), By(owner.owner, owner.name))
    note_about(request, {"name": ", ".join(one.number for one in fates if not one.why)})
    return _inbox(request, owner, here.shop, fates)


def _inbox(request: Request, owner: SignedIn, shop: str, fates: Sequence[Fate] | None) -> Response:
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        tills = standing(session, here)
        told: dict[str, Any] = {
            "waiting": waiting(session, here),
            "decided": decided(session, here),
            "standing": tills,
            "mark": mark(here, tills),
            "versions": versions(session, here),
            "fates": fates,
        }
    return page(request, "orders.html", owner=owner, shop=here, **told)


def _seen(form: Mapping[str, object]) -> dict[str, str]:
    """The versions in a form, `seen.ORDER`."""
    named = ((name.partition("."), value) for name, value in form.items())
    return {key: value for (word, _dot, key), value in named if word == "seen" and isinstance(value, str)}


@router.get("/orders/{key}")
def order_page(request: Request, owner: Looker, key: Key, done: str = "") -> Response:
    """One order: why, what if, and the decision."""
    with service_of(request).database.reading() as session:
        here, tills, order = _at(session, service_of(request), owner, key)
        found = view(session, here, order)
        ways = leaving(session, here, order, service_of(request).settings)
        heard = replies(session, here, order)
    said = _said(found) if done and not found.open else ""
    return _order(request, owner, here, tills, found, said=said, ways=ways, heard=heard)


@router.post("/orders/{key}/packs")
def packs_page(
    request: Request,
    owner: Doer,
    fields: Fields,
    key: Key,
    version: Version = "",
    less: Annotated[int, Form()] = -1,
    more: Annotated[int, Form()] = -1,
) -> Response:
    """One pack less or more on a line, for browsers without our script: looked up, nothing is changed."""
    with service_of(request).database.reading() as session:
        here, tills, order = _at(session, service_of(request), owner, key)
        if version != version_of(order):
            return _changed(request, owner, here, tills, view(session, here, order), "")
        found = view(session, here, order, _chosen(fields))
        by_sku(found, _chosen(fields))
        stepped = _stepped(found, less=less, more=more)
        found = view(session, here, order, {**_chosen(fields), **stepped})
    return _order(request, owner, here, tills, found)


@router.post("/orders/{key}/approve")
def approve_order(request: Request, owner: Doer, fields: Fields, key: Key, version: Version = "") -> Response:
    """Approve it, with the packs of the form."""
    service = service_of(request)
    try:
        with service.database.writing() as session:
            here, _tills, order = _at(session, service, owner, key)
            chosen = by_sku(view(session, here, order), _chosen(fields)) if version == version_of(order) else {}
            by = By(owner.owner, owner.name)
            approve(session, tenant=owner.tenant, order=key, version=version, by=by, now=here.now, packs=chosen)
    except Conflict as conflict:
        return _conflict(request, owner, key, conflict)
    return see_other(f"/orders/{key}?done=1")


@router.post("/orders/{key}/reject")
def reject_order(
    request: Request,
    owner: Doer,
    key: Key,
    version: Version = "",
    reason: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    """Reject it, with the reason that was tapped."""
    service = service_of(request)
    if reason not in REASONS:
        raise BadInput("Tap one of the reasons.")
    try:
        with service.database.writing() as session:
            by, now = By(owner.owner, owner.name), service.clock.now()
            reject(session, tenant=owner.tenant, order=key, version=version, by=by, now=now, reason=reason)
    except Conflict as conflict:
        return _conflict(request, owner, key, conflict)
    return see_other(f"/orders/{key}?done=1")


def _at(session: Session, service: Service, owner: SignedIn, key: str) -> tuple[Shown, Standing, Order]:
    try:
        order = order_of(session, tenant=owner.tenant, order=key)
    except NotKnown as error:
        raise HTTPException(404, "There is no such order.") from error
    here = shown(session, tenant=owner.tenant, shop=order.shop, now=service.clock.now())
    return here, standing(session, here), order


def _chosen(fields: Mapping[str, object]) -> dict[int, int]:
    return packs_of(fields)


def _stepped(found: OrderView, *, less: int, more: int) -> dict[int, int]:
    steps: dict[int, Step] = {less: "less", more: "more"}
    moved = {line.position: line.step(steps[line.position]) for line in found.lines if line.position in steps}
    return {position: packs for position, packs in moved.items() if packs is not None}


def _order(
    request: Request,
    owner: SignedIn,
    here: Shown,
    tills: Standing,
    found: OrderView,
    *,
    said: str = "",
    ways: Sequence[Leaving] = (),
    heard: Sequence[Reply] = (),
) -> Response:
    open_now = found.open and found.order.cutoff_at > here.now
    return page(
        request,
        "order.html",
        owner=owner,
        shop=here,
        standing=tills,
        view=found,
        open=open_now,
        rejections=REASONS,
        said=said,
        changed="",
        ways=ways,
        heard=heard,
    )


def _conflict(request: Request, owner: SignedIn, key: str, conflict: Conflict) -> Response:
    with service_of(request).database.reading() as session:
        here, tills, order = _at(session, service_of(request), owner, key)
        found = view(session, here, order)
    return _changed(request, owner, here, tills, found, conflict.message)


def _changed(request: Request, owner: SignedIn, here: Shown, tills: Standing, found: OrderView, words: str) -> Response:
    return page(
        request,
        "order.html",
        owner=owner,
        status=409,
        shop=here,
        standing=tills,
        view=found,
        open=found.open and found.order.cutoff_at > here.now,
        rejections=REASONS,
        said="",
        ways=(),
        heard=(),
        changed=words or "The till has changed this order meanwhile. Look at it again.",
    )


def _said(found: OrderView) -> str:
    if found.order.state == "approved":
        edited = "Approved, edited. The till hears of it when it next asks."
        return edited if found.edited else "Approved. The till hears of it when it next asks."
    state = told(found.state)
    return say("{state}. The till hears of it when it next asks.", state=state[:1].upper() + state[1:])
