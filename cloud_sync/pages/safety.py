"""What the owner must know of copies: the backup's age, a restore that holds orders back, tills that were copied."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlmodel import Session, col, select

from cloud_sync.backups import newest
from cloud_sync.pages.guard import Doer, see_other
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.restored import is_resumed, restored_at, resume, waits_for
from cloud_sync.service import service_of
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow, RawEvent
from edge_agent.rules.day import DAY_MS
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events.device import Genesis

router = APIRouter()
OLD_MS = 2 * DAY_MS
TOLD_DAYS = 30


@dataclass(frozen=True)
class Begun:
    """A till that goes on in a new journal: `fork` when another one goes on from the same (a copied card),
    `damaged` when its file was."""

    till: str
    fork: bool
    damaged: bool
    at: int


@dataclass(frozen=True)
class Safety:
    """`backup_at` is the moment that the newest verified backup holds (None: none was made); `restored_at` is told
    while orders wait because of a restore, for these tills and for the owner's word."""

    backup_at: int | None
    is_old: bool
    restored_at: int | None
    waits: tuple[str, ...]
    begun: tuple[Begun, ...]


def safety(session: Session, shop: Shown) -> Safety:
    """How safe a shop's books are."""
    backup = newest(session)
    at = None if is_resumed(session, shop.tenant, shop.shop) else restored_at(session)
    waits = tuple(device.till for device in waits_for(session, shop.tenant, shop.shop)) if at else ()
    made_at = backup.made_at if backup else None
    is_old = made_at is not None and shop.now - made_at > OLD_MS
    return Safety(made_at, is_old, at, waits, tuple(_begun(session, shop)))


def _begun(session: Session, shop: Shown) -> list[Begun]:
    whose = (col(Device.tenant) == JournalRow.tenant) & (col(Device.device) == JournalRow.device)
    mine = select(JournalRow.journal, Device.till).join(Device, whose)
    tills = dict(session.exec(mine.where(JournalRow.tenant == shop.tenant, JournalRow.shop == shop.shop)).all())
    # By the journals' names: without them a database may look through every line of the tenant.
    first = select(RawEvent).where(
        RawEvent.tenant == shop.tenant, col(RawEvent.journal).in_(list(tills)), RawEvent.seq == 1
    )
    lately = first.where(RawEvent.kind == "genesis", RawEvent.received_at > shop.now - TOLD_DAYS * DAY_MS)
    found = []
    for raw in session.exec(lately.order_by(col(RawEvent.received_at).desc())):
        born = Genesis.model_validate(event_of(raw.line).body)
        if born.parent:
            found.append(Begun(tills[raw.journal], born.reason == "fork", born.reason == "corrupt", raw.received_at))
    return found


@router.post("/resume")
def resume_sending(request: Request, owner: Doer, shop: Annotated[str, Form(max_length=32)] = "") -> Response:
    """The owner says that orders are sent again after a restore."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        resume(session, tenant=here.tenant, shop=here.shop, by=owner.name, now=here.now)
    return see_other(f"/?shop={here.shop}")
