"""Revision 0020: the language in which somebody reads the pages."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Nobody has chosen yet: the shop's is good."""
    with op.batch_alter_table("owner") as table:
        table.add_column(sa.Column("language", sa.String(8), nullable=False, server_default=""))
    with op.batch_alter_table("owner") as table:
        table.alter_column("language", server_default=None)


def downgrade() -> None:
    """Everybody reads English again."""
    with op.batch_alter_table("owner") as table:
        table.drop_column("language")
