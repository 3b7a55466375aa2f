"""Revision 0010: raw lines without a foreign key to their journal, which was looked at line by line."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op
from alembic.operations import BatchOperations

revision = "0010"
down_revision = "0009"

KEY = "raw_event_tenant_journal_fkey"
"""As PostgreSQL calls it by itself; SQLite has no name for it, and gets one for the move."""
NAMES = {"fk": "%(table_name)s_tenant_journal_fkey"}
COLUMNS = ["tenant", "journal"]


def upgrade() -> None:
    """Take the key away."""
    with _lines() as lines:
        lines.drop_constraint(KEY, type_="foreignkey")


def downgrade() -> None:
    """Put it back."""
    with _lines() as lines:
        lines.create_foreign_key(KEY, "journal", COLUMNS, COLUMNS)


@contextmanager
def _lines() -> Iterator[BatchOperations]:
    with op.batch_alter_table("raw_event", naming_convention=NAMES) as lines:
        yield lines
