"""The book of alerts: what is so now is noted once, what is over ends, and of any number of workers one tells it."""

import hashlib
from collections.abc import Sequence

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud_sync.alerts.rules import Alert
from cloud_sync.feed import held_shop
from cloud_sync.tables.alerts import AlertChoice, AlertDigest, AlertHook, AlertRow
from edge_agent.errors import NotKnown

LAST = 20


def note(session: Session, *, tenant: str, shop: str, found: Sequence[Alert], now: int) -> None:
    """Make the book say what is so now. The shop is held, so that two workers note one alert once."""
    held_shop(session, tenant, shop)
    rows = {row.alert: row for row in session.exec(_mine(tenant, shop))}
    now_so = {_id(tenant, shop, one): one for one in found}
    for name, one in now_so.items():
        session.add(_noted(rows.get(name), name, one, tenant, shop, now))
    for name, row in rows.items():
        if row.over_at is None and name not in now_so:
            row.over_at = now
            session.add(row)


def _noted(row: AlertRow | None, name: str, one: Alert, tenant: str, shop: str, now: int) -> AlertRow:
    if row is None:
        said = {"words": one.words[:400], "link": one.link, "urgent": one.urgent}
        found = {"tenant": tenant, "alert": name, "shop": shop, "rule": one.rule, "raised_at": now, **said}
        return AlertRow.model_validate(found)
    if row.over_at is not None and row.over_at < now - one.again_ms:
        row.raised_at, row.told_at, row.seen_at, row.seen_by = now, None, None, ""
    row.over_at, row.words, row.link, row.urgent = None, one.words[:400], one.link, one.urgent
    return row


def claim_urgent(session: Session, *, tenant: str, shop: str, now: int) -> list[AlertRow]:
    """Urgent alerts that nobody was told of yet; they count as told from here on (see `give_back`)."""
    held_shop(session, tenant, shop)
    fresh = _open(tenant, shop).where(col(AlertRow.urgent), col(AlertRow.told_at).is_(None))
    found = session.exec(fresh.where(col(AlertRow.seen_at).is_(None)).order_by(AlertRow.rule, AlertRow.alert)).all()
    for row in found:
        row.told_at = now
        session.add(row)
    return list(found)


def claim_digest(session: Session, *, tenant: str, shop: str, day: int, now: int) -> list[AlertRow]:
    """Everything that is open, for the digest of this day; empty when another worker has it, or there is nothing."""
    held_shop(session, tenant, shop)
    if session.get(AlertDigest, (tenant, shop, day)) is not None:
        return []
    session.add(AlertDigest(tenant=tenant, shop=shop, day=day, at=now))
    return list(session.exec(_open(tenant, shop).where(col(AlertRow.seen_at).is_(None)).order_by(AlertRow.rule)))


def give_back(session: Session, rows: Sequence[AlertRow]) -> None:
    """Nothing of these urgent ones was told after all: they are tried again."""
    for row in rows:
        held = session.get(AlertRow, (row.tenant, row.alert))
        if held is not None:
            held.told_at = None
            session.add(held)


def give_digest_back(session: Session, *, tenant: str, shop: str, day: int) -> None:
    """The digest of this day reached nobody: it is tried again."""
    held = session.get(AlertDigest, (tenant, shop, day))
    if held is not None:
        session.delete(held)


def acknowledge(session: Session, *, tenant: str, alert: str, by: str, now: int) -> AlertRow:
    """Somebody knows: it is told no more. NotKnown for another tenant's."""
    row = session.get(AlertRow, (tenant, alert))
    if row is None:
        raise NotKnown("there is no such alert")
    if row.seen_at is None:
        row.seen_at, row.seen_by = now, by[:80]
        session.add(row)
    return row


def open_alerts(session: Session, *, tenant: str, shop: str) -> list[AlertRow]:
    """What is so now, what nobody has seen first."""
    newest = _open(tenant, shop).order_by(col(AlertRow.seen_at).is_not(None), col(AlertRow.raised_at).desc())
    return list(session.exec(newest.order_by(col(AlertRow.alert))))


def past_alerts(session: Session, *, tenant: str, shop: str) -> list[AlertRow]:
    """What was so, the last to end first."""
    over = _mine(tenant, shop).where(col(AlertRow.over_at).is_not(None))
    return list(session.exec(over.order_by(col(AlertRow.over_at).desc()).limit(LAST)))


def choice_of(session: Session, *, tenant: str, owner: str) -> AlertChoice:
    """How an owner hears of alerts; who never chose hears all."""
    return session.get(AlertChoice, (tenant, owner)) or AlertChoice(tenant=tenant, owner=owner)


def hook_of(session: Session, *, tenant: str, shop: str) -> AlertHook:
    """Where a shop's alerts are posted to; without an address nowhere."""
    return session.get(AlertHook, (tenant, shop)) or AlertHook(tenant=tenant, shop=shop)


def _mine(tenant: str, shop: str) -> SelectOfScalar[AlertRow]:
    return select(AlertRow).where(AlertRow.tenant == tenant, AlertRow.shop == shop)


def _open(tenant: str, shop: str) -> SelectOfScalar[AlertRow]:
    return _mine(tenant, shop).where(col(AlertRow.over_at).is_(None))


def _id(tenant: str, shop: str, one: Alert) -> str:
    return hashlib.sha256("\0".join((tenant, shop, one.key)).encode()).hexdigest()[:32]
