"""Today, the first page: what must be decided before when, what came in, what runs out, and how the tills are."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import func
from sqlmodel import Session, col, select

from cloud_sync.pages.cards import waiting
from cloud_sync.pages.guard import Looker
from cloud_sync.pages.leaving import NEEDS_YOU, unsent
from cloud_sync.pages.look import page
from cloud_sync.pages.marks import mark
from cloud_sync.pages.outlook import runs_out
from cloud_sync.pages.safety import safety
from cloud_sync.pages.shown import Shown, shops_of, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import DayTakings, ShopName, takings_of, usual
from cloud_sync.service import service_of
from cloud_sync.signals import calendar, signals
from cloud_sync.tables.events import Quarantine

router = APIRouter()


@router.get("/")
def today_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """The shop in ten seconds."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        tills = standing(session, here)
        seen = mark(here, tills)
        told: dict[str, Any] = {
            "mark": seen,
            "shops": shops_of(session, owner.tenant),
            "waiting": waiting(session, here),
            "today": takings_of(session, here, here.day, here.day).get(here.day, DayTakings(here.day)),
            "usual": usual(session, here),
            "risks": runs_out(session, here, tills.as_of or here.now),
            "unsent": list(unsent(session, here, NEEDS_YOU)),
            "odd": odd_events(session, here),
            "safe": safety(session, here),
            "events": calendar(session, tenant=here.tenant, shop=here.shop, first_day=here.day),
            "signals": signals(session, tenant=here.tenant, shop=here.shop, now=here.now),
        }
    return page(request, "today.html", owner=owner, shop=here, standing=tills, **told)


def odd_events(session: Session, shop: Shown) -> int:
    """How many lines of the tills were put aside and wait for a look."""
    wanted = select(func.count()).select_from(Quarantine).where(Quarantine.tenant == shop.tenant)
    return session.exec(wanted.where(Quarantine.shop == shop.shop, col(Quarantine.state) == "open")).one()
