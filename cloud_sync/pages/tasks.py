"""Events that need a look: lines of a till that were kept but not counted, or that say that something is missing."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlmodel import Session, col, select

from cloud_sync.pages.guard import Doer, Looker, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.popups import MISSING
from cloud_sync.reservations import TWICE as LATE
from cloud_sync.samples import TWICE
from cloud_sync.service import service_of
from cloud_sync.stored import OVERSPENT
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow, Quarantine
from edge_agent.errors import NotKnown

router = APIRouter()
MOST = 200
SETTLED_BY_WORD = (MISSING, TWICE, LATE)
"""What the owner takes note of, and that is all there is to do."""
COUNTED = (*SETTLED_BY_WORD, OVERSPENT, "twice")
"""Reasons of lines that are in the figures all the same."""
ShopField = Annotated[str, Form(max_length=32)]
JournalField = Annotated[str, Form(max_length=32)]


@router.get("/tasks")
def tasks_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """The open ones, the newest first, each with its till, its number and the reason in words."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        found, tills, till = _open(session, here), standing(session, here), _tills(session, here)
    return page(
        request,
        "tasks.html",
        owner=owner,
        shop=here,
        standing=tills,
        tasks=found,
        till=till,
        counted=COUNTED,
        settled_by_word=SETTLED_BY_WORD,
    )


@router.post("/tasks/seen")
def seen(
    request: Request, owner: Doer, journal: JournalField, seq: Annotated[int, Form()], shop: ShopField = ""
) -> Response:
    """The owner has taken note of it."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        odd = session.get(Quarantine, (here.tenant, journal, seq))
        if odd is None or odd.shop != here.shop or odd.why not in SETTLED_BY_WORD:
            raise NotKnown("there is no such task")
        odd.state = "settled"
        session.add(odd)
    return see_other(f"/tasks?shop={here.shop}")


def _open(session: Session, shop: Shown) -> list[Quarantine]:
    wanted = select(Quarantine).where(Quarantine.tenant == shop.tenant, Quarantine.shop == shop.shop)
    newest = wanted.where(Quarantine.state == "open").order_by(col(Quarantine.at).desc(), col(Quarantine.seq).desc())
    return list(session.exec(newest.limit(MOST)))


def _tills(session: Session, shop: Shown) -> dict[str, str]:
    """{journal: the name of its till}."""
    wanted = select(JournalRow.journal, Device.till).where(
        JournalRow.tenant == shop.tenant,
        JournalRow.shop == shop.shop,
        Device.tenant == JournalRow.tenant,
        Device.device == JournalRow.device,
    )
    return dict(session.exec(wanted).all())
