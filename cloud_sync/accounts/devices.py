"""Devices: who a bearer credential belongs to, and what a till in each state may still do."""

import hmac

from sqlmodel import Session, select

from cloud_sync.accounts.codes import digest
from cloud_sync.tables.accounts import Device
from edge_agent.errors import NotAllowed, NotKnown

UPLOADS = frozenset({"active", "retired", "suspected"})
STATES = UPLOADS | {"banned"}


def device_of(session: Session, authorization: str, *, feed: bool) -> Device:
    """The device of an `Authorization` header; NotAllowed when unknown, banned, or (for the feed) not active.

    Tenant and shop come from here and never from a body.
    """
    scheme, _, credential = authorization.partition(" ")
    hashed = digest(credential)
    device = session.exec(select(Device).where(Device.credential_hash == hashed)).first()
    if scheme.lower() != "bearer" or device is None or not hmac.compare_digest(device.credential_hash, hashed):
        raise NotAllowed("this cloud does not know the till's credential")
    if device.state not in (("active",) if feed else UPLOADS):
        raise NotAllowed(f"this till is {device.state}")
    return device


def set_state(session: Session, *, tenant: str, device: str, state: str) -> None:
    """Make a till active, retired (uploads only), suspected (uploads are held back) or banned (refused)."""
    row = session.get(Device, (tenant, device))
    if row is None or state not in STATES:
        raise NotKnown(f"there is no till {device} or no state {state}")
    row.state = state
    session.add(row)
