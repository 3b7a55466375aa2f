"""Revision 9000: a shop gets a note, a till's name gets longer and is found by an index; SQLite rebuilds the tables."""

import sqlalchemy as sa
from alembic import op

from cloud_sync.migrations import newest_own

revision = "9000"
down_revision = newest_own()


def upgrade() -> None:
    """Change two tables that others refer to."""
    with op.batch_alter_table("shop") as shop:
        shop.add_column(sa.Column("note", sa.String(200), nullable=False, server_default="none"))
    with op.batch_alter_table("device") as device:
        device.alter_column("till", existing_type=sa.String(80), type_=sa.String(120), existing_nullable=False)
    op.create_index("device_till", "device", ["tenant", "till"])


def downgrade() -> None:
    """And back."""
    op.drop_index("device_till", "device")
    with op.batch_alter_table("device") as device:
        device.alter_column("till", existing_type=sa.String(120), type_=sa.String(80), existing_nullable=False)
    with op.batch_alter_table("shop") as shop:
        shop.drop_column("note")
