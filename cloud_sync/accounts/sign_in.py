"""Signing in and staying signed in: reference tokens, stored hashed, with an idle and an absolute end."""

import secrets
from dataclasses import dataclass

from sqlmodel import select

from cloud_sync.accounts.attempts import claim, forgive
from cloud_sync.accounts.codes import digest
from cloud_sync.accounts.passwords import matches
from cloud_sync.database import Database
from cloud_sync.tables.accounts import Owner, OwnerSession
from edge_agent.errors import NotAllowed

IDLE_MS = 30 * 60 * 1000
ABSOLUTE_MS = 12 * 60 * 60 * 1000
TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS = 5, 20


@dataclass(frozen=True)
class SignedIn:
    """Who is there. `token` is the cookie's value; `csrf` goes with every form and command of this session."""

    tenant: str
    owner: str
    email: str
    name: str
    one_time: bool
    token: str

    @property
    def csrf(self) -> str:
        return digest("csrf " + self.token)


def sign_in(database: Database, *, email: str, password: str, address: str, now: int) -> SignedIn:
    """Check the password and open a session; NotAllowed when it is wrong, TooMany after five wrong ones."""
    email = email.strip().lower()[:254]
    account = f"account:{email}"
    with database.service().writing() as session:
        claim(session, account, limit=TRIES_PER_ACCOUNT, now=now)
        claim(session, f"address:{address}", limit=TRIES_PER_ADDRESS, now=now)
        owner = session.exec(select(Owner).where(Owner.email == email, Owner.disabled_at == None)).first()  # noqa: E711
    if not matches(owner.password_hash if owner else None, password) or owner is None:
        raise NotAllowed("That e-mail and password do not belong together.")
    token = secrets.token_urlsafe(32)
    with database.of(owner.tenant).writing() as session:
        forgive(session, account)
        forgive(session, f"address:{address}")
        row = OwnerSession(token_hash=digest(token), tenant=owner.tenant, owner=owner.owner, made_at=now, seen_at=now)
        session.add(row)
    return _signed_in(owner, token)


def who(database: Database, token: str, now: int) -> SignedIn | None:
    """The owner of a session token, or None when it is unknown, idle for 30 minutes, or 12 hours old."""
    with database.service().reading() as session:
        row = session.get(OwnerSession, digest(token))
        if row is None or now >= row.seen_at + IDLE_MS or now >= row.made_at + ABSOLUTE_MS:
            return None
        owner = session.get(Owner, (row.tenant, row.owner))
    if owner is None or owner.disabled_at is not None:
        return None
    if now >= row.seen_at + 60_000:
        _seen(database.of(row.tenant), row.token_hash, now)
    return _signed_in(owner, token)


def sign_out(database: Database, token: str) -> None:
    """End a session; an unknown one is already ended."""
    with database.service().writing() as session:
        if row := session.get(OwnerSession, digest(token)):
            session.delete(row)


def _seen(database: Database, token_hash: str, now: int) -> None:
    with database.writing() as session:
        if row := session.get(OwnerSession, token_hash):
            row.seen_at = now
            session.add(row)


def _signed_in(owner: Owner, token: str) -> SignedIn:
    return SignedIn(owner.tenant, owner.owner, owner.email, owner.name, owner.one_time, token)
