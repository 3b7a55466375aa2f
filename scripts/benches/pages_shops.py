"""The shops of one owner for the pages' bench, loaded in bulk: goods, orders to decide, orders of years, and sales.

What is the same in every shop is copied by the database itself; a line of a sale has the length of a real one.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, text
from sqlmodel import Session, SQLModel, col, update

from cloud_sync.service import Service
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.catalogue import Entry
from cloud_sync.tables.events import JournalRow, RawEvent
from cloud_sync.tables.figures import Position
from cloud_sync.tables.house import Shop
from cloud_sync.tables.orders import Order, OrderLineRow
from edge_agent.rules.calendar import calendar_of, next_cutoffs
from edge_agent.rules.day import DAY_MS, business_day
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.order import Heading, moments, order_key, order_number, proposal
from edge_agent.rules.plan import hours_of
from edge_agent.rules.reorder import Moment, Policy, Snapshot, Terms, decide
from edge_agent.wire.envelope import Contract, Event, line_of
from edge_agent.wire.events.catalogue import ItemSet, SupplierSet
from edge_agent.wire.events.reorder import ReorderDecided
from scripts.benches.pages_years import fill_years
from tests.shop import NORTH, SHOP, item

SHARES = (0,) * 9 + (1000,) * 10 + (0,) * 5
WEEK = (800, 800, 900, 1000, 1400, 1600, 600)
TILLS = 2
OPEN = 3
"""Of so many suppliers of a shop an order is to be decided; one of each of the others is on its way."""


@dataclass(frozen=True)
class Size:
    """How much there is: of a shop its SKUs, suppliers, lines of an order, days of sales and a till's sales a day."""

    shops: int = 50
    skus: int = 5_000
    suppliers: int = 6
    lines: int = 40
    days: int = 730
    sales: int = 20


def fill(service: Service, first: Shop, size: Size) -> list[str]:
    """Load everything into the cloud of `first`, whose tenant owns all shops; their names."""
    now = service.clock.now()
    with service.database.writing() as session:
        shops = [first.shop, *_more_shops(session, first, size.shops - 1)]
        _tills(session, first.tenant, shops, size, now)
        _catalogue(session, first, size, now)
        bodies = list(_proposals(size, now))
        for number, shop in enumerate(shops):
            _orders(session, first.tenant, shop, number, bodies, size)
        today = business_day(now, first.zone, SHOP.day_closes)
        fill_years(session, first, skus=size.skus, days=size.days, sales=size.sales, today=today, now=now)
    return shops


def journal_name(shop: int, till: int) -> str:
    """A till's journal; its digits number it among all of them."""
    return f"{shop * TILLS + till + 1:032d}"


def sku_of(number: int) -> str:
    """As the tills of the other benches name them."""
    return f"S{number:05d}"


def _put(session: Session, rows: Sequence[SQLModel]) -> None:
    session.execute(insert(type(rows[0])), [row.model_dump() for row in rows])


def _more_shops(session: Session, first: Shop, number: int) -> list[str]:
    names = [f"shop{place:04d}" for place in range(2, number + 2)]
    if names:
        _put(session, [_shop(first, name, place) for place, name in enumerate(names, 2)])
    return names


def _shop(first: Shop, name: str, number: int) -> Shop:
    changed = {"shop": name, "name": f"Shop {number}", "feed_head": 0, "made_at": first.made_at + number}
    return Shop(**{**first.model_dump(), **changed})


def _tills(session: Session, tenant: str, shops: Sequence[str], size: Size, now: int) -> None:
    """Two tills a shop, heard a moment ago, whose lines are all counted; the orders stand behind the sales."""
    head, places = size.days * size.sales + size.suppliers, [(n, t) for n in range(len(shops)) for t in range(TILLS)]
    names = {(number, till): journal_name(number, till) for number, till in places}
    devices = [
        Device(
            tenant=tenant,
            device=name,
            shop=shops[number],
            till=f"Till {till + 1}",
            public_key=name * 2,
            credential_hash=name * 2,
            paired_at=0,
            last_seen_at=now,
            journal=name,
        )
        for (number, till), name in names.items()
    ]
    rows = [
        JournalRow(tenant=tenant, journal=name, shop=shops[number], device=name, seq=head, received_at=now)
        for (number, _), name in names.items()
    ]
    for several in (devices, rows, [Position(tenant=tenant, journal=row.journal, seq=head) for row in rows]):
        _put(session, several)


def _catalogue(session: Session, first: Shop, size: Size, now: int) -> None:
    """The first shop's; the others copy it. Every entry stands in the feed as it was published."""
    bodies: list[tuple[str, str, str, Contract]] = [("shop_set", "", SHOP.name, SHOP)]
    bodies += [("supplier_set", one.supplier, one.name, one) for one in suppliers(size)]
    bodies += [("item_set", one.sku, one.name, one) for one in _items(size)]
    rows = [
        Entry(
            tenant=first.tenant,
            shop=first.shop,
            kind=kind,
            key=key,
            name=name,
            body=body.model_dump_json().encode(),
            stamps=b"{}",
            cursor=cursor,
        )
        for cursor, (kind, key, name, body) in enumerate(bodies, 1)
    ]
    _put(session, rows)
    here = {"tenant": first.tenant, "shop": first.shop, "now": now}
    for words in COPIES:
        session.execute(text(words), here)
    session.execute(update(Shop).where(col(Shop.tenant) == first.tenant).values(feed_head=len(rows)))


