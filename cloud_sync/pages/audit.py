"""Who did what: on the pages by person and act, at a till line by line; also as a file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlmodel import Session, col, select

from cloud_sync.accounts.deeds import WORDS, Wanted, deeds
from cloud_sync.pages.days import ordinal_of
from cloud_sync.pages.files import csv_file
from cloud_sync.pages.guard import Looker
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from cloud_sync.tables.accounts import Device, Owner
from cloud_sync.tables.events import JournalRow, RawEvent
from edge_agent.errors import BadInput
from edge_agent.rules.day import moment
from edge_agent.wire.envelope import event_of

router = APIRouter()
SHOWN, IN_FILE = 50, 20_000
ORDER = re.compile(r"[0-9a-f]{64}")

Text = Annotated[str, Query(max_length=80)]


@dataclass(frozen=True)
class Asked:
    """What the page is asked for: `till` is a journal (empty: what was done on the pages), `who` a person, `what` an
    act or a kind of event, `day` like 2026-03-01, `before` where the page before ended."""

    till: str = ""
    who: str = ""
    what: str = ""
    day: str = ""
    before: int = 2**62


@dataclass(frozen=True)
class Line:
    """One line of the list."""

    at: int
    who: str
    what: str
    about: str
    place: int
    """What `before` has to be to go on behind it."""

    @property
    def order(self) -> bool:
        """True when it is about an order, by its key."""
        return ORDER.fullmatch(self.about) is not None


def asked(till: Text = "", who: Text = "", what: Text = "", day: Text = "", before: int = 2**62) -> Asked:
    """What the address of the page says."""
    return Asked(till, who, what, day, max(0, min(before, 2**62)))


Wished = Annotated[Asked, Depends(asked)]


@router.get("/audit")
def audit_page(request: Request, owner: Looker, wanted: Wished, shop: ShopName = "") -> Response:
    """The newest first, fifty a page."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        found = _lines(session, here, wanted, SHOWN + 1)
        told: dict[str, Any] = {
            "standing": standing(session, here),
            "lines": found[:SHOWN],
            "more": found[SHOWN - 1].place if len(found) > SHOWN else None,
            "tills": _tills(session, here),
            "people": _people(session, here.tenant),
        }
    return page(request, "audit.html", owner=owner, shop=here, asked=wanted, acts=WORDS, **told)


@router.get("/audit.csv")
def audit_file(request: Request, owner: Looker, wanted: Wished, shop: ShopName = "") -> Response:
    """The same as a file, the newest twenty thousand."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        found = _lines(session, here, wanted, IN_FILE)
    rows = [(here.iso(one.at), one.who, one.what, one.about) for one in found]
    return csv_file("audit.csv", ("time", "who", "what", "about"), rows)


def _lines(session: Session, shop: Shown, wanted: Asked, most: int) -> list[Line]:
    stretch = _stretch(shop, wanted.day)
    if wanted.till:
        return _at_till(session, shop, wanted, stretch, most)
    before = min(wanted.before, stretch[1])
    rows = deeds(session, shop.tenant, Wanted(wanted.who, wanted.what, stretch[0], before), most)
    return [Line(row.at, row.name, WORDS.get(row.route, row.route), row.about, row.at) for row in rows]


def _stretch(shop: Shown, day: str) -> tuple[int, int]:
    """From when to when a day lasts in the shop; without a day, all time."""
    if not day:
        return 0, 2**62
    first = ordinal_of(day)
    try:
        return moment(first, 0, shop.zone), moment(first + 1, 0, shop.zone)
    except (ValueError, OverflowError) as error:
        raise BadInput("A day looks like 2026-03-01.") from error


def _at_till(session: Session, shop: Shown, wanted: Asked, stretch: tuple[int, int], most: int) -> list[Line]:
    """Line by line, as they came in; the newest first."""
    rows = select(RawEvent).where(RawEvent.tenant == shop.tenant, RawEvent.journal == wanted.till, RawEvent.kind != "")
    rows = rows.where(RawEvent.seq < wanted.before)
    if wanted.day:
        rows = rows.where(RawEvent.received_at >= stretch[0], RawEvent.received_at < stretch[1])
    if wanted.what:
        rows = rows.where(RawEvent.kind == wanted.what.replace(" ", "_"))
    return [_line(row) for row in session.exec(rows.order_by(col(RawEvent.seq).desc()).limit(most))]


def _line(row: RawEvent) -> Line:
    event = event_of(row.line)
    return Line(event.at, event.by, row.kind.replace("_", " "), f"line {row.seq}", row.seq)


def _tills(session: Session, shop: Shown) -> dict[str, str]:
    """{journal: its till's name}, the last heard first; an older journal of the same till says so."""
    whose = (col(Device.tenant) == JournalRow.tenant) & (col(Device.device) == JournalRow.device)
    mine = select(JournalRow, Device.till).join(Device, whose).where(JournalRow.tenant == shop.tenant)
    named: dict[str, str] = {}
    for row, till in session.exec(
        mine.where(JournalRow.shop == shop.shop).order_by(col(JournalRow.received_at).desc())
    ):
        named[row.journal] = f"{till}, before" if till in named.values() else till
    return named


def _people(session: Session, tenant: str) -> Mapping[str, str]:
    return dict(session.exec(select(Owner.owner, Owner.name).where(Owner.tenant == tenant)).all())
