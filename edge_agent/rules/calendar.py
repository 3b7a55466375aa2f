"""The supplier's calendar: when an order must be in, which cycle that cut-off is, and when its goods arrive."""

from dataclasses import dataclass, replace
from functools import lru_cache

from edge_agent.errors import BadInput
from edge_agent.rules.day import local, moment
from edge_agent.wire.events.catalogue import SupplierSet

CYCLES_A_VERSION = 100_000
"""Cycle numbers of calendar version v begin at v x 100,000, so that two versions never share one."""

_LOOK_DAYS = 400


@dataclass(frozen=True)
class SupplierCalendar:
    """A supplier's published calendar, in the shop's zone; weekdays count from Monday = 0.

    A cut-off at `cutoff_minute` on each of `order_days`, from the ordinal day `valid_from`. The goods come `lead_days`
    working days later, then on the next of `delivery_days` (empty: any working day), at `arrives_minute`. On a
    `closed` day (an ordinal) nobody takes orders, works or delivers; its cut-off keeps its number.
    """

    version: int
    valid_from: int
    order_days: tuple[int, ...]
    cutoff_minute: int
    lead_days: int
    working_days: tuple[int, ...] = (0, 1, 2, 3, 4)
    delivery_days: tuple[int, ...] = ()
    arrives_minute: int = 480
    closed: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        days = (*self.order_days, *self.working_days, *self.delivery_days)
        if not self.order_days or any(not 0 <= day <= 6 for day in days):
            raise BadInput("a supplier's calendar needs order days, and weekdays count from 0 (Monday) to 6")
        if not self.working_days and not self.delivery_days:
            raise BadInput("a supplier's calendar needs working days or delivery days, or nothing ever arrives")


@dataclass(frozen=True)
class Cutoff:
    """One cut-off: its cycle, the last moment an order counts for it, and when that order arrives (UTC ms)."""

    cycle: int
    at_ms: int
    arrives_ms: int


def calendar_of(supplier: SupplierSet) -> SupplierCalendar:
    """The calendar in a supplier's record."""
    return SupplierCalendar(
        version=supplier.calendar,
        valid_from=supplier.valid_from,
        order_days=supplier.order_days,
        cutoff_minute=supplier.cutoff,
        lead_days=supplier.lead_days,
        working_days=supplier.working_days or (0, 1, 2, 3, 4),
        delivery_days=supplier.delivery_days,
        arrives_minute=supplier.arrives,
        closed=frozenset(supplier.closed),
    )


def next_cutoffs(calendar: SupplierCalendar, zone: str, at_ms: int, n: int) -> list[Cutoff]:
    """The `n` cut-offs that are still open at `at_ms` (one that falls on that very moment is), soonest first."""
    found: list[Cutoff] = []
    day = max(local(at_ms, zone).date().toordinal(), calendar.valid_from)
    while len(found) < n:
        if weekday(day) in calendar.order_days and day not in calendar.closed:
            cutoff = _cutoff(calendar, zone, day)
            if cutoff.at_ms >= at_ms:
                found.append(cutoff)
        day += 1
    return found


def cycle_of(calendar: SupplierCalendar, day: int) -> int:
    """The cycle of the cut-off on an ordinal day: its running number since `valid_from`, within its version."""
    weeks, rest = divmod(day - calendar.valid_from, 7)
    order_days = set(calendar.order_days)
    partial = sum(1 for i in range(rest) if weekday(calendar.valid_from + i) in order_days)
    return calendar.version * CYCLES_A_VERSION + weeks * len(order_days) + partial


def changed(old: SupplierCalendar, new: SupplierCalendar, zone: str, at_ms: int) -> SupplierCalendar:
    """`new` as the next version of `old`: it starts on the day after the cut-off that is open at `at_ms`."""
    open_day = local(next_cutoffs(old, zone, at_ms, 1)[0].at_ms, zone).date().toordinal()
    return replace(new, version=old.version + 1, valid_from=open_day + 1)


def weekday(day: int) -> int:
    """Monday = 0 of an ordinal day (day 1 of the proleptic calendar was a Monday)."""
    return (day - 1) % 7


@lru_cache(maxsize=1024)
def _cutoff(calendar: SupplierCalendar, zone: str, day: int) -> Cutoff:
    at = moment(day, calendar.cutoff_minute, zone)
    return Cutoff(cycle_of(calendar, day), at, _arrival(calendar, zone, day, at))


def _arrival(calendar: SupplierCalendar, zone: str, day: int, cutoff_ms: int) -> int:
    left = calendar.lead_days
    while left > 0 and calendar.working_days:
        day += 1
        left -= weekday(day) in calendar.working_days and day not in calendar.closed
    arriving = calendar.delivery_days or calendar.working_days
    for later in range(day, day + _LOOK_DAYS):
        arrives = moment(later, calendar.arrives_minute, zone)
        if weekday(later) in arriving and later not in calendar.closed and arrives > cutoff_ms:
            return arrives
    raise BadInput("a supplier that is closed for more than a year delivers nothing")
