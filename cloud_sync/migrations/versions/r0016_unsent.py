"""Revision 0016: what has not left of a shop is found without looking at all that has."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the index."""
    op.create_index("order_message_shop", "order_message", ["tenant", "shop", "state"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("order_message_shop", "order_message")
