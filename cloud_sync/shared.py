"""What the tills of one shop must know of each other: published to the shop's feed once it has more than one journal.

The author of what is told is not sent it. Nothing is published for a shop with one journal; when a second one comes, it
is told everything once, and from then on what each counted chunk of lines changed.
"""

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy import ColumnElement, Select, bindparam, func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud_sync.database import ask, columns
from cloud_sync.feed import publish, take_out
from cloud_sync.news.book import Gathering
from cloud_sync.orders import COMING, OPEN, tell_order
from cloud_sync.quotas import is_shared, share_out
from cloud_sync.stands import Standing, merged
from cloud_sync.stored import tell_all_balances, tell_balances
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import FeedRow, JournalRow, RawEvent
from cloud_sync.tables.figures import DemandDay, Position, Stock
from cloud_sync.tables.house import Shop
from cloud_sync.tables.orders import Order
from edge_agent.rules import stored
from edge_agent.rules.stock import moves, sold
from edge_agent.wire.envelope import Contract, Event, event_of
from edge_agent.wire.events.catalogue import HistoryImported, ItemSet
from edge_agent.wire.events.device import TillKnown
from edge_agent.wire.events.orders import OrderOutcome
from edge_agent.wire.events.quota import QuotaGiven
from edge_agent.wire.events.reorder import ReorderDecided
from edge_agent.wire.events.stock import ReceivedElsewhere, StockReceived, StockStands

UNSETTLED = (*OPEN, "withdrawn")
LIVE_ROWS = 500
SUM_ROWS = 200
"""So many entries of the stock are merged into one sum, and so many sums into one again."""
SUM = "sum"
DESK = "desk"
"""The key of what an owner counted: told also where there is one till, and no sign that others were told anything."""


@dataclass
class Heard:
    """What the lines of one chunk touched. `echoed`: some were counted before under another journal of their till."""

    skus: set[str] = field(default_factory=set)
    days: set[tuple[int, str]] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    items: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    whole: list[Contract] = field(default_factory=list)
    news: Gathering = field(default_factory=Gathering)
    echoed: bool = False

    def note(self, event: Event, body: Contract | None) -> None:
        """A line that was counted, or (without its body) was not because it had been before."""
        self.skus |= {sku for sku, _ in moves(event.kind, event.body)}
        self.days |= {(day, sku) for day, sku, _ in sold(event.kind, event.body)}
        self.accounts |= {account for account, _ in stored.moves(event.kind, event.body)}
        match body:
            case None:
                self.echoed = True
            case StockReceived() if body.order or any(line.expires for line in body.lines):
                self.whole.append(ReceivedElsewhere(id=event.id, received=body))
            case HistoryImported():
                self.whole.append(body)
            case ReorderDecided():
                self.orders.add(body.order)
            case ItemSet() | QuotaGiven():
                self.items.add(body.sku)


def tell(session: Session, shop: Shop, journal: str, heard: Heard, now: int, *, all_: bool = False) -> None:
    """Publish what a chunk of `journal` means for the other tills (`all_`: for its own too), in the transaction that
    counted it and holds `shop`. The first time, everything that is known."""
    if not is_shared(session, shop):
        return
    _tell_tills(session, shop, now)
    told = _told(session, shop)
    if not told:
        _introduce(session, shop, now)
        return
    skip = "" if all_ or heard.echoed else journal
    if heard.skus or heard.days:
        told[False] += _tell_stock(session, shop, journal, heard, skip, now)
        _keep_short(session, shop, told, now)
    if heard.accounts:
        saw = saw_of(session, shop)
        tell_balances(session, shop, heard.accounts, saw, journal=journal, skip=skip, now=now)
    for body in heard.whole:
        publish(session, shop, body, key=journal, at=now, author=journal, skip=journal)
    for key in sorted(heard.orders):
        order = session.get(Order, (shop.tenant, key))
        if order is not None and order.shop == shop.shop and order.state in UNSETTLED:
            tell_order(session, shop, order, now)
    share_out(session, shop, heard.skus | heard.items, now)


def tell_counted(session: Session, shop: Shop, skus: set[str], now: int) -> None:
    """Publish what the stock of these items is, to every till, in the transaction that changed it and holds `shop`."""
    session.flush()
    for entry in Standing(saw=saw_of(session, shop), stock=_stock(session, shop, skus)).entries():
        publish(session, shop, entry, key=DESK, at=now)
    share_out(session, shop, skus, now)


