"""Revision 0011: alerts, and who hears of them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the tables."""
    _alert()
    op.create_table(
        "alert_choice",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(32), primary_key=True),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "alert_hook",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("shop", sa.String(32), primary_key=True),
        sa.Column("url", sa.String(400), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
    )
    op.create_table(
        "alert_digest",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("shop", sa.String(32), primary_key=True),
        sa.Column("day", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )


def _alert() -> None:
    op.create_table(
        "alert",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("alert", sa.String(32), primary_key=True),
        sa.Column("shop", sa.String(32), nullable=False),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("words", sa.String(400), nullable=False),
        sa.Column("link", sa.String(120), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("over_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_by", sa.String(80), nullable=False),
    )
    op.create_index("alert_open", "alert", ["tenant", "shop", "over_at"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("alert_open", "alert")
    for table in ("alert_digest", "alert_hook", "alert_choice", "alert"):
        op.drop_table(table)
