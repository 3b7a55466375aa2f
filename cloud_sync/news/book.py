"""The book of news: written in the transaction that counts, taken by one worker at a time, posted at least once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Select, bindparam, delete, func
from sqlmodel import Session, col, select

from cloud_sync.catalogue import names
from cloud_sync.database import Database, ask, columns
from cloud_sync.news.kinds import KINDS, Kind, News, body_of, low_of, news_of
from cloud_sync.projections.fact import Fact
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.alerts import AlertHook
from cloud_sync.tables.events import JournalRow
from cloud_sync.tables.figures import Stock
from cloud_sync.tables.house import Shop
from cloud_sync.tables.news import NewsRow
from edge_agent.rules.day import DAY_MS
from edge_agent.rules.stock import moves

HELD_MS = 3 * 60_000
"""So long a worker may be at one; longer than a talk may last."""
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 10_000, 60 * 60_000
TRIED_MS = 3 * DAY_MS
FAILED_MS = 14 * DAY_MS
"""So long what failed can be seen."""


def wanted(url: str, kinds: str) -> frozenset[Kind]:
    """The kinds that the shop's webhook is told."""
    words = kinds.split()
    return frozenset(kind for kind in KINDS if url and kind in words)


@dataclass
class Gathering:
    """What a chunk of one journal's lines is news of, for a shop that wants to be told."""

    kinds: frozenset[Kind] = frozenset()
    low: int = 0
    found: list[News] = field(default_factory=list)
    moved: Counter[str] = field(default_factory=Counter)
    last: Fact | None = None

    def note(self, fact: Fact) -> None:
        """A line that was counted."""
        if not self.kinds:
            return
        self.last = fact
        for sku, qty in moves(fact.event.kind, fact.event.body):
            self.moved[sku] += qty
        news = news_of(fact)
        if news is not None and news.kind in self.kinds:
            self.found.append(news)

    def write(self, session: Session, shop: Shop, now: int) -> None:
        """Put it down, in the transaction that counted the lines and has written the sums."""
        if self.last is None:
            return
        if "stock_low" in self.kinds:
            self.found += low_of(self.last, self.low, _fallen(session, shop, self.moved, self.low))
        if self.found:
            _put(session, shop, self.last.journal, self.found, now)


def gathering(session: Session, shop: Shop) -> Gathering:
    """For the lines that come next."""
    for url, kinds, low in ask(session, _hook(), tenant=shop.tenant, shop=shop.shop):
        return Gathering(wanted(url, kinds), low)
    return Gathering()


@cache
def _hook() -> Select[*tuple[Any, ...]]:
    mine = sql.select(*columns(AlertHook.url, AlertHook.kinds, AlertHook.low))
    return mine.where(col(AlertHook.tenant) == bindparam("tenant"), col(AlertHook.shop) == bindparam("shop"))


def _fallen(session: Session, shop: Shop, moved: Counter[str], low: int) -> dict[str, int]:
    """Of what moved, that which is `low` now and was not before."""
    session.flush()
    down = sorted(sku for sku, qty in moved.items() if qty < 0)
    mine = select(Stock.sku, Stock.on_hand).where(Stock.tenant == shop.tenant, Stock.shop == shop.shop)
    rows = session.exec(mine.where(col(Stock.sku).in_(down))) if down else ()
    return {sku: left for sku, left in rows if left <= low < left - moved[sku]}


def _put(session: Session, shop: Shop, journal: str, found: Iterable[News], now: int) -> None:
    every = list(found)
    skus = {line["sku"] for news in every for line in news.said["lines"]}
    called = names(session, tenant=shop.tenant, shop=shop.shop, of=sorted(skus))
    till = _till(session, shop.tenant, journal)
    of = {"shop": shop.shop, "name": shop.name, "decimals": shop.decimals}
    for news in every:
        body = body_of(news, shop=of, till=till, zone=shop.zone, names=called)
        if session.get(NewsRow, (shop.tenant, news.id)) is None:
            row = NewsRow(
                tenant=shop.tenant,
                news=news.id,
                shop=shop.shop,
                kind=news.kind,
                body=body,
                made_at=now,
                next_at=now,
            )
            session.add(row)


def _till(session: Session, tenant: str, journal: str) -> str:
    row = session.get(JournalRow, (tenant, journal))
    device = session.get(Device, (tenant, row.device)) if row else None
    return device.till if device else ""


def take(database: Database, now: int, not_of: Iterable[tuple[str, str]] = ()) -> NewsRow | None:
    """What has been due longest, held for whoever took it; none of the shops that were just not reached."""
    due = select(NewsRow).where(NewsRow.state == "queued", col(NewsRow.next_at) <= now, col(NewsRow.held_until) <= now)
    for tenant, shop in not_of:
        due = due.where((col(NewsRow.tenant) != tenant) | (col(NewsRow.shop) != shop))
    due = due.order_by(col(NewsRow.made_at), col(NewsRow.news)).limit(1)
    with database.service().reading() as session:
        if session.exec(due).first() is None:
            return None
    with database.service().writing() as session:
        row = session.exec(due.with_for_update(skip_locked=True)).first()
        if row is not None:
            row.held_until, row.tries = now + HELD_MS, row.tries + 1
            session.add(row)
            session.flush()
            session.refresh(row)
            session.expunge(row)
        return row


def taken(database: Database, row: NewsRow) -> None:
    """The other side has it: there is nothing left to tell."""
    with database.of(row.tenant).writing() as session:
        held = session.get(NewsRow, (row.tenant, row.news))
        if held is not None:
            session.delete(held)


def not_taken(database: Database, row: NewsRow, problem: str, now: int, *, again: bool) -> None:
    """It is told again after a while, for three days; what is refused for good is not."""
    pause = min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << min(row.tries - 1, 12))
    with database.of(row.tenant).writing() as session:
        held = session.get(NewsRow, (row.tenant, row.news))
        if held is None:
            return
        late = now + pause > held.made_at + TRIED_MS
        held.state = "queued" if again and not late else "failed"
        held.next_at, held.held_until, held.problem = now + pause, 0, problem[:200]
        session.add(held)


def standing(session: Session, *, tenant: str, shop: str) -> tuple[int, int, str]:
    """How many wait, how many failed, and what went wrong last."""
    mine = select(NewsRow.state, func.count()).where(NewsRow.tenant == tenant, NewsRow.shop == shop)
    found = dict(session.exec(mine.group_by(NewsRow.state)).all())
    wrong = select(NewsRow.problem).where(NewsRow.tenant == tenant, NewsRow.shop == shop, NewsRow.problem != "")
    last = session.exec(wrong.order_by(col(NewsRow.next_at).desc()).limit(1)).first()
    return found.get("queued", 0), found.get("failed", 0), last or ""


def forget_old(session: Session, *, tenant: str, now: int) -> None:
    """What failed long ago."""
    old = delete(NewsRow).where(col(NewsRow.tenant) == tenant, col(NewsRow.state) == "failed")
    session.execute(old.where(col(NewsRow.made_at) <= now - FAILED_MS))
