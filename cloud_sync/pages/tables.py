"""Tables of the pages as files: which page shows which, its columns, and its rows; one route for all of them.

What has a file of its own (takings, stock, catalogue, returns, the audit, VAT) has its route beside its page.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, HTTPException, Request, Response
from sqlmodel import Session, col, select

from cloud_sync import cash, drops, popups
from cloud_sync.accounts.people import people_of
from cloud_sync.accounts.rights import Act
from cloud_sync.catalogue import names, promotions, suppliers
from cloud_sync.creators import owed_of
from cloud_sync.fittings import fitted
from cloud_sync.pages import promotion_form, reservations, running_out, supplier_form
from cloud_sync.pages.drop_files import HEAD, rows_of
from cloud_sync.pages.files import csv_file
from cloud_sync.pages.guard import Looker
from cloud_sync.pages.order_view import state_words
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.takings import ShopName
from cloud_sync.projections.orders import lines_of
from cloud_sync.service import service_of
from cloud_sync.signals import calendar, signals
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.alerts import AlertRow
from cloud_sync.tables.events import Quarantine
from cloud_sync.tables.orders import Order
from edge_agent.rules.imports_promotions import PROMOTIONS
from edge_agent.rules.money import quantity

router = APIRouter()
Row = Sequence[str | int]
Rows = Callable[[Session, Shown], Iterable[Row]]


@dataclass(frozen=True)
class Table:
    """A table that leaves as a file: the page where it stands, its name there, its columns and rows, and what somebody
    must be allowed to see to take it out."""

    page: str
    words: str
    head: Sequence[str]
    rows: Rows
    act: Act = "look"


@router.get("/tables/{table}.csv")
def table_file(request: Request, owner: Looker, table: str, shop: ShopName = "") -> Response:
    """One of the tables as a file."""
    found, service = TABLES.get(table), service_of(request)
    if found is None or not owner.may(found.act):
        raise HTTPException(404)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        rows = list(found.rows(session, here))
    return csv_file(f"{table}-{here.shop}.csv", found.head, rows)


def tables_on(page: str) -> Mapping[str, Table]:
    """The tables of a page, by the name of their file."""
    return {name: one for name, one in TABLES.items() if one.page == page}


def _every_order(session: Session, here: Shown) -> list[Order]:
    mine = select(Order).where(Order.tenant == here.tenant, Order.shop == here.shop)
    return list(session.exec(mine.order_by(col(Order.cutoff_at).desc(), col(Order.order))))


def _orders(session: Session, here: Shown) -> Iterable[Row]:
    every, called = _every_order(session, here), _suppliers_names(session, here)
    for one in every:
        decided = here.iso(one.decided_at) if one.decided_at else ""
        times = here.iso(one.cutoff_at), here.iso(one.arrives_at), decided
        name = called.get(one.supplier, one.supplier)
        yield (
            one.number,
            name,
            state_words(one.state, one.reason),
            here.bare(one.total),
            one.lines,
            *times,
            one.by,
            one.reason,
        )


def _order_lines(session: Session, here: Shown) -> Iterable[Row]:
    every = _every_order(session, here)
    called = names(session, tenant=here.tenant, shop=here.shop)
    for order in every:
        for line in lines_of(session, order):
            approved = "" if line.approved_packs is None else line.approved_packs
            what = line.sku, called.get(line.sku, line.sku)
            yield (order.number, *what, line.packs, quantity(line.qty), here.bare(line.cost), approved)


def _suppliers_names(session: Session, here: Shown) -> Mapping[str, str]:
    return names(session, tenant=here.tenant, shop=here.shop, kind="supplier_set")


def _suppliers(session: Session, here: Shown) -> Iterable[Row]:
    for one in suppliers(session, tenant=here.tenant, shop=here.shop).values():
        said = supplier_form.fields_of(one, here.decimals)
        yield [said.get(column, "") for column in OF_SUPPLIER]


OF_SUPPLIER = (
    *("supplier", "name", "email", "ordered_from", "till", "order_days", "cutoff", "lead_days", "arrives"),
    *("working_days", "delivery_days", "closed", "min_order", "fee", "budget", "auto", "terms_days", "dearer"),
)


def _promotions(session: Session, here: Shown) -> Iterable[Row]:
    for one in promotions(session, tenant=here.tenant, shop=here.shop).values():
        said = promotion_form.fields_of(one, here.decimals, here.zone)
        yield [said[column] for column in PROMOTIONS.known]


def _signals(session: Session, here: Shown) -> Iterable[Row]:
    for one in signals(session, tenant=here.tenant, shop=here.shop, now=here.now):
        new = one.newest
        yield (new.name, here.iso(new.at), quantity(new.value), new.source, new.kind, new.about, quantity(one.usual))


def _calendar(session: Session, here: Shown) -> Iterable[Row]:
    for one in calendar(session, tenant=here.tenant, shop=here.shop, first_day=0):
        days = here.date_iso(one.first_day), here.date_iso(one.last_day)
        yield (one.name, *days, one.kind, one.about, one.attendance, one.distance, one.source)


def _alerts(session: Session, here: Shown) -> Iterable[Row]:
    mine = select(AlertRow).where(AlertRow.tenant == here.tenant, AlertRow.shop == here.shop)
    for one in session.exec(mine.order_by(col(AlertRow.raised_at).desc(), col(AlertRow.alert))):
        over, seen = (here.iso(at) if at else "" for at in (one.over_at, one.seen_at))
        yield (here.iso(one.raised_at), one.rule, one.words, "yes" if one.urgent else "no", over, seen, one.seen_by)


def _tasks(session: Session, here: Shown) -> Iterable[Row]:
    mine = select(Quarantine).where(Quarantine.tenant == here.tenant, Quarantine.shop == here.shop)
    for one in session.exec(mine.order_by(col(Quarantine.at).desc(), col(Quarantine.seq))):
        yield (here.iso(one.at), one.journal, one.seq, one.why, one.words, one.state)


def _devices(session: Session, here: Shown) -> Iterable[Row]:
    mine = select(Device).where(Device.tenant == here.tenant, Device.shop == here.shop)
    for one in session.exec(mine.order_by(col(Device.till), col(Device.device))):
        seen = here.iso(one.last_seen_at) if one.last_seen_at else ""
        told = fitted(one.fittings)
        printer = told.one("printer")
        since = here.iso(printer.since) if printer else ""
        stands = (printer.state if printer else "", since, told.waiting)
        yield (one.till, one.state, here.iso(one.paired_at), seen, one.backlog, one.version, one.device, *stands)


def _people(session: Session, here: Shown) -> Iterable[Row]:
    for one in people_of(session, here.tenant):
        yield (one.name, one.email, one.role, "yes" if one.second_since else "no")


def _drops(session: Session, here: Shown) -> Iterable[Row]:
    for one in drops.drops(session, tenant=here.tenant, shop=here.shop):
        guess = one.low, one.likely, one.high
        off = "yes" if one.called_off else "no"
        yield (one.name, one.product, here.iso(one.start), here.iso(one.end), *guess, one.cap, off)


def _creators(session: Session, here: Shown) -> Iterable[Row]:
    where = {"tenant": here.tenant, "shop": here.shop}
    for one in drops.drops(session, **where):
        if one.end <= here.now and not one.called_off:
            yield from rows_of(here, one, owed_of(session, **where, drop=one, zone=here.zone))


def _popups(session: Session, here: Shown) -> Iterable[Row]:
    for one in popups.popups(session, tenant=here.tenant, shop=here.shop):
        days = here.date_iso(one.first_day), here.date_iso(one.last_day)
        yield (one.name, one.kind, *days, one.attendance, "yes" if one.called_off else "no")


def _entries(session: Session, here: Shown) -> Iterable[Row]:
    for one in cash.entries(session, tenant=here.tenant, shop=here.shop):
        yield (one.kind, here.date_iso(one.day), here.bare(one.amount), one.name, one.by)


TABLES: Mapping[str, Table] = {
    "reservations": Table("/reservations", "The pick list", reservations.HEAD, reservations.rows_of),
    "running-out": Table("/running-out", "All that runs out", running_out.HEAD, running_out.rows_of),
    "orders": Table(
        "/orders",
        "All orders",
        ("number", "supplier", "state", "value", "lines", "cutoff", "arrives", "decided", "by", "reason"),
        _orders,
    ),
    "order-lines": Table(
        "/orders",
        "Their lines",
        ("number", "sku", "name", "packs", "qty", "cost", "approved_packs"),
        _order_lines,
    ),
    "suppliers": Table("/suppliers", "Suppliers and their terms", OF_SUPPLIER, _suppliers),
    "promotions": Table("/promotions", "All promotions", PROMOTIONS.known, _promotions),
    "signals": Table("/signals", "Signals", ("name", "time", "value", "source", "kind", "about", "usual"), _signals),
    "calendar": Table(
        "/signals",
        "The calendar",
        ("name", "first_day", "last_day", "kind", "about", "attendance", "distance_m", "source"),
        _calendar,
    ),
    "alerts": Table("/alerts", "All alerts", ("since", "rule", "words", "urgent", "over", "seen", "seen_by"), _alerts),
    "tasks": Table("/tasks", "All of these", ("time", "journal", "line", "why", "words", "state"), _tasks),
    "devices": Table(
        "/devices",
        "All tills",
        (
            *("till", "state", "paired", "last_seen", "waiting", "version", "device"),
            *("printer", "printer_since", "printouts"),
        ),
        _devices,
    ),
    "people": Table("/people", "Who may sign in", ("name", "email", "role", "authenticator"), _people, "people"),
    "drops": Table(
        "/drops",
        "All drops",
        ("name", "product", "start", "end", "low", "likely", "high", "cap", "called_off"),
        _drops,
    ),
    "creators": Table("/drops", "What creators are owed", HEAD, _creators),
    "popups": Table(
        "/popups", "All pop-ups", ("name", "kind", "first_day", "last_day", "attendance", "called_off"), _popups
    ),
    "cash": Table("/cash", "What was entered", ("kind", "date", "amount", "name", "by"), _entries),
}
