"""What the tills foretold of demand when they proposed an order, read once: a line of a journal never changes."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlmodel import Session, col

from cloud_sync.database import ask, columns
from cloud_sync.pages.recorded import UNREADABLE
from cloud_sync.tables.events import RawEvent
from edge_agent.rules.day import HOUR_MS
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.plan import OpeningHours, reached
from edge_agent.rules.record import forecast_of, policy_of
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events.reorder import ReorderDecided

WINDOW_MS = 72 * HOUR_MS
MOST_LINES = 20_000
"""So many SKUs' forecasts are kept at hand, those that were asked for last: some 30 MB at most."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a till expected of a SKU when it decided."""

    sku: str
    decided_at: int
    forecast: Forecast
    hours: OpeningHours

    def gone(self, left: int, from_ms: int, to_ms: int) -> int | None:
        """The full hour by which so many milli-units are sold from a moment on, as the till would sum them; None when
        they are not until `to_ms`."""
        return reached(self.forecast, self.hours, from_ms, left, to_ms)


class Proposed(NamedTuple):
    """An order as it stands, the event whose proposal holds, and the chain's hash at its line."""

    order: str
    state: str
    cutoff_at: int
    arrives_at: int
    next_arrives_at: int
    journal: str
    seq: int
    link: bytes


class Kept:
    """Proposals that were read, by the chain's hash at their line: it stands for the line and all before it."""

    def __init__(self, most: int = MOST_LINES) -> None:
        self._most, self._lines, self._lock = most, 0, threading.Lock()
        self._told: OrderedDict[bytes, tuple[Foretold, ...]] = OrderedDict()

    def get(self, link: bytes) -> tuple[Foretold, ...] | None:
        with self._lock:
            if link in self._told:
                self._told.move_to_end(link)
            return self._told.get(link)

    def put(self, link: bytes, told: tuple[Foretold, ...]) -> None:
        with self._lock:
            if link in self._told:
                return
            self._told[link] = told
            self._lines += len(told)
            while self._lines > self._most and len(self._told) > 1:
                self._lines -= len(self._told.popitem(last=False)[1])


@lru_cache(maxsize=1)
def _kept() -> Kept:
    return Kept()


def foretold(session: Session, tenant: str, orders: Sequence[Proposed]) -> dict[str, tuple[Foretold, ...]]:
    """{order: what its proposal foretold}; lines that can't be read are left out."""
    kept = _kept()
    known = {order.order: kept.get(order.link) for order in orders}
    lines = _lines_of(session, tenant, [order for order in orders if known[order.order] is None])
    for order, line in lines:
        known[order.order] = told = _told(line)
        kept.put(order.link, told)
    return {order: told for order, told in known.items() if told is not None}


def _lines_of(session: Session, tenant: str, orders: Sequence[Proposed]) -> list[tuple[Proposed, bytes]]:
    """Each with the line that proposed it."""
    if not orders:
        return []
    places = {"journals": [order.journal for order in orders], "seqs": [order.seq for order in orders]}
    found = {(journal, seq): line for journal, seq, line in ask(session, _raws(), tenant=tenant, **places)}
    return [(order, found[order.journal, order.seq]) for order in orders]


@cache
def _raws() -> Select[*tuple[Any, ...]]:
    """Lines by their journals and numbers; one of another order may be among them."""
    told = select(*columns(RawEvent.journal, RawEvent.seq, RawEvent.line))
    mine = told.where(col(RawEvent.tenant) == bindparam("tenant"))
    here = mine.where(col(RawEvent.journal).in_(bindparam("journals", expanding=True)))
    return here.where(col(RawEvent.seq).in_(bindparam("seqs", expanding=True)))


@lru_cache(maxsize=256)
def _one_copy(hours: OpeningHours) -> OpeningHours:
    """The first that was equal: what is the same is found without a look into it."""
    return hours


def _told(line: bytes) -> tuple[Foretold, ...]:
    proposal = ReorderDecided.model_validate(event_of(line).body)
    if proposal.basis is None:
        return ()
    hours, found = _one_copy(policy_of(proposal.basis).hours), []
    for one in proposal.lines:
        try:
            at, forecast = forecast_of(proposal, one)
            told = Foretold(one.sku, at, forecast, hours)
            told.gone(1, at, at + WINDOW_MS)
        except UNREADABLE:
            continue
        found.append(told)
    return tuple(found)
