"""Revision 0007: the wall between tenants, on PostgreSQL."""

from alembic import op

from cloud_sync.migrations.wall import put_up, take_down

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Put it up; tables that later revisions make are closed when a move ends."""
    put_up(op.get_bind())


def downgrade() -> None:
    """Take it down."""
    take_down(op.get_bind())