def _tell_tills(session: Session, shop: Shop, now: int) -> None:
    """Whose receipts the tills may trust: the key of each till of the shop, told anew when it or its state changes."""
    here = {"tenant": shop.tenant, "shop": shop.shop}
    said = {key: body for _, key, body in sorted(map(tuple, ask(session, _said_tills(), **here)))}
    for device, public_key, state in ask(session, _tills(), **here):
        body = TillKnown(device=device, public_key=public_key, trusted=state in ("active", "retired"))
        if said.get(device) != body.model_dump_json().encode():
            publish(session, shop, body, key=device, at=now)


@cache
def _said_tills() -> Select[*tuple[Any, ...]]:
    mine = sql.select(*columns(FeedRow.cursor, FeedRow.key, FeedRow.body)).where(_in_shop(FeedRow))
    return mine.where(col(FeedRow.kind) == "till_known")


@cache
def _tills() -> Select[*tuple[Any, ...]]:
    return (
        sql.select(*columns(Device.device, Device.public_key, Device.state))
        .where(_in_shop(Device))
        .order_by(col(Device.device))
    )


def _in_shop(table: type[FeedRow | Device | JournalRow | Stock | DemandDay]) -> ColumnElement[bool]:
    return (col(table.tenant) == bindparam("tenant")) & (col(table.shop) == bindparam("shop"))


def _told(session: Session, shop: Shop) -> Counter[bool]:
    """How many entries of the stock there are: sums (True), and others."""
    rows = ask(session, _sums_and_others(), tenant=shop.tenant, shop=shop.shop)
    return Counter({bool(is_sum): times for is_sum, times in rows})


@cache
def _sums_and_others() -> Select[*tuple[Any, ...]]:
    is_sum = (col(FeedRow.key) == SUM).label("is_sum")
    mine = sql.select(is_sum, func.count()).where(_in_shop(FeedRow), col(FeedRow.key) != DESK)
    return mine.where(col(FeedRow.kind) == "stock_stands").group_by(is_sum)


def _rows(shop: Shop) -> SelectOfScalar[FeedRow]:
    mine = select(FeedRow).where(FeedRow.tenant == shop.tenant, FeedRow.shop == shop.shop)
    return mine.where(FeedRow.kind == "stock_stands")


def saw_of(session: Session, shop: Shop) -> dict[str, int]:
    """How far each journal of the shop is counted."""
    rows = ask(session, _positions(), tenant=shop.tenant, shop=shop.shop)
    return dict(sorted((journal, seq) for journal, seq in rows))


@cache
def _positions() -> Select[*tuple[Any, ...]]:
    here = (col(Position.tenant) == JournalRow.tenant) & (col(Position.journal) == JournalRow.journal)
    return sql.select(*columns(Position.journal, Position.seq)).join(JournalRow, here).where(_in_shop(JournalRow))


def _introduce(session: Session, shop: Shop, now: int) -> None:
    """Everything that a till new in the shop must know beside the catalogue."""
    stock = session.exec(select(Stock).where(Stock.tenant == shop.tenant, Stock.shop == shop.shop))
    days = session.exec(select(DemandDay).where(DemandDay.tenant == shop.tenant, DemandDay.shop == shop.shop))
    standing = Standing(
        saw=saw_of(session, shop),
        stock={row.sku: (row.on_hand, row.counts) for row in stock},
        sold={(row.day, row.sku): row.sold for row in days if row.sold},
    )
    for entry in standing.entries():
        publish(session, shop, entry, key=SUM, at=now)
    tell_all_balances(session, shop, dict(standing.saw), now)
    for journal, body in _whole(session, shop):
        publish(session, shop, body, key=journal, at=now, author=journal, skip=journal)
    orders = select(Order).where(Order.tenant == shop.tenant, Order.shop == shop.shop)
    here = col(Order.state).in_((*UNSETTLED, *COMING)) | (Order.cutoff_at > now)
    for order in session.exec(orders.where(here, Order.state != "received").order_by(Order.order)).all():
        tell_order(session, shop, order, now)
        if order.state not in UNSETTLED:
            _repeat_outcome(session, shop, order, now)
    share_out(session, shop, standing.stock, now)


