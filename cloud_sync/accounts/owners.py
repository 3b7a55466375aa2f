"""Owners: made with a one-time password that is shown once, and their own password after that."""

import secrets

from sqlalchemy import delete
from sqlmodel import Session, col, select

from cloud_sync.accounts.attempts import forgive
from cloud_sync.accounts.codes import new_code, shown
from cloud_sync.accounts.passwords import check_new, hashed
from cloud_sync.accounts.rights import Role
from cloud_sync.tables.accounts import Owner, OwnerSession
from cloud_sync.tables.catalogue import Entry
from cloud_sync.tables.house import Shop
from edge_agent.errors import BadInput, NotKnown


def add_owner(session: Session, *, tenant: str, email: str, name: str, now: int, role: Role = "owner") -> str:
    """Make an owner, or give one a new one-time password; all his sessions end, codes are asked for no more, and wrong
    tries are forgotten: who can run this is trusted, and this is the way back in. Returns the password to show once."""
    email = email.strip().lower()
    if "@" not in email or len(email) > 254 or any(letter.isspace() for letter in email):
        raise BadInput(f"{email!r} is not an e-mail address")
    password = shown(new_code(16))
    forgive(session, f"account:{email}")
    owner = session.exec(select(Owner).where(Owner.email == email)).first()
    if owner is None:
        owner = Owner(tenant=tenant, owner=secrets.token_hex(8), email=email, name=name, password_hash="", made_at=now)
    elif owner.tenant != tenant:
        raise BadInput(f"{email} is in use")
    _set(session, owner, password)
    owner.role = role
    owner.one_time = True
    owner.second_since = None
    return password


def set_password(session: Session, *, tenant: str, owner: str, password: str) -> None:
    """Set the owner's own password; every session ends, also the present one."""
    row = session.get(Owner, (tenant, owner))
    if row is None:
        raise NotKnown("there is no such owner")
    check_new(password, email=row.email, names=names_here(session, tenant, row.name))
    _set(session, row, password)
    row.one_time = False


def names_here(session: Session, tenant: str, person: str) -> list[str]:
    """What a password of this person must not be: the own name, its parts, and the names of the tenant's shops."""
    shops = session.exec(select(Shop.name).where(Shop.tenant == tenant)).all()
    cards = session.exec(select(Entry.name).where(Entry.tenant == tenant, Entry.kind == "shop_set")).all()
    return [person, *person.split(), *shops, *cards]


def _set(session: Session, owner: Owner, password: str) -> None:
    owner.password_hash = hashed(password)
    session.add(owner)
    gone = delete(OwnerSession).where(col(OwnerSession.tenant) == owner.tenant, col(OwnerSession.owner) == owner.owner)
    session.execute(gone)
