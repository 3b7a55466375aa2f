"""An owner's one word on all orders that are within their suppliers' caps: what goes by it, and what stays and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Select, bindparam
from sqlmodel import Session, col, select

from cloud_sync.automatic import why_not
from cloud_sync.catalogue import names, read_supplier, suppliers
from cloud_sync.database import Database, ask, columns
from cloud_sync.orders import COMING, OPEN, By, Conflict, approve, as_seen, held_order, proposal_of, version_of
from cloud_sync.pages.shown import Shown
from cloud_sync.question import NEVER, always
from cloud_sync.tables.catalogue import Entry
from cloud_sync.tables.orders import Order
from edge_agent.errors import BadInput
from edge_agent.rules.day import DAY_MS, local
from edge_agent.rules.guard import Caps, guards
from edge_agent.rules.reasons import whole
from edge_agent.wire.events.catalogue import SupplierSet
from edge_agent.wire.events.reorder import ReorderDecided

WEEK_MS = 7 * DAY_MS
GONE = (*COMING, "received")


@dataclass(frozen=True)
class Fate:
    """What became of an order: approved, or left as it was because of `why`."""

    order: str
    number: str
    supplier: str
    total: int
    why: tuple[str, ...] = ()


def has_caps(supplier: SupplierSet) -> bool:
    """True when orders to it go without asking up to a sum."""
    return supplier.auto and bool(supplier.most_order or supplier.most_day or supplier.most_week)


def versions(session: Session, here: Shown) -> dict[str, str]:
    """{order: version} of all that wait, for the form; empty where no supplier of theirs has caps."""
    waiting = ask(session, _waiting(), tenant=here.tenant, shop=here.shop, now=here.now)
    if not any(has_caps(read_supplier(one.supplier)) for one in waiting if one.supplier):
        return {}
    return {one.order: version_of(one) for one in waiting}


@cache
def _waiting() -> Select[*tuple[Any, ...]]:
    """What the owner can still decide, with its supplier as it holds."""
    here = (col(Entry.tenant) == Order.tenant) & (col(Entry.shop) == Order.shop)
    supplier = here & (col(Entry.kind) == "supplier_set") & (col(Entry.key) == Order.supplier)
    told = [*columns(Order.order, Order.version, Order.revision, Order.journal), col(Entry.body).label("supplier")]
    mine = sql.select(*told).join(Entry, supplier, isouter=True).where(col(Order.tenant) == bindparam("tenant"))
    open_ = mine.where(col(Order.shop) == bindparam("shop"), col(Order.state).in_(always(OPEN)))
    ahead = open_.where(col(Order.cutoff_at) > bindparam("now"), col(Order.cutoff_at) < always(NEVER))
    return ahead.order_by(col(Order.cutoff_at), col(Order.order))


def approve_within(database: Database, here: Shown, seen: Mapping[str, str], by: By) -> list[Fate]:
    """Approve each waiting order that was `seen` ({order: version}), is within its supplier's caps, and that nothing
    speaks against; each in a transaction of its own. What was not seen, or is decided, is told and left."""
    with database.reading() as session:
        mine = select(Order).where(Order.tenant == here.tenant, Order.shop == here.shop)
        asked = mine.where(col(Order.order).in_({*seen, *versions(session, here)}))
        keys = [one.order for one in session.exec(asked.order_by(col(Order.cutoff_at), col(Order.order)))]
    return [_decided(database, here, key, seen.get(key, ""), by) for key in keys]


def _decided(database: Database, here: Shown, key: str, version: str, by: By) -> Fate:
    with database.writing() as session:
        order = held_order(session, tenant=here.tenant, order=key)
        supplier = suppliers(session, tenant=here.tenant, shop=here.shop).get(order.supplier)
        why = _why_left(session, here, order, supplier, version)
        if not why:
            try:
                approve(session, tenant=here.tenant, order=key, version=version, by=by, now=here.now)
            except BadInput as empty:
                why = [empty.message]
        return Fate(key, order.number, supplier.name if supplier else order.supplier, order.total, tuple(why))


def _why_left(session: Session, here: Shown, order: Order, supplier: SupplierSet | None, version: str) -> list[str]:
    if not version:
        return ["It came after this list was shown. Look at it first."]
    try:
        as_seen(order, version, here.now)
    except Conflict as conflict:
        return [conflict.message]
    if supplier is None or not has_caps(supplier):
        return ["No caps hold for this supplier."]
    proposal = proposal_of(session, order)
    named = names(session, tenant=here.tenant, shop=here.shop)
    said = _guarded(here, named, proposal) if order.state == "held" else []
    if order.state == "proposed" and not proposal.auto:
        said = ["The till has not looked at it since orders to this supplier go by themselves."]
    caps = Caps(supplier.most_order, supplier.most_day, supplier.most_week, *_spent(session, here, order))
    over = tuple(one for one in guards((), order.total, caps) if one.word not in proposal.holds)
    said += _guarded(here, named, proposal.model_copy(update={"holds": (), "guards": over}))
    return said + why_not(session, order, here.now)


def _guarded(here: Shown, named: Mapping[str, str], proposal: ReorderDecided) -> list[str]:
    """What holds it, in the reader's words."""
    bare = proposal.model_copy(update={"settled": None, "auto": False})
    return list(whole(bare, named, here.decimals, here.language))


def _spent(session: Session, here: Shown, order: Order) -> tuple[int, int]:
    """What else of this supplier went by cut-offs of the same day, and of the week up to it: as a till counts it."""
    mine = select(Order).where(Order.tenant == here.tenant, Order.shop == here.shop, Order.supplier == order.supplier)
    near = mine.where(Order.cutoff_at > order.cutoff_at - WEEK_MS, Order.cutoff_at <= order.cutoff_at)
    gone = session.exec(near.where(col(Order.state).in_(GONE), Order.order != order.order)).all()
    day = local(order.cutoff_at, here.zone).date()
    today = sum(one.total for one in gone if local(one.cutoff_at, here.zone).date() == day)
    return today, sum(one.total for one in gone)
