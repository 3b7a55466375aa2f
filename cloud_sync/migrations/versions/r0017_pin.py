"""Revision 0017: a PIN of a remembered phone."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """No phone has one yet."""
    with op.batch_alter_table("owner_session") as table:
        table.add_column(sa.Column("pin_hash", sa.String(200), nullable=False, server_default=""))
        table.add_column(sa.Column("pin_at", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("owner_session") as table:
        for name in ("pin_hash", "pin_at"):
            table.alter_column(name, server_default=None)


def downgrade() -> None:
    """Every phone proves itself by code or password again."""
    with op.batch_alter_table("owner_session") as table:
        for name in ("pin_at", "pin_hash"):
            table.drop_column(name)
