"""Revision 0024: marketplaces that sell beside the shop."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "market",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("shop", sa.String(32), primary_key=True),
        sa.Column("market", sa.String(40), primary_key=True),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_market_key_hash", "market", ["key_hash"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("market")
