"""Revision 0005: orders on their way to the suppliers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "order_message",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("order", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("shop", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("sent_to", sa.String(400), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("made_at", "next_at", "until_at")),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(80), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("tried_at", "left_at")),
        sa.Column("problem", sa.String(200), nullable=False),
        sa.Column("settled_by", sa.String(80), nullable=False),
    )
    op.create_index("order_message_due", "order_message", ["state", "next_at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("order_message_due", "order_message")
    op.drop_table("order_message")