def _whole(session: Session, shop: Shop) -> list[tuple[str, Contract]]:
    """Imported histories and dated deliveries of the shop's journals."""
    mine = select(RawEvent).join(
        JournalRow, (col(RawEvent.tenant) == JournalRow.tenant) & (col(RawEvent.journal) == JournalRow.journal)
    )
    mine = mine.where(JournalRow.tenant == shop.tenant, JournalRow.shop == shop.shop)
    found: list[tuple[str, Contract]] = []
    for raw in session.exec(
        mine.where(col(RawEvent.kind).in_(("history_imported", "stock_received"))).order_by(
            col(RawEvent.journal), col(RawEvent.seq)
        )
    ):
        event = event_of(raw.line)
        if event.kind == "history_imported":
            found.append((raw.journal, HistoryImported.model_validate(event.body)))
        elif any(line["expires"] for line in event.body["lines"]):
            body = StockReceived.model_validate(event.body)
            found.append((raw.journal, ReceivedElsewhere(id=event.id, received=body)))
    return found


def _tell_stock(session: Session, shop: Shop, journal: str, heard: Heard, skip: str, now: int) -> int:
    """Publish what a chunk changed of the stock; how many entries that were."""
    standing = Standing(
        saw=saw_of(session, shop), stock=_stock(session, shop, heard.skus), sold=_sold(session, shop, heard)
    )
    entries = list(standing.entries())
    for entry in entries:
        publish(session, shop, entry, key=journal, at=now, author=journal, skip=skip)
    return len(entries)


def _stock(session: Session, shop: Shop, skus: set[str]) -> dict[str, tuple[int, int]]:
    rows = ask(session, _stock_of(), tenant=shop.tenant, shop=shop.shop, skus=sorted(skus))
    return dict.fromkeys(skus, (0, 0)) | {sku: (on_hand, counts) for sku, on_hand, counts in rows}


@cache
def _stock_of() -> Select[*tuple[Any, ...]]:
    mine = sql.select(*columns(Stock.sku, Stock.on_hand, Stock.counts)).where(_in_shop(Stock))
    return mine.where(col(Stock.sku).in_(bindparam("skus", expanding=True)))


def _sold(session: Session, shop: Shop, heard: Heard) -> dict[tuple[int, str], int]:
    days, skus = sorted({day for day, _ in heard.days}), sorted({sku for _, sku in heard.days})
    rows = ask(session, _demand_of(), tenant=shop.tenant, shop=shop.shop, days=days, skus=skus)
    known = {(day, sku): sold for day, sku, sold in rows}
    return {key: known.get(key, 0) for key in heard.days}


@cache
def _demand_of() -> Select[*tuple[Any, ...]]:
    mine = sql.select(*columns(DemandDay.day, DemandDay.sku, DemandDay.sold)).where(_in_shop(DemandDay))
    mine = mine.where(col(DemandDay.day).in_(bindparam("days", expanding=True)))
    return mine.where(col(DemandDay.sku).in_(bindparam("skus", expanding=True)))


def _keep_short(session: Session, shop: Shop, told: Counter[bool], now: int) -> None:
    """Merge what has become many entries of the stock: the feed stays short for who begins at 0."""
    if told[False] >= LIVE_ROWS:
        told[True] += _merge(session, shop, _rows(shop).where(FeedRow.key != SUM), now)
    if told[True] >= SUM_ROWS:
        _merge(session, shop, _rows(shop).where(FeedRow.key == SUM), now)


def _merge(session: Session, shop: Shop, rows: SelectOfScalar[FeedRow], now: int) -> int:
    """Say in one sum (cut to length; returns how many pieces) what `rows` say, and take these out of the feed."""
    old = session.exec(rows.order_by(col(FeedRow.cursor))).all()
    pieces = list(merged(StockStands.model_validate_json(row.body) for row in old).entries())
    for piece in pieces:
        publish(session, shop, piece, key=SUM, at=now)
    take_out(session, shop, [row.cursor for row in old])
    return len(pieces)


def _repeat_outcome(session: Session, shop: Shop, order: Order, now: int) -> None:
    """What became of an order, behind its proposal, for who did not know the order when it was said first."""
    mine = select(FeedRow).where(FeedRow.tenant == shop.tenant, FeedRow.shop == shop.shop)
    said = session.exec(
        mine.where(FeedRow.kind == "order_outcome", FeedRow.key == order.order).order_by(col(FeedRow.cursor).desc())
    ).first()
    if said is not None:
        publish(session, shop, OrderOutcome.model_validate_json(said.body), key=order.order, at=now)
