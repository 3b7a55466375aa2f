"""Who stands at a shop's tills, as their journals tell it: signals per cashier, and codes of the owner for a PIN."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError
from sqlmodel import Session, col, select

from cloud_sync.accounts.passwords import hashed
from cloud_sync.database import Database
from cloud_sync.feed import held_shop, publish
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow, RawEvent
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.conduct import KINDS, Conduct, conduct, odd
from edge_agent.wire.envelope import Event, event_of
from edge_agent.wire.events.staff import StaffCode

LOOKED_MS = 28 * 86_400_000
MOST_LINES = 20_000
"""Of one till: more than a month of a busy one."""
DIGITS, CODE_MS = 8, 24 * 60 * 60 * 1000
ABOUT = ("signed_on", "act_approved")
PERSON = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Stood:
    """Somebody (`conduct.by`, a random number) at a till, and what they did far more often than all the others."""

    device: str
    till: str
    conduct: Conduct
    odd: tuple[str, ...]

    @property
    def person(self) -> str:
        return self.conduct.by

    def times(self, sign: str) -> str:
        """How often."""
        return f"{'! ' if sign in self.odd else ''}{self.conduct.done[sign]}"

    def rate(self, sign: str) -> str:
        """Per hundred sales; empty for never, and without sales."""
        rate = self.conduct.per_hundred(sign)
        return f"{rate // 10}.{rate % 10}" if rate else ""


def stood(session: Session, tenant: str, shop: str, now: int) -> list[Stood]:
    """Everybody who stood at a till of the shop within four weeks, those with most sales first."""
    devices = {one.device: one.till for one in _devices(session, tenant, shop)}
    found, at = list[Event](), dict[str, str]()
    for device, event in _told(session, tenant, shop, now - LOOKED_MS):
        if event.kind in KINDS:
            found.append(event)
        approved = event.body.get("approved") if event.kind == "act_approved" else ""
        for person in (event.by, approved):
            if isinstance(person, str) and PERSON.fullmatch(person):
                at.setdefault(person, device)
    known = {one.by: one for one in conduct(found)}
    everybody = [known.get(person, Conduct(person)) for person in at]
    return [
        Stood(at[one.by], devices.get(at[one.by], ""), one, odd(one, known.values()))
        for one in sorted(everybody, key=lambda one: (-one.sales, one.by))
    ]


def _devices(session: Session, tenant: str, shop: str) -> list[Device]:
    wanted = select(Device).where(Device.tenant == tenant, Device.shop == shop, Device.state == "active")
    return list(session.exec(wanted.order_by(col(Device.till), col(Device.device))))


def _told(session: Session, tenant: str, shop: str, since: int) -> Iterator[tuple[str, Event]]:
    """(device, event) of what is counted, each journal's newest first; a line that can't be read is passed over."""
    here = select(JournalRow).where(JournalRow.tenant == tenant, JournalRow.shop == shop)
    for journal in session.exec(here.order_by(col(JournalRow.journal))).all():
        lines = select(RawEvent.line).where(RawEvent.tenant == tenant, RawEvent.journal == journal.journal)
        lines = lines.where(col(RawEvent.kind).in_((*KINDS, *ABOUT))).order_by(col(RawEvent.seq).desc())
        for line in session.exec(lines.limit(MOST_LINES)):
            event = _readable(line)
            if event is not None and event.at < since:
                break
            if event is not None:
                yield journal.device, event


def _readable(line: bytes) -> Event | None:
    try:
        event = event_of(line)
        conduct([event])
    except (ValidationError, LookupError, TypeError, ValueError, AttributeError, AssertionError):
        return None
    return event


def tills_of(session: Session, tenant: str, shop: str) -> dict[str, str]:
    """{device: name} of the tills that take what is said to them."""
    return {one.device: one.till for one in _devices(session, tenant, shop)}


@dataclass(frozen=True)
class Wanted:
    """Whose PIN is to be chosen anew, at which till; an empty person is a till's first manager."""

    tenant: str
    shop: str
    device: str
    person: str


def give_code(database: Database, wanted: Wanted, now: int) -> str:
    """A code of eight digits that holds once at that till, for a day; the feed carries its argon2id hash alone.
    NotKnown for a till that is not the shop's, BadInput for what is no person."""
    if wanted.person and not PERSON.fullmatch(wanted.person):
        raise BadInput("There is nobody of that number.")
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    body = StaffCode(device=wanted.device, person=wanted.person, hashed=hashed(code), until=now + CODE_MS)
    with database.writing() as session:
        if wanted.device not in tills_of(session, wanted.tenant, wanted.shop):
            raise NotKnown("there is no such till")
        shop = held_shop(session, wanted.tenant, wanted.shop)
        publish(session, shop, body, key=f"staff_code {wanted.device} {wanted.person}", at=now)
    return code
