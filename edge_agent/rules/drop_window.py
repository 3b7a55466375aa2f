"""A drop's window: what may be planned beside what, what may be sold when and to whom, and how long it still lasts."""

from collections.abc import Iterable, Mapping
from typing import Literal

from edge_agent.errors import BadInput
from edge_agent.rules import creators, cross_border
from edge_agent.rules.calendar import SupplierCalendar, next_cutoffs
from edge_agent.rules.day import HOUR_MS, local
from edge_agent.rules.money import quantity
from edge_agent.wire.events.drops import WINDOW_HOURS, DropSet

PIECE = 1_000
MINUTE_MS = 60_000
LOOK_BACK_MS = 60 * 24 * HOUR_MS
MOST_CUTOFFS = 120

State = Literal["coming", "open", "over"]


def state(drop: DropSet, now: int) -> State:
    """Where a moment lies."""
    if now < drop.start:
        return "coming"
    return "open" if now < drop.end else "over"


def check_plan(drop: DropSet, others: Iterable[DropSet], now: int, zone: str) -> None:
    """BadInput when the window is none, lies behind, or one of its SKUs is in another drop at that time."""
    if not 0 < drop.end - drop.start <= WINDOW_HOURS * HOUR_MS:
        raise BadInput("a drop ends after it starts, and within two weeks")
    if drop.end <= now:
        raise BadInput("the whole window lies behind")
    if not 0 < drop.low <= drop.likely <= drop.high:
        raise BadInput("low, likely and high are pieces, each more than nothing and none below the one before")
    if len({part.sku for part in drop.parts}) < len(drop.parts):
        raise BadInput("a SKU stands there twice")
    cross_border.check(drop)
    creators.check(drop)
    for other in others:
        both = {part.sku for part in drop.parts} & {part.sku for part in other.parts}
        apart = other.end <= drop.start or drop.end <= other.start
        if both and not apart and other.drop != drop.drop and not other.called_off:
            raise BadInput(f"{min(both)} is in the drop {other.name} until {told(other.end, zone)}: they overlap")


def order_by(calendar: SupplierCalendar, zone: str, start: int) -> int:
    """The last cut-off whose goods are there when the window starts (UTC ms; 0: none in two months)."""
    found = next_cutoffs(calendar, zone, start - LOOK_BACK_MS, MOST_CUTOFFS)
    return max((one.at_ms for one in found if one.arrives_ms <= start), default=0)


def warnings(drop: DropSet, others: Iterable[DropSet], now: int, zone: str) -> list[str]:
    """What the planner should know, and may go on with."""
    found = list[str]()
    if not drop.order_by:
        found.append("no supplier is known to deliver before the start")
    elif drop.order_by < now:
        found.append(f"the supplier's last cut-off for it has passed: {told(drop.order_by, zone)}")
    same = (one for one in others if one.drop != drop.drop and one.order_by == drop.order_by > now)
    return found + [
        f"{one.name} is ordered by the same cut-off, {told(drop.order_by, zone)}" for one in same if not one.called_off
    ]


def refusal(drop: DropSet, now: int, zone: str) -> str:
    """Why nothing of it is sold at that moment; empty: it is."""
    return f"on sale from {told(drop.start, zone)}" if now < drop.start else ""


def price_in(drop: DropSet, sku: str, now: int) -> int:
    """What a part costs in the open window (0: as in the catalogue)."""
    return next((part.price for part in drop.parts if part.sku == sku), 0) if state(drop, now) == "open" else 0


def over_cap(drop: DropSet, basket: Mapping[str, int]) -> bool:
    """True when a basket {SKU: milli-units} holds more of the drop than one customer may have."""
    return bool(drop.cap) and sum(basket.get(part.sku, 0) for part in drop.parts) > drop.cap * PIECE


def countdown(ms: int) -> str:
    """`2 d 3 h`, `1 h 12 min`, `4 min`, `under a minute`."""
    minutes = ms // MINUTE_MS
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else "under a minute"


def line(drop: DropSet, left: int, now: int) -> str:
    """The drop in a line of the till: what is left to sell (milli-units) and how long; before the start, until when."""
    if now < drop.start:
        return f"drop {drop.name}: starts in {countdown(drop.start - now)}"
    what = f"{quantity(left)} left here" if left > 0 else "sold out here"
    return f"drop {drop.name}: {what}, ends in {countdown(drop.end - now)}"


def told(at: int, zone: str) -> str:
    """`Fri 6 Mar 10:00` in the shop's time."""
    when = local(at, zone)
    return f"{when:%a} {when.day} {when:%b %H:%M}"
