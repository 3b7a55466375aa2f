"""Offering the journals that went before: what a restored or another cloud lacks of them is sent once more."""

import logging
from typing import TYPE_CHECKING

from edge_agent.errors import Unreachable
from edge_agent.journal.reading import Reading
from edge_agent.sync.batch import closed, pack
from edge_agent.wire.messages import Session, SessionRequest

if TYPE_CHECKING:
    from edge_agent.sync.http import Door
    from edge_agent.sync.keys import Keys

log = logging.getLogger(__name__)
NO_HASH = bytes(32).hex()


def offer(memory: Reading, door: "Door", keys: "Keys", journal: str, last: int) -> None:
    """Send what the cloud lacks of an elder's events up to `last`; none when it has other lines there: a copied till
    goes on with that journal, and sends its own."""
    asked = SessionRequest(
        journal=journal, head_seq=last, head_hash=_hash_at(memory, journal, last), boot="", version="", accept=1
    )
    said = door.open_session(asked)
    sent = said.ack
    if sent < last and _hash_at(memory, journal, sent) != said.ack_hash:
        return
    while sent < last:
        sent = _send(memory, door, keys, journal, said, sent + 1, last)


def _send(memory: Reading, door: "Door", keys: "Keys", journal: str, said: Session, first: int, last: int) -> int:
    rows = memory.elder_lines(journal, first, min(last, first + max(1, said.limits.batch_events) - 1))
    packed = pack(
        closed([line for line, _ in rows], said.limits.batch_bytes),
        journal=journal,
        session=said.session,
        first=first,
        behind=_hash_at(memory, journal, first - 1),
        sign=keys.signed,
    )
    if packed.head_hash != rows[packed.last - first][1].hex():
        # The cloud would refuse it for ever.
        log.error("a journal that went before is damaged and not offered", extra={"journal": journal, "first": first})
        return last
    ack = door.push(packed.body)
    if (ack.journal, ack.session, ack.to, ack.head_hash) != (journal, said.session, packed.last, packed.head_hash):
        raise Unreachable("the answer does not belong to what was sent")
    return ack.received


def _hash_at(memory: Reading, journal: str, seq: int) -> str:
    rows = memory.elder_lines(journal, seq, seq)
    return rows[0][1].hex() if rows else NO_HASH
