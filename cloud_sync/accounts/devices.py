"""Devices: who a bearer credential belongs to, and what a till in each state may still do."""

import hmac
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlmodel import Session, col

from cloud_sync.accounts.codes import digest
from cloud_sync.bare import Bare
from cloud_sync.database import Database, ask
from cloud_sync.tables.accounts import Device, Retired
from edge_agent.errors import NotAllowed, NotKnown
from edge_agent.rules.day import DAY_MS

UPLOADS = frozenset({"active", "retired", "suspected"})
RETIRED_DAYS = 30
"""So long a retired till may still bring what it had not sent."""
LIVING_DAYS = 30
BY_CREDENTIAL = """SELECT tenant, device, shop, state, public_key, journal, credential_hash FROM device
    WHERE credential_hash = :hashed"""
RETIRED = "SELECT at FROM retired WHERE tenant = :tenant AND device = :device"
STATES = UPLOADS | {"banned"}


@dataclass(frozen=True)
class Knocker:
    """Who knocks at the devices' door, as its credential says: all that the doors need of a till's row."""

    tenant: str
    device: str
    shop: str
    state: str
    public_key: str
    journal: str


Sender = Device | Knocker
"""Whose lines are taken in."""


def device_of(bare: Bare, authorization: str, *, feed: bool, now: int) -> Knocker:
    """The till of an `Authorization` header; NotAllowed when unknown, banned, retired for long, or (for the feed) not
    active.

    Tenant and shop come from here and never from a body.
    """
    scheme, _, credential = authorization.partition(" ")
    hashed = digest(credential)
    row = bare.row(BY_CREDENTIAL, hashed=hashed)
    if scheme.lower() != "bearer" or row is None or not hmac.compare_digest(row[-1], hashed):
        raise NotAllowed("this cloud does not know the till's credential")
    till = Knocker(*row[:-1])
    if till.state not in (("active",) if feed else UPLOADS):
        raise NotAllowed(f"this till is {till.state}")
    retired = bare.row(RETIRED, tenant=till.tenant, device=till.device) if till.state == "retired" else None
    if retired is not None and now - retired[0] > RETIRED_DAYS * DAY_MS:
        raise NotAllowed(f"this till was retired more than {RETIRED_DAYS} days ago")
    return till


def living(database: Database, now: int) -> int:
    """How many tills may come back at once: active, and new or heard of in the last month."""
    with database.service().glance() as view:
        ((tills,),) = ask(view, _living(), since=now - LIVING_DAYS * DAY_MS)
    return int(tills)


@cache
def _living() -> Select[*tuple[Any, ...]]:
    heard = col(Device.last_seen_at).is_(None) | (col(Device.last_seen_at) > bindparam("since"))
    return select(func.count()).where(col(Device.state) == "active", heard)


def set_state(session: Session, *, tenant: str, device: str, state: str, now: int | None = None) -> None:
    """Make a till active, retired (uploads only), suspected (uploads are held back) or banned (refused).

    A retired till uploads for 30 days from `now` (None: for as long as it likes).
    """
    row = session.get(Device, (tenant, device))
    if row is None or state not in STATES:
        raise NotKnown(f"there is no till {device} or no state {state}")
    if state == "retired" and row.state != "retired" and now is not None:
        session.merge(Retired(tenant=tenant, device=device, at=now))
    row.state = state
    session.add(row)
