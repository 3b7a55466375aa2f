"""Revision 0003: refunds and cash movements of each till's day, and the closings of the tills."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "drawer_day",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("shop", sa.String(32), primary_key=True),
        sa.Column("day", sa.Integer(), primary_key=True),
        sa.Column("journal", sa.String(32), primary_key=True),
        sa.Column("refunds", sa.Integer(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("paid_in", sa.BigInteger(), nullable=False),
        sa.Column("paid_out", sa.BigInteger(), nullable=False),
        sa.Column("no_sales", sa.Integer(), nullable=False),
    )
    op.create_table(
        "closing",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("journal", sa.String(32), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True),
        sa.Column("shop", sa.String(32), nullable=False),
        sa.Column("what", sa.String(8), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("number", "label")),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sales", sa.Integer(), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False),
        sa.Column("refunds", sa.Integer(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=True),
        sa.Column("difference", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_closing_shop", "closing", ["shop"])


def downgrade() -> None:
    """Take both away."""
    op.drop_index("ix_closing_shop", "closing")
    op.drop_table("closing")
    op.drop_table("drawer_day")
