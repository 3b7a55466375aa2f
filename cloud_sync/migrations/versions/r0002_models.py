"""Revision 0002: candidates of the demand model, and what was published to the tills."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "model_candidate",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("features", sa.String(32), nullable=False),
        sa.Column("taught_until", sa.Integer(), nullable=False),
        sa.Column("better", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "model_published",
        sa.Column("version", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("features", sa.String(32), nullable=False),
        sa.Column("taught_until", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("forced", sa.String(200), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_model_published_sha256", "model_published", ["sha256"])


def downgrade() -> None:
    """Take both away."""
    op.drop_index("ix_model_published_sha256", "model_published")
    op.drop_table("model_published")
    op.drop_table("model_candidate")
