"""Today, the first page: what must be decided before when, what came in, what runs out, and how the tills are."""

from typing import Any

from fastapi import APIRouter, Request, Response

from cloud_sync.pages.cards import waiting
from cloud_sync.pages.guard import reading
from cloud_sync.pages.look import page
from cloud_sync.pages.marks import mark
from cloud_sync.pages.needs import needs
from cloud_sync.pages.outlook import soonest
from cloud_sync.pages.safety import safety
from cloud_sync.pages.shown import shops_of, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import DayTakings, ShopName, like_today, takings_on, usual
from cloud_sync.service import service_of
from cloud_sync.signals import ahead

router = APIRouter()
SHOWN_ORDERS, SHOWN_RISKS = 3, 6
"""So many orders and items that run out stand on the first page; what is behind them is seen without scrolling."""


@router.get("/")
def today_page(request: Request, shop: ShopName = "") -> Response:
    """The shop in ten seconds."""
    owner = reading(request)
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        tills = standing(session, here)
        seen = mark(here, tills)
        events, signals = ahead(session, tenant=here.tenant, shop=here.shop, first_day=here.day, now=here.now)
        risks, number = soonest(session, here, tills.as_of or here.now, SHOWN_RISKS)
        days = takings_on(session, here, [here.day, *like_today(here)])
        told: dict[str, Any] = {
            "mark": seen,
            "shops": shops_of(session, owner.tenant),
            "waiting": waiting(session, here),
            "shown_orders": SHOWN_ORDERS,
            "today": days.get(here.day, DayTakings(here.day)),
            "usual": usual(here, days),
            "risks": risks,
            "more_risks": number - len(risks),
            "needs": needs(session, here),
            "safe": safety(session, here, tills),
            "events": events,
            "signals": signals,
        }
    return page(request, "today.html", owner=owner, shop=here, standing=tills, **told)
