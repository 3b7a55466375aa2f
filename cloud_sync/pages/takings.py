"""Takings: today's figure with what is usual, a month of days, VAT by rate, and the file for the books."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import sqlalchemy as sql
from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Select, bindparam, func
from sqlmodel import Session, col, select

from cloud_sync.database import ask, columns
from cloud_sync.pages.closings import closings, given_back
from cloud_sync.pages.files import csv_file
from cloud_sync.pages.guard import Looker
from cloud_sync.pages.look import page
from cloud_sync.pages.marks import mark
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.service import service_of
from cloud_sync.tables.figures import Takings, TakingsRate
from edge_agent.rules.calendar import weekday

router = APIRouter()
WEEKS, LEAST_WEEKS = 8, 4
DAYS_SHOWN = 28
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

ShopName = Annotated[str, Query(max_length=32)]


@dataclass(frozen=True)
class DayTakings:
    """What all tills took on a business day, in minor units."""

    day: int
    receipts: int = 0
    total: int = 0
    cash: int = 0
    card: int = 0


@dataclass(frozen=True)
class Usual:
    """What most of the last weeks' same weekdays took, from `low` to `high`."""

    weekday: str
    low: int
    high: int


@dataclass(frozen=True)
class Rate:
    """VAT of one rate (basis points) as the receipts said it."""

    rate: int
    gross: int
    tax: int

    @property
    def words(self) -> str:
        whole, rest = divmod(self.rate, 100)
        return f"{whole}.{rest:02d} %".replace(".00", "") if rest else f"{whole} %"


def takings_of(session: Session, shop: Shown, first: int, last: int) -> dict[int, DayTakings]:
    """Takings by business day, days without a sale left out."""
    rows = ask(session, _between(), tenant=shop.tenant, shop=shop.shop, first=first, last=last)
    return {row[0]: DayTakings(*map(int, row)) for row in rows}


def takings_on(session: Session, shop: Shown, days: Iterable[int]) -> dict[int, DayTakings]:
    """The same of these days alone."""
    rows = ask(session, _on(), tenant=shop.tenant, shop=shop.shop, days=list(days))
    return {row[0]: DayTakings(*map(int, row)) for row in rows}


def like_today(shop: Shown) -> list[int]:
    """The last weeks' same weekdays, the latest first."""
    return [shop.day - 7 * week for week in range(1, WEEKS + 1)]


def usual(shop: Shown, found: Mapping[int, DayTakings]) -> Usual | None:
    """The middle of the last eight same weekdays (see `like_today`); None before there are four with sales.

    With five and more the best and the worst are left out, so that one odd day doesn't make a range.
    """
    totals = sorted(found[day].total for day in like_today(shop) if day in found)
    if len(totals) < LEAST_WEEKS:
        return None
    middle = totals[1:-1] if len(totals) > LEAST_WEEKS else totals
    return Usual(WEEKDAYS[weekday(shop.day)], middle[0], middle[-1])


@cache
def _between() -> Select[*tuple[Any, ...]]:
    return _by_day().where(col(Takings.day) >= bindparam("first"), col(Takings.day) <= bindparam("last"))


@cache
def _on() -> Select[*tuple[Any, ...]]:
    return _by_day().where(col(Takings.day).in_(bindparam("days", expanding=True)))


def _by_day() -> Select[*tuple[Any, ...]]:
    """All tills of a shop together."""
    sums = map(func.sum, columns(Takings.receipts, Takings.total, Takings.cash, Takings.card))
    mine = sql.select(col(Takings.day), *sums).where(col(Takings.tenant) == bindparam("tenant"))
    return mine.where(col(Takings.shop) == bindparam("shop")).group_by(col(Takings.day)).order_by(col(Takings.day))


def rates_of(session: Session, shop: Shown, first: int, last: int) -> dict[int, list[Rate]]:
    """{day: VAT by rate, the highest first}."""
    wanted = (
        select(TakingsRate.day, TakingsRate.rate, func.sum(TakingsRate.gross), func.sum(TakingsRate.tax))
        .where(TakingsRate.tenant == shop.tenant, TakingsRate.shop == shop.shop)
        .where(TakingsRate.day >= first, TakingsRate.day <= last)
        .group_by(col(TakingsRate.day), col(TakingsRate.rate))
        .order_by(col(TakingsRate.rate).desc())
    )
    found: dict[int, list[Rate]] = defaultdict(list)
    for day, rate, gross, tax in session.exec(wanted):
        found[day].append(Rate(rate, int(gross), int(tax)))
    return found


@router.get("/takings")
def takings_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """Today by rate and way of paying, then the last four weeks."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        tills = standing(session, here)
        seen = mark(here, tills)
        days = takings_of(session, here, here.day - DAYS_SHOWN + 1, here.day)
        rates = rates_of(session, here, here.day, here.day)[here.day]
        range_ = usual(here, takings_on(session, here, like_today(here)))
        back, zs = given_back(session, here, here.day), closings(session, here)
    today = days.get(here.day, DayTakings(here.day))
    past = [days[day] for day in sorted(days, reverse=True) if day != here.day]
    return page(
        request,
        "takings.html",
        owner=owner,
        shop=here,
        today=today,
        past=past,
        most=max((one.total for one in past), default=0),
        rates=rates,
        usual=range_,
        standing=tills,
        mark=seen,
        back=back,
        closings=zs,
    )


@router.get("/takings.csv")
def takings_file(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """Every business day with its VAT by rate, one row a day and rate."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        days, rates = takings_of(session, here, 0, here.day), rates_of(session, here, 0, here.day)
    rows: list[list[str | int]] = [
        [
            here.date_iso(day),
            one.receipts,
            here.bare(one.total),
            here.bare(one.cash),
            here.bare(one.card),
            *_cells(here, rate),
        ]
        for day, one in sorted(days.items())
        for rate in rates[day]
    ]
    head = ["date", "receipts", "total", "cash", "card", "vat_rate", "gross", "vat"]
    return csv_file(f"takings-{here.shop}.csv", head, rows)


def _cells(shop: Shown, rate: Rate) -> list[str]:
    return [rate.words.removesuffix(" %"), shop.bare(rate.gross), shop.bare(rate.tax)]
