"""Before and after a day: average order value, what comes back, days below the float, each with its range."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from cloud_sync.before_after import before_after
from cloud_sync.experiments import experiments
from cloud_sync.pages.days import ordinal_of
from cloud_sync.pages.files import csv_file
from cloud_sync.pages.guard import Looker
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from cloud_sync.speech import pointed, say
from edge_agent.errors import BadInput
from edge_agent.rules.before_after import Around, BeforeAfter, Said, said
from edge_agent.rules.popup import Share

router = APIRouter()
DAYS, MOST_DAYS = 28, 90
Day = Annotated[str, Query(max_length=10)]
Days = Annotated[int, Query(ge=7, le=MOST_DAYS)]
HEAD = ("figure", "before", "low", "high", "after", "after_low", "after_high", "change", "change_low", "change_high")
SAID = {"better": "better", "worse": "worse", "open": "unclear"}


@dataclass(frozen=True)
class Line:
    """A figure as the page shows it: before, after and the change in words, and what of the change is sure."""

    name: str
    of: str
    before: str
    after: str
    change: str
    said: Said


@router.get("/before-after")
def before_after_page(
    request: Request, owner: Looker, shop: ShopName = "", day: Day = "", days: Days = DAYS
) -> Response:
    """The three figures around a day."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        first = day_asked(session, here, day, days)
        found = _found(session, here, first, days)
        told: dict[str, Any] = {"standing": standing(session, here), "first": first, "days": days}
    told |= {"lines": lines_of(here, found), "found": found, "said": SAID, "most": MOST_DAYS}
    return page(request, "before_after.html", owner=owner, shop=here, **told)


@router.get("/before-after.csv")
def before_after_file(
    request: Request, owner: Looker, shop: ShopName = "", day: Day = "", days: Days = DAYS
) -> Response:
    """The same as a file, one row a figure."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        found = _found(session, here, day_asked(session, here, day, days), days)
    return csv_file(f"before-after-{here.shop}.csv", HEAD, _rows(here, found))


def day_asked(session: Session, here: Shown, day: str, days: int) -> int:
    """The first day of "after"; without one that of the newest experiment of late, else so many days ago."""
    if not day:
        every = experiments(session, tenant=here.tenant, shop=here.shop)
        begun = (one.first_day for one in every if here.day - MOST_DAYS <= one.first_day < here.day)
        return next(begun, here.day - days)
    found = ordinal_of(day)
    if not MOST_DAYS < found < here.day:
        raise BadInput("Choose a day that is over.")
    return found


def _found(session: Session, here: Shown, day: int, days: int) -> BeforeAfter:
    where = {"tenant": here.tenant, "shop": here.shop}
    return before_after(session, **where, day=day, days=days, now=here.now, today=here.day)


def lines_of(here: Shown, found: BeforeAfter) -> list[Line]:
    """The three figures in words."""
    first, then = found.before, found.after
    return [
        Line(
            "Average order value",
            say("{before} sales before, {after} after", before=first.receipts, after=then.receipts),
            _money(here, first.order_value, first.order_range),
            _money(here, then.order_value, then.order_range),
            _grown(found),
            said(found.order_value, more_is_better=True),
        ),
        _share_line("Pieces that came back", first.returned, then.returned, found.returned),
        _share_line("Days below the float", first.below_float, then.below_float, found.below_float),
    ]


def _share_line(name: str, before: Share | None, after: Share | None, change: Around | None) -> Line:
    """Of a share that had better be small."""
    of = say("{before} before, {after} after", before=_of(before), after=_of(after))
    return Line(name, of, _share(before), _share(after), _points(change), said(change, more_is_better=False))


def _rows(here: Shown, found: BeforeAfter) -> list[list[str]]:
    """Money in the shop's units, shares and changes in hundredths."""
    whole = 10**here.decimals
    first, then = found.before, found.after
    return [
        ["order value", *_cells(first.order_range, 1 / whole), *_cells(then.order_range, 1 / whole),
         *_cells(found.order_value, 100)],
        ["returned", *_cells(first.returned, 100), *_cells(then.returned, 100), *_cells(found.returned, 100)],
        ["below float", *_cells(first.below_float, 100), *_cells(then.below_float, 100),
         *_cells(found.below_float, 100)],
    ]  # fmt: skip


def _cells(one: Around | Share | None, times: float) -> list[str]:
    return [f"{each * times:.2f}" for each in (one.value, one.low, one.high)] if one else ["", "", ""]


def _money(here: Shown, value: float | None, around: Around | None) -> str:
    if value is None:
        return say("no sale")
    if around is None:
        return here.money(round(value))
    figures = (here.money(round(one)) for one in (value, around.low, around.high))
    return say("{value} ({low} to {high})", **dict(zip(("value", "low", "high"), figures, strict=True)))


def _grown(found: BeforeAfter) -> str:
    change, around = found.grown, found.order_value
    if change is None:
        return ""
    if around is None:
        return f"{_signed(change)} %"
    low, high = _signed(around.low), _signed(around.high)
    return say("{value} % ({low} to {high} %)", value=_signed(change), low=low, high=high)


def _points(change: Around | None) -> str:
    if change is None:
        return ""
    low, high = _signed(change.low), _signed(change.high)
    return say("{value} points ({low} to {high})", value=_signed(change.value), low=low, high=high)


def _signed(share: float) -> str:
    """`+9.7`, `−1.2`, `0.0`, of a share in hundredths."""
    text = f"{abs(share) * 100:.1f}"
    return pointed(text if text == "0.0" else f"{'+' if share > 0 else '−'}{text}")


def _share(one: Share | None) -> str:
    if one is None:
        return say("unknown")
    value, low, high = (pointed(f"{each * 100:.1f}") for each in (one.value, one.low, one.high))
    return say("{value} % ({low} to {high} %)", value=value, low=low, high=high)


def _of(one: Share | None) -> str:
    return say("{part} of {whole}", part=one.part, whole=one.whole) if one else say("none known")
