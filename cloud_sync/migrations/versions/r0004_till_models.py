"""Revision 0004: what each till says of its demand models."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table; no till has said anything before."""
    op.create_table(
        "till_model",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("journal", sa.String(32), primary_key=True),
        sa.Column("shop", sa.String(32), nullable=False),
        sa.Column("speaks", sa.String(64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("shadow", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.String(300), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("till_model")
