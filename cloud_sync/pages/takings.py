"""Takings: today's figure with what is usual, a month of days, VAT by rate, and the file for the books."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import func
from sqlmodel import Session, col, select

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

    def plus(self, till: Takings) -> "DayTakings":
        """With what one till took on that day."""
        paid = self.cash + till.cash, self.card + till.card
        return DayTakings(self.day, self.receipts + till.receipts, self.total + till.total, *paid)


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
    wanted = select(Takings).where(Takings.tenant == shop.tenant, Takings.shop == shop.shop)
    found: dict[int, DayTakings] = {}
    for row in session.exec(wanted.where(Takings.day >= first, Takings.day <= last).order_by(col(Takings.day))):
        found[row.day] = found.get(row.day, DayTakings(row.day)).plus(row)
    return found


def usual(session: Session, shop: Shown) -> Usual | None:
    """The middle of the last eight same weekdays; None before there are four with sales.

    With five and more the best and the worst are left out, so that one odd day doesn't make a range.
    """
    days = [shop.day - 7 * week for week in range(1, WEEKS + 1)]
    found = takings_of(session, shop, days[-1], days[0])
    totals = sorted(found[day].total for day in days if day in found)
    if len(totals) < LEAST_WEEKS:
        return None
    middle = totals[1:-1] if len(totals) > LEAST_WEEKS else totals
    return Usual(WEEKDAYS[weekday(shop.day)], middle[0], middle[-1])


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
        range_ = usual(session, here)
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
