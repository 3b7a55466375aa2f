"""Samples on the owner's page: what was given, who bought within the week, by item and by window; how texts stand."""

from collections import Counter
from typing import Any

from fastapi import APIRouter, Request, Response

from cloud_sync import drops, samples
from cloud_sync.catalogue import items
from cloud_sync.pages.guard import Looker
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from edge_agent.rules.cohort import Given
from edge_agent.rules.drop_report import window_of
from edge_agent.rules.popup import share

router = APIRouter()


@router.get("/samples")
def samples_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """All samples of a shop."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        windows = [window_of(one.drop) for one in drops.reports(session, **where)]
        told = samples.told(session, **where, windows=windows, today=here.day)
        names = {sku: one.name for sku, one in items(session, **where).items()}
        shows: dict[str, Any] = {
            "told": told,
            "goods": _goods(told.given, names),
            "windows": [(one, share(one.converted, one.given)) for one in told.cohorts],
            "standing": standing(session, here),
        }
    return page(request, "samples.html", owner=owner, shop=here, **shows)


def _goods(given: tuple[Given, ...], names: dict[str, str]) -> list[tuple[str, int, int]]:
    """(name, given, bought within the week) of each item, the most given first."""
    whole, bought = Counter(one.sku for one in given), Counter(one.sku for one in given if one.converted)
    return [(names.get(sku, sku), number, bought[sku]) for sku, number in whole.most_common()]
