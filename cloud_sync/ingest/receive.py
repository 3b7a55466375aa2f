"""Taking lines in: sessions that fence each other, batches stored raw in one transaction; no content is refused."""

import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from cloud_sync.database import Database, alone_in
from cloud_sync.ingest.batch import Batch, chain, envelope_of
from cloud_sync.ingest.store import RawLines, store_lines
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.backups import Safe
from cloud_sync.tables.events import JournalRow, Quarantine, RawEvent
from edge_agent.errors import DropshelfError, NotAllowed
from edge_agent.wire.messages import Ack, BatchHeader, Refusal, SessionRequest

log = logging.getLogger(__name__)
HELD_BACK = ("suspected", "banned")
"""What a banned till has written comes by hand alone, as an archive."""
SEEN_MS = 1_000
STATUS = {"GAP": 409, "FORK": 409, "FENCED": 409, "REVOKED": 401}


class Refused(DropshelfError):
    """The devices' door says no, with what the till needs to go on."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.words)
        self.refusal, self.status = refusal, STATUS[refusal.error]


@dataclass(frozen=True)
class Standing:
    """Where a journal stands after a session was opened: session number, last seq and its hash, and up to where a
    verified backup holds it."""

    session: int
    seq: int
    hash: bytes
    safe: int


def open_session(database: Database, device: Device, request: SessionRequest, now: int) -> Standing:
    """Open a session for a journal (made at its first); the one before it may push no more.

    A journal goes over to another device of the same shop, so that a till can be paired again; not to one that is
    retired or suspected.
    """
    with database.of(device.tenant).writing() as session:
        stored = _held_device(session, device)
        key = (device.tenant, request.journal)
        row = session.get(JournalRow, key, with_for_update=True) or JournalRow(
            tenant=device.tenant, journal=request.journal, shop=device.shop, device=device.device
        )
        if row.shop != device.shop:
            raise Refused(Refusal(error="FENCED", words="this journal belongs to another shop"))
        if row.device != device.device and stored.state != "active":
            raise Refused(Refusal(error="FENCED", words="this journal belongs to another till"))
        row.device, row.boot, row.session = device.device, request.boot, row.session + 1
        _seen(stored, now, backlog=max(0, request.head_seq - row.seq), journal=request.journal)
        stored.version = request.version[:32]
        session.add_all([row, stored])
        return Standing(row.session, row.seq, row.hash, safe_to(session, *key))


def receive(database: Database, device: Device, batch: Batch, now: int) -> Ack:
    """Store what is new of a batch, raw, in one transaction; what overlaps is compared and skipped.

    Refused: FENCED (a newer session), GAP (lines are missing before it), FORK (the same seq with another hash).
    """
    head = batch.header
    with database.of(device.tenant).writing() as session:
        held = _held(session, device, head, now)
        if held is None:
            return _again(session, device, head, now)
        stored, row, safe, there = held
        if row.device != device.device or row.session != head.session:
            raise _fenced()
        if head.first > row.seq + 1:
            raise _refused("GAP", row.seq, row.hash, f"lines {row.seq + 1} to {head.first - 1} are missing")
        taken = 0 if _is_here(session, row, head, there) else _taken(session, row, stored, batch, now)
        _seen(stored, now, backlog=max(0, stored.backlog - taken), journal=row.journal)
        return _ack(head, row.seq, safe)


def _ack(head: BatchHeader, received: int, safe: int) -> Ack:
    return Ack(
        journal=head.journal,
        session=head.session,
        to=head.last,
        head_hash=head.head_hash,
        received=received,
        safe=safe,
    )


def _held(
    session: Session, device: Device, head: BatchHeader, now: int
) -> tuple[Device, JournalRow, int, bytes | None] | None:
    """In one question: the device and its journal, both held, how far that is safe, and the hash at the batch's end as
    it was before they were held. None, and nothing is held, when nothing is new or there is no such journal: then
    PostgreSQL has nothing to put on the disk."""
    wanted = _standing(Device, JournalRow, Safe.seq, RawEvent.hash, device=device, head=head)
    fresh = ~func.coalesce(_nothing_new(device, head, now), False)
    found = session.exec(wanted.where(fresh).with_for_update(of=(Device, JournalRow))).first()
    return (found[0], found[1], found[2] or 0, found[3]) if found else None


def _again(session: Session, device: Device, head: BatchHeader, now: int) -> Ack:
    """The answer to a batch all of which came before; FENCED when it is not."""
    wanted = _standing(JournalRow.seq, Safe.seq, device=device, head=head)
    found = session.exec(wanted.where(_nothing_new(device, head, now))).first()
    if found is None:
        raise _fenced()
    return _ack(head, found[0], found[1] or 0)


def _nothing_new(device: Device, head: BatchHeader, now: int) -> ColumnElement[bool]:
    """All of the batch is here, its till's session is the newest, and its sign of life is not due."""
    return and_(
        col(JournalRow.seq) >= head.last,
        col(RawEvent.hash) == bytes.fromhex(head.head_hash),
        col(JournalRow.device) == device.device,
        col(JournalRow.session) == head.session,
        col(Device.journal) == head.journal,
        col(Device.last_seen_at).between(now - SEEN_MS + 1, now + SEEN_MS - 1),
    )


