"""What runs out soon: the stock that is counted here against the demand that the till recorded when it decided.

Nothing is forecast here. The newest recorded forecast of a SKU is read out of its order and summed with the same rule
that the till used (`rules.plan.expected`); what the owner has approved counts from the moment it arrives.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlmodel import Session, col

from cloud_sync.database import ask, columns
from cloud_sync.orders import COMING
from cloud_sync.pages.foretold import WINDOW_MS, Foretold, Proposed, foretold
from cloud_sync.pages.shown import Shown
from cloud_sync.tables.catalogue import Entry
from cloud_sync.tables.events import RawEvent
from cloud_sync.tables.figures import Stock
from cloud_sync.tables.orders import Order, OrderLineRow

TOLD = ("proposed", "held", "approved", "sent", "rejected", "expired")


@dataclass(frozen=True)
class Risk:
    """A SKU that runs out within the window: when, how many are left (milli-units), and what stands against it:
    the order that it was foretold for, and the one that brings it soonest (`by`; empty: none). `coming` is all that is
    on its way (moment, milli-units); `next_at` the first delivery that ends it, else that of the cycle after its
    order.
    """

    sku: str
    name: str
    out_at: int
    left: int
    order: str
    state: str
    cutoff_at: int
    comes_at: int | None
    by: str
    next_at: int
    coming: tuple[tuple[int, int], ...]
    told: Foretold


@dataclass
class _Seen:
    """The newest that was foretold of a SKU with its order, its name and stock here, and all that is coming of it:
    (moment, milli-units), and by which order."""

    order: Proposed
    told: Foretold
    name: str = ""
    left: int = 0
    coming: list[tuple[int, int]] = field(default_factory=list)
    brings: dict[int, str] = field(default_factory=dict)


def runs_out(session: Session, shop: Shown, since: int) -> list[Risk]:
    """What runs out within 72 hours of now, soonest first; `since` is the moment to which the stock is known."""
    ahead = {"tenant": shop.tenant, "shop": shop.shop, "now": shop.now}
    orders = {row.order: Proposed(*row) for row in ask(session, _ahead(), **ahead)}
    seen = _newest(list(orders.values()), foretold(session, shop.tenant, list(orders.values())))
    for order, sku, approved, on_hand, name in ask(session, _lines_ahead(), **ahead) if seen else ():
        if one := seen.get(sku):
            one.name, one.left = name or sku, on_hand or 0
            if approved and orders[order].state in COMING:
                one.coming.append((orders[order].arrives_at, approved))
                one.brings[orders[order].arrives_at] = order
    risks = [_risk(sku, one, since, shop) for sku, one in seen.items()]
    return sorted((risk for risk in risks if risk), key=_soonest)


def _soonest(risk: Risk) -> tuple[int, str]:
    return risk.out_at, risk.name


@cache
def _ahead() -> Select[*tuple[Any, ...]]:
    """The orders of a shop whose next delivery is still to come, by cut-off, with the line that proposed each."""
    line = (col(RawEvent.tenant) == Order.tenant) & (col(RawEvent.journal) == Order.journal)
    row = Order
    when = columns(row.cutoff_at, row.arrives_at, row.next_arrives_at)
    told = [*columns(row.order, row.state), *when, *columns(row.journal, row.seq, RawEvent.hash)]
    ahead = _still(select(*told).join(RawEvent, line & (col(RawEvent.seq) == Order.seq)))
    return ahead.order_by(col(Order.cutoff_at), col(Order.order))


@cache
def _lines_ahead() -> Select[*tuple[Any, ...]]:
    """Their lines, with each SKU's stock and name."""
    its = (col(OrderLineRow.tenant) == Order.tenant) & (col(OrderLineRow.order) == Order.order)
    here = (col(Stock.tenant) == Order.tenant) & (col(Stock.shop) == Order.shop)
    known = (col(Entry.tenant) == Order.tenant) & (col(Entry.shop) == Order.shop) & (col(Entry.kind) == "item_set")
    told = columns(OrderLineRow.order, OrderLineRow.sku, OrderLineRow.approved_qty, Stock.on_hand, Entry.name)
    lines = select(*told).select_from(Order).join(OrderLineRow, its)
    stocked = lines.join(Stock, here & (col(Stock.sku) == OrderLineRow.sku), isouter=True)
    return _still(stocked.join(Entry, known & (col(Entry.key) == OrderLineRow.sku), isouter=True))


def _still(wanted: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    mine = wanted.where(col(Order.tenant) == bindparam("tenant"), col(Order.shop) == bindparam("shop"))
    return mine.where(col(Order.next_arrives_at) > bindparam("now"), col(Order.state).in_(TOLD))


def out_at(
    left: int,
    coming: Iterable[tuple[int, int]],
    told: Foretold,
    since: int,
    until: int,
    enough: Callable[[int], int] = int,
) -> int | None:
    """The full hour by which nothing is expected to be left, or None when that is not before `until`.

    Between arrivals the stock only falls, so each stretch is looked at on its own. `enough` is what must be expected to
    sell for so much to be gone: as much, when nothing else is said.
    """
    if left <= 0:
        return since
    arrivals = sorted((max(since, at), qty) for at, qty in coming if at < until)
    there = left
    for end, arriving in [*arrivals, (until, 0)]:
        gone = told.gone(enough(there), since, end) if end > since else None
        if gone is not None:
            return gone
        there += arriving
    return None


def _newest(orders: Sequence[Proposed], said: Mapping[str, Sequence[Foretold]]) -> dict[str, _Seen]:
    seen: dict[str, _Seen] = {}
    for order in orders:
        for told in said.get(order.order, ()):
            known = seen.get(told.sku)
            if known is None or known.told.decided_at < told.decided_at:
                seen[told.sku] = _Seen(order, told)
    return seen


def _risk(sku: str, one: _Seen, since: int, shop: Shown) -> Risk | None:
    found = out_at(one.left, one.coming, one.told, since, shop.now + WINDOW_MS)
    if found is None:
        return None
    comes = min((at for at, _qty in one.coming), default=None)
    ends = min((at for at, _qty in one.coming if at >= found), default=one.order.next_arrives_at)
    by = "" if comes is None else one.brings[comes]
    order = one.order.order, one.order.state, one.order.cutoff_at
    return Risk(sku, one.name, found, one.left, *order, comes, by, ends, tuple(one.coming), one.told)
