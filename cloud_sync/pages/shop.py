"""The shop's settings: name, address and words of the receipt, VAT number, opening hours, how full shelves shall be."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlmodel import Session

from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.catalogue import set_shop, shop_card
from cloud_sync.pages.guard import Doer, Fields, Looker
from cloud_sync.pages.kept import SAVED, as_seen, mark_of, saved, typed
from cloud_sync.pages.look import page
from cloud_sync.pages.shop_form import fields_of, shop_from
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import WEEKDAYS, ShopName
from cloud_sync.service import service_of
from edge_agent.errors import NotKnown
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.imports_signals import cells_of

router = APIRouter()


@router.get("/shop")
def shop_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """The card of the shop."""
    return _form(request, owner, shop)


@router.post("/shop")
def save_shop(
    request: Request,
    owner: Doer,
    fields: Fields,
    shop: Annotated[str, Form(max_length=32)] = "",
    mark: Annotated[str, Form(max_length=16)] = "",
) -> Response:
    """Take the form. What is not right is said beside what was typed."""
    given = typed(fields)

    def save(session: Session, here: Shown) -> None:
        known = shop_card(session, tenant=here.tenant, shop=here.shop)
        as_seen(known, mark, "shop")
        if known is None:
            raise NotKnown("no till has told of this shop yet")
        wanted = shop_from(cells_of("the form", given), known)
        if wanted != known:
            set_shop(session, tenant=here.tenant, shop=here.shop, card=wanted, at=here.now)

    def again(*, status: int, wrong: str, as_typed: bool) -> Response:
        return _form(request, owner, shop, given=given if as_typed else None, status=status, wrong=wrong)

    return saved(
        request, owner, shop, save, again=again, then=lambda here: _form(request, owner, here.shop, said=SAVED)
    )


def _form(
    request: Request,
    owner: SignedIn,
    shop: str,
    *,
    given: Mapping[str, str] | None = None,
    status: int = 200,
    said: str = "",
    wrong: str = "",
) -> Response:
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        card, tills = shop_card(session, tenant=here.tenant, shop=here.shop), standing(session, here)
    told: dict[str, Any] = {
        "card": card,
        "mark": mark_of(card),
        "fields": given if given is not None else fields_of(card) if card else {},
        "weekdays": tuple(zip(cell.WEEKDAYS, WEEKDAYS, strict=True)),
        "said": said,
        "wrong": wrong,
    }
    return page(request, "shop.html", owner=owner, status=status, shop=here, standing=tills, **told)
