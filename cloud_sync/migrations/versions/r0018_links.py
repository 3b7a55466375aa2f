"""Revision 0018: short links and how often they were followed."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "link",
        sa.Column("code", sa.String(16), primary_key=True),
        sa.Column("tenant", sa.String(32), nullable=False),
        sa.Column("shop", sa.String(32), nullable=False),
        sa.Column("popup", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("target", sa.String(800), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_link_tenant", "link", ["tenant"])
    op.create_table(
        "link_scan",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("code", sa.String(16), primary_key=True),
        sa.Column("day", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("scans", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("link_scan")
    op.drop_table("link")
