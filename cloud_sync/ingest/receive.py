"""Taking lines in: sessions that fence each other, batches stored raw in one transaction; no content is refused."""

import logging
from dataclasses import dataclass

from cloud_sync.accounts.devices import Sender
from cloud_sync.bare import Bare
from cloud_sync.database import Database
from cloud_sync.ingest.batch import Batch, chain, envelope_of
from cloud_sync.ingest.holding import (
    Held,
    all_here,
    held_to_open,
    held_to_store,
    note_polled,
    note_seen,
    note_session,
    note_taken,
)
from cloud_sync.ingest.store import RawLines, store_lines
from edge_agent.errors import DropshelfError
from edge_agent.wire.messages import Ack, BatchHeader, Refusal, SessionRequest

log = logging.getLogger(__name__)
HELD_BACK = ("suspected", "banned")
"""What a banned till has written comes by hand alone, as an archive."""
STATUS = {"GAP": 409, "FORK": 409, "FENCED": 409, "REVOKED": 401}
HASHES = """SELECT seq, hash FROM raw_event WHERE tenant = :tenant AND journal = :journal
    AND seq BETWEEN :first AND :last ORDER BY seq"""
HASH = "SELECT hash FROM raw_event WHERE tenant = :tenant AND journal = :journal AND seq = :seq"
NEWEST = "SELECT max(received_at) FROM journal WHERE tenant = :tenant AND shop = :shop"
ASIDE = """INSERT INTO quarantine (tenant, journal, seq, shop, why, words, at, state)
    VALUES (:tenant, :journal, :seq, :shop, :why, :words, :now, 'open')"""


class Refused(DropshelfError):
    """The devices' door says no, with what the till needs to go on."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.words)
        self.refusal, self.status = refusal, STATUS[refusal.error]


@dataclass(frozen=True)
class Standing:
    """Where a journal stands after a session was opened: session number, last seq and its hash, up to where a verified
    backup holds it, and the generation of the cloud that says so."""

    session: int
    seq: int
    hash: bytes
    safe: int
    generation: str


def open_session(database: Database, device: Sender, request: SessionRequest, now: int) -> Standing:
    """Open a session for a journal (made at its first); the one before it may push no more.

    A journal goes over to another device of the same shop, so that a till can be paired again; not to one that is
    retired or suspected.
    """
    with database.of(device.tenant).bare() as bare:
        held, generation = held_to_open(bare, device, request.journal)
        if held.shop != device.shop:
            raise Refused(Refusal(error="FENCED", words="this journal belongs to another shop"))
        if held.holder != device.device and held.state != "active":
            raise Refused(Refusal(error="FENCED", words="this journal belongs to another till"))
        note_session(bare, held, request, now)
        return Standing(held.session, held.seq, held.hash, held.safe, generation)


def receive(database: Database, device: Sender, batch: Batch, now: int) -> Ack:
    """Store what is new of a batch, raw, in one transaction; what overlaps is compared and skipped.

    Refused: FENCED (a newer session), GAP (lines are missing before it), FORK (the same seq with another hash).
    """
    head = batch.header
    with database.of(device.tenant).bare() as bare:
        held = held_to_store(bare, device, head, now)
        if held is None:
            return _again(bare, device, head, now)
        if held.holder != device.device or held.session != head.session:
            raise _fenced()
        if head.first > held.seq + 1:
            raise _refused("GAP", held.seq, held.hash, f"lines {held.seq + 1} to {head.first - 1} are missing")
        if _is_here(bare, held, head) or not _took(bare, held, batch, now):
            note_seen(bare, held, now)
        return _ack(head, held.seq, held.safe)


def note_poll(database: Database, device: Sender, now: int, *, head: int | None, fittings: str) -> None:
    """A till asked for the feed: it lives; `head` (its own last seq) says how much it still holds, `fittings` how its
    printer and the like stand."""
    with database.of(device.tenant).bare() as bare:
        note_polled(bare, device, now, head=head, fittings=fittings)


def _again(bare: Bare, device: Sender, head: BatchHeader, now: int) -> Ack:
    """The answer to a batch all of which came before; FENCED when it is not."""
    here = all_here(bare, device, head, now)
    if here is None:
        raise _fenced()
    return _ack(head, *here)


def _ack(head: BatchHeader, received: int, safe: int) -> Ack:
    return Ack(
        journal=head.journal,
        session=head.session,
        to=head.last,
        head_hash=head.head_hash,
        received=received,
        safe=safe,
    )


def _fenced() -> Refused:
    return Refused(Refusal(error="FENCED", words="another session was opened for this journal"))


def _is_here(bare: Bare, held: Held, head: BatchHeader) -> bool:
    """True when all of a batch came before: its signed head is the chain's, which holds every line before it."""
    if head.last > held.seq:
        return False
    known = held.there or _known_hash(bare, held, head.last)
    return known.hex() == head.head_hash


