"""Counting what came in: from each journal's position to its head, in chunks; one bad line never holds up the rest."""

import logging
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Select, bindparam, func
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud_sync.catalogue import fold_change, tell_again
from cloud_sync.database import Database, ask, columns
from cloud_sync.drops import fold_drop
from cloud_sync.feed import held_shop
from cloud_sync.ingest.judge import Judge, Odd, judge_of
from cloud_sync.news.book import gathering
from cloud_sync.popups import MISSING, fold_popup, tell_stand
from cloud_sync.projections import Fact, Folding, models
from cloud_sync.reservations import TWICE as LATE
from cloud_sync.reservations import fold_collected
from cloud_sync.restored import note_renewed
from cloud_sync.samples import TWICE, fold_sample
from cloud_sync.sending import note_by_hand
from cloud_sync.shared import Heard, tell
from cloud_sync.signals import fold_signal
from cloud_sync.stored import OVERSPENT, note_overspent, pays_with_accounts
from cloud_sync.tables.events import JournalRow, Quarantine, RawEvent
from cloud_sync.tables.figures import Position
from cloud_sync.tables.house import Shop
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events.drops import DropClosed
from edge_agent.wire.events.orders import OrderPlacedByHand, OrderWasSent
from edge_agent.wire.events.sales import SaleCompleted

log = logging.getLogger(__name__)
CHUNK = 200
UNREAD = ("kind", "body")
"""Reasons that a newer program may do away with."""
Key = tuple[str, str]
"""Tenant and journal."""


def project(
    database: Database, now: int, go_on: Callable[[], bool] = lambda: True, keys: Iterable[Key] | None = None
) -> int:
    """Count everything that is not counted yet; returns the number of lines. Level-triggered: call it at any time.

    With `keys`, of those journals alone: all the others are not looked at. `go_on` is asked after each chunk; when it
    says no, the rest is left for the next time.
    """
    done = 0
    for key in _behind(database) if keys is None else keys:
        counted = CHUNK
        # Fewer than were asked for: its end. What comes in meanwhile rings for itself.
        while counted >= CHUNK:
            counted = _chunk(database, key, now)
            done += counted
            if counted and not go_on():
                return done
    return done


def rejudge(database: Database, now: int) -> int:
    """Count lines whose kind or body this program has learnt to read since they came; returns how many."""
    with database.service().reading() as session:
        mine = select(Quarantine).where(Quarantine.state == "open", col(Quarantine.why).in_(UNREAD))
        odd = session.exec(mine.order_by(col(Quarantine.tenant), col(Quarantine.journal), col(Quarantine.seq))).all()
    return sum(_settle(database, (row.tenant, row.journal), row.seq, now) for row in odd)


def release(database: Database, *, tenant: str, journal: str, now: int) -> int:
    """Count what a suspected till had sent, now that the owner trusts it; returns how many lines.

    What counting has not come to yet is counted in its turn."""
    with database.of(tenant).reading() as session:
        held = select(Quarantine.seq).where(Quarantine.tenant == tenant, Quarantine.journal == journal)
        held = held.where(Quarantine.state == "open", Quarantine.why == "suspected")
        seqs = session.exec(held.order_by(col(Quarantine.seq))).all()
    return sum(_settle(database, (tenant, journal), seq, now) for seq in seqs)


def _behind(database: Database) -> list[Key]:
    with database.service().glance() as view:
        return [(tenant, journal) for tenant, journal in ask(view, _uncounted())]


@cache
def _uncounted() -> Select[*tuple[Any, ...]]:
    here = (col(Position.tenant) == JournalRow.tenant) & (col(Position.journal) == JournalRow.journal)
    journals = sql.select(*columns(JournalRow.tenant, JournalRow.journal)).join(Position, here, isouter=True)
    # Those that go on sending come last: where counting is cut short, nobody waits behind them for ever.
    return journals.where(func.coalesce(col(Position.seq), 0) < JournalRow.seq).order_by(col(JournalRow.received_at))


