"""Where the tills stand, and to what moment the figures on a page therefore hold."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from cloud_sync.pages.shown import Shown
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow
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
    model it forecasts with, `fault` what was wrong with one lately (both may be empty)."""

    name: str
    seen_at: int | None
    waiting: int
    away: bool
    note: str
    model: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Standing:
    """All tills of a shop. `as_of` is the moment to which figures are whole (None: no till was ever heard)."""

    tills: tuple[Till, ...]
    as_of: int | None

    @property
    def away(self) -> tuple[Till, ...]:
        return tuple(till for till in self.tills if till.away)


def standing(session: Session, shop: Shown) -> Standing:
    """The shop's tills by name, those that still sell first."""
    wanted = select(Device).where(Device.tenant == shop.tenant, Device.shop == shop.shop)
    devices = list(session.exec(wanted.order_by(col(Device.till), col(Device.paired_at))))
    models = _models(session, shop)
    tills = [_till(device, models.get(device.device), shop.now) for device in devices]
    heard = [till.seen_at for till in tills if till.seen_at is not None and not till.note]
    as_of = min(heard) if any(till.away for till in tills) and heard else shop.now if heard else None
    return Standing(tuple(sorted(tills, key=lambda till: bool(till.note))), as_of)


def _models(session: Session, shop: Shown) -> dict[str, tuple[TillModel, int]]:
    """{device: what its newest journal said of models, and the version that speaks (0: none that was published)}."""
    wanted = (
        select(Device.device, TillModel)
        .where(Device.tenant == shop.tenant, Device.shop == shop.shop)
        .where(JournalRow.tenant == shop.tenant, JournalRow.device == Device.device)
        .where(TillModel.tenant == shop.tenant, TillModel.journal == JournalRow.journal)
        .order_by(col(TillModel.since), col(TillModel.said_at))
    )
    versions = dict(session.exec(select(PublishedModel.sha256, PublishedModel.version)).all())
    return {device: (row, versions.get(row.speaks, 0)) for device, row in session.exec(wanted)}


def _till(device: Device, models: tuple[TillModel, int] | None, now: int) -> Till:
    note = STATES.get(device.state, "")
    seen = device.last_seen_at
    away = not note and seen is not None and now - seen >= UNSEEN_MS
    return Till(device.till, seen, device.backlog, away, note, *_words(models, now))


def _words(models: tuple[TillModel, int] | None, now: int) -> tuple[str, str]:
    """Which model it forecasts with, and what was wrong with one within TOLD_MS."""
    if models is None:
        return "", ""
    row, version = models
    speaks = f"Forecasts with model {version}" if version else "Forecasts with the model that it came with"
    tries = f", tries model {row.shadow}" if row.shadow else ""
    return speaks + tries, row.words if now - row.said_at < TOLD_MS else ""
