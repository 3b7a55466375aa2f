"""What runs out soon: the stock that is counted here against the demand that the till recorded when it decided.

Nothing is forecast here. The newest recorded forecast of a SKU is read out of its order and summed with the same rule
that the till used (`rules.plan.expected`); what the owner has approved counts from the moment it arrives.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlmodel import Session, col

from cloud_sync.database import ask, columns
from cloud_sync.orders import COMING
from cloud_sync.pages.foretold import WINDOW_MS, Foretold, Proposed, foretold
from cloud_sync.pages.shown import Shown
from cloud_sync.question import NEVER, Row, always
from cloud_sync.tables.catalogue import Entry
from cloud_sync.tables.events import RawEvent
from cloud_sync.tables.figures import Stock
from cloud_sync.tables.orders import Order, OrderLineRow

AT_ONCE = 500
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


@dataclass(slots=True)
class _Seen:
    """The newest that was foretold of a SKU with its order, its stock here, and all that is coming of it:
    (moment, milli-units), and by which order."""

    order: Proposed
    told: Foretold
    left: int = 0
    coming: tuple[tuple[int, int], ...] = ()
    brings: tuple[tuple[int, str], ...] = ()


def runs_out(session: Session, shop: Shown, since: int) -> list[Risk]:
    """What runs out within 72 hours of now, soonest first; `since` is the moment to which the stock is known."""
    return soonest(session, shop, since)[0]


def soonest(session: Session, shop: Shown, since: int, most: int | None = None) -> tuple[list[Risk], int]:
    """The first `most` of it, and how much it is in all."""
    gone = sorted(_gone(session, shop, since), key=itemgetter(0))
    if most is not None and most < len(gone):
        # Those of one hour are told by name.
        last = gone[most - 1][0]
        near = [(at, one) for at, one in gone if at <= last]
    else:
        near = gone
    names = _names(session, shop, [one.told.sku for _at, one in near])
    risks = sorted((_risk(one, at, names.get(one.told.sku, "")) for at, one in near), key=_soonest)
    return risks[:most], len(gone)


def _gone(session: Session, shop: Shown, since: int) -> list[tuple[int, _Seen]]:
    """What runs out, with the moment."""
    until = shop.now + WINDOW_MS
    found = ((out_at(one.left, one.coming, one.told, since, until), one) for one in _seen(session, shop))
    return [(at, one) for at, one in found if at is not None]


def _seen(session: Session, shop: Shown) -> Collection[_Seen]:
    """All that was foretold of what is ordered, with what is here and what comes."""
    here = {"tenant": shop.tenant, "shop": shop.shop}
    orders = {row.order: Proposed(*row) for row in ask(session, _ahead(), **here, now=shop.now)}
    seen = _newest(list(orders.values()), foretold(session, shop.tenant, list(orders.values())))
    for order, sku, approved, on_hand in ask(session, _lines_of(), **here, orders=list(orders)) if seen else ():
        if one := seen.get(sku):
            one.left = on_hand or 0
            if approved and orders[order].state in COMING:
                at = orders[order].arrives_at
                one.coming, one.brings = (*one.coming, (at, approved)), (*one.brings, (at, order))
    return seen.values()


def _names(session: Session, shop: Shown, skus: Sequence[str]) -> dict[str, str]:
    return dict(by_sku(session, shop, _named(), skus))


def by_sku(session: Session, shop: Shown, asked: Select[*tuple[Any, ...]], skus: Sequence[str]) -> Iterator[Row]:
    """What is asked of such items (see `of_items`), so many at once."""
    for start in range(0, len(skus), AT_ONCE):
        yield from ask(session, asked, tenant=shop.tenant, shop=shop.shop, skus=list(skus[start : start + AT_ONCE]))


def _soonest(risk: Risk) -> tuple[int, str]:
    return risk.out_at, risk.name


@cache
def _ahead() -> Select[*tuple[Any, ...]]:
    """The orders of a shop whose next delivery is still to come, by cut-off, with the line that proposed each."""
    line = (col(RawEvent.tenant) == Order.tenant) & (col(RawEvent.journal) == Order.journal)
    row = Order
    when = columns(row.cutoff_at, row.arrives_at, row.next_arrives_at)
    told = [*columns(row.order, row.state), *when, *columns(row.journal, row.seq, RawEvent.hash)]
    wanted = select(*told).join(RawEvent, line & (col(RawEvent.seq) == Order.seq))
    mine = wanted.where(col(Order.tenant) == bindparam("tenant"), col(Order.shop) == bindparam("shop"))
    soon = mine.where(col(Order.next_arrives_at) > bindparam("now"), col(Order.next_arrives_at) < always(NEVER))
    return soon.where(col(Order.state).in_(always(TOLD))).order_by(col(Order.cutoff_at), col(Order.order))


@cache
def _lines_of() -> Select[*tuple[Any, ...]]:
    """The lines of orders, with each SKU's stock."""
    line = OrderLineRow
    here = (col(Stock.tenant) == line.tenant) & (col(Stock.shop) == bindparam("shop")) & (col(Stock.sku) == line.sku)
    told = select(*columns(line.order, line.sku, line.approved_qty, Stock.on_hand)).select_from(line)
    mine = told.join(Stock, here, isouter=True).where(col(line.tenant) == bindparam("tenant"))
    return mine.where(col(line.order).in_(bindparam("orders", expanding=True)))


@cache
def _named() -> Select[*tuple[Any, ...]]:
    return of_items(Entry.key, Entry.name)


def of_items(*told: object) -> Select[*tuple[Any, ...]]:
    """A question of some items of a shop by their SKUs."""
    mine = select(*columns(*told)).where(col(Entry.tenant) == bindparam("tenant"))
    items = mine.where(col(Entry.shop) == bindparam("shop"), col(Entry.kind) == "item_set")
    return items.where(col(Entry.key).in_(bindparam("skus", expanding=True)))


def out_at(
    left: int,
    coming: Sequence[tuple[int, int]],
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
    if not coming:
        return told.gone(enough(left), since, until) if until > since else None
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


def _risk(one: _Seen, found: int, name: str) -> Risk:
    comes = min((at for at, _qty in one.coming), default=None)
    ends = min((at for at, _qty in one.coming if at >= found), default=one.order.next_arrives_at)
    by = "" if comes is None else dict(one.brings)[comes]
    order = one.order.order, one.order.state, one.order.cutoff_at
    sku = one.told.sku
    return Risk(sku, name or sku, found, one.left, *order, comes, by, ends, one.coming, one.told)
