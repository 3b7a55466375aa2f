"""What the owner must know of copies: the backup's age, a restore that holds orders back, tills that were copied."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import Select, bindparam, func, select
from sqlmodel import Session, col

from cloud_sync.database import ask, columns
from cloud_sync.pages.guard import Doer, see_other
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import Standing
from cloud_sync.restored import RESTORED, is_resumed, resume, waits_for
from cloud_sync.service import service_of
from cloud_sync.tables.backups import Backup
from cloud_sync.tables.events import RawEvent
from cloud_sync.tables.house import Stamp
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


def safety(session: Session, shop: Shown, tills: Standing) -> Safety:
    """How safe a shop's books are."""
    ((made_at, restored),) = ask(session, _copies())
    at = int(restored) if restored else None
    if at and is_resumed(session, shop.tenant, shop.shop):
        at = None
    waits = tuple(device.till for device in waits_for(session, shop.tenant, shop.shop)) if at else ()
    is_old = made_at is not None and shop.now - made_at > OLD_MS
    return Safety(made_at, is_old, at, waits, tuple(_begun(session, shop, tills.journals)))


@cache
def _copies() -> Select[*tuple[Any, ...]]:
    """The moment that the newest verified backup holds, and when this database was put back from one."""
    made = select(func.max(Backup.made_at)).scalar_subquery()
    restored = select(*columns(Stamp.value)).where(col(Stamp.name) == RESTORED).scalar_subquery()
    return select(made.label("made_at"), restored.label("restored"))


def _begun(session: Session, shop: Shown, journals: Mapping[str, str]) -> list[Begun]:
    """Journals that go on from another one, of late."""
    since = shop.now - TOLD_DAYS * DAY_MS
    found = []
    for journal, line, at in ask(session, _first_lines(), tenant=shop.tenant, journals=list(journals), since=since):
        born = Genesis.model_validate(event_of(line).body)
        if born.parent:
            found.append(Begun(journals[journal], born.reason == "fork", born.reason == "corrupt", at))
    return found


@cache
def _first_lines() -> Select[*tuple[Any, ...]]:
    """By the journals' names: without them a database may look through every line of the tenant."""
    told = columns(RawEvent.journal, RawEvent.line, RawEvent.received_at)
    first = select(*told).where(col(RawEvent.tenant) == bindparam("tenant"), col(RawEvent.seq) == 1)
    mine = first.where(col(RawEvent.journal).in_(bindparam("journals", expanding=True)))
    lately = mine.where(col(RawEvent.kind) == "genesis", col(RawEvent.received_at) > bindparam("since"))
    return lately.order_by(col(RawEvent.received_at).desc())


@router.post("/resume")
def resume_sending(request: Request, owner: Doer, shop: Annotated[str, Form(max_length=32)] = "") -> Response:
    """The owner says that orders are sent again after a restore."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        resume(session, tenant=here.tenant, shop=here.shop, by=owner.name, now=here.now)
    return see_other(f"/?shop={here.shop}")
