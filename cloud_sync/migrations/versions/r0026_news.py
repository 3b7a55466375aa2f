"""Revision 0026: news to the shop's own programs, and which of it they are told."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """A webhook that is there is told alerts alone, as before."""
    op.create_table(
        "news",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("news", sa.String(32), primary_key=True),
        sa.Column("shop", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("made_at", "next_at", "held_until")),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(200), nullable=False),
    )
    op.create_index("news_due", "news", ["state", "next_at"])
    with op.batch_alter_table("alert_hook") as table:
        table.add_column(sa.Column("kinds", sa.String(80), nullable=False, server_default=""))
        table.add_column(sa.Column("low", sa.BigInteger(), nullable=False, server_default="3000"))
    with op.batch_alter_table("alert_hook") as table:
        for name in ("kinds", "low"):
            table.alter_column(name, server_default=None)


def downgrade() -> None:
    """Alerts alone again."""
    with op.batch_alter_table("alert_hook") as table:
        for name in ("low", "kinds"):
            table.drop_column(name)
    op.drop_table("news")
