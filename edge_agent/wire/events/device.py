"""Events about the device itself: birth of a journal, boots, pairing."""

from typing import Annotated, Literal

from pydantic import Field

from edge_agent.wire.envelope import Contract, Count


class Genesis(Contract):
    """First event of every journal; `parent` names the journal that this one goes on from, if any, up to `parent_seq`.

    `next_receipt` is the least number of its next receipt: numbers that the parent used up are not used again.
    """

    journal: str
    parent: str
    parent_seq: Count
    parent_hash: str
    reason: Literal["new", "fork", "restored", "corrupt"]
    next_receipt: Count


class Booted(Contract):
    """The till started: monotonic time ties this boot's events together when the clock was unsure."""

    boot: str
    monotonic_ms: Count
    version: str


class ClockMoved(Contract):
    """From this line on the clock stands otherwise against the boot's own time: a time server came or went, or a clock
    that is not sure was set. The line's `at` minus `monotonic_ms` is how it stands."""

    boot: Annotated[str, Field(max_length=64)]
    monotonic_ms: Count


class DevicePaired(Contract):
    """From here on the cloud is the catalogue's author; `catalogue_to` is the last own seq that it was given."""

    tenant: str
    shop: str
    device: str
    audience: str
    catalogue_to: Count


class FeedRenewed(Contract):
    """The till begins to take the feed of another `generation` from its start: the cloud was restored or is another.

    What it recorded before has nothing to do with the new feed's cursors, and is folded before all of it.
    """

    before: Annotated[str, Field(max_length=64)]
    generation: Annotated[str, Field(max_length=64)]


class TillKnown(Contract):
    """Feed entry: a till of the shop and the key that it signs with; the newest word holds. One that is banned or
    suspected is not `trusted`: its receipts are looked at where they were printed."""

    device: Annotated[str, Field(max_length=32)]
    public_key: Annotated[str, Field(max_length=64)]
    trusted: bool


KINDS: dict[tuple[str, int], type[Contract]] = {
    ("genesis", 1): Genesis,
    ("booted", 1): Booted,
    ("clock_moved", 1): ClockMoved,
    ("device_paired", 1): DevicePaired,
    ("feed_renewed", 1): FeedRenewed,
    ("till_known", 1): TillKnown,
}
