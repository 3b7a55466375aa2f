"""What runs out soon: the stock that is counted here against the demand that the till recorded when it decided.

Nothing is forecast here. The newest recorded forecast of a SKU is read out of its order and summed with the same rule
that the till used (`rules.plan.expected`); what the owner has approved counts from the moment it arrives.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from cloud_sync.catalogue import names
from cloud_sync.orders import COMING, listed, proposal_of
from cloud_sync.pages.recorded import UNREADABLE, read
from cloud_sync.pages.shown import Shown
from cloud_sync.projections.orders import lines_of
from cloud_sync.tables.figures import Stock
from cloud_sync.tables.orders import Order
from edge_agent.rules.day import HOUR_MS
from edge_agent.rules.plan import OpeningHours, expected
from edge_agent.rules.reorder import Decision
from edge_agent.wire.events.reorder import ReorderDecided

WINDOW_MS = 72 * HOUR_MS
TOLD = ("proposed", "held", "approved", "sent", "rejected", "expired")

Demand = Callable[[int, int], int]
"""Milli-units expected between two moments."""


@dataclass(frozen=True)
class Risk:
    """A SKU that runs out within the window: when, how many are left (milli-units), and what stands against it."""

    sku: str
    name: str
    out_at: int
    left: int
    order: str
    state: str
    cutoff_at: int
    comes_at: int | None


@dataclass
class _Seen:
    """The newest decision of a SKU with its order, and all that is coming of it: (moment, milli-units)."""

    order: Order
    decision: Decision
    demand: Demand
    coming: list[tuple[int, int]] = field(default_factory=list)


def runs_out(session: Session, shop: Shown, since: int) -> list[Risk]:
    """What runs out within 72 hours of now, soonest first; `since` is the moment to which the stock is known."""
    orders = [
        order
        for order in listed(session, tenant=shop.tenant, shop=shop.shop, states=TOLD)
        if order.next_arrives_at > shop.now
    ]
    seen = _newest((order, proposal_of(session, order)) for order in orders)
    for order in orders:
        if order.state in COMING:
            for line in lines_of(session, order):
                if line.sku in seen and line.approved_qty:
                    seen[line.sku].coming.append((order.arrives_at, line.approved_qty))
    stock = _stock(session, shop, list(seen))
    named = names(session, tenant=shop.tenant, shop=shop.shop)
    risks = [_risk(sku, named.get(sku, sku), one, stock.get(sku, 0), since, shop) for sku, one in seen.items()]
    return sorted((risk for risk in risks if risk), key=lambda risk: (risk.out_at, risk.name))


def out_at(left: int, coming: Iterable[tuple[int, int]], demand: Demand, since: int, until: int) -> int | None:
    """The hour at which nothing is expected to be left, or None when that is not before `until`.

    Between arrivals the stock only falls, so each stretch is looked at where it ends, then halved down to an hour.
    """
    if left <= 0:
        return since
    arrivals = sorted((max(since, at), qty) for at, qty in coming if at < until)
    there = left
    for end, arriving in [*arrivals, (until, 0)]:
        if there <= demand(since, end):
            return _first(since, end, lambda at, there=there: there <= demand(since, at))  # type: ignore[misc]
        there += arriving
    return None


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The earliest moment, to the hour, from which `holds` is true; it is at `high`."""
    while high - low > HOUR_MS:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _newest(proposals: Iterable[tuple[Order, ReorderDecided]]) -> dict[str, _Seen]:
    seen: dict[str, _Seen] = {}
    for order, proposal in proposals:
        for line in proposal.lines:
            try:
                found, hours = read(proposal, line)
                expected(found.forecast, hours, found.moment.now, found.moment.now + WINDOW_MS)
            except UNREADABLE:
                continue
            known = seen.get(line.sku)
            if known is None or known.decision.moment.now < found.moment.now:
                seen[line.sku] = _Seen(order, found, _demand(found, hours))
    return seen


def _demand(found: Decision, hours: OpeningHours) -> Demand:
    return lambda from_ms, to_ms: expected(found.forecast, hours, from_ms, to_ms)


def _stock(session: Session, shop: Shown, skus: list[str]) -> dict[str, int]:
    wanted = select(Stock.sku, Stock.on_hand).where(Stock.tenant == shop.tenant, Stock.shop == shop.shop)
    return dict(session.exec(wanted.where(col(Stock.sku).in_(skus))).all())


def _risk(sku: str, name: str, one: _Seen, left: int, since: int, shop: Shown) -> Risk | None:
    until = shop.now + WINDOW_MS
    found = out_at(left, one.coming, one.demand, since, until)
    if found is None:
        return None
    comes = min((at for at, _qty in one.coming), default=None)
    return Risk(sku, name, found, left, one.order.order, one.order.state, one.order.cutoff_at, comes)
