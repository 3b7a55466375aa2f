"""Where the tills stand, and to what moment the figures on a page therefore hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlmodel import Session, col

from cloud_sync.database import ask, columns
from cloud_sync.fittings import Trouble, fitted, troubles
from cloud_sync.pages.shown import Shown
from cloud_sync.question import Row
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow
from cloud_sync.tables.figures import Position
from cloud_sync.tables.fleet import PublishedModel, TillModel
from edge_agent.rules.day import DAY_MS

UNSEEN_MS = 5 * 60_000
"""An idle till is heard every half minute; after ten times that it counts as away."""

TOLD_MS = 14 * DAY_MS
"""So long a fault of a model is told."""

STATES = {"retired": "retired", "suspected": "on hold: its uploads wait for you", "banned": "refused"}


@dataclass(frozen=True)
class Till:
    """A till: when it was last heard, and how many events it then said were still with it; `model` says which demand
    model it forecasts with, `fault` what was wrong with one lately (both may be empty); `troubles` are those of its
    printer and the like."""

    name: str
    seen_at: int | None
    waiting: int
    away: bool
    note: str
    model: str = ""
    fault: str = ""
    device: str = ""
    troubles: tuple[Trouble, ...] = ()

    @property
    def speaks(self) -> bool:
        """True when there is something to say of it but that it is here."""
        return self.away or self.seen_at is None or bool(self.waiting or self.note or self.fault or self.troubles)


@dataclass(frozen=True)
class Standing:
    """All tills of a shop. `as_of` is the moment to which figures are whole (None: no till was ever heard), `counted`
    how many lines of theirs are counted, `journals` {journal: its till's name}; `fittings` changes with what they say
    of their printers and the like."""

    tills: tuple[Till, ...]
    as_of: int | None
    counted: int = 0
    journals: Mapping[str, str] = field(default_factory=dict)
    fittings: int = 0

    @property
    def away(self) -> tuple[Till, ...]:
        return tuple(till for till in self.tills if till.away)


def standing(session: Session, shop: Shown) -> Standing:
    """The shop's tills by name, those that still sell first."""
    rows = ask(session, _tills(), tenant=shop.tenant, shop=shop.shop)
    # A till has a row a journal, and the newest that said anything of models is the last.
    devices = {row.device: row for row in rows}
    models = {row.device: row for row in rows if row.speaks is not None}
    tills = [_till(row, models.get(device), shop) for device, row in devices.items()]
    heard = [till.seen_at for till in tills if till.seen_at is not None and not till.note]
    as_of = min(heard) if any(till.away for till in tills) and heard else shop.now if heard else None
    journals = {row.journal: row.till for row in rows if row.journal}
    counted = sum(row.seq or 0 for row in rows)
    fittings = sum(row.fittings_at for row in devices.values())
    return Standing(tuple(sorted(tills, key=lambda till: bool(till.note))), as_of, counted, journals, fittings)


@cache
def _tills() -> Select[Any]:
    """A shop's tills with their journals, how far these are counted, and what they said of models."""
    wrote = (col(JournalRow.tenant) == Device.tenant) & (col(JournalRow.device) == Device.device)
    counted = (col(Position.tenant) == JournalRow.tenant) & (col(Position.journal) == JournalRow.journal)
    said = (col(TillModel.tenant) == JournalRow.tenant) & (col(TillModel.journal) == JournalRow.journal)
    published = select(func.max(PublishedModel.version)).where(col(PublishedModel.sha256) == TillModel.speaks)
    till = columns(Device.device, Device.till, Device.state, Device.last_seen_at, Device.backlog)
    told = columns(JournalRow.journal, Position.seq, Device.fittings, Device.fittings_at)
    model = columns(TillModel.speaks, TillModel.shadow, TillModel.words, TillModel.said_at)
    wanted = select(*till, *told, *model, published.scalar_subquery().label("version"))
    joined = wanted.join(JournalRow, wrote & (col(JournalRow.shop) == Device.shop), isouter=True)
    joined = joined.join(Position, counted, isouter=True).join(TillModel, said, isouter=True)
    mine = joined.where(col(Device.tenant) == bindparam("tenant"), col(Device.shop) == bindparam("shop"))
    by_name = mine.order_by(col(Device.till), col(Device.paired_at), col(Device.device))
    return by_name.order_by(col(TillModel.since), col(TillModel.said_at))


def _till(row: Row, model: Row | None, shop: Shown) -> Till:
    note = STATES.get(row.state, "")
    seen = row.last_seen_at
    away = not note and seen is not None and shop.now - seen >= UNSEEN_MS
    wrong = () if note else tuple(troubles(fitted(row.fittings), shop.when))
    return Till(row.till, seen, row.backlog, away, note, *_words(model, shop.now), row.device, wrong)


def _words(row: Row | None, now: int) -> tuple[str, str]:
    """Which model it forecasts with, and what was wrong with one within TOLD_MS."""
    if row is None:
        return "", ""
    speaks = f"Forecasts with model {row.version}" if row.version else "Forecasts with the model that it came with"
    tries = f", tries model {row.shadow}" if row.shadow else ""
    return speaks + tries, row.words if now - row.said_at < TOLD_MS else ""
