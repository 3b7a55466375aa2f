"""What marketplaces will pay out: orders that were paid there, from the day on which they were handed over."""

from collections.abc import Collection, Mapping

from sqlmodel import Session, col, select

from cloud_sync.purchases import rule_for
from cloud_sync.reservations import totals
from cloud_sync.tables.reservations import Reservation
from edge_agent.rules.cash_ledger import Flow
from edge_agent.rules.day import DAY_MS, local
from edge_agent.rules.payout import Rule

LONGEST_DAYS = 120
"""No channel keeps money longer."""


def market_flows(
    session: Session, *, tenant: str, shop: str, zone: str, first: int, now: int, rules: Mapping[str, Rule],
    said: Collection[tuple[str, int]],
) -> list[Flow]:  # fmt: skip
    """From ordinal day `first`, by each channel's rule; what the owner `said` of a channel's day takes its place."""
    mine = select(Reservation).where(Reservation.tenant == tenant, Reservation.shop == shop)
    mine = mine.where(Reservation.state == "handed", col(Reservation.paid).is_(True))
    rows = session.exec(mine.where(Reservation.ended_at > now - LONGEST_DAYS * DAY_MS)).all()
    sums = totals(session, tenant=tenant, shop=shop, marks=[row.reservation for row in rows])
    by_day: dict[tuple[str, int], int] = {}
    for row in rows:
        place = row.channel, local(row.ended_at, zone).toordinal()
        by_day[place] = by_day.get(place, 0) + sums.get(row.reservation, 0)
    return [
        Flow(f"market {channel} {day} {part}", lands, amount, "payout", channel)
        for (channel, day), total in sorted(by_day.items())
        if (channel, day) not in said
        for part, (lands, amount) in enumerate(rule_for(dict(rules), channel).parts(day, total))
        if lands >= first
    ]
