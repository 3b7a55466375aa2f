"""The judge of a simulated world after its healing: what is lost, doubled, forged, wedged or told differently."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Select
from sqlmodel import Session, col, select

from cloud_sync.catalogue import items
from cloud_sync.database import ask, columns
from cloud_sync.ingest.verify import verify as verify_cloud
from cloud_sync.ingest.verify import walk
from cloud_sync.question import Row
from cloud_sync.tables.events import FeedRow, JournalRow, Quarantine, RawEvent
from cloud_sync.tables.figures import Stock, Takings
from edge_agent.errors import DropshelfError
from edge_agent.journal.rebuild import verify as verify_till
from edge_agent.rules.stock import moves
from edge_agent.wire.envelope import Event, canonical, event_of
from scripts.tortures.sim_cloud import SHOP, TENANT
from scripts.tortures.sim_till import Till
from scripts.tortures.sim_world import SKUS, World

MADE_BY_JOURNALS = frozenset({"genesis", "device_paired", "feed_renewed", "order_was_sent", "clock_moved"})
"""Kinds that a till records by itself."""


def judge(world: World, *, whole: bool) -> list[str]:
    """What is wrong, each beginning with lost, doubled, forged, wedged or differs; `whole`: with every rebuild."""
    unkept = [f"lost: {what} was acknowledged and not kept" for what in world.ledger.unkept]
    if unkept:
        return unkept
    wedged = [f"wedged: {till.name.name} says {till.loop.state()}" for till in world.tills if not world.rests(till)]
    if wedged:
        return wedged
    try:
        return [*_judge(world), *(_rebuilt(world) if whole else ())]
    except DropshelfError as error:
        return [f"differs: {error.message}"]


def _judge(world: World) -> Iterator[str]:
    with world.cloud.database.reading() as session:
        for row in session.exec(select(JournalRow).where(JournalRow.tenant == TENANT)):
            walk(session, row)
        raws = ask(session, _lines())
        lines = {(raw.journal, raw.seq): raw.line for raw in raws}
        events = {raw.id: event_of(raw.line) for raw in raws if raw.id}
        yield from _arrived(world, lines, set(events))
        yield from _genuine(world, events)
        yield from _counted(session, events)
        yield from _put_aside(world, session, raws)
        for till in world.tills:
            if not _twins(world, till):
                yield from _agrees(till, session)


@cache
def _lines() -> Select[*tuple[Any, ...]]:
    row = RawEvent
    return sql.select(*columns(row.id, row.journal, row.seq, row.line)).where(col(row.tenant) == TENANT)


def _twins(world: World, till: Till) -> bool:
    """True when a clone goes by the same journal still: until one of the two records, nobody can know of it."""
    return sum(other.journal.id == till.journal.id for other in world.tills) > 1


def _arrived(world: World, lines: dict[tuple[str, int], bytes], ids: set[str]) -> Iterator[str]:
    lost = world.ledger.printed.keys() - world.ledger.extinct - ids
    yield from (f"lost: sale {uid} was printed and is not in the cloud" for uid in sorted(lost))
    for till in world.tills:
        name, journal = till.name.name, till.journal.id
        mine = till.memory.lines(1, till.memory.head().seq)
        theirs = [lines.get((journal, seq)) for seq in range(1, len(mine) + 1)]
        if mine != theirs:
            yield f"lost: the cloud does not hold the journal {journal} of {name} as it is"
        if (journal, len(mine) + 1) in lines and not _twins(world, till):
            yield f"forged: the cloud has more of {name}'s journal {journal} than {name}"
        yield from _receipts(till)


def _receipts(till: Till) -> Iterator[str]:
    sql = "SELECT CAST(line AS TEXT) ->> 'id', CAST(line AS TEXT) -> 'body' ->> 'receipt' FROM {0} WHERE kind_of = 1"
    sql = sql.replace("kind_of = 1", "CAST(line AS TEXT) ->> 'kind' = 'sale_completed'")
    numbers = {row for table in ("journal", "ancestor") for row in till.memory.db.execute(sql.format(table))}
    for number, times in Counter(number for _, number in numbers).items():
        if times > 1:
            yield f"doubled: {till.name.name} printed receipt {number} {times} times"


def _genuine(world: World, events: dict[str, Event]) -> Iterator[str]:
    known = world.ledger.known
    for uid, event in events.items():
        if event.kind in MADE_BY_JOURNALS:
            continue
        if uid not in known:
            yield f"forged: nobody here recorded {event.kind} {uid}"
        elif canonical(event.body) != canonical(event_of(known[uid].line).body):
            yield f"forged: {event.kind} {uid} is not as it was recorded"


def _counted(session: Session, events: dict[str, Event]) -> Iterator[str]:
    sales = [event for event in events.values() if event.kind == "sale_completed"]
    taken = session.exec(select(Takings).where(Takings.tenant == TENANT)).all()
    right = len(sales), sum(event.body["total"] for event in sales)
    counted = sum(row.receipts for row in taken), sum(row.total for row in taken)
    if counted != right:
        yield f"{'doubled' if counted > right else 'lost'}: the cloud counts {counted} of {right} (sales, their total)"
    moved = Counter(dict.fromkeys(SKUS, 0))
    for event in events.values():
        moved.update(dict(moves(event.kind, event.body)) if event.kind != "stock_counted" else {})
    stock = {row.sku: row.on_hand for row in session.exec(select(Stock).where(Stock.tenant == TENANT))}
    if any(stock.get(sku, 0) != moved[sku] for sku in SKUS):
        yield f"differs: the cloud's stock is {stock}, what happened sums up to {dict(moved)}"


def _put_aside(world: World, session: Session, raws: Sequence[Row]) -> Iterator[str]:
    aside = set(session.exec(select(Quarantine.journal, Quarantine.seq).where(Quarantine.tenant == TENANT)))
    shown = {raw.id for raw in raws if (raw.journal, raw.seq) in aside}
    odd = world.ledger.odd & {raw.id for raw in raws}
    yield from (f"lost: odd line {uid} is shown to nobody" for uid in sorted(odd - shown))
    for uid in sorted(shown - world.ledger.odd):
        yield f"lost: {uid} is put aside and was in order"


def _agrees(till: Till, session: Session) -> Iterator[str]:
    name = till.name.name
    mine: dict[int, bytes] = {row[0]: row[1] for row in till.memory.db.execute("SELECT cursor, line FROM feed")}
    for row in session.exec(select(FeedRow).where(FeedRow.tenant == TENANT, col(FeedRow.shop) == SHOP)):
        if row.cursor in mine:
            if _body(mine[row.cursor]) != _body(b'{"body":' + row.body + b"}"):
                yield f"differs: {name} has another feed entry {row.cursor}"
        elif row.skip != till.journal.id:
            yield f"lost: {name} lacks feed entry {row.cursor} ({row.kind}, skip {row.skip})"
    holds = items(session, tenant=TENANT, shop=SHOP)
    for sku in SKUS:
        own, here = till.memory.item(sku), holds.get(sku)
        if (own.price if own else None) != (here.price if here else None):
            yield f"differs: {name} has {sku} at {own and own.price}, the cloud at {here and here.price}"
        row_ = session.get(Stock, (TENANT, SHOP, sku))
        if till.memory.stock(sku).on_hand != (row_.on_hand if row_ else 0):
            yield f"differs: {name} has {till.memory.stock(sku).on_hand} of {sku}, the cloud {row_ and row_.on_hand}"


def _body(line: bytes) -> object:
    return json.loads(line)["body"]


def _rebuilt(world: World) -> Iterator[str]:
    """Everything that is computed, computed anew: on the tills and in the cloud."""
    for till in world.tills:
        verify_till(till.memory.db)
    verify_cloud(world.cloud.database)
    yield from ()
