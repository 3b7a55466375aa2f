"""The people of a tenant: invited by a one-time link, given another role, removed; an owner always stays."""

import secrets

from sqlmodel import Session, col, select

from cloud_sync.accounts.attempts import claim
from cloud_sync.accounts.codes import digest
from cloud_sync.accounts.owners import names_here
from cloud_sync.accounts.passwords import check_new, hashed
from cloud_sync.accounts.rights import ROLES, Role
from cloud_sync.accounts.sessions import end_sessions
from cloud_sync.database import Database
from cloud_sync.tables.accounts import Owner
from cloud_sync.tables.people import Invitation
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.text import clean_name

INVITED_MS = 48 * 60 * 60 * 1000
TRIES = 20


def role_of(word: str) -> Role:
    """The role of that name; BadInput when there is none."""
    found = next((role for role in ROLES if role == word), None)
    if found is None:
        raise BadInput("Choose a role.")
    return found


def people_of(session: Session, tenant: str) -> list[Owner]:
    """Everybody who may sign in, by name."""
    mine = select(Owner).where(Owner.tenant == tenant, col(Owner.disabled_at).is_(None))
    return sorted(session.exec(mine), key=lambda one: (one.name.casefold(), one.owner))


def invitations_of(session: Session, tenant: str, now: int) -> list[Invitation]:
    """The open ones."""
    mine = select(Invitation).where(Invitation.tenant == tenant, Invitation.expires_at > now)
    return list(session.exec(mine.where(col(Invitation.used_at).is_(None)).order_by(col(Invitation.expires_at))))


def invite(session: Session, *, tenant: str, name: str, role: str, by: str, now: int) -> str:
    """The code of a link for somebody of that name; it works once, for 48 hours. It is stored only hashed."""
    cleaned = clean_name(name)
    if not cleaned:
        raise BadInput("Say whom you invite: the name stands with what this person does.")
    code = secrets.token_urlsafe(24)
    row = Invitation(
        code_hash=digest(code),
        tenant=tenant,
        name=cleaned,
        role=role_of(role),
        made_by=by,
        made_at=now,
        expires_at=now + INVITED_MS,
    )
    session.add(row)
    return code


def withdraw(session: Session, *, tenant: str, handle: str) -> None:
    """Take an invitation back (`handle` is the beginning of its hash)."""
    for row in session.exec(select(Invitation).where(Invitation.tenant == tenant)):
        if row.code_hash.startswith(handle) and len(handle) == 16:
            session.delete(row)
            return
    raise NotKnown("there is no such invitation")


def invitation(database: Database, code: str, now: int) -> Invitation | None:
    """The open invitation of a link, or None."""
    with database.service().reading() as session:
        row = session.get(Invitation, digest(code))
    return row if row is not None and row.used_at is None and now < row.expires_at else None


def accept(database: Database, code: str, *, email: str, password: str, address: str, now: int) -> Owner:
    """Somebody takes an invitation, with an own password from the start. NotKnown when the link does not work."""
    with database.writing() as session:
        claim(session, f"invitation:{address}", limit=TRIES, now=now)
    asked = invitation(database, code, now)
    if asked is None:
        raise NotKnown("that link does not work any more")
    email = email.strip().lower()
    if "@" not in email or len(email) > 254 or any(letter.isspace() for letter in email):
        raise BadInput("That is not an e-mail address.")
    with database.of(asked.tenant).reading() as session:
        check_new(password, email=email, names=names_here(session, asked.tenant, asked.name))
    with database.service().writing() as session:
        row = session.get(Invitation, asked.code_hash, with_for_update=True)
        if row is None or row.used_at is not None:
            raise NotKnown("that link does not work any more")
        row.used_at = now
        session.add(row)
        return _joined(session, row, email, hashed(password), now)


def change_role(session: Session, *, tenant: str, person: str, role: str, by: str) -> None:
    """Give somebody else another role; it holds from the next click on."""
    row = _other(session, tenant, person, by)
    row.role = role_of(role)
    session.add(row)


def remove(session: Session, *, tenant: str, person: str, by: str, now: int) -> None:
    """Let somebody else in no more: every session ends at once; what was done keeps the name."""
    row = _other(session, tenant, person, by)
    row.disabled_at, row.second_since = now, None
    session.add(row)
    end_sessions(session, tenant=tenant, owner=person)


def _other(session: Session, tenant: str, person: str, by: str) -> Owner:
    """Somebody else, so that whoever does it stays an owner."""
    row = session.get(Owner, (tenant, person), with_for_update=True)
    if row is None or row.disabled_at is not None:
        raise NotKnown("there is no such person")
    if person == by:
        raise BadInput("Another owner can do this with you: a shop never loses its last owner.")
    return row


def _joined(session: Session, asked: Invitation, email: str, password_hash: str, now: int) -> Owner:
    row = session.exec(select(Owner).where(Owner.email == email)).first()
    if row is None:
        who = secrets.token_hex(8)
        row = Owner(tenant=asked.tenant, owner=who, email=email, name="", password_hash="", made_at=now)
    elif row.tenant != asked.tenant or row.disabled_at is None:
        raise BadInput("That e-mail can't be used here. Take another one.")
    row.name, row.role, row.password_hash = asked.name, asked.role, password_hash
    row.one_time, row.disabled_at = False, None
    session.add(row)
    return row
