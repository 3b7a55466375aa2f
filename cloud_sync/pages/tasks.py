"""Events that need a look: lines of a till that were kept but not counted, and why."""

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select

from cloud_sync.pages.guard import Looker
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow, Quarantine

router = APIRouter()
MOST = 200


@router.get("/tasks")
def tasks_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """The open ones, the newest first, each with its till, its number and the reason in words."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        found, tills, till = _open(session, here), standing(session, here), _tills(session, here)
    return page(request, "tasks.html", owner=owner, shop=here, standing=tills, tasks=found, till=till)


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
