"""How orders go to each supplier: by e-mail or to a webhook, whose secret is shown once; and who chose so when."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request, Response
from sqlmodel import Session

from cloud_sync.catalogue import suppliers
from cloud_sync.pages.guard import Doer, Looker, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.post.channels import Choice, GoesBy, choices, choose
from cloud_sync.post.webhook import web_of
from cloud_sync.service import service_of
from cloud_sync.tables.post import SupplierChannel

router = APIRouter()
CHANGES = 5


@dataclass(frozen=True)
class SupplierCard:
    """A supplier with the choice that holds (None: nobody chose, by e-mail) and the last choices."""

    supplier: str
    name: str
    email: str
    by_hand: bool
    chosen: SupplierChannel | None
    changes: tuple[SupplierChannel, ...]


@router.get("/suppliers")
def suppliers_page(request: Request, owner: Looker, shop: ShopName = "", saved: str = "") -> Response:
    """All suppliers of a shop, each with its form."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        cards, tills = _cards(session, here), standing(session, here)
    return page(
        request, "suppliers.html", owner=owner, shop=here, standing=tills, cards=cards, secret="", of="", saved=saved
    )


@router.post("/suppliers")
def choose_channel(
    request: Request,
    owner: Doer,
    shop: Annotated[str, Form(max_length=32)] = "",
    supplier: Annotated[str, Form(max_length=64)] = "",
    goes_by: Annotated[GoesBy, Form()] = "email",
    url: Annotated[str, Form(max_length=400)] = "",
    renew: Annotated[Literal["", "yes"], Form()] = "",
) -> Response:
    """The owner's choice. A new secret stands on the page that answers, and nowhere after."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        of = {"tenant": here.tenant, "shop": here.shop, "supplier": supplier}
        before = next(iter(choices(session, **of)), None)
        choice = Choice(**of, goes_by=goes_by, url=url.strip(), by=owner.name, at=here.now, renew=bool(renew))
        chosen = choose(session, choice)
        fresh = chosen.turn != (before.turn if before else 0)
        shows = web_of(service.settings).secret(**of, turn=chosen.turn) if fresh else ""
        cards, tills = _cards(session, here), standing(session, here)
    if not shows:
        return see_other(f"/suppliers?shop={here.shop}")
    told: dict[str, Any] = {"cards": cards, "secret": shows, "of": supplier, "saved": ""}
    return page(request, "suppliers.html", owner=owner, shop=here, standing=tills, **told)


def _cards(session: Session, shop: Shown) -> list[SupplierCard]:
    known = suppliers(session, tenant=shop.tenant, shop=shop.shop)
    found = []
    for key, one in known.items():
        made = choices(session, tenant=shop.tenant, shop=shop.shop, supplier=key)
        chosen = made[0] if made else None
        found.append(SupplierCard(key, one.name, one.email, one.ordered_from == "shop", chosen, tuple(made[:CHANGES])))
    return sorted(found, key=lambda card: card.name.casefold())
