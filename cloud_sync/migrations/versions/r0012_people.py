"""Revision 0012: invitations, and what everybody did."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "invitation",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(32), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("made_by", sa.String(80), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("made_at", "expires_at")),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
    )
    op.create_index("ix_invitation_tenant", "invitation", ["tenant"])
    op.create_table(
        "deed",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("at", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("deed", sa.String(16), primary_key=True),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in (("route", 80), ("about", 200))),
        sa.Column("browser", sa.String(80), nullable=False),
    )


def downgrade() -> None:
    """Take both away."""
    op.drop_table("deed")
    op.drop_index("ix_invitation_tenant", "invitation")
    op.drop_table("invitation")
