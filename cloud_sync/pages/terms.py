"""A supplier's terms on one page: calendar, minimum, what may be ordered without the owner; and a new supplier."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from sqlmodel import Session, col, select

from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.catalogue import set_supplier, suppliers
from cloud_sync.pages.guard import Doer, Fields, Looker, see_other
from cloud_sync.pages.kept import SAVED, as_seen, mark_of, saved, typed
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.supplier_form import USUAL, fields_of, supplier_from
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from cloud_sync.tables.accounts import Device
from edge_agent.errors import NotKnown
from edge_agent.rules.calendar import calendar_of, next_cutoffs
from edge_agent.rules.imports_cells import WEEKDAYS
from edge_agent.rules.imports_signals import cells_of
from edge_agent.wire.events.catalogue import SupplierSet

router = APIRouter()
AHEAD = 3


@router.get("/suppliers/terms")
def terms_page(
    request: Request,
    owner: Looker,
    shop: ShopName = "",
    supplier: Annotated[str, Query(max_length=64)] = "",
    saved: str = "",
) -> Response:
    """One supplier's form; without a name that of a new one."""
    said = SAVED if saved and supplier else ""
    return _form(request, owner, shop, supplier, said=said)


@router.post("/suppliers/terms")
def save_terms(
    request: Request,
    owner: Doer,
    fields: Fields,
    shop: Annotated[str, Form(max_length=32)] = "",
    mark: Annotated[str, Form(max_length=16)] = "new",
) -> Response:
    """Take the form. What is not right is said beside what was typed."""
    given = typed(fields)
    key = given.get("supplier", "")

    def save(session: Session, here: Shown) -> None:
        known = suppliers(session, tenant=here.tenant, shop=here.shop).get(key)
        as_seen(known, mark, "supplier")
        _save(session, here, known, given)

    def again(*, status: int, wrong: str, as_typed: bool) -> Response:
        of = "" if as_typed and mark == "new" else key
        return _form(request, owner, shop, of, given=given if as_typed else None, status=status, wrong=wrong)

    return saved(
        request, owner, shop, save, again=again, then=lambda here: see_other(f"/suppliers?shop={here.shop}&saved=1")
    )


def _save(session: Session, here: Shown, known: SupplierSet | None, given: Mapping[str, str]) -> None:
    cells = cells_of("the form", given)
    wanted = supplier_from(cells, known, decimals=here.decimals, zone=here.zone, now=here.now)
    if wanted.second and wanted.second not in suppliers(session, tenant=here.tenant, shop=here.shop):
        raise cells.bad("second", "is not a supplier of this shop")
    if wanted.till and wanted.till not in _tills(session, here):
        raise cells.bad("till", "is not a till of this shop")
    if wanted != known:
        set_supplier(session, tenant=here.tenant, shop=here.shop, supplier=wanted, at=here.now)


def _tills(session: Session, here: Shown) -> dict[str, str]:
    wanted = select(Device).where(Device.tenant == here.tenant, Device.shop == here.shop, Device.state == "active")
    return {row.device: row.till for row in session.exec(wanted.order_by(col(Device.till)))}


def _form(
    request: Request,
    owner: SignedIn,
    shop: str,
    key: str,
    *,
    given: Mapping[str, str] | None = None,
    status: int = 200,
    said: str = "",
    wrong: str = "",
) -> Response:
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        every = suppliers(session, tenant=here.tenant, shop=here.shop)
        known = every.get(key)
        tills, writers = standing(session, here), _tills(session, here)
    if key and known is None:
        raise NotKnown("there is no such supplier")
    told: dict[str, Any] = {
        "supplier": known,
        "mark": mark_of(known),
        "fields": given if given is not None else fields_of(known, here.decimals) if known else USUAL,
        "others": {name: one.name for name, one in every.items() if name != key},
        "writers": writers,
        "weekdays": WEEKDAYS,
        "next": next_cutoffs(calendar_of(known), here.zone, here.now, AHEAD) if known else (),
        "said": said,
        "wrong": wrong,
    }
    return page(request, "terms.html", owner=owner, status=status, shop=here, standing=tills, **told)
