"""One line of a journal: the envelope that never changes, and the canonical bytes that are stored, hashed and sent."""

import hashlib
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

MAX_WHOLE = 2**63 - 1

Clock = Literal["ntp", "rtc", "floor"]
Whole = Annotated[int, Field(strict=True, ge=-MAX_WHOLE, le=MAX_WHOLE)]
Count = Annotated[int, Field(strict=True, ge=0, le=MAX_WHOLE)]

EventId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class Contract(BaseModel):
    """Base of every message and body: unknown fields are refused where we write, kept where we only carry."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Envelope(BaseModel):
    """What every line says around its body. Frozen: a reader of any age can read every line ever written.

    `seq` counts from 1 without gaps in one journal; `id` is 64 random bits made before the write; `at` is UTC ms by the
    device's clock of the quality `clock`; `feed` is the feed cursor that the device had seen; `because` is the seq of
    the own event that caused this one; `by` is a random staff id, or empty for the device itself.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    seq: Annotated[int, Field(strict=True, ge=1, le=MAX_WHOLE)]
    id: EventId
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    v: Annotated[int, Field(strict=True, ge=1, le=1_000)]
    at: Count
    clock: Clock
    feed: Count
    because: Annotated[int, Field(strict=True, ge=1)] | None
    by: Annotated[str, Field(max_length=32)]


class Event(Envelope):
    """One journal line, whole."""

    body: dict[str, Any]


class Unread(BaseModel):
    """Any JSON object, not looked into."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Carried(Envelope):
    """A line that is carried and not read: its body is an object and no more is known of it; 2.5 times as quick."""

    body: Unread


def canonical(value: object) -> bytes:
    """JSON bytes with one spelling: UTF-8, no spaces, keys in the order given."""
    return to_json(value)


def line_of(event: Event) -> bytes:
    """The bytes of a line as stored, hashed and pushed (without the newline)."""
    return canonical(event)


def written(event: Envelope, body: Contract) -> bytes:
    """The same bytes, of an envelope without its body and of the body as a contract: the body is gone through once."""
    return canonical(event)[:-1] + b',"body":' + canonical(body) + b"}"


def event_of(line: bytes) -> Event:
    """Read a stored line back; raises pydantic's ValidationError when it is no envelope."""
    return Event.model_validate_json(line)


GENESIS_HASH = bytes(32)


def link(previous: bytes, line: bytes) -> bytes:
    """The chain: SHA-256 over the previous link (32 bytes) and the line's bytes."""
    return hashlib.sha256(previous + line).digest()
