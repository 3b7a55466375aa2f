"""Promotions: which are on, to come and over; one is set or taken back, and every till has it with its next look."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from sqlmodel import Session

from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.catalogue import names, promotions, set_promotion
from cloud_sync.pages.guard import Doer, Fields, Looker, see_other
from cloud_sync.pages.kept import as_seen, mark_of, saved, typed
from cloud_sync.pages.look import page
from cloud_sync.pages.promotion_form import METHODS, USUAL, fields_of, words_of
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from edge_agent.errors import NotKnown
from edge_agent.rules.imports_promotions import promotion_row
from edge_agent.rules.imports_signals import cells_of
from edge_agent.wire.events.promotion import PromotionSet

router = APIRouter()
ORDER = ("on now", "to come", "over", "taken back")


@router.get("/promotions")
def promotions_page(request: Request, owner: Looker, shop: ShopName = "", saved: str = "") -> Response:
    """All promotions, those that are on first."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        every = promotions(session, tenant=here.tenant, shop=here.shop).values()
        tills = standing(session, here)
    told = [(one, words_of(one, here.now)) for one in every]
    told.sort(key=lambda pair: (ORDER.index(pair[1]), pair[0].name.casefold()))
    return page(
        request, "promotions.html", owner=owner, shop=here, standing=tills, promotions=told, saved=saved, kinds=METHODS
    )


@router.get("/promotions/one")
def promotion_page(
    request: Request, owner: Looker, shop: ShopName = "", promotion: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    """One promotion's form; without a name that of a new one."""
    return _form(request, owner, shop, promotion)


@router.post("/promotions/one")
def save_promotion(
    request: Request,
    owner: Doer,
    fields: Fields,
    shop: Annotated[str, Form(max_length=32)] = "",
    mark: Annotated[str, Form(max_length=16)] = "new",
) -> Response:
    """Take the form. What is not right is said beside what was typed."""
    given = typed(fields)
    key = given.get("promotion", "")

    def save(session: Session, here: Shown) -> None:
        known = promotions(session, tenant=here.tenant, shop=here.shop).get(key)
        as_seen(known, mark, "promotion")
        _save(session, here, known, given)

    def again(*, status: int, wrong: str, as_typed: bool) -> Response:
        of = "" if as_typed and mark == "new" else key
        return _form(request, owner, shop, of, given=given if as_typed else None, status=status, wrong=wrong)

    return saved(
        request, owner, shop, save, again=again, then=lambda here: see_other(f"/promotions?shop={here.shop}&saved=1")
    )


def _save(session: Session, here: Shown, known: PromotionSet | None, given: Mapping[str, str]) -> None:
    cells = cells_of("the form", given)
    wanted = promotion_row(cells, here.decimals, here.zone)
    items = names(session, tenant=here.tenant, shop=here.shop)
    for column, skus in (("skus", wanted.members), ("others", wanted.others)):
        for sku in skus:
            if sku not in items:
                raise cells.bad(column, f"names {sku}, which is not in the catalogue")
    if wanted != known:
        set_promotion(session, tenant=here.tenant, shop=here.shop, promotion=wanted, at=here.now)


def _form(
    request: Request,
    owner: SignedIn,
    shop: str,
    key: str,
    *,
    given: Mapping[str, str] | None = None,
    status: int = 200,
    wrong: str = "",
) -> Response:
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        known = promotions(session, tenant=here.tenant, shop=here.shop).get(key)
        tills, items = standing(session, here), names(session, tenant=here.tenant, shop=here.shop)
    if key and known is None:
        raise NotKnown("there is no such promotion")
    told: dict[str, Any] = {
        "promotion": known,
        "mark": mark_of(known),
        "fields": given if given is not None else fields_of(known, here.decimals, here.zone) if known else USUAL,
        "members": [(sku, items.get(sku, sku)) for sku in (known.members + known.others if known else ())],
        "kinds": METHODS,
        "said": "",
        "wrong": wrong,
    }
    return page(request, "promotion.html", owner=owner, status=status, shop=here, standing=tills, **told)
