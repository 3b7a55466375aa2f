"""Revision 0019: micro-hubs, what is there, orders and charges."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
TABLES = ("hub_charge", "hub_order", "hub_day", "hub_stock", "hub", "shop_place")


def upgrade() -> None:
    """Make the tables."""
    _table("shop_place", _number("lat"), _number("lon"))
    _table(
        "hub",
        _key("hub", 64),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _number("turn"),
        _large("asked_at"),
        _words("words", 200),
        _words("by", 80),
        _large("at"),
    )
    counts = [_number(name) for name in ("on_hand", "committed", "exceptions")]
    _table("hub_stock", _key("hub", 64), _key("sku", 64), *counts)
    _table("hub_day", _key("hub", 64), _day(), _number("on_hand"))
    _table(
        "hub_order",
        _key("hub", 64),
        _key("reference", 64),
        sa.Column("lines", sa.LargeBinary(), nullable=False),
        _words("state", 16),
        _words("words", 200),
        *(_number(name) for name in ("promised", "shipped", "delivered")),
        _large("cost"),
        _number("grams"),
        _words("by", 80),
        _large("at"),
    )
    _table("hub_charge", _key("hub", 64), _key("invoice", 32), _day(), _key("kind", 32), _large("amount"))


def _table(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(name, _key("tenant", 32), _key("shop", 32), *columns)


def _key(name: str, most: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(most), primary_key=True)


def _day() -> sa.Column[object]:
    return sa.Column("day", sa.Integer(), primary_key=True, autoincrement=False)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _large(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _words(name: str, most: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(most), nullable=False)


def downgrade() -> None:
    """Take them away."""
    for name in TABLES:
        op.drop_table(name)
