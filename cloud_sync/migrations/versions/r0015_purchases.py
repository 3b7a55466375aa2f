"""Revision 0015: invoices of suppliers, and how channels pay out."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "purchase_invoice",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("shop", sa.String(32), primary_key=True),
        sa.Column("supplier", sa.String(64), primary_key=True),
        sa.Column("number", sa.String(64), primary_key=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("day", "due")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("net", "tax")),
        sa.Column("order", sa.String(64), nullable=False),
        sa.Column("paid", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("eu", "gone")),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "payout_rule",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("shop", sa.String(32), primary_key=True),
        sa.Column("channel", sa.String(80), primary_key=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("fee", "days")),
        sa.Column("working", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("reserve", "reserve_days")),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("payout_rule")
    op.drop_table("purchase_invoice")
