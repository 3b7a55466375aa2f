"""Revision 0021: channels beside the tills, and reservations."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
TABLES = ("reserved_line", "reservation", "channel")


def upgrade() -> None:
    """Make the tables."""
    _table("channel", _key("channel", 64), _key("sku", 64), _large("kept"), _large("opened_at"), _large("until"))
    _table(
        "reservation",
        _key("reservation", 16),
        sa.Column("number", sa.Integer(), nullable=False),
        *(_words(name, 64) for name in ("channel", "reference", "drop")),
        _words("spot", 80),
        sa.Column("paid", sa.Boolean(), nullable=False),
        _words("state", 16),
        *(_large(name) for name in ("at", "until", "ended_at")),
        _words("receipt", 64),
    )
    op.create_index("ix_reservation_state", "reservation", ["state"])
    _table("reserved_line", _key("reservation", 16), _key("sku", 64), _large("qty"), _large("price"))


def _table(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(name, _key("tenant", 32), _key("shop", 32), *columns)


def _key(name: str, most: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(most), primary_key=True)


def _large(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _words(name: str, most: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(most), nullable=False)


def downgrade() -> None:
    """Take them away."""
    for name in TABLES:
        op.drop_table(name)
