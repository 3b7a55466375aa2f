"""What the tills foretold of demand when they proposed an order, read once: a line of a journal never changes."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from sqlmodel import Session

from cloud_sync.pages.recorded import UNREADABLE, read
from cloud_sync.tables.events import RawEvent
from edge_agent.rules.day import HOUR_MS
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.plan import OpeningHours, reached
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
    kept, found = _kept(), {}
    for order in orders:
        told = kept.get(order.link)
        if told is None:
            raw = session.get_one(RawEvent, (tenant, order.journal, order.seq))
            told = _told(raw.line)
            kept.put(order.link, told)
        found[order.order] = told
    return found


def _told(line: bytes) -> tuple[Foretold, ...]:
    proposal = ReorderDecided.model_validate(event_of(line).body)
    found = []
    for one in proposal.lines:
        try:
            decision, hours = read(proposal, one)
            told = Foretold(one.sku, decision.moment.now, decision.forecast, hours)
            told.gone(1, told.decided_at, told.decided_at + WINDOW_MS)
        except UNREADABLE:
            continue
        found.append(told)
    return tuple(found)
