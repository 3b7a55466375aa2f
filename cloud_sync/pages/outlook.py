"""What runs out soon: the stock that is counted here against the demand that the till recorded when it decided.

Nothing is forecast here. The newest recorded forecast of a SKU is read out of its order and summed with the same rule
that the till used (`rules.plan.expected`); what the owner has approved counts from the moment it arrives.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlmodel import Session, col, select

from cloud_sync.catalogue import names
from cloud_sync.orders import COMING
from cloud_sync.pages.foretold import WINDOW_MS, Foretold, foretold
from cloud_sync.pages.shown import Shown
from cloud_sync.tables.figures import Stock
from cloud_sync.tables.orders import Order, OrderLineRow
from edge_agent.rules.day import HOUR_MS

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
    """The newest that was foretold of a SKU with its order, and all that is coming of it: (moment, milli-units)."""

    order: Order
    told: Foretold
    coming: list[tuple[int, int]] = field(default_factory=list)


def runs_out(session: Session, shop: Shown, since: int) -> list[Risk]:
    """What runs out within 72 hours of now, soonest first; `since` is the moment to which the stock is known."""
    orders = _told(session, shop)
    seen = _newest(orders, foretold(session, shop.tenant, orders))
    for order, sku, qty in _approved(session, shop, orders):
        if sku in seen:
            seen[sku].coming.append((order.arrives_at, qty))
    stock = _stock(session, shop, list(seen))
    risks = [_risk(sku, one, stock.get(sku, 0), since, shop) for sku, one in seen.items()]
    short = [risk for risk in risks if risk]
    named = names(session, tenant=shop.tenant, shop=shop.shop, of=[risk.sku for risk in short])
    return sorted((replace(risk, name=named.get(risk.sku, risk.sku)) for risk in short), key=_soonest)


def _soonest(risk: Risk) -> tuple[int, str]:
    return risk.out_at, risk.name


def _told(session: Session, shop: Shown) -> list[Order]:
    mine = select(Order).where(Order.tenant == shop.tenant, Order.shop == shop.shop, col(Order.state).in_(TOLD))
    ahead = mine.where(Order.next_arrives_at > shop.now)
    return list(session.exec(ahead.order_by(col(Order.cutoff_at), col(Order.order))))


def _approved(session: Session, shop: Shown, orders: Sequence[Order]) -> list[tuple[Order, str, int]]:
    """(order, SKU, milli-units) of what was approved and is on its way."""
    coming, row = {one.order: one for one in orders if one.state in COMING}, OrderLineRow
    wanted = select(row.order, row.sku, row.approved_qty).where(row.tenant == shop.tenant, col(row.order).in_(coming))
    return [(coming[order], sku, qty) for order, sku, qty in session.exec(wanted) if qty]


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


def _newest(orders: Sequence[Order], said: Mapping[str, Sequence[Foretold]]) -> dict[str, _Seen]:
    seen: dict[str, _Seen] = {}
    for order in orders:
        for told in said.get(order.order, ()):
            known = seen.get(told.sku)
            if known is None or known.told.decided_at < told.decided_at:
                seen[told.sku] = _Seen(order, told)
    return seen


def _stock(session: Session, shop: Shown, skus: list[str]) -> dict[str, int]:
    wanted = select(Stock.sku, Stock.on_hand).where(Stock.tenant == shop.tenant, Stock.shop == shop.shop)
    return dict(session.exec(wanted.where(col(Stock.sku).in_(skus))).all())


def _risk(sku: str, one: _Seen, left: int, since: int, shop: Shown) -> Risk | None:
    found = out_at(left, one.coming, one.told.demand, since, shop.now + WINDOW_MS)
    if found is None:
        return None
    comes = min((at for at, _qty in one.coming), default=None)
    return Risk(sku, "", found, left, one.order.order, one.order.state, one.order.cutoff_at, comes)
