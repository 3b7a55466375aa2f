"""Forgeries of the simulated world: a batch changed on its way, and another tenant's till that claims our journal."""

import gzip
import random
from collections.abc import Callable

from cloud_sync.ingest.body import unpack
from edge_agent.sync.batch import pack
from edge_agent.sync.connection import Answer
from edge_agent.sync.keys import Keys
from edge_agent.wire.envelope import Event, line_of, link
from edge_agent.wire.messages import BatchHeader, SessionRequest, signed_bytes
from edge_agent.wire.messages import Session as SessionAnswer
from scripts.tortures.sim_cloud import AUDIENCE, TENANT
from scripts.tortures.sim_hand import Call, Numbers

FORGED_ID = "f" * 16


def tampered(packed: bytes, chance: random.Random, hash_at: Callable[[str, int], bytes | None]) -> bytes:
    """The batch with one digit of its last line changed; only the key that signs it is missing."""
    head, *lines = unpack(packed).removesuffix(b"\n").split(b"\n")
    places = [place for place, byte in enumerate(lines[-1]) if chr(byte).isdigit()]
    place = chance.choice(places[-8:])
    digit = str((int(chr(lines[-1][place])) + 1) % 10).encode()
    lines[-1] = lines[-1][:place] + digit + lines[-1][place + 1 :]
    return gzip.compress(b"\n".join([_with_head(head, lines, hash_at), *lines, b""]), 6, mtime=0)


def _with_head(head: bytes, lines: list[bytes], hash_at: Callable[[str, int], bytes | None]) -> bytes:
    header = BatchHeader.model_validate_json(head)
    previous = hash_at(header.journal, header.first - 1)
    if previous is None:
        return head
    for line in lines:
        previous = link(previous, line)
    return header.model_copy(update={"head_hash": previous.hex()}).model_dump_json().encode()


def attack(keys: Keys, journal: str, numbers: Numbers, answer: Callable[[Call], Answer]) -> list[Call]:
    """A stranger's till opens a session for our journal and sends a line of its own behind what it is told of it."""
    asked = SessionRequest(journal=journal, head_seq=0, head_hash="00" * 32, boot="", version="", accept=1)
    opening = _call(numbers, "/v1/session", asked.model_dump_json().encode())
    said = answer(opening)
    if said.status != 200:
        return [opening]
    session = SessionAnswer.model_validate_json(said.body)
    seq = session.ack + 1
    event = Event(
        seq=seq, id=FORGED_ID, kind="booted", v=1, at=0, clock="rtc", feed=0, because=None, by="", body={"boot": "x"}
    )
    line = line_of(event)

    def sign(header: BatchHeader) -> BatchHeader:
        return header.model_copy(update={"signature": keys.private.sign(signed_bytes(AUDIENCE, TENANT, header)).hex()})

    packed = pack([line], journal=journal, session=session.session, first=seq, behind=session.ack_hash, sign=sign)
    sending = _call(numbers, "/v1/push", packed.body)
    answer(sending)
    return [opening, sending]


def _call(numbers: Numbers, path: str, content: bytes) -> Call:
    return Call(numbers.next(), "POST", path, "stranger-secret", content, {})
