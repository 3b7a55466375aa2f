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


def offer(memory: Reading, door: "Door", keys: "Keys", journal: str, last: int) -> bool:
    """Send what the cloud lacks of an elder's events up to `last`. False when it has other lines there: a copied till
    went on with that journal and sent its own, so that ours have no place in it."""
    from edge_agent.sync.http import Refused

    asked = SessionRequest(
        journal=journal, head_seq=last, head_hash=_hash_at(memory, journal, last), boot="", version="", accept=1
    )
    said = door.open_session(asked)
    if said.ack <= last and _hash_at(memory, journal, said.ack) != said.ack_hash:
        return False
    # Of what it has beyond ours only the same lines sent once more tell whether they go on from them.
    sent = min(said.ack, last - 1)
    while sent < last:
        try:
            sent = _send(memory, door, keys, journal, said, sent + 1, last)
        except Refused as no:
            if no.refusal.error == "FORK":
                return False
            raise
    return True


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
    return packed.last


def _hash_at(memory: Reading, journal: str, seq: int) -> str:
    rows = memory.elder_lines(journal, seq, seq)
    return rows[0][1].hex() if rows else NO_HASH