def _standing(*what: Any, device: Device, head: BatchHeader) -> Any:
    """Asks after a device, the journal of a batch, how far that is safe, and the line at the batch's end."""
    mine = (col(JournalRow.tenant) == Device.tenant) & (col(JournalRow.journal) == head.journal)
    safe = (col(Safe.tenant) == Device.tenant) & (col(Safe.journal) == head.journal)
    last = (col(RawEvent.tenant) == Device.tenant) & (col(RawEvent.journal) == head.journal)
    wanted = select(*what).select_from(Device).join(JournalRow, mine).join(Safe, safe, isouter=True)
    wanted = wanted.join(RawEvent, last & (col(RawEvent.seq) == head.last), isouter=True)
    return wanted.where(Device.tenant == device.tenant, Device.device == device.device)


def _fenced() -> Refused:
    return Refused(Refusal(error="FENCED", words="another session was opened for this journal"))


def _is_here(session: Session, row: JournalRow, head: BatchHeader, there: bytes | None) -> bool:
    """True when all of a batch came before: its signed head is the chain's, which holds every line before it. `there`
    is the hash at its end, if that was there already."""
    if head.last > row.seq:
        return False
    known = there or _known_hashes(session, row, head.last)[head.last]
    return known.hex() == head.head_hash


def _taken(session: Session, row: JournalRow, stored: Device, batch: Batch, now: int) -> int:
    """Store what is new of a batch; how many lines that was."""
    head = batch.header
    known = _known_hashes(session, row, head.first - 1, min(head.last, row.seq))
    hashes = chain(known[head.first - 1], batch.lines)
    _compare(session, row, batch, known, hashes)
    fresh = hashes[max(0, row.seq - head.first + 1) :]
    return _store(session, row, stored, batch, fresh, _arrival(session, row, now)) if fresh else 0


def safe_to(session: Session, tenant: str, journal: str) -> int:
    """How far the newest verified backup holds a journal."""
    row = session.get(Safe, (tenant, journal))
    return row.seq if row else 0


def _known_hashes(session: Session, row: JournalRow, *seqs: int) -> dict[int, bytes]:
    """The chain's hash at each of these events, which are all at or below the head."""
    known = {0: bytes(32), row.seq: row.hash}
    asked = set(seqs) - known.keys()
    return known | (dict(session.exec(_hashes(row).where(col(RawEvent.seq).in_(asked))).all()) if asked else {})


def _hashes(row: JournalRow) -> Select[int, bytes]:
    return select(RawEvent.seq, RawEvent.hash).where(RawEvent.tenant == row.tenant, RawEvent.journal == row.journal)