def _chunk(database: Database, key: Key, now: int) -> int:
    """Count the next lines of a journal in one transaction; one by one when that fails."""
    try:
        return _count(database, key, now, CHUNK)
    except OperationalError:
        raise
    except Exception:
        log.exception("a chunk could not be counted; its lines are tried one by one", extra={"journal": key[1]})
    done = 0
    while done < CHUNK and _one(database, key, now):
        done += 1
    return done


def _one(database: Database, key: Key, now: int) -> int:
    with database.of(key[0]).reading() as session:
        position = session.get(Position, key)
        before = position.seq if position else 0
    try:
        return _count(database, key, now, 1)
    except OperationalError:
        # The database is in trouble, not the line: it is tried again later.
        raise
    except Exception:
        log.exception("a line could not be counted and is put aside", extra={"journal": key[1]})
        return _put_aside(database, key, before, now)


def _count(database: Database, key: Key, now: int, most: int) -> int:
    with database.of(key[0]).writing() as session:
        row, shop, position = _held(session, key)
        raws = _next_lines(session, position, most)
        if raws:
            _count_lines(session, row, shop, position, raws, now)
        return len(raws)


def _count_lines(
    session: Session, row: JournalRow, shop: Shop, position: Position, raws: list[RawEvent], now: int
) -> None:
    """Fold lines and tell the shop's other tills."""
    judge, folding, heard = judge_of(session, row, raws), Folding(), Heard(news=gathering(session, shop))
    for raw in raws:
        _take(session, folding, heard, judge, raw, now)
    folding.write(session)
    heard.news.write(session, shop, now)
    position.seq = raws[-1].seq
    session.add(position)
    session.flush()
    if heard.skus:
        tell_stand(session, shop, row.journal, position.seq, now)
    tell(session, shop, row.journal, heard, now)


def _hands_over(body: object) -> bool:
    return isinstance(body, SaleCompleted) and bool(body.collected)


def _take(session: Session, folding: Folding, heard: Heard, judge: Judge, raw: RawEvent, now: int) -> None:
    verdict = judge.judge(raw)
    if isinstance(verdict, Odd):
        _quarantine(session, judge.shop, raw, verdict, now)
    elif verdict is not None:
        folding.apply(session, verdict)
        fold_change(session, verdict, now)
        tell_again(session, verdict, now)
        fold_signal(session, verdict, now)
        if isinstance(verdict.body, DropClosed) or _hands_over(verdict.body):
            # What comes back of a drop's goods, and what is free again, is told with what is counted up to here.
            folding.write(session)
        fold_drop(session, verdict, now)
        if short := fold_popup(session, verdict, now):
            _quarantine(session, judge.shop, raw, Odd(MISSING, short), now)
        if twice := fold_sample(session, verdict, now):
            _quarantine(session, judge.shop, raw, Odd(TWICE, twice), now)
        if late := fold_collected(session, verdict, now):
            _quarantine(session, judge.shop, raw, Odd(LATE, late), now)
        heard.note(verdict.event, verdict.body)
        heard.news.note(verdict)
        if isinstance(verdict.body, OrderPlacedByHand | OrderWasSent):
            # It may be of an order that was proposed a line before.
            folding.write(session)
        note_renewed(session, verdict, now)
        _look_at_accounts(session, folding, judge, raw, verdict, now)
        if twice := note_by_hand(session, verdict, now):
            _quarantine(session, judge.shop, raw, Odd("twice", twice), now)
    elif raw.seq in judge.echoes:
        heard.note(event_of(raw.line), None)


def _look_at_accounts(session: Session, folding: Folding, judge: Judge, raw: RawEvent, fact: Fact, now: int) -> None:
    """A gift card or points that paid more than there was are the owner's task; the sale stands."""
    shop = session.get(Shop, (fact.tenant, fact.shop)) if pays_with_accounts(fact) else None
    if shop is None:
        return
    folding.write(session)
    if words := note_overspent(session, shop, fact):
        _quarantine(session, judge.shop, raw, Odd(OVERSPENT, words), now)