def _took(bare: Bare, held: Held, batch: Batch, now: int) -> bool:
    """Store what is new of a batch, and note how far the journal goes now; False when nothing was new."""
    first = batch.header.first
    hashes = chain(_known_hash(bare, held, first - 1), batch.lines)
    _compare(bare, held, batch, hashes)
    fresh = hashes[max(0, held.seq - first + 1) :]
    if not fresh:
        return False
    arrived = _arrival(bare, held, now)
    _store(bare, held, batch, fresh, arrived)
    note_taken(bare, held, now, arrived=arrived, backlog=max(0, held.backlog - len(fresh)))
    return True


def _known_hash(bare: Bare, held: Held, seq: int) -> bytes:
    """The chain's hash at an event, which is at or below the head."""
    if seq in (0, held.seq):
        return held.hash if seq else bytes(32)
    row = bare.row(HASH, tenant=held.tenant, journal=held.journal, seq=seq)
    assert row is not None, "a journal has no gap"
    return bytes(row[0])


def _compare(bare: Bare, held: Held, batch: Batch, hashes: list[bytes]) -> None:
    """FORK when a line that is here already was another, or when the head does not follow from the lines.

    Each hash holds all before it: where the last that is here already is the same, all are.
    """
    first, last = batch.header.first, min(batch.header.last, held.seq)
    if first <= last and _known_hash(bare, held, last) != hashes[last - first]:
        stored = bare.rows(HASHES, tenant=held.tenant, journal=held.journal, first=first, last=last)
        seq, other = next((seq, bytes(other)) for seq, other in stored if bytes(other) != hashes[seq - first])
        raise _refused("FORK", seq, other, f"line {seq} is here already and is another")
    if hashes[-1].hex() != batch.header.head_hash:
        raise _refused("FORK", held.seq, held.hash, "the signed head does not follow from these lines")


def _store(bare: Bare, held: Held, batch: Batch, hashes: list[bytes], now: int) -> None:
    """Append the last lines, as many as `hashes` (one at least), the odd ones put aside."""
    fresh = batch.lines[len(batch.lines) - len(hashes) :]
    first = held.seq + 1
    judged = [envelope_of(line, seq) for seq, line in enumerate(fresh, first)]
    ids = [event.id if event else "" for event, _ in judged]
    kinds = [event.kind if event else "" for event, _ in judged]
    held.seq, held.hash = batch.header.last, hashes[-1]
    store_lines(bare, RawLines(held.tenant, held.journal, first, now, ids, kinds, hashes, fresh))
    for place, (_, fault) in enumerate(judged):
        if why := _why(held, fault):
            _put_aside(bare, held, first + place, kinds[place], why, now)


def _put_aside(bare: Bare, held: Held, seq: int, kind: str, why: tuple[str, str], now: int) -> None:
    words = f"{held.till} sent line {seq}, kept but not counted: {why[1]}."
    place = {"tenant": held.tenant, "journal": held.journal, "seq": seq}
    bare.does(ASIDE, **place, shop=held.shop, why=why[0], words=words, now=now)
    where = {"journal": held.journal, "seq": seq, "kind": kind, "why": why[0]}
    log.warning("a line is kept and not counted", extra=where)


def _arrival(bare: Bare, held: Held, now: int) -> int:
    """When lines come in: later than all of the shop before, whatever the clock says, since of an event that is in two
    journals the copy that came first counts. Until the transaction ends nobody else comes in; counting, which holds the
    shop's row for long, goes on beside."""
    bare.alone_in(f"arrival {held.tenant} {held.shop}")
    newest = bare.row(NEWEST, tenant=held.tenant, shop=held.shop)
    return max(now, (newest[0] if newest and newest[0] else 0) + 1)


def _why(held: Held, fault: str) -> tuple[str, str] | None:
    if fault:
        return "envelope", fault
    if held.state in HELD_BACK:
        return "suspected", f"the till is {held.state}; release it when you trust it"
    return None


def _refused(error: str, ack: int, hash_: bytes, words: str) -> Refused:
    return Refused(Refusal.model_validate({"error": error, "ack": ack, "hash": hash_.hex(), "words": words}))
