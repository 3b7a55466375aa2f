"""Sessions: when each ends, how its token changes, whose they are, and browsers that are known."""

import secrets
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import delete
from sqlmodel import Session, col, select

from cloud_sync.accounts.codes import digest
from cloud_sync.settings import Settings
from cloud_sync.tables.accounts import KnownBrowser, Owner, OwnerSession

MINUTE_MS = 60 * 1000
IDLE_MS, ABSOLUTE_MS = 30 * MINUTE_MS, 12 * 60 * MINUTE_MS
REMEMBERED_MS = 30 * 24 * 60 * MINUTE_MS
HALF_MS = 10 * MINUTE_MS
"""So long the code may take after the password."""
KNOWN = 10
"""So many browsers of one person stay known."""


def second_key(settings: Settings) -> Path:
    """The key that the authenticators' secrets are made of."""
    return settings.data / "keys" / "second.key"


def began(session: Session, owner: Owner, *, browser: str, remembered: bool, awaits_code: bool, now: int) -> str:
    """A new session; returns its token."""
    token = secrets.token_urlsafe(32)
    row = OwnerSession(
        token_hash=digest(token),
        tenant=owner.tenant,
        owner=owner.owner,
        made_at=now,
        seen_at=now,
        session=secrets.token_hex(16),
        browser=browser[:80],
        remembered=remembered,
        awaits_code=awaits_code,
        proved_at=0 if awaits_code else now,
    )
    session.add(row)
    return token


class Lasts(NamedTuple):
    """What says of a session when it ends."""

    awaits_code: bool
    remembered: bool
    made_at: int
    seen_at: int


def is_over(row: OwnerSession | Lasts, now: int) -> bool:
    """True when the session has ended by itself."""
    if row.awaits_code:
        return now >= row.made_at + HALF_MS
    if row.remembered:
        return now >= row.made_at + REMEMBERED_MS
    return now >= row.seen_at + IDLE_MS or now >= row.made_at + ABSOLUTE_MS


def renewed(session: Session, row: OwnerSession, now: int, *, by_pin: bool = False) -> str:
    """The session goes on, proved (or, `by_pin`, for what a PIN is enough for), under a new token; the old one is worth
    nothing."""
    token = secrets.token_urlsafe(32)
    made_at = now if row.awaits_code else row.made_at
    changed = {"token_hash": digest(token), "made_at": made_at, "seen_at": now, "wrong": 0}
    changed["pin_at" if by_pin else "proved_at"] = now
    session.delete(row)
    session.flush()
    session.add(OwnerSession(**{**row.model_dump(), **changed, "awaits_code": False}))
    return token


def open_sessions(session: Session, *, tenant: str, owner: str, now: int) -> list[OwnerSession]:
    """Those that are still open, the last seen first."""
    mine = select(OwnerSession).where(OwnerSession.tenant == tenant, OwnerSession.owner == owner)
    rows = session.exec(mine.order_by(col(OwnerSession.seen_at).desc())).all()
    return [row for row in rows if not is_over(row, now) and not row.awaits_code]


def end_sessions(session: Session, *, tenant: str, owner: str, named: str = "", but: str = "") -> None:
    """End one session by its name, or all (`but` one)."""
    gone = delete(OwnerSession).where(col(OwnerSession.tenant) == tenant, col(OwnerSession.owner) == owner)
    if named:
        gone = gone.where(col(OwnerSession.session) == named)
    session.execute(gone.where(col(OwnerSession.session) != but) if but else gone)


def known_to(session: Session, token: str, owner: Owner | None) -> bool:
    """True when the browser with this token is one in which this person has signed in before."""
    row = session.get(KnownBrowser, digest(token)) if token else None
    return row is not None and owner is not None and (row.tenant, row.owner) == (owner.tenant, owner.owner)


def get_to_know(session: Session, owner: Owner, now: int) -> str:
    """A token by which this browser is known from now on; the oldest ones are forgotten."""
    token = secrets.token_urlsafe(32)
    session.add(KnownBrowser(token_hash=digest(token), tenant=owner.tenant, owner=owner.owner, made_at=now))
    session.flush()
    mine = select(KnownBrowser).where(KnownBrowser.tenant == owner.tenant, KnownBrowser.owner == owner.owner)
    for old in session.exec(mine.order_by(col(KnownBrowser.made_at).desc()).offset(KNOWN)):
        session.delete(old)
    return token


def browser_of(user_agent: str) -> str:
    """`Firefox on Android`: what a person recognises his own browser by."""
    programs = (("Edg", "Edge"), ("Firefox", "Firefox"), ("CriOS", "Chrome"), ("Chrom", "Chrome"), ("Safari", "Safari"))
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac", "Linux")
    program = next((name for sign, name in programs if sign in user_agent), "A program")
    system = next((f" on {name}" for name in systems if name in user_agent), "")
    return program + system
