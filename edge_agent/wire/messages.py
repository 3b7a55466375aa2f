"""What goes over the wire between a till and the cloud: pairing, session, push, feed."""

from typing import Annotated, Any, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count, Whole
from edge_agent.wire.limits import FITTING_WORDS, FITTINGS, MODEL_PART_BYTES

Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
JournalId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class Message(Contract, extra="ignore"):
    """Base of what till and cloud say to each other: what a newer one says besides is passed by."""


class PairRequest(Message):
    """`POST /v1/pair`: the one-time code, and the public half of the key that the till made."""

    code: Annotated[str, Field(min_length=8, max_length=16)]
    public_key: Hex32
    till: Name


class Paired(Message):
    """What the till keeps after pairing; `credential` is shown once and stored hashed in the cloud.

    `model_key` is the public key that signs models, pinned here once and for all (empty: none is taken).
    """

    tenant: str
    shop: str
    device: str
    credential: str
    audience: str
    shop_name: str
    model_key: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


class SessionRequest(Message):
    """`POST /v1/session`: opens a session; a newer one fences the older."""

    journal: JournalId
    head_seq: Count
    head_hash: Hex32
    boot: str
    version: str
    accept: Count


class Limits(Message):
    """What the cloud asks of the till until the next session."""

    batch_events: Count
    batch_bytes: Count
    spread_s: Count
    idle_s: Count


class Session(Message):
    """The cloud's answer: where it stands (`ack` may be lower than before, and is obeyed) and its own generation."""

    session: Count
    ack: Count
    ack_hash: Hex32
    safe: Count
    generation: str
    limits: Limits
    time: Count


class BatchHeader(Message):
    """First line of a push body (NDJSON, compressed); the raw event lines follow. Signed by the device key."""

    journal: JournalId
    session: Count
    first: Annotated[int, Field(strict=True, ge=1)]
    last: Annotated[int, Field(strict=True, ge=1)]
    head_hash: Hex32
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


def signed_bytes(audience: str, tenant: str, header: BatchHeader) -> bytes:
    """What a batch signature covers: audience, tenant, journal, range, head and session."""
    parts = ["till-batch/1", audience, tenant, header.journal, str(header.first), str(header.last)]
    return "\n".join([*parts, header.head_hash, str(header.session)]).encode()


class Ack(Message):
    """Answer to a push, bound to content: anything that does not echo what was sent is not an acknowledgement."""

    journal: JournalId
    session: Count
    to: Count
    head_hash: Hex32
    received: Count
    safe: Count


class Refusal(Message):
    """A 4xx or 503 of the devices' door, with what the till needs to go on (see docs/protocol.md for each)."""

    error: Literal["GAP", "FORK", "FENCED", "REFETCH", "SIZE", "SIGNATURE", "REVOKED", "ENVELOPE", "CODE", "BUSY"]
    ack: Count = 0
    hash: str = ""
    words: str = ""


class FeedEntry(Message):
    """One entry of the feed, kept verbatim by the till; `cursor` counts up per shop without reuse."""

    cursor: Annotated[int, Field(strict=True, ge=1)]
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    v: Annotated[int, Field(strict=True, ge=1)]
    at: Count
    body: dict[str, Any]


class JournalPage(Message):
    """`GET /v1/journal?journal=J&after=SEQ`: the till's own lines behind `after`, verbatim, at most a page of them."""

    journal: JournalId
    after: Count
    lines: tuple[str, ...]


class ModelPart(Message):
    """`GET /v1/model?sha256=H&after=N`: bytes of a model's file behind the first N, base64 (empty: no more)."""

    sha256: Hex32
    after: Count
    data: Annotated[str, Field(max_length=4 * MODEL_PART_BYTES // 3 + 4)]


class Fitting(Message):
    """What is fitted to a till: how it is, what is wrong in words, and for how many seconds it has been so.

    What does not work (`fault`, `gone`) goes on being so when one becomes the other. `at_least`: it was so when the
    till's program began, perhaps for longer.
    """

    fitting: Annotated[str, Field(pattern=r"^[a-z][a-z ]{0,15}$")]
    state: Literal["ok", "fault", "gone", "unknown"]
    words: Annotated[str, Field(max_length=FITTING_WORDS)] = ""
    for_s: Count
    at_least: bool = False


class Fittings(Message):
    """`fittings` of `GET /v1/feed`: all that is fitted, and that `waiting` printouts wait, the first for `waiting_s`.

    Said at each look into the feed; what a newer till says besides is passed by.
    """

    fittings: Annotated[tuple[Fitting, ...], Field(max_length=FITTINGS)] = ()
    waiting: Count = 0
    waiting_s: Count = 0


class FeedPage(Message):
    """`GET /v1/feed?after=CURSOR&generation=G`: entries in cursor order; `head` is the newest cursor there is."""

    generation: str
    entries: tuple[FeedEntry, ...]
    head: Count

    @property
    def reached(self) -> bool:
        """True when nothing of the feed comes behind this page."""
        return not self.entries or self.entries[-1].cursor >= self.head


__all__ = [
    "Ack",
    "BatchHeader",
    "FeedEntry",
    "FeedPage",
    "Fitting",
    "Fittings",
    "JournalPage",
    "Limits",
    "ModelPart",
    "PairRequest",
    "Paired",
    "Refusal",
    "Session",
    "SessionRequest",
    "Whole",
    "signed_bytes",
]
