"""Revision 0028: what of a delivery was damaged."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Of what came so far nothing was said to be damaged."""
    with op.batch_alter_table("purchase_order_receipt") as table:
        table.add_column(sa.Column("damaged", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("purchase_order_receipt") as table:
        table.alter_column("damaged", server_default=None)


def downgrade() -> None:
    """What was damaged is not told."""
    with op.batch_alter_table("purchase_order_receipt") as table:
        table.drop_column("damaged")
