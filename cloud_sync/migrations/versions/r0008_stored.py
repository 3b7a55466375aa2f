"""Revision 0008: what is on gift cards, and customers' points."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "stored_balance",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("shop", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(16), primary_key=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("stored_balance")
