"""Judging raw lines: a fact to be counted, something to leave alone, or something odd for the owner to see."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Select, bindparam, select
from sqlmodel import Session, col

from cloud_sync.database import ask, columns
from cloud_sync.projections import Fact
from cloud_sync.tables.events import JournalRow, Quarantine, RawEvent
from cloud_sync.tables.house import Shop
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events import body_class

PUT_ASIDE = ("envelope", "suspected", "failed")
"""Reasons that hold until somebody settles them; `kind` and `body` are judged again by each newer program."""


@dataclass(frozen=True)
class Odd:
    """A line that cannot be counted: a short reason and the owner's words for it."""

    why: str
    words: str


@dataclass(frozen=True)
class Judge:
    """Judges the lines of one journal. `aside` are its seqs in quarantine, `echoes` those that another journal says."""

    tenant: str
    shop: str
    journal: str
    zone: str
    aside: frozenset[int]
    echoes: frozenset[int]

    def judge(self, raw: RawEvent) -> Fact | Odd | None:
        """The fact of a line; None when it is put aside or was counted already under another journal."""
        if raw.seq in self.aside or raw.seq in self.echoes:
            return None
        event = event_of(raw.line)
        model = body_class(event.kind, event.v)
        if model is None:
            return Odd(
                "kind", f"Line {raw.seq} is a {event.kind} of version {event.v}, which this cloud does not know."
            )
        try:
            body = model.model_validate(event.body)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])[:80]
            return Odd("body", f"Line {raw.seq}, a {event.kind}, is not as the contract says (at {where}).")
        return Fact(self.tenant, self.shop, self.journal, self.zone, event, body)


def judge_of(session: Session, row: JournalRow, raws: Sequence[RawEvent]) -> Judge:
    """The judge for these lines of a journal."""
    shop = session.get(Shop, (row.tenant, row.shop))
    assert shop is not None, "a journal's shop is kept by its key"
    aside = frozenset(seq for (seq,) in ask(session, _aside(), tenant=row.tenant, journal=row.journal))
    return Judge(row.tenant, row.shop, row.journal, shop.zone, aside, _echoes(session, row, raws))


@cache
def _aside() -> Select[*tuple[Any, ...]]:
    mine = select(*columns(Quarantine.seq)).where(col(Quarantine.tenant) == bindparam("tenant"))
    mine = mine.where(col(Quarantine.journal) == bindparam("journal"))
    return mine.where(col(Quarantine.why).in_(PUT_ASIDE), col(Quarantine.state) == "open")


def _echoes(session: Session, row: JournalRow, raws: Sequence[RawEvent]) -> frozenset[int]:
    """Seqs whose event came before, in another place (a till that began anew says its unsent lines again)."""
    ids = [raw.id for raw in raws if raw.id]
    copies = defaultdict(list)
    for id_, *place in ask(session, _copies(), tenant=row.tenant, ids=ids):
        copies[id_].append(tuple(place))
    first = {id_: min(places) for id_, places in copies.items()}
    return frozenset(raw.seq for raw in raws if raw.id and first[raw.id][1:] != (raw.journal, raw.seq))


@cache
def _copies() -> Select[*tuple[Any, ...]]:
    wanted = select(*columns(RawEvent.id, RawEvent.received_at, RawEvent.journal, RawEvent.seq))
    mine = wanted.where(col(RawEvent.tenant) == bindparam("tenant"))
    return mine.where(col(RawEvent.id).in_(bindparam("ids", expanding=True)))
