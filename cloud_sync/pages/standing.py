"""Where the tills stand, and to what moment the figures on a page therefore hold."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from cloud_sync.pages.shown import Shown
from cloud_sync.tables.accounts import Device

UNSEEN_MS = 5 * 60_000
"""An idle till is heard every half minute; after ten times that it counts as away."""

STATES = {"retired": "retired", "suspected": "on hold: its uploads wait for you", "banned": "refused"}


@dataclass(frozen=True)
class Till:
    """A till: when it was last heard, and how many events it then said were still with it."""

    name: str
    seen_at: int | None
    waiting: int
    away: bool
    note: str


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
    tills = [_till(device, shop.now) for device in devices]
    heard = [till.seen_at for till in tills if till.seen_at is not None and not till.note]
    as_of = min(heard) if any(till.away for till in tills) and heard else shop.now if heard else None
    return Standing(tuple(sorted(tills, key=lambda till: bool(till.note))), as_of)


def _till(device: Device, now: int) -> Till:
    note = STATES.get(device.state, "")
    seen = device.last_seen_at
    away = not note and seen is not None and now - seen >= UNSEEN_MS
    return Till(device.till, seen, device.backlog, away, note)
