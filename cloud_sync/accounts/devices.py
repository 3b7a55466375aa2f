"""Devices: who a bearer credential belongs to, and what a till in each state may still do."""

import hmac
from functools import cache

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud_sync.accounts.codes import digest
from cloud_sync.database import Database
from cloud_sync.tables.accounts import Device, Retired
from edge_agent.errors import NotAllowed, NotKnown
from edge_agent.rules.day import DAY_MS

UPLOADS = frozenset({"active", "retired", "suspected"})
RETIRED_DAYS = 30
"""So long a retired till may still bring what it had not sent."""
LIVING_DAYS = 30
STATES = UPLOADS | {"banned"}


def device_of(session: Session, authorization: str, *, feed: bool, now: int) -> Device:
    """The device of an `Authorization` header; NotAllowed when unknown, banned, retired for long, or (for the feed) not
    active.

    Tenant and shop come from here and never from a body.
    """
    scheme, _, credential = authorization.partition(" ")
    hashed = digest(credential)
    device = session.exec(_by_credential(), params={"hashed": hashed}).first()
    if scheme.lower() != "bearer" or device is None or not hmac.compare_digest(device.credential_hash, hashed):
        raise NotAllowed("this cloud does not know the till's credential")
    if device.state not in (("active",) if feed else UPLOADS):
        raise NotAllowed(f"this till is {device.state}")
    retired = session.get(Retired, (device.tenant, device.device)) if device.state == "retired" else None
    if retired is not None and now - retired.at > RETIRED_DAYS * DAY_MS:
        raise NotAllowed(f"this till was retired more than {RETIRED_DAYS} days ago")
    return device


@cache
def _by_credential() -> SelectOfScalar[Device]:
    return select(Device).where(Device.credential_hash == bindparam("hashed"))


def living(database: Database, now: int) -> int:
    """How many tills may come back at once: active, and new or heard of in the last month."""
    heard = col(Device.last_seen_at).is_(None) | (col(Device.last_seen_at) > now - LIVING_DAYS * DAY_MS)
    with database.service().reading() as session:
        return session.exec(select(func.count()).where(Device.state == "active", heard)).one()


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
