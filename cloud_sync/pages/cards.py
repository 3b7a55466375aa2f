"""Orders in lists: what waits for the owner's word, and what was decided; an order's sums are kept with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, or_, select
from sqlmodel import Session, col

from cloud_sync.database import ask, columns
from cloud_sync.orders import OPEN
from cloud_sync.pages.leaving import SHORT, unsent
from cloud_sync.pages.order_view import state_words
from cloud_sync.pages.shown import Shown
from cloud_sync.question import NEVER, Row, always
from cloud_sync.tables.catalogue import Entry
from cloud_sync.tables.orders import Order

HISTORY = 40


class Brief(NamedTuple):
    """What a list says of an order, as the table has it."""

    order: str
    state: str
    cutoff_at: int
    arrives_at: int
    decided_at: int | None
    edited: bool
    reason: str


@dataclass(frozen=True)
class Card:
    """An order in a list: what it costs as it stands, and its lines."""

    order: Brief
    supplier: str
    value: int
    lines: int
    unsent: str = ""

    @property
    def state(self) -> str:
        waits = self.order.state == "sent" and self.unsent
        return SHORT[self.unsent] if waits else state_words(self.order.state, self.order.reason)


def waiting(session: Session, shop: Shown) -> list[Card]:
    """What the owner can still decide, the soonest cut-off first."""
    rows = ask(session, _waiting(), tenant=shop.tenant, shop=shop.shop, now=shop.now)
    return _cards(rows, {})


def decided(session: Session, shop: Shown) -> list[Card]:
    """The last orders that are decided, expired or received, the newest first."""
    rows = ask(session, _decided(), tenant=shop.tenant, shop=shop.shop)
    return _cards(rows, unsent(session, shop))


def _cards(rows: Sequence[Row], waits: Mapping[str, str]) -> list[Card]:
    return [
        Card(Brief(order, *told), name or supplier, total, lines, waits.get(order, ""))
        for supplier, name, total, lines, order, *told in rows
    ]


@cache
def _waiting() -> Select[*tuple[Any, ...]]:
    mine = _briefs().where(col(Order.state).in_(always(OPEN)), col(Order.cutoff_at) > bindparam("now"))
    return mine.where(col(Order.cutoff_at) < always(NEVER)).order_by(col(Order.cutoff_at), col(Order.order))


@cache
def _decided() -> Select[*tuple[Any, ...]]:
    mine = _briefs().where(col(Order.state).not_in(OPEN))
    said = mine.where(or_(col(Order.state) != "withdrawn", col(Order.version) > 0))
    return said.order_by(col(Order.cutoff_at).desc(), col(Order.order)).limit(HISTORY)


def _briefs() -> Select[*tuple[Any, ...]]:
    """A shop's orders with the names of their suppliers."""
    here = (col(Entry.tenant) == Order.tenant) & (col(Entry.shop) == Order.shop)
    supplier = here & (col(Entry.kind) == "supplier_set") & (col(Entry.key) == Order.supplier)
    row = Order
    brief = columns(row.order, row.state, row.cutoff_at, row.arrives_at, row.decided_at, row.edited, row.reason)
    wanted = select(*columns(row.supplier, Entry.name, row.total, row.lines), *brief)
    joined = wanted.join(Entry, supplier, isouter=True)
    return joined.where(col(row.tenant) == bindparam("tenant"), col(row.shop) == bindparam("shop"))
