"""Revision 0027: what tills say of their printers, and after how many minutes one that is down is told."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Tills have said nothing yet; ten minutes are told."""
    with op.batch_alter_table("device") as table:
        table.add_column(sa.Column("fittings", sa.String(4_000), nullable=False, server_default=""))
        table.add_column(sa.Column("fittings_at", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("alert_hook") as table:
        table.add_column(sa.Column("printer_min", sa.Integer(), nullable=False, server_default="10"))
    with op.batch_alter_table("device") as table:
        for name in ("fittings", "fittings_at"):
            table.alter_column(name, server_default=None)
    with op.batch_alter_table("alert_hook") as table:
        table.alter_column("printer_min", server_default=None)
    op.create_index("device_shop", "device", ["shop", "tenant"])


def downgrade() -> None:
    """Nobody hears of printers again."""
    op.drop_index("device_shop", "device")
    with op.batch_alter_table("alert_hook") as table:
        table.drop_column("printer_min")
    with op.batch_alter_table("device") as table:
        for name in ("fittings_at", "fittings"):
            table.drop_column(name)
