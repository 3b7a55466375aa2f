"""Signals and the local calendar in the cloud: what the owner enters and what tills recorded, published to every till.

The feed is their only table: the newest entry of a key holds, on the tills and on the owner's page alike.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy import BindParameter, CompoundSelect, Select, bindparam
from sqlmodel import Session, col, select

from cloud_sync.database import ask, columns
from cloud_sync.feed import held_shop, newest_first, publish
from cloud_sync.projections.fact import Fact
from cloud_sync.question import always
from cloud_sync.tables.events import FeedRow
from edge_agent.rules.imports_signals import Row
from edge_agent.rules.signal import GONE_DAYS, LEAST_VALUES, usual
from edge_agent.wire.envelope import Contract, canonical
from edge_agent.wire.events.signals import LocalEventAdded, SignalRecorded

SIGNAL, EVENT = "signal_recorded", "local_event_added"
MOST_READ = 2_000
"""Newest entries that are looked at for a page."""


@dataclass(frozen=True)
class Signal:
    """A signal's newest value, its usual one (0: too few came before), and its age in days."""

    newest: SignalRecorded
    usual: int
    age: int

    @property
    def is_old(self) -> bool:
        """True when it counts for nothing any more."""
        return self.age >= GONE_DAYS


def key_of(row: Row) -> str:
    """What an entry is the last word on."""
    named = [row.name, row.about, row.at] if isinstance(row, SignalRecorded) else [row.name, row.first_day]
    return hashlib.sha256(canonical(named)).hexdigest()


def enter(session: Session, *, tenant: str, shop: str, rows: Iterable[Row], at: int, author: str = "") -> int:
    """Publish what says something new, in the caller's transaction; how many that was."""
    last = {(type(row), key_of(row)): row for row in rows}
    held, done = held_shop(session, tenant, shop), 0
    for (kind, key), row in last.items():
        if _holding(session, tenant, shop, SIGNAL if kind is SignalRecorded else EVENT, key) != row:
            publish(session, held, row, key=key, at=at, author=author)
            done += 1
    return done


def fold_signal(session: Session, fact: Fact, now: int) -> None:
    """Publish what a till recorded: to itself too, so that of two words on one thing all tills keep the same."""
    if isinstance(fact.body, SignalRecorded | LocalEventAdded):
        enter(session, tenant=fact.tenant, shop=fact.shop, rows=[fact.body], at=now, author=fact.journal)


def signals(session: Session, *, tenant: str, shop: str, now: int) -> list[Signal]:
    """Every signal with its newest value, by name."""
    return _signals(_bodies(session, tenant, shop, SIGNAL), now)


def _signals(bodies: Iterable[bytes], now: int) -> list[Signal]:
    series: dict[tuple[str, str], dict[int, SignalRecorded]] = {}
    for body in bodies:
        one = SignalRecorded.model_validate_json(body)
        if one.at <= now:
            series.setdefault((one.name, one.about), {})[one.at] = one
    return [_signal([values[at] for at in sorted(values)], now) for _, values in sorted(series.items())]


def _signal(values: Sequence[SignalRecorded], now: int) -> Signal:
    *before, newest = values
    enough = len(before) >= LEAST_VALUES[newest.kind]
    return Signal(newest, usual([one.value for one in before]) if enough else 0, (now - newest.at) // 86_400_000)


def calendar(session: Session, *, tenant: str, shop: str, first_day: int) -> list[LocalEventAdded]:
    """What stands on the calendar from a day on, in order; what was called off does not."""
    return _calendar(_bodies(session, tenant, shop, EVENT), first_day)


def _calendar(bodies: Iterable[bytes], first_day: int) -> list[LocalEventAdded]:
    last: dict[str, LocalEventAdded] = {}
    for body in bodies:
        event = LocalEventAdded.model_validate_json(body)
        last[key_of(event)] = event
    coming = [event for event in last.values() if event.last_day >= first_day and not event.called_off]
    return sorted(coming, key=lambda event: (event.first_day, event.name))


def ahead(
    session: Session, *, tenant: str, shop: str, first_day: int, now: int
) -> tuple[list[LocalEventAdded], list[Signal]]:
    """`calendar` and `signals` for a page that shows both: asked for at once."""
    found: dict[str, list[tuple[int, bytes]]] = {SIGNAL: [], EVENT: []}
    for kind, cursor, body in ask(session, _newest_of_both(), tenant=tenant, shop=shop):
        found[kind].append((cursor, body))
    signals_, events = ([body for _, body in sorted(found[kind])] for kind in (SIGNAL, EVENT))
    return _calendar(events, first_day), _signals(signals_, now)


def _bodies(session: Session, tenant: str, shop: str, kind: str) -> list[bytes]:
    """The newest entries of a kind, the oldest of them first."""
    return [body for (body,) in ask(session, _newest_first(), tenant=tenant, shop=shop, kind=kind)][::-1]


@cache
def _newest_first() -> Select[*tuple[Any, ...]]:
    return _newest(sql.select(col(FeedRow.body)), bindparam("kind"))


@cache
def _newest_of_both() -> CompoundSelect[*tuple[Any, ...]]:
    """In no order: each kind has a limit of its own."""
    told = sql.select(*columns(FeedRow.kind, FeedRow.cursor, FeedRow.body))
    return sql.union_all(*(sql.select(_newest(told, always(kind)).subquery()) for kind in (SIGNAL, EVENT)))


def _newest(told: Select[*tuple[Any, ...]], kind: BindParameter[str]) -> Select[*tuple[Any, ...]]:
    mine = told.where(col(FeedRow.tenant) == bindparam("tenant"), col(FeedRow.shop) == bindparam("shop"))
    return mine.where(col(FeedRow.kind) == kind).order_by(newest_first()).limit(MOST_READ)


def _holding(session: Session, tenant: str, shop: str, kind: str, key: str) -> Contract | None:
    session.flush()
    mine = select(FeedRow).where(FeedRow.tenant == tenant, FeedRow.shop == shop)
    found = mine.where(FeedRow.kind == kind, FeedRow.key == key).order_by(col(FeedRow.cursor).desc())
    row = session.exec(found.limit(1)).first()
    if row is None:
        return None
    return (SignalRecorded if kind == SIGNAL else LocalEventAdded).model_validate_json(row.body)
