"""What the rules of alerts look at, read for one shop."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session, col, select

from cloud_sync import cash
from cloud_sync.alerts.book import hook_of
from cloud_sync.alerts.rules import NEAR_CUTOFF_MS, Drawer, Facts, LowCash, Printer, Short, TillSeen, Waiting
from cloud_sync.automatic import why_not
from cloud_sync.catalogue import names, shop_card
from cloud_sync.fittings import fitted
from cloud_sync.orders import OPEN, listed, order_of
from cloud_sync.pages.closings import closings
from cloud_sync.pages.leaving import NEEDS_YOU, SHORT, unsent
from cloud_sync.pages.outlook import Risk, runs_out
from cloud_sync.pages.replies import replies
from cloud_sync.pages.shown import Shown
from cloud_sync.pages.standing import standing
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow, OrderCommand, Quarantine, RawEvent
from cloud_sync.tables.orders import Order
from edge_agent.rules.day import DAY_MS
from edge_agent.wire.envelope import event_of

ANSWERED_MS = 3 * DAY_MS
CLOSED_MS = 2 * DAY_MS


def facts_of(session: Session, here: Shown) -> Facts:
    """Everything that can be an alert of this shop now."""
    suppliers = names(session, tenant=here.tenant, shop=here.shop, kind="supplier_set")
    tills = standing(session, here)
    return Facts(
        now=here.now,
        shop=here.shop,
        card=shop_card(session, tenant=here.tenant, shop=here.shop),
        waiting=tuple(_waiting(session, here, one, suppliers) for one in _open(session, here)),
        short=tuple(_short(here, one) for one in runs_out(session, here, tills.as_of or here.now) if _is_short(one)),
        tills=_tills(session, here),
        odd=_odd(session, here),
        unsent=_unsent(session, here, suppliers),
        answered=_answered(session, here, suppliers),
        drawers=_drawers(session, here),
        low_cash=_low_cash(session, here),
        printers=_printers(session, here),
        printer_min=hook_of(session, tenant=here.tenant, shop=here.shop).printer_min,
    )


def _open(session: Session, here: Shown) -> list[Order]:
    return [one for one in listed(session, tenant=here.tenant, shop=here.shop) if one.cutoff_at > here.now]


def _waiting(session: Session, here: Shown, one: Order, suppliers: dict[str, str]) -> Waiting:
    name = suppliers.get(one.supplier, one.supplier)
    auto = one.state == "proposed" and _is_auto(session, one)
    if auto and one.cutoff_at - here.now <= NEAR_CUTOFF_MS:
        auto = not why_not(session, one, here.now)
    return Waiting(one.order, one.number, name, one.cutoff_at, here.when(one.cutoff_at), auto)


def _is_auto(session: Session, one: Order) -> bool:
    """Whether its proposal said that it may go by itself: read without its forecasts, which are most of it."""
    raw = session.get_one(RawEvent, (one.tenant, one.journal, one.seq))
    return bool(event_of(raw.line).body.get("auto"))


def _is_short(risk: Risk) -> bool:
    return risk.comes_at is None or risk.comes_at > risk.out_at


def _short(here: Shown, risk: Risk) -> Short:
    return Short(risk.sku, risk.name, here.soon(risk.out_at), risk.order, risk.state in OPEN)


def _tills(session: Session, here: Shown) -> tuple[TillSeen, ...]:
    rows = _active(session, here)
    seen = [(row, here.ago(row.last_seen_at) if row.last_seen_at else "") for row in rows]
    return tuple(TillSeen(row.device, row.till, row.last_seen_at, row.backlog, ago) for row, ago in seen)


def _printers(session: Session, here: Shown) -> tuple[Printer, ...]:
    return tuple(_printer(here, row) for row in _active(session, here) if row.fittings)


def _printer(here: Shown, row: Device) -> Printer:
    told, heard = fitted(row.fittings), row.last_seen_at or 0
    found, one = Printer(row.device, row.till, min(heard, here.now)), told.one("printer")
    if one and one.is_down:
        found = replace(found, down_at=one.since, down=here.when(one.since), why=one.why)
    if told.waiting:
        since = told.waits_since
        found = replace(found, waiting=told.waiting, waits_at=since, waits=here.when(since))
    return found


def _active(session: Session, here: Shown) -> Sequence[Device]:
    mine = select(Device).where(Device.tenant == here.tenant, Device.shop == here.shop, Device.state == "active")
    return session.exec(mine.order_by(col(Device.till), col(Device.device))).all()


def _odd(session: Session, here: Shown) -> tuple[tuple[str, int], ...]:
    whose = (col(JournalRow.tenant) == Quarantine.tenant) & (col(JournalRow.journal) == Quarantine.journal)
    till = (col(Device.tenant) == JournalRow.tenant) & (col(Device.device) == JournalRow.device)
    wanted = select(Device.till, Quarantine.seq).select_from(Quarantine).join(JournalRow, whose).join(Device, till)
    mine = wanted.where(Quarantine.tenant == here.tenant, Quarantine.shop == here.shop, Quarantine.state == "open")
    found: dict[str, int] = {}
    for name, _ in session.exec(mine):
        found[name] = found.get(name, 0) + 1
    return tuple(sorted(found.items()))


def _unsent(session: Session, here: Shown, suppliers: dict[str, str]) -> tuple[tuple[str, str], ...]:
    found = []
    for key, state in sorted(unsent(session, here, NEEDS_YOU).items()):
        order = order_of(session, tenant=here.tenant, order=key)
        name = suppliers.get(order.supplier, order.supplier)
        found.append((key, f"Order {order.number} to {name}: {SHORT[state]}."))
    return tuple(found)


def _answered(session: Session, here: Shown, suppliers: dict[str, str]) -> tuple[tuple[str, int, str], ...]:
    found = []
    for order in _lately_heard_of(session, here):
        reply = next(iter(replies(session, here, order)), None)
        if reply is not None and reply.is_bad and reply.at > here.now - ANSWERED_MS:
            name = suppliers.get(order.supplier, order.supplier)
            found.append((order.order, reply.at, f"Order {order.number} to {name}: {reply.words}"))
    return tuple(found)


def _lately_heard_of(session: Session, here: Shown) -> list[Order]:
    """Orders on their way, or that do not come, of which something was said of late: an answer is a command."""
    out = {one.order: one for one in listed(session, tenant=here.tenant, shop=here.shop, states=("sent", "expired"))}
    # By the orders' names: joined, a database may look through every command of the tenant.
    said = select(OrderCommand.order).where(OrderCommand.tenant == here.tenant, col(OrderCommand.order).in_(list(out)))
    lately = set(session.exec(said.where(OrderCommand.at > here.now - ANSWERED_MS)))
    return [one for key, one in out.items() if key in lately]


def _drawers(session: Session, here: Shown) -> tuple[Drawer, ...]:
    found = closings(session, here)
    recent = [(row, till) for row, till in found if row.at > here.now - CLOSED_MS and row.counted is not None]
    return tuple(
        Drawer(f"{row.journal} {row.seq}", till, row.difference, here.money(abs(row.difference)), row.at)
        for row, till in recent
    )


def _low_cash(session: Session, here: Shown) -> LowCash | None:
    """As the Cash page shows it; where no balance is known, nothing is."""
    account = cash.account(session, tenant=here.tenant, shop=here.shop, now=here.now)
    if account is None or account.bound.headroom >= 0:
        return None
    bound = account.bound
    bill = (here.money(-bound.bill.amount), here.date(bound.bill.day), bound.bill.name) if bound.bill else None
    return LowCash(here.money(-bound.headroom), account.floor, here.date(bound.day), bill)
