"""The catalogue: find an item, change it or its price (at once or from a moment on), add one; and all as a file."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response
from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.catalogue import item, items, names, set_item
from cloud_sync.pages.files import csv_file
from cloud_sync.pages.guard import Doer, Fields, Looker, see_other
from cloud_sync.pages.item_form import codes_free, columns_of, fields_of, item_of, parts_known
from cloud_sync.pages.kept import SAVED, as_seen, mark_of, saved, typed
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from cloud_sync.tables.catalogue import Entry
from edge_agent.errors import NotKnown
from edge_agent.rules.barcode import normalise, readable
from edge_agent.rules.imports import ITEMS
from edge_agent.rules.imports_signals import cells_of
from edge_agent.wire.events.catalogue import ItemSet

router = APIRouter()
SHOWN = 60
CODE_DIGITS = 6
"""So many digits are looked up as a code, too."""
USUAL = {"pack": "1", "vat": "20"}

Sku = Annotated[str, Query(max_length=64)]


def found(session: Session, shop: Shown, words: str) -> tuple[list[ItemSet], int]:
    """The first items whose names hold all the words (or that have this SKU or code), by name, and how many have."""
    here = select(Entry).where(Entry.tenant == shop.tenant, Entry.shop == shop.shop, Entry.kind == "item_set")
    if words.isdigit() and len(words) >= CODE_DIGITS:
        every = items(session, tenant=shop.tenant, shop=shop.shop).values()
        code = readable(normalise(words)) or words
        exact = [one for one in every if code in one.codes or words == one.sku]
        return exact, len(exact)
    for word in words.casefold().split():
        named = func.lower(col(Entry.name)).contains(word, autoescape=True)
        here = here.where(named | (func.lower(col(Entry.key)) == word))
    number = session.exec(select(func.count()).select_from(here.subquery())).one()
    rows = session.exec(here.order_by(func.lower(col(Entry.name)), col(Entry.key)).limit(SHOWN))
    return [ItemSet.model_validate_json(row.body) for row in rows], number


@router.get("/catalogue")
def catalogue_page(
    request: Request, owner: Looker, shop: ShopName = "", find: Annotated[str, Query(max_length=80)] = ""
) -> Response:
    """The items, those that match first."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        some, number = found(session, here, find.strip())
        tills = standing(session, here)
    told: dict[str, Any] = {"items": some, "number": number, "find": find.strip()}
    return page(request, "catalogue.html", owner=owner, shop=here, standing=tills, **told)


@router.get("/catalogue/item")
def item_page(request: Request, owner: Looker, shop: ShopName = "", sku: Sku = "", saved: str = "") -> Response:
    """One item's form; without a SKU that of a new one."""
    said = SAVED if saved and sku else ""
    return _form(request, owner, shop, sku, said=said)


@router.post("/catalogue/item")
def save_item(
    request: Request,
    owner: Doer,
    fields: Fields,
    shop: Annotated[str, Form(max_length=32)] = "",
    mark: Annotated[str, Form(max_length=16)] = "new",
) -> Response:
    """Take the form. What is not right is said beside what was typed; what somebody else changed meanwhile is shown."""
    given = typed(fields)
    key = given.get("sku", "")

    def save(session: Session, here: Shown) -> None:
        known = _known(session, here, key)
        as_seen(known, mark, "item")
        _save(session, here, known, given)

    def again(*, status: int, wrong: str, as_typed: bool) -> Response:
        of = "" if as_typed and mark == "new" else key
        return _form(request, owner, shop, of, given=given if as_typed else None, status=status, wrong=wrong)

    return saved(
        request,
        owner,
        shop,
        save,
        again=again,
        then=lambda here: see_other(f"/catalogue/item?shop={here.shop}&sku={quote(key, safe='')}&saved=1"),
    )


@router.get("/catalogue.csv")
def catalogue_file(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """Every item as a till's import takes it back."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        every = items(session, tenant=here.tenant, shop=here.shop)
    rows = [list(columns_of(one, here.decimals).values()) for one in every.values()]
    return csv_file(f"items-{here.shop}.csv", ITEMS.known, rows)


def _save(session: Session, here: Shown, known: ItemSet | None, given: Mapping[str, str]) -> None:
    cells = cells_of("the form", given)
    wanted = item_of(cells, known, decimals=here.decimals, zone=here.zone, now=here.now)
    if wanted.supplier and wanted.supplier not in names(
        session, tenant=here.tenant, shop=here.shop, kind="supplier_set"
    ):
        raise cells.bad("supplier", "is not one of this shop")
    if wanted == known:
        return
    every = items(session, tenant=here.tenant, shop=here.shop).values()
    codes_free(cells, wanted, every)
    parts_known(cells, wanted, every)
    set_item(session, tenant=here.tenant, shop=here.shop, item=wanted, at=here.now)


def _known(session: Session, here: Shown, sku: str) -> ItemSet | None:
    try:
        return item(session, tenant=here.tenant, shop=here.shop, sku=sku)
    except NotKnown:
        return None


def _form(
    request: Request,
    owner: SignedIn,
    shop: str,
    sku: str,
    *,
    given: Mapping[str, str] | None = None,
    status: int = 200,
    said: str = "",
    wrong: str = "",
) -> Response:
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        known = item(session, tenant=here.tenant, shop=here.shop, sku=sku) if sku else None
        tills = standing(session, here)
        sellers = names(session, tenant=here.tenant, shop=here.shop, kind="supplier_set")
        every = items(session, tenant=here.tenant, shop=here.shop).values()
    told: dict[str, Any] = {
        "item": known,
        "mark": mark_of(known),
        "fields": given if given is not None else fields_of(known, here.decimals) if known else USUAL,
        "suppliers": sellers,
        "categories": sorted({one.category for one in every if one.category}),
        "said": said,
        "wrong": wrong,
    }
    return page(request, "item.html", owner=owner, status=status, shop=here, standing=tills, **told)
