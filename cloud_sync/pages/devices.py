"""The tills as devices: trusted, retired, on hold or refused; what was held back released; a code to pair one more."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud_sync.accounts.codes import shown as grouped
from cloud_sync.accounts.devices import set_state
from cloud_sync.accounts.pairing import make_code
from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.fittings import Trouble, fitted, troubles, well
from cloud_sync.ingest.project import release
from cloud_sync.pages.guard import Doer, Looker, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import UNSEEN_MS, standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow, Quarantine
from edge_agent.errors import NotKnown

router = APIRouter()
STATES = {
    "active": ("trusted", "Trust it again", "It sells, uploads and takes everything."),
    "retired": ("retired", "Retire", "It brings what it had not sent, for 30 days, and takes nothing any more."),
    "suspected": ("on hold", "Put on hold", "Whatever it sends from now on is kept, but counts when you release it."),
    "banned": ("refused", "Refuse", "It is not let in any more. What it has not sent stays on it."),
}
"""What each state is called, what leads to it, and what it means."""

ShopField = Annotated[str, Form(max_length=32)]
DeviceField = Annotated[str, Form(max_length=32)]


@dataclass(frozen=True)
class Card:
    """A till with the number of its lines that are held back, and how what is fitted to it stands: `as_of` is when it
    was heard, where that is long ago."""

    device: Device
    held: int
    troubles: tuple[Trouble, ...] = ()
    well: tuple[str, ...] = ()
    as_of: int | None = None

    @property
    def state(self) -> str:
        return STATES[self.device.state][0]


@router.get("/devices")
def devices_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """All tills of a shop."""
    return _page(request, owner, shop)


@router.post("/devices/state")
def change_state(
    request: Request,
    owner: Doer,
    device: DeviceField = "",
    state: Annotated[str, Form(max_length=16)] = "",
    shop: ShopField = "",
) -> Response:
    """Another state for a till; it holds from its next request on."""
    service = service_of(request)
    with service.database.writing() as session:
        set_state(session, tenant=owner.tenant, device=device, state=state, now=service.clock.now())
    return see_other(f"/devices?shop={shop}")


@router.post("/devices/release")
def release_held(request: Request, owner: Doer, device: DeviceField = "", shop: ShopField = "") -> Response:
    """Count what a till on hold had sent."""
    service = service_of(request)
    with service.database.reading() as session:
        if session.get(Device, (owner.tenant, device)) is None:
            raise NotKnown("there is no such till")
        journals = list(session.exec(_journals(owner.tenant, device)))
    for journal in journals:
        release(service.database, tenant=owner.tenant, journal=journal, now=service.clock.now())
    return see_other(f"/devices?shop={shop}")


@router.post("/devices/code")
def pairing_code(request: Request, owner: Doer, shop: ShopField = "") -> Response:
    """A code for one more till; it stands on the answer, and nowhere after."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        code = make_code(session, tenant=here.tenant, shop=here.shop, now=here.now)
    return _page(request, owner, here.shop, code=grouped(code))


def _page(request: Request, owner: SignedIn, shop: str, *, code: str = "") -> Response:
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        told: dict[str, Any] = {"standing": standing(session, here), "cards": _cards(session, here)}
    address = service.settings.public_address
    return page(request, "devices.html", owner=owner, shop=here, states=STATES, code=code, address=address, **told)


def _cards(session: Session, shop: Shown) -> list[Card]:
    wanted = select(Device).where(Device.tenant == shop.tenant, Device.shop == shop.shop)
    devices = session.exec(wanted.order_by(col(Device.till), col(Device.paired_at))).all()
    return [_card(session, shop, device) for device in devices]


def _card(session: Session, shop: Shown, device: Device) -> Card:
    said = fitted(device.fittings)
    seen = device.last_seen_at
    as_of = seen if seen is not None and shop.now - seen >= UNSEEN_MS else None
    return Card(device, _held(session, device), tuple(troubles(said, shop.when)), tuple(well(said)), as_of)


def _held(session: Session, device: Device) -> int:
    held = select(func.count()).select_from(Quarantine).where(Quarantine.tenant == device.tenant)
    mine = col(Quarantine.journal).in_(_journals(device.tenant, device.device))
    return session.exec(held.where(mine, Quarantine.why == "suspected", Quarantine.state == "open")).one()


def _journals(tenant: str, device: str) -> SelectOfScalar[str]:
    return select(JournalRow.journal).where(JournalRow.tenant == tenant, JournalRow.device == device)
