"""Signing in and staying signed in: the password, the code if there is an authenticator, and a session for it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from cloud_sync.accounts.attempts import claim, forgive, forgive_last
from cloud_sync.accounts.codes import digest
from cloud_sync.accounts.passwords import matches
from cloud_sync.accounts.rights import NAMES, Act, may
from cloud_sync.accounts.second import held, takes
from cloud_sync.accounts.sessions import MINUTE_MS, Lasts, began, get_to_know, is_over, known_to, renewed
from cloud_sync.database import Database, ask, columns
from cloud_sync.tables.accounts import Owner, OwnerSession
from edge_agent.errors import NotAllowed

TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS = 5, 20
WRONG_CODES = 5
"""So many wrong answers end a session, half open or whole."""
WRONG_CODE = "That code is not right, or was used before."
WRONG_PIN = "That is not right. After five wrong answers this phone is signed out."


@dataclass(frozen=True)
class SignedIn:
    """Who is there. `token` is the cookie's value, `session` what it is called; `second` is True when an authenticator
    is asked for, `proved_at` when it was last proved who is there, `pin_at` when it was by the phone's PIN (`pin`: it
    has one); `language` is the one that was chosen (empty: the shop's)."""

    tenant: str
    owner: str
    email: str
    name: str
    one_time: bool
    token: str
    role: str = "owner"
    session: str = ""
    second: bool = False
    remembered: bool = False
    awaits_code: bool = False
    proved_at: int = 0
    pin: bool = False
    pin_at: int = 0
    language: str = ""

    @property
    def csrf(self) -> str:
        """What goes with every form and command of this session; it stays when the token changes."""
        return digest("csrf " + self.session)

    @property
    def role_name(self) -> str:
        """The role as people read it."""
        return NAMES.get(self.role, self.role)

    def may(self, act: Act) -> bool:
        """True when the role may."""
        return may(self.role, act)


@dataclass(frozen=True)
class Visit:
    """From where somebody comes: the address, the browser in words, the token by which it may be known, and whether
    it shall be remembered."""

    address: str
    browser: str = ""
    known: str = ""
    remember: bool = False


def sign_in(database: Database, *, email: str, password: str, visit: Visit, now: int) -> SignedIn:
    """Check the password and open a session, which awaits the code where there is an authenticator.

    NotAllowed when it is wrong; TooMany after five wrong ones for the account or twenty from the address. A browser
    that is known has tries of its own, so that nobody else's guessing locks its owner out.
    """
    email = email.strip().lower()[:254]
    with database.service().writing() as session:
        owner = session.exec(select_rows(Owner).where(Owner.email == email, Owner.disabled_at == None)).first()  # noqa: E711
        keys = _claimed(session, owner, email, visit, now)
    if not matches(owner.password_hash if owner else None, password) or owner is None:
        raise NotAllowed("That e-mail and password do not belong together.")
    with database.of(owner.tenant).writing() as session:
        if owner.second_since is None:
            _forgive(session, keys)
        token = began(
            session,
            owner,
            browser=visit.browser,
            remembered=visit.remember,
            awaits_code=owner.second_since is not None,
            now=now,
        )
    signed = _who(database, token, now)
    assert signed is not None
    return signed


def finish(database: Database, *, token: str, code: str, visit: Visit, key_file: Path, now: int) -> SignedIn:
    """The code after the password: the session is whole under a new token. NotAllowed when it is wrong; after five
    wrong ones the half-open session is gone."""
    half = half_in(database, token, now)
    if half is None:
        raise NotAllowed("Sign in once more: that took too long.")
    with database.of(half.tenant).writing() as session:
        row = session.get_one(OwnerSession, digest(token))
        owner = held(session, tenant=row.tenant, owner=row.owner)
        keys = _claimed(session, owner, owner.email, visit, now)
        fresh = _answered(session, row, right=takes(session, key_file, owner, code, now), now=now)
        if fresh:
            _forgive(session, keys)
    signed = _who(database, fresh, now) if fresh else None
    if signed is None:
        raise NotAllowed("That code is not right, or was used before. Wait for the next one.")
    return signed


def prove(
    database: Database, who_: SignedIn, *, answer: str, key_file: Path, now: int, by_pin: bool = False
) -> SignedIn:
    """Prove once more who is there: by a code, or by the password where there is no authenticator; where it is enough
    (`by_pin`), by the phone's PIN as well. The session goes on under a new token. NotAllowed when it is wrong; after
    five wrong answers, of whatever kind, the session is gone."""
    with database.of(who_.tenant).writing() as session:
        row = session.get(OwnerSession, digest(who_.token))
        if row is None:
            raise NotAllowed("Sign in once more.")
        owner = held(session, tenant=row.tenant, owner=row.owner)
        second = owner.second_since is not None
        pin = by_pin and bool(row.pin_hash) and matches(row.pin_hash, answer)
        right = pin or (
            takes(session, key_file, owner, answer, now) if second else matches(owner.password_hash, answer)
        )
        fresh = _answered(session, row, right=right, now=now, by_pin=pin)
    signed = _who(database, fresh, now) if fresh else None
    if signed is None:
        raise NotAllowed(WRONG_PIN if by_pin and who_.pin else WRONG_CODE if second else "That is not your password.")
    return signed


def known(database: Database, signed: SignedIn, token: str, now: int) -> str:
    """The token by which this browser is known to be this person's: the one that it has, or a new one."""
    with database.of(signed.tenant).writing() as session:
        owner = held(session, tenant=signed.tenant, owner=signed.owner)
        return token if known_to(session, token, owner) else get_to_know(session, owner, now)


def who(database: Database, token: str, now: int, *, by_itself: bool = False) -> SignedIn | None:
    """The person of a session token, or None when it is unknown, half open or over (see `sessions.is_over`). What an
    open page asks `by_itself` keeps no session alive."""
    signed = _who(database, token, now, by_itself=by_itself)
    return None if signed is None or signed.awaits_code else signed


def half_in(database: Database, token: str, now: int) -> SignedIn | None:
    """The person whose password was right and whose code is awaited."""
    signed = _who(database, token, now)
    return signed if signed is not None and signed.awaits_code else None


def sign_out(database: Database, token: str) -> None:
    """End a session; an unknown one is already ended."""
    with database.service().writing() as session:
        if row := session.get(OwnerSession, digest(token)):
            session.delete(row)


def _claimed(session: Session, owner: Owner | None, email: str, visit: Visit, now: int) -> tuple[str, ...]:
    """Write the attempt down; the keys that it counts for."""
    if known_to(session, visit.known, owner):
        limits = {f"known:{digest(visit.known)}": TRIES_PER_ACCOUNT}
    else:
        limits = {f"account:{email}": TRIES_PER_ACCOUNT, f"address:{visit.address}": TRIES_PER_ADDRESS}
    for key, limit in limits.items():
        claim(session, key, limit=limit, now=now)
    return tuple(limits)


def _forgive(session: Session, keys: tuple[str, ...]) -> None:
    """The account's are struck off; of an address only the last, or one right account would hide many wrong ones."""
    for key in keys:
        (forgive_last if key.startswith("address:") else forgive)(session, key)


def _answered(session: Session, row: OwnerSession, *, right: bool, now: int, by_pin: bool = False) -> str:
    """The new token of a session that answered right, else empty; the fifth wrong answer ends it."""
    if right:
        return renewed(session, row, now, by_pin=by_pin)
    row.wrong += 1
    if row.wrong >= WRONG_CODES:
        session.delete(row)
    else:
        session.add(row)
    return ""


def _who(database: Database, token: str, now: int, *, by_itself: bool = False) -> SignedIn | None:
    with database.service().glance() as view:
        found = ask(view, _whose(), token=digest(token))
    if not found:
        return None
    row = found[0]
    lasts = Lasts(row.awaits_code, row.remembered, row.made_at, row.seen_at)
    if is_over(lasts, now) or row.disabled_at is not None:
        return None
    if now >= row.seen_at + MINUTE_MS and not row.awaits_code and not by_itself:
        _seen(database.of(row.tenant), row.token_hash, now)
    return SignedIn(
        row.tenant,
        row.owner,
        row.email,
        row.name,
        row.one_time,
        token,
        role=row.role,
        session=row.session,
        second=row.second_since is not None,
        remembered=row.remembered,
        awaits_code=row.awaits_code,
        proved_at=row.proved_at,
        pin=bool(row.pin_hash),
        pin_at=row.pin_at,
        language=row.language,
    )


@cache
def _whose() -> Select[*tuple[Any, ...]]:
    """A session and its person."""
    a, one = OwnerSession, Owner
    of_session = columns(a.token_hash, a.session, a.awaits_code, a.remembered, a.made_at, a.seen_at, a.proved_at)
    of_session += columns(a.pin_hash, a.pin_at)
    person = columns(one.tenant, one.owner, one.email, one.name, one.one_time, one.role, one.second_since)
    person += columns(one.language, one.disabled_at)
    both = select(*of_session, *person).join(Owner, (col(one.tenant) == a.tenant) & (col(one.owner) == a.owner))
    return both.where(col(a.token_hash) == bindparam("token"))


def _seen(database: Database, token_hash: str, now: int) -> None:
    with database.writing() as session:
        if row := session.get(OwnerSession, token_hash):
            row.seen_at = now
            session.add(row)