COPIES = (
    """INSERT INTO catalogue_entry (tenant, shop, kind, key, name, body, stamps, cursor)
    SELECT e.tenant, s.shop, e.kind, e.key, e.name, e.body, e.stamps, e.cursor FROM catalogue_entry e
    JOIN shop s ON s.tenant = e.tenant AND s.shop <> e.shop WHERE e.tenant = :tenant AND e.shop = :shop""",
    """INSERT INTO feed (tenant, shop, cursor, kind, v, at, key, author, skip, body)
    SELECT tenant, shop, cursor, kind, 1, :now, key, '', '', body FROM catalogue_entry WHERE tenant = :tenant""",
    """INSERT INTO stock (tenant, shop, sku, on_hand, counts)
    SELECT tenant, shop, key, 4000 + 1000 * (cursor % 23), 1 FROM catalogue_entry
    WHERE tenant = :tenant AND kind = 'item_set'""",
)


def suppliers(size: Size) -> list[SupplierSet]:
    """Each delivers once a week."""
    named = [(f"from{n}", f"Wholesaler {n}") for n in range(size.suppliers)]
    days = {"order_days": (0, 1, 2, 3, 4, 5, 6), "working_days": (0, 1, 2, 3, 4, 5, 6)}
    return [NORTH.model_copy(update={"supplier": one, "name": name, **days}) for one, name in named]


def _items(size: Size) -> Iterator[ItemSet]:
    for n in range(size.skus):
        fresh = item(sku_of(n), f"Thing {n}", 99 + 10 * (n * 7 % 90), 2000 * (n % 2), f"50{n:010d}")
        more = {"category": f"Category {n % 40}", "supplier": f"from{n % size.suppliers}"}
        yield fresh.model_copy(update=more)


def _proposals(size: Size, now: int) -> Iterator[ReorderDecided]:
    """One a supplier, decided by the tills' own rule a moment ago, of its first SKUs; some of them run out soon."""
    policy = Policy(hours_of(SHOP), floor=9_500)
    for place, supplier in enumerate(suppliers(size)):
        moment = moments(next_cutoffs(calendar_of(supplier), SHOP.zone, now, 20), now)[1]
        skus = [sku_of(n * size.suppliers + place) for n in range(size.lines)]
        found = [decide(_snapshot(sku), policy, _forecast(sku, n, moment), moment) for n, sku in enumerate(skus)]
        heading = Heading(shop="", supplier=supplier.supplier, revision=1, saw={"a": 1}, trusted=True)
        yield proposal(found, policy, moment, heading)


def _snapshot(sku: str) -> Snapshot:
    return Snapshot(sku, on_hand=6_000, counted=True, terms=Terms(6_000, 450, 129, 2000))


def _forecast(sku: str, place: int, moment: Moment) -> Forecast:
    means = tuple((2 + place % 9) * share for share in WEEK) * 4
    return Forecast(sku, moment.now, moment.now // DAY_MS + 719_163, means, SHARES, 1400, "base", "")


def _orders(
    session: Session, tenant: str, shop: str, number: int, bodies: Sequence[ReorderDecided], size: Size
) -> None:
    """The shop's own copies of the proposals, as its first till recorded them behind its sales."""
    journal, head = journal_name(number, 0), size.days * size.sales
    raws, rows, lines = [], [], []
    for place, plain in enumerate(bodies, 1):
        key = order_key(shop=shop, supplier=plain.supplier, cycle=plain.cycle)
        body = plain.model_copy(update={"order": key, "number": order_number(key), "shop": shop})
        raws.append(_raw(tenant, journal, head + place, body))
        rows.append(_order(tenant, shop, journal, head + place, body, is_open=place <= OPEN))
        lines += _lines(tenant, body, is_open=place <= OPEN)
    for several in (raws, rows, lines):
        _put(session, several)


def _raw(tenant: str, journal: str, seq: int, body: ReorderDecided) -> RawEvent:
    at = body.cutoff_at - DAY_MS
    said = {"clock": "ntp", "feed": 0, "because": None, "by": "", "body": body.model_dump(mode="json")}
    event = Event.model_validate({"seq": seq, "id": f"{seq:016x}", "kind": "reorder_decided", "v": 1, "at": at, **said})
    line = line_of(event)
    return RawEvent(
        tenant=tenant,
        journal=journal,
        seq=seq,
        id=event.id,
        kind=event.kind,
        hash=hashlib.sha256(line).digest(),
        line=line,
        received_at=at,
    )


def _order(tenant: str, shop: str, journal: str, seq: int, body: ReorderDecided, *, is_open: bool) -> Order:
    said, at = body.model_dump(include=set(Order.model_fields) - {"shop", "state", "holds"}), body.cutoff_at - DAY_MS
    how = {"state": "proposed"} if is_open else {"state": "sent", "version": 2, "decided_at": at}
    place = {"tenant": tenant, "shop": shop, "journal": journal, "seq": seq, "saw_total": 1, "proposed_at": at}
    sums = {"total": sum(line.cost // line.packs * line.packs for line in body.lines), "lines": len(body.lines)}
    return Order.model_validate({**said, **place, **how, **sums, "proposal": "proposed", "holds": b"[]"})


def _lines(tenant: str, body: ReorderDecided, *, is_open: bool) -> list[OrderLineRow]:
    return [
        OrderLineRow(
            tenant=tenant,
            order=body.order,
            position=position,
            **line.model_dump(include={"sku", "packs", "qty", "cost"}),
            approved_packs=None if is_open else line.packs,
            approved_qty=None if is_open else line.qty,
        )
        for position, line in enumerate(body.lines)
    ]
