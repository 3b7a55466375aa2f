"""Revision 0009: roles, codes of an authenticator, recovery codes, remembered and known browsers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Whoever was there is an owner without an authenticator, and signs in once more."""
    with op.batch_alter_table("owner") as owner:
        owner.add_column(sa.Column("role", sa.String(16), nullable=False, server_default="owner"))
        owner.add_column(sa.Column("second_turn", sa.Integer(), nullable=False, server_default="0"))
        owner.add_column(sa.Column("second_since", sa.BigInteger(), nullable=True))
        owner.add_column(sa.Column("second_step", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("owner") as owner:
        for name in ("role", "second_turn", "second_step"):
            owner.alter_column(name, server_default=None)
    op.drop_table("owner_session")
    _sessions(
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in (("session", 32), ("browser", 80))),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("remembered", "awaits_code")),
        sa.Column("proved_at", sa.BigInteger(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
    )
    _make_tables()


def _sessions(*more: sa.Column[Any]) -> None:
    op.create_table(
        "owner_session",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        *(sa.Column(name, sa.String(32), nullable=False) for name in ("tenant", "owner")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("made_at", "seen_at")),
        *more,
        sa.ForeignKeyConstraint(["tenant", "owner"], ["owner.tenant", "owner.owner"]),
    )


def _make_tables() -> None:
    op.create_table(
        "recovery_code",
        *(sa.Column(name, sa.String(length), primary_key=True) for name, length in (("tenant", 32), ("owner", 32))),
        sa.Column("handle", sa.String(8), primary_key=True),
        sa.Column("code_hash", sa.String(200), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["tenant", "owner"], ["owner.tenant", "owner.owner"]),
    )
    op.create_table(
        "known_browser",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        *(sa.Column(name, sa.String(32), nullable=False) for name in ("tenant", "owner")),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant", "owner"], ["owner.tenant", "owner.owner"]),
    )


def downgrade() -> None:
    """Take it all away; who had only a lesser role than an owner can't come in any more."""
    op.drop_table("known_browser")
    op.drop_table("recovery_code")
    op.drop_table("owner_session")
    op.execute("UPDATE owner SET disabled_at = made_at WHERE role <> 'owner' AND disabled_at IS NULL")
    with op.batch_alter_table("owner") as owner:
        for name in ("second_step", "second_since", "second_turn", "role"):
            owner.drop_column(name)
    _sessions()
