"""Revision 0023: public pages of drops, and who waits."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "drop_page",
        sa.Column("slug", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(32), nullable=False),
        sa.Column("shop", sa.String(32), nullable=False),
        sa.Column("drop", sa.String(64), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("hold_minutes", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_drop_page_tenant", "drop_page", ["tenant"])
    op.create_table(
        "waiting",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("shop", sa.String(32), primary_key=True),
        sa.Column("ticket", sa.String(16), primary_key=True),
        sa.Column("drop", sa.String(64), nullable=False),
        sa.Column("sku", sa.String(64), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("waiting")
    op.drop_table("drop_page")
