"""Tables of the truth: journals with their raw lines, what was put aside, the feed as published, commands."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel


class JournalRow(SQLModel, table=True):
    """A till's journal as far as it came in; `hash` is the chain at `seq`, `session` the only one that may push."""

    __tablename__ = "journal"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "device"], ["device.tenant", "device.device"]),
        Index("journal_shop", "shop", "tenant"),
    )

    tenant: str = Field(primary_key=True, max_length=32)
    journal: str = Field(primary_key=True, max_length=32)
    shop: str = Field(max_length=32)
    device: str = Field(max_length=32)
    seq: int = Field(default=0, sa_type=BigInteger)
    hash: bytes = bytes(32)
    session: int = Field(default=0, sa_type=BigInteger)
    boot: str = Field(default="", max_length=64)
    received_at: int | None = Field(default=None, sa_type=BigInteger)


class RawEvent(SQLModel, table=True):
    """One line, verbatim, with the chain's hash after it; `id` and `kind` are empty when it is no envelope.

    It has no foreign key to its journal, which a database would look at line by line: the transaction that stores a
    batch holds the journal's row and moves it on, and `verify` looks for lines that no journal accounts for.
    """

    __tablename__ = "raw_event"
    __table_args__ = (Index("raw_event_id", "tenant", "id"),)

    tenant: str = Field(primary_key=True, max_length=32)
    journal: str = Field(primary_key=True, max_length=32)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    id: str = Field(max_length=16)
    kind: str = Field(max_length=64)
    hash: bytes
    line: bytes
    received_at: int = Field(sa_type=BigInteger)


class Quarantine(SQLModel, table=True):
    """A line that is kept but not counted, and why; `state` open or settled. `words` is the owner's task."""

    __tablename__ = "quarantine"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "journal", "seq"], ["raw_event.tenant", "raw_event.journal", "raw_event.seq"]),
    )

    tenant: str = Field(primary_key=True, max_length=32)
    journal: str = Field(primary_key=True, max_length=32)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    shop: str = Field(max_length=32)
    why: str = Field(max_length=32)
    words: str = Field(max_length=400)
    at: int = Field(sa_type=BigInteger)
    state: str = Field(default="open", max_length=16)


class FeedRow(SQLModel, table=True):
    """One published entry, verbatim. `key` is what it sets; `author` the till's journal it came from, or empty.

    `skip` names the journal that need not be sent it (it says exactly what that till already holds).
    """

    __tablename__ = "feed"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "shop"], ["shop.tenant", "shop.shop"]),
        Index("feed_key", "tenant", "shop", "kind", "key", "cursor"),
    )

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    cursor: int = Field(primary_key=True, sa_type=BigInteger)
    kind: str = Field(max_length=64)
    v: int
    at: int = Field(sa_type=BigInteger)
    key: str = Field(max_length=64)
    author: str = Field(default="", max_length=32)
    skip: str = Field(default="", max_length=32)
    body: bytes


class OrderCommand(SQLModel, table=True):
    """What the owner (or, by the clock, the cloud) did with an order: the audit, and half of the order's truth.

    `command`: approved, rejected, expired, sent (by the cloud, or by hand at a till). `lines` is JSON
    `{journal, seq, lines: [{sku, packs, qty}]}`: the proposal that was judged, and what will be ordered; or the lines
    alone where no proposal was known.
    """

    __tablename__ = "order_command"

    tenant: str = Field(primary_key=True, max_length=32)
    order: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    shop: str = Field(max_length=32)
    command: str = Field(max_length=16)
    by: str = Field(max_length=80)
    owner: str = Field(max_length=32)
    at: int = Field(sa_type=BigInteger)
    revision: int = Field(sa_type=BigInteger)
    reason: str = Field(max_length=80)
    lines: bytes
