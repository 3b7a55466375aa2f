"""Today, the first page: what must be decided before when, what came in, what runs out, and how the tills are."""

from functools import cache
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Select, bindparam, func, select
from sqlmodel import Session, col

from cloud_sync.database import ask
from cloud_sync.pages.cards import waiting
from cloud_sync.pages.guard import Looker
from cloud_sync.pages.leaving import NEEDS_YOU, unsent
from cloud_sync.pages.look import page
from cloud_sync.pages.marks import mark
from cloud_sync.pages.outlook import runs_out
from cloud_sync.pages.safety import safety
from cloud_sync.pages.shown import Shown, shops_of, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import DayTakings, ShopName, like_today, takings_on, usual
from cloud_sync.service import service_of
from cloud_sync.signals import calendar, signals
from cloud_sync.tables.events import Quarantine

router = APIRouter()
SHOWN_ORDERS = 3
"""So many orders stand on the first page; what is behind them is seen without scrolling."""


@router.get("/")
def today_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """The shop in ten seconds."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        tills = standing(session, here)
        seen = mark(here, tills)
        days = takings_on(session, here, [here.day, *like_today(here)])
        told: dict[str, Any] = {
            "mark": seen,
            "shops": shops_of(session, owner.tenant),
            "waiting": waiting(session, here),
            "shown_orders": SHOWN_ORDERS,
            "today": days.get(here.day, DayTakings(here.day)),
            "usual": usual(here, days),
            "risks": runs_out(session, here, tills.as_of or here.now),
            "unsent": list(unsent(session, here, NEEDS_YOU)),
            "odd": odd_events(session, here),
            "safe": safety(session, here, tills),
            "events": calendar(session, tenant=here.tenant, shop=here.shop, first_day=here.day),
            "signals": signals(session, tenant=here.tenant, shop=here.shop, now=here.now),
        }
    return page(request, "today.html", owner=owner, shop=here, standing=tills, **told)


def odd_events(session: Session, shop: Shown) -> int:
    """How many lines of the tills were put aside and wait for a look."""
    ((number,),) = ask(session, _odd(), tenant=shop.tenant, shop=shop.shop)
    return int(number)


@cache
def _odd() -> Select[*tuple[Any, ...]]:
    aside = select(func.count()).select_from(Quarantine).where(col(Quarantine.tenant) == bindparam("tenant"))
    return aside.where(col(Quarantine.shop) == bindparam("shop"), col(Quarantine.state) == "open")
