"""A pushed batch, pure: its header and lines, its signature, and the envelope of each line or why it has none."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from edge_agent.errors import BadInput
from edge_agent.wire.envelope import Carried, event_of, link
from edge_agent.wire.limits import BATCH_EVENTS, EVENT_BYTES, JSON_DEPTH
from edge_agent.wire.messages import BatchHeader, signed_bytes


@dataclass(frozen=True)
class Batch:
    """The header and the raw lines `header.first`..`header.last`, as many as it says."""

    header: BatchHeader
    lines: tuple[bytes, ...]


def batch_of(plain: bytes) -> Batch:
    """Split NDJSON into header and lines; BadInput when the header is off or the number of lines is another."""
    head, *lines = plain.removesuffix(b"\n").split(b"\n")
    try:
        header = BatchHeader.model_validate_json(head)
    except ValidationError as error:
        raise BadInput(f"the batch header is not one: {error.error_count()} faults") from error
    if header.last < header.first or len(lines) != header.last - header.first + 1:
        raise BadInput(f"the header says {header.first} to {header.last}, {len(lines)} lines came")
    if len(lines) > BATCH_EVENTS:
        raise BadInput(f"a batch has at most {BATCH_EVENTS} events")
    return Batch(header, tuple(lines))


def signature_holds(batch: Batch, *, public_key: str, audience: str, tenant: str) -> bool:
    """True when the header was signed by this device for this cloud, tenant, range, head and session."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
    try:
        key.verify(bytes.fromhex(batch.header.signature), signed_bytes(audience, tenant, batch.header))
    except InvalidSignature:
        return False
    return True


def chain(previous: bytes, lines: tuple[bytes, ...]) -> list[bytes]:
    """The chain's hash after each line."""
    hashes: list[bytes] = []
    for line in lines:
        previous = link(previous, line)
        hashes.append(previous)
    return hashes


def envelope_of(line: bytes, seq: int) -> tuple[Carried | None, str]:
    """The envelope of a line, and what is odd about it (empty: nothing); odd lines are kept, never refused."""
    if len(line) > EVENT_BYTES:
        return None, f"it has {len(line)} bytes, more than {EVENT_BYTES}"
    try:
        event = Carried.model_validate_json(line)
    except (ValidationError, RecursionError):
        return None, "it is not an event as the contract describes one"
    if event.seq != seq:
        return event, f"it calls itself number {event.seq}"
    # So deep a line has so many brackets; counting them is a hundred times quicker than walking it.
    if line.count(b"{") + line.count(b"[") > JSON_DEPTH and depth(event_of(line).body) > JSON_DEPTH:
        return event, f"it is nested deeper than {JSON_DEPTH}"
    return event, ""


def depth(value: object) -> int:
    """How deep lists and objects are nested in a JSON value (0 for a plain one)."""
    level, deep = [value], 0
    while any(isinstance(one, dict | list) for one in level):
        level, deep = [inner for outer in level for inner in _inside(outer)], deep + 1
    return deep


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []
