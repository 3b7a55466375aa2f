"""72 hours: all that runs out, when and how surely, what stands against it, and what it costs until more comes."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Select
from sqlmodel import Session

from cloud_sync.pages.chart import Point, emptied
from cloud_sync.pages.foretold import WINDOW_MS, Foretold
from cloud_sync.pages.guard import Looker
from cloud_sync.pages.look import page
from cloud_sync.pages.order_view import state_words
from cloud_sync.pages.outlook import Risk, by_sku, of_items, out_at, runs_out, soonest
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from cloud_sync.tables.catalogue import Entry
from edge_agent.rules.dayparts import HIGH, stretches
from edge_agent.rules.money import quantity
from edge_agent.rules.packs import WHOLE, Odds
from edge_agent.rules.plan import expected
from edge_agent.wire.events.catalogue import ItemSet

router = APIRouter()
MOST_ROWS = 60
"""So many stand on the page, the soonest; the file has all."""
HEAD = ("sku", "name", "left", "likely_out", "earliest_out", "order", "cutoff", "comes", "until", "unsold", "at_risk")


@dataclass(frozen=True)
class Gap:
    """A SKU that runs out: when at the `earliest` (one time of ten), what is expected to be asked for from the likely
    moment until the next delivery (milli-units), and that at its price (None: no price is known)."""

    risk: Risk
    earliest: int
    unsold: int
    money: int | None

    @property
    def state(self) -> str:
        return state_words(self.risk.state, "")


@router.get("/running-out")
def running_out_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """What runs out within 72 hours, the soonest first."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        tills = standing(session, here)
        since = tills.as_of or here.now
        risks, number = soonest(session, here, since, MOST_ROWS)
        found = gaps(session, here, risks, since)
    steps = _steps(found, here.now) if found else []
    told: dict[str, Any] = {
        "gaps": found,
        "more": number - len(found),
        "at_risk": sum(one.money or 0 for one in found),
        "unpriced": sum(one.money is None for one in found),
        "until": here.now + WINDOW_MS,
        "steps": steps[1:],
        "chart": emptied(steps, here.zone) if steps else "",
    }
    return page(request, "running_out.html", owner=owner, shop=here, standing=tills, **told)


def gaps(session: Session, here: Shown, risks: Sequence[Risk], since: int) -> list[Gap]:
    """The same SKUs with what each would cost; `since` is the moment to which the stock is known."""
    prices = _prices_of(session, here, [risk.sku for risk in risks])
    return [_gap(risk, prices.get(risk.sku), since) for risk in risks]


def rows_of(session: Session, here: Shown) -> Iterable[Sequence[str | int]]:
    """All of them as rows of a file."""
    since = standing(session, here).as_of or here.now
    for one in gaps(session, here, runs_out(session, here, since), since):
        risk = one.risk
        comes = here.iso(risk.comes_at) if risk.comes_at else ""
        times = here.iso(risk.out_at), here.iso(one.earliest), one.state, here.iso(risk.cutoff_at), comes
        money = "" if one.money is None else here.bare(one.money)
        yield risk.sku, risk.name, quantity(risk.left), *times, here.iso(risk.next_at), quantity(one.unsold), money


def _gap(risk: Risk, price: int | None, since: int) -> Gap:
    told = risk.told
    unsold = expected(told.forecast, told.hours, risk.out_at, risk.next_at)
    money = None if price is None else (unsold * price + WHOLE // 2) // WHOLE
    return Gap(risk, earliest(risk, since), unsold, money)


def earliest(risk: Risk, since: int) -> int:
    """The full hour by which it is gone one time of ten; never behind the likely one."""
    found = out_at(risk.left, risk.coming, risk.told, since, risk.out_at, lambda left: _enough(risk.told, left))
    return risk.out_at if found is None else found


def _enough(told: Foretold, left: int) -> int:
    """The least mean with which so much is asked for one time of ten."""
    phi, pieces = told.forecast.phi_milli, -(-left // WHOLE)
    return 1 + bisect_left(range(1, left), True, key=lambda mean: Odds(mean, phi).level(HIGH) >= pieces)


def _steps(found: Sequence[Gap], now: int) -> list[Point]:
    """How many of them are gone by now and by the end of each part of the days ahead: likely, and at the earliest."""
    parts = stretches(found[0].risk.told.hours, now, now + WINDOW_MS)
    ends = [now, *(end for _begin, end in parts if end < now + WINDOW_MS), now + WINDOW_MS]
    return [_step(found, at) for at in ends]


def _step(found: Sequence[Gap], at: int) -> Point:
    likely = sum(one.risk.out_at <= at for one in found)
    return Point(at, likely, likely, sum(one.earliest <= at for one in found))


def _prices_of(session: Session, here: Shown, skus: Sequence[str]) -> dict[str, int]:
    """{SKU: price}, of those that have one of their own."""
    told = (ItemSet.model_validate_json(body) for (body,) in by_sku(session, here, _items(), skus))
    return {item.sku: item.price for item in told if not item.asks}


@cache
def _items() -> Select[*tuple[Any, ...]]:
    return of_items(Entry.body)
