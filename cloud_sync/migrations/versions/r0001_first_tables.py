"""Revision 0001: the first tables, frozen as they were; a database made before revisions is measured by them."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

revision = "0001"
down_revision = None

TABLES = MetaData()

Table(
    "owner",
    TABLES,
    Column("tenant", String(32), ForeignKey("tenant.tenant"), primary_key=True),
    Column("owner", String(32), primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("one_time", Boolean(), nullable=False),
    Column("made_at", BigInteger(), nullable=False),
    Column("disabled_at", BigInteger()),
)
Table(
    "owner_session",
    TABLES,
    Column("token_hash", String(64), primary_key=True),
    Column("tenant", String(32), nullable=False),
    Column("owner", String(32), nullable=False),
    Column("made_at", BigInteger(), nullable=False),
    Column("seen_at", BigInteger(), nullable=False),
    ForeignKeyConstraint(["tenant", "owner"], ["owner.tenant", "owner.owner"]),
)
Table(
    "device",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("device", String(32), primary_key=True),
    Column("shop", String(32), nullable=False),
    Column("till", String(80), nullable=False),
    Column("public_key", String(64), nullable=False),
    Column("credential_hash", String(64), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("paired_at", BigInteger(), nullable=False),
    Column("last_seen_at", BigInteger()),
    Column("backlog", BigInteger(), nullable=False),
    Column("version", String(32), nullable=False),
    Column("journal", String(32), nullable=False),
    ForeignKeyConstraint(["tenant", "shop"], ["shop.tenant", "shop.shop"]),
)
Table(
    "retired",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("device", String(32), primary_key=True),
    Column("at", BigInteger(), nullable=False),
)
Table(
    "pair_code",
    TABLES,
    Column("code_hash", String(64), primary_key=True),
    Column("handle", String(8), nullable=False, index=True),
    Column("tenant", String(32), nullable=False),
    Column("shop", String(32), nullable=False),
    Column("expires_at", BigInteger(), nullable=False),
    Column("tries", Integer(), nullable=False),
    Column("used_at", BigInteger()),
    ForeignKeyConstraint(["tenant", "shop"], ["shop.tenant", "shop.shop"]),
)
Table(
    "attempt",
    TABLES,
    Column("attempt", Integer(), primary_key=True),
    Column("key", String(300), nullable=False, index=True),
    Column("at", BigInteger(), nullable=False),
)
Table(
    "backup",
    TABLES,
    Column("made_at", BigInteger(), primary_key=True),
    Column("file", String(400), nullable=False),
    Column("journals", Integer(), nullable=False),
    Column("events", BigInteger(), nullable=False),
)
Table(
    "safe",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("journal", String(32), primary_key=True),
    Column("seq", BigInteger(), nullable=False),
)
Table(
    "answered",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("device", String(32), primary_key=True),
    Column("generation", String(64), nullable=False),
)
Table(
    "resumed",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("shop", String(32), primary_key=True),
    Column("restored_at", BigInteger(), nullable=False),
    Column("by", String(80), nullable=False),
    Column("at", BigInteger(), nullable=False),
)
Table(
    "catalogue_entry",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("shop", String(32), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("body", LargeBinary(), nullable=False),
    Column("stamps", LargeBinary(), nullable=False),
    Column("cursor", BigInteger(), nullable=False),
)
Table(
    "catalogue_change",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("journal", String(32), primary_key=True),
    Column("seq", BigInteger(), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("key", String(64), nullable=False),
    Column("feed", BigInteger(), nullable=False),
    Column("at", BigInteger(), nullable=False),
    Column("body", LargeBinary(), nullable=False),
    Index("catalogue_change_key", "tenant", "journal", "kind", "key", "seq"),
)
Table(
    "journal",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("journal", String(32), primary_key=True),
    Column("shop", String(32), nullable=False),
    Column("device", String(32), nullable=False),
    Column("seq", BigInteger(), nullable=False),
    Column("hash", LargeBinary(), nullable=False),
    Column("session", BigInteger(), nullable=False),
    Column("boot", String(64), nullable=False),
    Column("received_at", BigInteger()),
    ForeignKeyConstraint(["tenant", "device"], ["device.tenant", "device.device"]),
)
Table(
    "raw_event",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("journal", String(32), primary_key=True),
    Column("seq", BigInteger(), primary_key=True),
    Column("id", String(16), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("hash", LargeBinary(), nullable=False),
    Column("line", LargeBinary(), nullable=False),
    Column("received_at", BigInteger(), nullable=False),
    ForeignKeyConstraint(["tenant", "journal"], ["journal.tenant", "journal.journal"]),
    Index("raw_event_id", "tenant", "id"),
)
Table(
    "quarantine",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("journal", String(32), primary_key=True),
    Column("seq", BigInteger(), primary_key=True),
    Column("shop", String(32), nullable=False),
    Column("why", String(32), nullable=False),
    Column("words", String(400), nullable=False),
    Column("at", BigInteger(), nullable=False),
    Column("state", String(16), nullable=False),
    ForeignKeyConstraint(["tenant", "journal", "seq"], ["raw_event.tenant", "raw_event.journal", "raw_event.seq"]),
)
Table(
    "feed",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("shop", String(32), primary_key=True),
    Column("cursor", BigInteger(), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("v", Integer(), nullable=False),
    Column("at", BigInteger(), nullable=False),
    Column("key", String(64), nullable=False),
    Column("author", String(32), nullable=False),
    Column("skip", String(32), nullable=False),
    Column("body", LargeBinary(), nullable=False),
    ForeignKeyConstraint(["tenant", "shop"], ["shop.tenant", "shop.shop"]),
    Index("feed_key", "tenant", "shop", "kind", "key", "cursor"),
)
Table(
    "order_command",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("order", String(64), primary_key=True),
    Column("version", Integer(), primary_key=True),
    Column("shop", String(32), nullable=False),
    Column("command", String(16), nullable=False),
    Column("by", String(80), nullable=False),
    Column("owner", String(32), nullable=False),
    Column("at", BigInteger(), nullable=False),
    Column("revision", BigInteger(), nullable=False),
    Column("reason", String(80), nullable=False),
    Column("lines", LargeBinary(), nullable=False),
)
Table(
    "position",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("journal", String(32), primary_key=True),
    Column("seq", BigInteger(), nullable=False),
)
Table(
    "stock",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("shop", String(32), primary_key=True),
    Column("sku", String(64), primary_key=True),
    Column("on_hand", BigInteger(), nullable=False),
    Column("counts", Integer(), nullable=False),
)
Table(
    "stock_by_journal",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("shop", String(32), primary_key=True),
    Column("sku", String(64), primary_key=True),
    Column("journal", String(32), primary_key=True),
    Column("moved", BigInteger(), nullable=False),
    Column("given", BigInteger(), nullable=False),
)
Table(
    "takings",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("shop", String(32), primary_key=True),
    Column("day", Integer(), primary_key=True),
    Column("journal", String(32), primary_key=True),
    Column("receipts", Integer(), nullable=False),
    Column("total", BigInteger(), nullable=False),
    Column("cash", BigInteger(), nullable=False),
    Column("card", BigInteger(), nullable=False),
)
Table(
    "takings_rate",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("shop", String(32), primary_key=True),
    Column("day", Integer(), primary_key=True),
    Column("journal", String(32), primary_key=True),
    Column("rate", Integer(), primary_key=True),
    Column("gross", BigInteger(), nullable=False),
    Column("tax", BigInteger(), nullable=False),
)
Table(
    "demand_day",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("shop", String(32), primary_key=True),
    Column("sku", String(64), primary_key=True),
    Column("day", Integer(), primary_key=True),
    Column("sold", BigInteger(), nullable=False),
    Column("imported", BigInteger(), nullable=False),
)
Table(
    "stamp",
    TABLES,
    Column("name", String(32), primary_key=True),
    Column("value", String(200), nullable=False),
)
Table(
    "tenant",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("made_at", BigInteger(), nullable=False),
)
Table(
    "shop",
    TABLES,
    Column("tenant", String(32), ForeignKey("tenant.tenant"), primary_key=True),
    Column("shop", String(32), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("decimals", Integer(), nullable=False),
    Column("feed_head", BigInteger(), nullable=False),
    Column("made_at", BigInteger(), nullable=False),
)
Table(
    "purchase_order",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("order", String(64), primary_key=True),
    Column("shop", String(32), nullable=False),
    Column("number", String(32), nullable=False),
    Column("supplier", String(64), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("cycle", BigInteger(), nullable=False),
    Column("revision", BigInteger(), nullable=False),
    Column("journal", String(32), nullable=False),
    Column("seq", BigInteger(), nullable=False),
    Column("saw_total", BigInteger(), nullable=False),
    Column("proposed_at", BigInteger(), nullable=False),
    Column("cutoff_at", BigInteger(), nullable=False),
    Column("arrives_at", BigInteger(), nullable=False),
    Column("next_arrives_at", BigInteger(), nullable=False),
    Column("proposal", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("holds", LargeBinary(), nullable=False),
    Column("value", BigInteger(), nullable=False),
    Column("version", Integer(), nullable=False),
    Column("edited", Boolean(), nullable=False),
    Column("by", String(80), nullable=False),
    Column("reason", String(80), nullable=False),
    Column("decided_at", BigInteger()),
    Index("purchase_order_due", "tenant", "shop", "state", "cutoff_at"),
)
Table(
    "purchase_order_line",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("order", String(64), primary_key=True),
    Column("sku", String(64), primary_key=True),
    Column("position", Integer(), nullable=False),
    Column("packs", BigInteger(), nullable=False),
    Column("qty", BigInteger(), nullable=False),
    Column("cost", BigInteger(), nullable=False),
    Column("approved_packs", BigInteger()),
    Column("approved_qty", BigInteger()),
)
Table(
    "purchase_order_receipt",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("order", String(64), primary_key=True),
    Column("journal", String(32), primary_key=True),
    Column("seq", BigInteger(), primary_key=True),
    Column("line", Integer(), primary_key=True),
    Column("shop", String(32), nullable=False),
    Column("sku", String(64), nullable=False),
    Column("qty", BigInteger(), nullable=False),
    Column("at", BigInteger(), nullable=False),
)
Table(
    "order_sending",
    TABLES,
    Column("tenant", String(32), primary_key=True),
    Column("order", String(64), primary_key=True),
    Column("shop", String(32), nullable=False),
    Column("number", String(32), nullable=False),
    Column("by", String(80), nullable=False),
    Column("journal", String(32), nullable=False),
    Column("at", BigInteger(), nullable=False),
)


def upgrade() -> None:
    """Make them all; none may be there."""
    TABLES.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    """Take them all away."""
    TABLES.drop_all(op.get_bind(), checkfirst=False)