def _put_aside(database: Database, key: Key, before: int, now: int) -> int:
    """Put the line behind `before` aside, unless another worker has gone on from there meanwhile."""
    with database.of(key[0]).writing() as session:
        row, _shop, position = _held(session, key)
        if position.seq != before:
            return 1
        (raw,) = _next_lines(session, position, 1)
        words = f"Line {raw.seq}, a {raw.kind}, could not be counted. It is kept; this is a fault of the program."
        _quarantine(session, row.shop, raw, Odd("failed", words), now)
        position.seq = raw.seq
        session.add(position)
    return 1


def _settle(database: Database, key: Key, seq: int, now: int) -> bool:
    """Count one line out of quarantine, if it can be counted now."""
    with database.of(key[0]).writing() as session:
        row, shop, position = _held(session, key)
        odd, raw = session.get(Quarantine, (*key, seq)), session.get(RawEvent, (*key, seq))
        if odd is None or odd.state != "open" or raw is None:
            return False
        if odd.why in UNREAD and isinstance(judge_of(session, row, [raw]).judge(raw), Odd):
            return False
        odd.state = "settled"
        session.add(odd)
        session.flush()
        if seq <= position.seq:
            _count_late(session, row, shop, raw, position.seq, now)
    return True


def _count_late(session: Session, row: JournalRow, shop: Shop, raw: RawEvent, reached: int, now: int) -> None:
    """Count a line that counting, which has `reached` further, has gone past."""
    folding, heard = Folding(), Heard(news=gathering(session, shop))
    _take(session, folding, heard, judge_of(session, row, [raw]), raw, now)
    folding.write(session)
    heard.news.write(session, shop, now)
    tell(session, shop, row.journal, heard, now, all_=True)
    if raw.kind in models.KINDS:
        # The last word holds, whatever was counted last.
        models.apply_anew(session, row.tenant, row.journal, _said(session, row, models.KINDS, reached))


def _said(session: Session, row: JournalRow, kinds: tuple[str, ...], last: int) -> list[Fact]:
    mine = select(RawEvent).where(RawEvent.tenant == row.tenant, RawEvent.journal == row.journal)
    mine = mine.where(col(RawEvent.kind).in_(kinds), RawEvent.seq <= last).order_by(col(RawEvent.seq))
    raws = session.exec(mine).all()
    judge = judge_of(session, row, raws)
    return [fact for raw in raws if isinstance(fact := judge.judge(raw), Fact)]


def _held(session: Session, key: Key) -> tuple[JournalRow, Shop, Position]:
    """A journal, its shop and its position. One worker counts a shop at a time: what it tells is true, and nothing is
    counted twice; so the shop is held before anything is looked at that counting changes."""
    row = session.get(JournalRow, key)
    assert row is not None, "the key was read from the same table"
    shop = held_shop(session, row.tenant, row.shop)
    return row, shop, session.get(Position, key) or Position(tenant=key[0], journal=key[1])


def _next_lines(session: Session, position: Position, most: int) -> list[RawEvent]:
    here = {"tenant": position.tenant, "journal": position.journal, "seq": position.seq, "most": most}
    return list(session.exec(_behind_position(), params=here))


@cache
def _behind_position() -> SelectOfScalar[RawEvent]:
    mine = select(RawEvent).where(RawEvent.tenant == bindparam("tenant"), RawEvent.journal == bindparam("journal"))
    return mine.where(RawEvent.seq > bindparam("seq")).order_by(col(RawEvent.seq)).limit(bindparam("most"))


def _quarantine(session: Session, shop: str, raw: RawEvent, odd: Odd, now: int) -> None:
    key = (raw.tenant, raw.journal, raw.seq)
    row = session.get(Quarantine, key) or Quarantine(
        tenant=raw.tenant, journal=raw.journal, seq=raw.seq, shop=shop, why="", words="", at=now
    )
    row.why, row.words, row.state = odd.why, odd.words, "open"
    session.add(row)
    where = {"journal": raw.journal, "seq": raw.seq, "kind": raw.kind, "why": odd.why}
    log.warning("a line is kept and not counted", extra=where)
