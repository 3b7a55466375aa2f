"""Proof: every chain is as it was signed, and everything that is computed comes out equal when it is computed anew."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import Table
from sqlmodel import Session, SQLModel, col, select

from cloud_sync import desk
from cloud_sync.database import Database, open_database
from cloud_sync.ingest.judge import judge_of
from cloud_sync.projections import Fact, Folding
from cloud_sync.projections.catalogue import hold
from cloud_sync.projections.sums import Sums, table_of
from cloud_sync.tables import PROJECTIONS, create_tables
from cloud_sync.tables.events import FeedRow, JournalRow, OrderCommand, RawEvent
from cloud_sync.tables.figures import Position
from cloud_sync.tables.house import Shop
from edge_agent.errors import Broken
from edge_agent.wire.envelope import GENESIS_HASH, link

CHUNK = 500


@dataclass(frozen=True)
class Proved:
    """{journal: events} and {projection: rows} that hold."""

    journals: dict[str, int]
    rows: dict[str, int]


def verify(database: Database) -> Proved:
    """Walk all chains and rebuild all projections in memory; Broken names the first event or row that is off."""
    fresh = open_database("sqlite://")
    create_tables(fresh)
    try:
        with database.service().reading() as session, fresh.writing() as rebuilt:
            journals = {row.journal: walk(session, row) for row in session.exec(select(JournalRow))}
            refuse_strays(session)
            rebuild(session, rebuilt)
            rebuilt.flush()
            return Proved(
                journals, {str(model.__tablename__): _compare(session, rebuilt, model) for model in PROJECTIONS}
            )
    finally:
        fresh.close()


def walk(session: Session, row: JournalRow) -> int:
    """Recompute a journal's chain from its lines; returns the number of events."""
    previous, expected = GENESIS_HASH, 0
    with closing(_lines(session, row, row.seq)) as lines:
        for raw in lines:
            expected += 1
            previous = link(previous, raw.line)
            if raw.seq != expected or raw.hash != previous:
                raise Broken(f"journal {row.journal}, event {expected}: the stored line is not what was signed")
    if expected != row.seq or previous != row.hash:
        raise Broken(f"journal {row.journal}: the chain ends at {expected}, its head says {row.seq}")
    return expected


def refuse_strays(session: Session) -> None:
    """Broken when a line lies in the database that no journal accounts for."""
    known = select(JournalRow.journal).where(
        JournalRow.tenant == RawEvent.tenant, JournalRow.journal == RawEvent.journal
    )
    if stray := session.exec(select(RawEvent.journal, RawEvent.seq).where(~known.exists()).limit(1)).first():
        raise Broken(f"journal {stray[0]}, event {stray[1]}: there is no such journal")


def rebuild(session: Session, into: Session) -> None:
    """Compute every projection again from the truth in `session`; publishes nothing (the feed is truth itself)."""
    _copy_commands(session, into)
    said = Sums()
    zones = {(shop.tenant, shop.shop): shop.zone for shop in session.exec(select(Shop))}
    for row in session.exec(select(FeedRow).order_by(col(FeedRow.tenant), col(FeedRow.shop), col(FeedRow.cursor))):
        hold(into, row)
        desk.fold(said, row, zones[row.tenant, row.shop])
    said.write(into)
    for journal in session.exec(select(JournalRow)).all():
        position = session.get(Position, (journal.tenant, journal.journal))
        if position is None:
            continue
        into.add(Position(**position.model_dump()))
        folding = Folding()
        for fact in _facts(session, journal, position.seq):
            folding.apply(into, fact)
        folding.write(into)


def _copy_commands(session: Session, into: Session) -> None:
    for row in session.exec(select(OrderCommand)):
        into.add(OrderCommand(**row.model_dump()))
    into.flush()


def _facts(session: Session, journal: JournalRow, last: int) -> Iterator[Fact]:
    for first in range(1, last + 1, CHUNK):
        raws = list(_lines(session, journal, min(last, first + CHUNK - 1), first))
        judge = judge_of(session, journal, raws)
        for raw in raws:
            verdict = judge.judge(raw)
            if isinstance(verdict, Fact):
                yield verdict


def _lines(session: Session, journal: JournalRow, last: int, first: int = 1) -> Generator[RawEvent, None, None]:
    mine = select(RawEvent).where(RawEvent.tenant == journal.tenant, RawEvent.journal == journal.journal)
    ranged = mine.where(RawEvent.seq >= first, RawEvent.seq <= last).order_by(col(RawEvent.seq))
    found = session.exec(ranged.execution_options(yield_per=CHUNK))
    try:
        yield from found
    finally:
        found.close()


def _compare(session: Session, rebuilt: Session, model: type[SQLModel]) -> int:
    """The number of rows, all equal on both sides; Broken names the first that is not."""
    table = table_of(model)
    rows = 0
    for ours, fresh in zip_longest(_sorted(session, table), _sorted(rebuilt, table)):
        if ours != fresh:
            raise Broken(f"{table.name} differs from its rebuild: {_short(ours)} is stored, {_short(fresh)} is right")
        rows += 1
    return rows


def _sorted(session: Session, table: Table) -> list[dict[str, Any]]:
    """All rows in the order of their keys, sorted here: databases differ in how they order text."""
    keys = [column.name for column in table.primary_key]
    rows = [dict(row) for row in session.execute(table.select()).mappings()]
    return sorted(rows, key=lambda row: tuple(row[key] for key in keys))


def _short(row: object) -> str:
    return "nothing" if row is None else str(row)[:300]
