"""Bugs planted in production code, one function each, to see that simulated worlds find them; quick ones first."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from sqlalchemy.exc import OperationalError
from sqlmodel import Session as Rows

from cloud_sync import tills
from cloud_sync.accounts.devices import Knocker
from cloud_sync.bare import Bare
from cloud_sync.database import Database as Store
from cloud_sync.ingest import judge, receive
from cloud_sync.ingest.batch import Batch, chain
from cloud_sync.ingest.holding import Held
from cloud_sync.ingest.judge import Judge, Odd
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow, RawEvent
from edge_agent.journal import lineage
from edge_agent.journal.log import Journal
from edge_agent.sync import session
from edge_agent.sync.session import Own, Rest, Step, Talk, Wait
from edge_agent.wire.messages import Ack, FeedEntry
from edge_agent.wire.messages import Session as SessionAnswer
from scripts.tortures.sim_cloud import STRANGER

Plant = Callable[[ExitStack], None]
BUGS: dict[str, Plant] = {}
OTHERS = """SELECT d.tenant, d.device, d.shop, d.journal FROM journal j JOIN device d
    ON d.tenant = j.tenant AND d.device = j.device WHERE j.tenant <> :tenant ORDER BY j.journal"""


def bug(name: str, of: object, function: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Plant what is decorated in place of a production function; it is given the right one first."""

    def planted(wrong: Callable[..., Any]) -> Callable[..., Any]:
        def plant(stack: ExitStack) -> None:
            right = getattr(of, function)
            stack.enter_context(patch.object(of, function, lambda *words, **named: wrong(right, *words, **named)))

        BUGS[name] = plant
        return wrong

    return planted


@bug("an older, higher ack is kept", session, "opened")
def _max_ack(right: Callable[..., Talk], talk: Talk, own: Own, said: SessionAnswer, own_hash: str | None) -> Talk:
    after = right(talk, own, said, own_hash)
    return replace(after, ack=max(after.ack, min(talk.ack, own.head))) if after.session else after


@bug("an overlap is stored again", receive, "_store")
def _overlap(right: Callable[..., int], bare: Bare, held: Held, sent: Batch, _hashes: object, now: int) -> int:
    before = bare.row(receive.HASH, tenant=held.tenant, journal=held.journal, seq=sent.header.first - 1)
    return right(bare, held, sent, chain(bytes(before[0]) if before else bytes(32), sent.lines), now)


@bug("the till notices no fork", session, "_forked")
def _blind_till(_right: object, talk: Talk, _seq: int) -> Talk:
    return session.failed(talk, "")


@bug("what the cloud received is pruned", Journal, "acknowledge")
def _prune(right: Callable[..., Any], journal: Journal, said: SessionAnswer | Ack) -> object:
    done = right(journal, said)
    received = said.ack if isinstance(said, SessionAnswer) else said.received
    journal._writer.act(  # noqa: SLF001
        lambda db: db.execute("DELETE FROM journal WHERE seq < ?", (received,)) and None
    ).result()
    return done


@bug("a failed push waits for the next sale", session, "next_step")
def _edge(right: Callable[..., Step], talk: Talk, own: Own, chance: float) -> Step:
    step = right(talk, own, chance)
    return Rest(3600.0) if isinstance(step, Wait) and talk.failures > 1 else step


@bug("an event that is said again is counted again", judge, "_echoes")
def _twice(_right: object, _rows: Rows, _row: JournalRow, _raws: Sequence[RawEvent]) -> frozenset[int]:
    return frozenset()


@bug("the first copy is the one with the older clock", receive, "_arrival")
def _wall_clock(_right: object, _bare: object, _held: object, now: int) -> int:
    return now


@bug("a poison event is passed over in silence", Judge, "judge")
def _silent(right: Callable[..., Any], self: Judge, raw: RawEvent) -> Any:
    verdict = right(self, raw)
    return None if isinstance(verdict, Odd) else verdict


@bug("a head that nobody signed is accepted", tills, "signature_holds")
def _unsigned(_right: object, _batch: object, **_words: object) -> bool:
    return True


@bug("the tenant is taken from what is sent", tills, "device_of")
def _tenant(right: Callable[..., Knocker], bare: Bare, authorization: str, **named: Any) -> Knocker:
    device = right(bare, authorization, **named)
    other = bare.row(OTHERS, tenant=device.tenant) if device.tenant == STRANGER else None
    return replace(device, tenant=other[0], device=other[1], shop=other[2], journal=other[3]) if other else device


@bug("the cursor is kept before the entries are", Journal, "take_feed")
def _cursor_first(
    right: Callable[..., Any], journal: Journal, generation: str, entries: Sequence[FeedEntry], **named: bool
) -> Any:
    return right(journal, generation, entries[-1:], **named)


@bug("the feed of another generation is gone on with", session, "next_step")
def _old_cursor(right: Callable[..., Step], talk: Talk, own: Own, chance: float) -> Step:
    step = right(talk, own, chance)
    return replace(step, after=own.feed) if isinstance(step, session.Pull) else step


@bug("a new journal gives its events new ids", lineage, "_lines")
def _new_ids(right: Callable[..., Any], suffix: Any, genesis: Any) -> Any:
    for event in right(suffix, genesis):
        yield event if event.seq == 1 else event.model_copy(update={"id": f"{int(event.id, 16) ^ 1:016x}"})


@bug("a new journal leaves behind what was not received", lineage, "_lines")
def _left_behind(right: Callable[..., Any], _suffix: Any, genesis: Any) -> Any:
    return right([], genesis)


@bug("a gap is acknowledged", tills, "receive")
def _gap(right: Callable[..., Ack], store: Store, device: Device, sent: Batch, now: int) -> Ack:
    try:
        return right(store, device, sent, now)
    except receive.Refused as error:
        if error.refusal.error != "GAP":
            raise
        return _acknowledged(sent)


@bug("acknowledged before the commit", tills, "receive")
def _early_ack(right: Callable[..., Ack], store: Store, device: Device, sent: Batch, now: int) -> Ack:
    try:
        return right(store, device, sent, now)
    except OperationalError:
        return _acknowledged(sent)


def _acknowledged(sent: Batch) -> Ack:
    head = sent.header
    echo = {"journal": head.journal, "session": head.session, "to": head.last, "head_hash": head.head_hash}
    return Ack.model_validate({**echo, "received": head.last, "safe": 0})


@bug("no fork is noticed", receive, "_compare")
def _no_fork(_right: object, _bare: object, _held: object, _batch: object, _hashes: object) -> None:
    return None
