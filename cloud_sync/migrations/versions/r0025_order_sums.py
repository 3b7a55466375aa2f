"""Revision 0025: what an order costs as it stands is kept with it; orders and journals are found by their shop."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

INDICES = {
    "purchase_order_newest": ("purchase_order", ["tenant", "shop", "cutoff_at"]),
    "purchase_order_ahead": ("purchase_order", ["tenant", "shop", "next_arrives_at"]),
    "journal_shop": ("journal", ["shop", "tenant"]),
}
SUMS = """UPDATE purchase_order SET
    total = COALESCE((
        SELECT SUM(l.cost / CASE WHEN l.packs > 1 THEN l.packs ELSE 1 END * COALESCE(l.approved_packs, l.packs))
        FROM purchase_order_line l WHERE l."order" = purchase_order."order" AND l.tenant = purchase_order.tenant), 0),
    lines = (
        SELECT COUNT(*)
        FROM purchase_order_line l WHERE l."order" = purchase_order."order" AND l.tenant = purchase_order.tenant)"""


def upgrade() -> None:
    """Add the sums, and work them out once."""
    with op.batch_alter_table("purchase_order") as table:
        table.add_column(sa.Column("total", sa.BigInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("lines", sa.Integer(), nullable=False, server_default="0"))
    op.execute(SUMS)
    with op.batch_alter_table("purchase_order") as table:
        table.alter_column("total", server_default=None)
        table.alter_column("lines", server_default=None)
    for name, (table_name, columns) in INDICES.items():
        op.create_index(name, table_name, columns)


def downgrade() -> None:
    """They are summed at each page again."""
    for name, (table_name, _) in INDICES.items():
        op.drop_index(name, table_name)
    with op.batch_alter_table("purchase_order") as table:
        table.drop_column("lines")
        table.drop_column("total")
