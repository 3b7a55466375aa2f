"""Orders that go without the owner's word: approved shortly before their cut-off, unless something speaks against it.

The till looks at what it knows (`rules.guard`) and marks the order `auto`; here is looked at what only the cloud knows.
"""

import json
from itertools import pairwise

from sqlmodel import Session, col, select

from cloud_sync import cash
from cloud_sync.catalogue import suppliers
from cloud_sync.database import Database
from cloud_sync.orders import By, approve, held_order, order_of, proposal_of, version_of
from cloud_sync.pages.cash import bill_words
from cloud_sync.pages.shown import shown
from cloud_sync.post.channels import choices
from cloud_sync.restored import why_paused
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.catalogue import Entry
from cloud_sync.tables.events import FeedRow, JournalRow, RawEvent
from cloud_sync.tables.figures import Position
from cloud_sync.tables.orders import Order
from edge_agent.rules.day import DAY_MS, HOUR_MS
from edge_agent.wire.envelope import event_of

BEFORE_MS = 10 * 60_000
UNSEEN_MS = 2 * HOUR_MS
FRESH_CONTACT_MS = 7 * DAY_MS
CLOCK_AHEAD_MS = 2 * 60_000
THE_SHOP = By(name="the shop itself")


def approve_due(database: Database, now: int) -> int:
    """Approve what is due to go by itself; returns how many. Level-triggered: call it at any time."""
    due = select(Order.tenant, Order.order).where(Order.state == "proposed")
    due = due.where(Order.cutoff_at > now, Order.cutoff_at <= now + BEFORE_MS)
    with database.service().reading() as session:
        keys = session.exec(due.order_by(col(Order.cutoff_at), col(Order.order))).all()
    return sum(_approve(database.of(tenant), tenant, key, now) for tenant, key in keys)


def _approve(database: Database, tenant: str, key: str, now: int) -> bool:
    with database.reading() as session:
        if not _goes(session, order_of(session, tenant=tenant, order=key), now):
            return False
    with database.writing() as session:
        # Looked at once more where nothing can change beneath it.
        order = held_order(session, tenant=tenant, order=key)
        if not _goes(session, order, now):
            return False
        approve(session, tenant=tenant, order=key, version=version_of(order), by=THE_SHOP, now=now)
        return True


def _goes(session: Session, order: Order, now: int) -> bool:
    return order.state == "proposed" and proposal_of(session, order).auto and not why_not(session, order, now)


def why_not(session: Session, order: Order, now: int) -> list[str]:
    """What speaks against sending an order without the owner, in words; empty when nothing does."""
    supplier = suppliers(session, tenant=order.tenant, shop=order.shop).get(order.supplier)
    if supplier is None or not supplier.auto:
        return ["Needs you: orders to this supplier no longer go by themselves."]
    said = [] if supplier.ordered_from == "cloud" else ["The till orders by hand, with a slip."]
    if (changed := _contact_changed(session, order)) is not None and now - changed < FRESH_CONTACT_MS:
        said.append("Needs you: the supplier's address for orders was changed within seven days.")
    said += _tills(session, order, now)
    raw = session.get(RawEvent, (order.tenant, order.journal, order.seq))
    if raw is not None and event_of(raw.line).at > raw.received_at + CLOCK_AHEAD_MS:
        said.append("Needs you: the clock of the till that decided it is ahead.")
    if paused := why_paused(session, order):
        said.append(paused)
    return said + _short_of_cash(session, order, now)


def _short_of_cash(session: Session, order: Order, now: int) -> list[str]:
    """What the account says of paying for it, where the owner has told what is on it."""
    where = {"tenant": order.tenant, "shop": order.shop}
    if not any(one.kind == "balance" for one in cash.entries(session, **where)):
        return []
    account = cash.account(session, **where, now=now, ordered=order.order)
    if account is None:
        return [f"Needs you: {cash.missing(session, **where, now=now)}"]
    bound, here = account.bound, shown(session, **where, now=now)
    if bound.headroom >= 0:
        return []
    under = f"{here.money(-bound.headroom)} under {'the float' if account.floor else 'zero'}"
    bill = bill_words(here, bound.bill)
    return [f"Needs you: paid for, the account would be {under} on {here.date(bound.day)}. What binds is {bill}."]


def _contact_changed(session: Session, order: Order) -> int | None:
    """When the address that orders go to was changed last: the e-mail, or the webhook in its place."""
    entry = session.get(Entry, (order.tenant, order.shop, "supplier_set", order.supplier))
    stamp = json.loads(entry.stamps).get("email") if entry else None
    row = session.get(FeedRow, (order.tenant, order.shop, int(stamp[0]))) if stamp else None
    return max([*([row.at] if row else []), *_other_ways(session, order)], default=None)


def _other_ways(session: Session, order: Order) -> list[int]:
    """When somebody chose another way than the one before."""
    kept = choices(session, tenant=order.tenant, shop=order.shop, supplier=order.supplier)
    ways = [("email", ""), *((one.goes_by, one.url) for one in reversed(kept))]
    return [one.at for one, (before, after) in zip(reversed(kept), pairwise(ways), strict=True) if before != after]


def _tills(session: Session, order: Order, now: int) -> list[str]:
    """Tills of the shop that may know of sales which the order does not."""
    mine = select(Device).where(Device.tenant == order.tenant, Device.shop == order.shop, Device.state == "active")
    said = []
    for till in session.exec(mine.order_by(col(Device.till))):
        seen = till.last_seen_at if till.last_seen_at is not None else till.paired_at
        if now - seen > UNSEEN_MS:
            said.append(f"Needs you: {till.till} was not heard for two hours.")
        elif till.backlog > 0 or _is_behind(session, till):
            said.append(f"Needs you: not all that {till.till} knows has come in.")
    return said


def _is_behind(session: Session, till: Device) -> bool:
    journal = session.get(JournalRow, (till.tenant, till.journal)) if till.journal else None
    position = session.get(Position, (till.tenant, till.journal)) if journal else None
    return journal is not None and (position.seq if position else 0) < journal.seq