def _compare(session: Session, row: JournalRow, batch: Batch, known: dict[int, bytes], hashes: list[bytes]) -> None:
    """FORK when a line that is here already was another, or when the head does not follow from the lines.

    Each hash holds all before it: where the last that is here already is the same, all are.
    """
    first, last = batch.header.first, min(batch.header.last, row.seq)
    if first <= last and known[last] != hashes[last - first]:
        stored = _hashes(row).where(RawEvent.seq >= first, RawEvent.seq <= last).order_by(col(RawEvent.seq))
        seq, other = next((seq, other) for seq, other in session.exec(stored).all() if other != hashes[seq - first])
        raise _refused("FORK", seq, other, f"line {seq} is here already and is another")
    if hashes[-1].hex() != batch.header.head_hash:
        raise _refused("FORK", row.seq, row.hash, "the signed head does not follow from these lines")


def _store(session: Session, row: JournalRow, device: Device, batch: Batch, hashes: list[bytes], now: int) -> int:
    """Append the last lines, as many as `hashes` (one at least), the odd ones put aside; returns how many."""
    fresh = batch.lines[len(batch.lines) - len(hashes) :]
    first = row.seq + 1
    judged = [envelope_of(line, seq) for seq, line in enumerate(fresh, first)]
    ids = [event.id if event else "" for event, _ in judged]
    kinds = [event.kind if event else "" for event, _ in judged]
    row.seq, row.hash, row.received_at = batch.header.last, hashes[-1], now
    session.add(row)
    store_lines(session, RawLines(row.tenant, row.journal, first, now, ids, kinds, hashes, fresh))
    for place, (_, fault) in enumerate(judged):
        if why := _why(device, fault):
            _put_aside(session, row, device, first + place, kinds[place], why, now)
    return len(fresh)


def _put_aside(
    session: Session, row: JournalRow, device: Device, seq: int, kind: str, why: tuple[str, str], now: int
) -> None:
    words = f"{device.till} sent line {seq}, kept but not counted: {why[1]}."
    session.add(
        Quarantine(tenant=row.tenant, journal=row.journal, seq=seq, shop=row.shop, why=why[0], words=words, at=now)
    )
    where = {"journal": row.journal, "seq": seq, "kind": kind, "why": why[0]}
    log.warning("a line is kept and not counted", extra=where)


def _arrival(session: Session, row: JournalRow, now: int) -> int:
    """When lines come in: later than all of the shop before, whatever the clock says, since of an event that is in two
    journals the copy that came first counts. Until the transaction ends nobody else comes in; counting, which holds the
    shop's row for long, goes on beside."""
    alone_in(session, f"arrival {row.tenant} {row.shop}")
    journals = select(func.max(JournalRow.received_at))
    last = session.exec(journals.where(JournalRow.tenant == row.tenant, JournalRow.shop == row.shop)).one()
    return max(now, (last or 0) + 1)


def _why(device: Device, fault: str) -> tuple[str, str] | None:
    if fault:
        return "envelope", fault
    if device.state in HELD_BACK:
        return "suspected", f"the till is {device.state}; release it when you trust it"
    return None


def _held_device(session: Session, device: Device) -> Device:
    """The device's row, held before its journal's by everybody, so that two requests of a till never wait crosswise."""
    stored = session.get(Device, (device.tenant, device.device), with_for_update=True)
    if stored is None:
        raise NotAllowed("this cloud does not know the till any more")
    return stored


def _seen(stored: Device, now: int, *, backlog: int, journal: str) -> None:
    """Note that the till lives, to the second: what is sent again within one costs no write."""
    told = (stored.backlog, stored.journal) == (backlog, journal) and stored.last_seen_at is not None
    if not told or abs(now - (stored.last_seen_at or 0)) >= SEEN_MS:
        stored.last_seen_at, stored.backlog, stored.journal = now, backlog, journal


def note_poll(database: Database, device: Device, now: int, *, head: int | None) -> None:
    """A till asked for the feed: it lives; `head` (its own last seq) says how much it still holds."""
    with database.of(device.tenant).writing() as session:
        stored = _held_device(session, device)
        row = session.get(JournalRow, (device.tenant, stored.journal))
        backlog = max(0, head - row.seq) if row and head is not None else stored.backlog
        _seen(stored, now, backlog=backlog, journal=stored.journal)


def _refused(error: str, ack: int, hash_: bytes, words: str) -> Refused:
    return Refused(Refusal.model_validate({"error": error, "ack": ack, "hash": hash_.hex(), "words": words}))
