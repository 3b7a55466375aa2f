"""The small cast of the reorder tests: one SKU, a supplier with cut-offs on Tuesday and Friday, a shop open 9 to 19."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from edge_agent.rules.calendar import SupplierCalendar, next_cutoffs
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.order import moments
from edge_agent.rules.plan import OpeningHours
from edge_agent.rules.reorder import Incoming, Moment, Policy, Snapshot, Terms

LONDON = "Europe/London"
HOURS = OpeningHours(LONDON, (*[(9 * 60, 19 * 60)] * 6, (10 * 60, 16 * 60)))
NORTHSIDE = SupplierCalendar(1, date(2026, 1, 1).toordinal(), (1, 4), 15 * 60, 2)
WEEK = (8_000, 8_000, 9_000, 10_000, 14_000, 20_000, 6_000)
MONDAY = date(2026, 3, 2).toordinal()
FORECAST = Forecast(
    sku="OAT",
    made_at=0,
    start_day=MONDAY,
    day_means=WEEK * 3,
    hour_shares=(*[0] * 9, *[1000] * 10, *[0] * 5),
    phi_milli=1400,
    forecaster="base",
    model="",
)
TERMS = Terms(pack=6_000, pack_cost=900, price=300, rate=2_000)
OAT = Snapshot(sku="OAT", on_hand=40_000, counted=True, terms=TERMS, reserved=4_000)
POLICY = Policy(HOURS, floor=9_500, carry=0, obsolete=1_000)
"""Too much costs a tenth: 0.15 a piece against 1.00 earned, so the owner's floor of 95 % binds."""


def ms(text: str) -> int:
    """A local time in London as UTC milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(LONDON)).timestamp() * 1000)


def at(text: str, calendar: SupplierCalendar = NORTHSIDE) -> Moment:
    """The open cycle of a calendar at a local time."""
    return moments(next_cutoffs(calendar, LONDON, ms(text), 20), ms(text))[0]


def coming(eta: str, pieces: int = 24) -> Incoming:
    return Incoming("a1b2c3d4", ms(eta), pieces * 1_000)


def oat(*incoming: Incoming, **changes: object) -> Snapshot:
    """The oat milk with goods on their way and any field changed."""
    return replace(OAT, incoming=incoming, **changes)  # type: ignore[arg-type]


def terms(**changes: int) -> Terms:
    return replace(TERMS, **changes)
