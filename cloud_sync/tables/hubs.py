"""Tables of micro-hubs: what they are, what they have, what was ordered there, and what they ask for it."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class ShopPlace(SQLModel, table=True):
    """Where the shop is, in millionths of a degree."""

    __tablename__ = "shop_place"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    lat: int
    lon: int


class Hub(SQLModel, table=True):
    """A hub as the owner described it: `body` is the card as JSON. A new `turn` makes another secret."""

    __tablename__ = "hub"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    hub: str = Field(primary_key=True, max_length=64)
    body: bytes
    turn: int = 0
    asked_at: int = Field(default=0, sa_type=BigInteger)
    words: str = Field(default="", max_length=200)
    """What its last answer was, if it was not good."""
    by: str = Field(max_length=80)
    at: int = Field(sa_type=BigInteger)


class HubStock(SQLModel, table=True):
    """Pieces of a SKU at a hub as it told last."""

    __tablename__ = "hub_stock"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    hub: str = Field(primary_key=True, max_length=64)
    sku: str = Field(primary_key=True, max_length=64)
    on_hand: int
    committed: int
    exceptions: int


class HubDayRow(SQLModel, table=True):
    """Pieces on hand at a hub at the end of an ordinal day, as it told last on that day."""

    __tablename__ = "hub_day"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    hub: str = Field(primary_key=True, max_length=64)
    day: int = Field(primary_key=True)
    on_hand: int


class HubOrder(SQLModel, table=True):
    """An order at a hub under its own reference. `lines` is JSON {SKU: pieces}; `state`: asking, reserved, shipped,
    delivered, released, refused; days are ordinal, 0: not yet. `promised` is the day that was told (0: none)."""

    __tablename__ = "hub_order"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    hub: str = Field(primary_key=True, max_length=64)
    reference: str = Field(primary_key=True, max_length=64)
    lines: bytes
    state: str = Field(max_length=16)
    words: str = Field(max_length=200)
    promised: int
    shipped: int
    delivered: int
    cost: int = Field(sa_type=BigInteger)
    grams: int
    by: str = Field(max_length=80)
    at: int = Field(sa_type=BigInteger)


class HubCharge(SQLModel, table=True):
    """What a hub's invoice asks for a day, by kind, in minor units; the last word of a line holds."""

    __tablename__ = "hub_charge"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    hub: str = Field(primary_key=True, max_length=64)
    invoice: str = Field(primary_key=True, max_length=32)
    day: int = Field(primary_key=True)
    kind: str = Field(primary_key=True, max_length=32)
    amount: int = Field(sa_type=BigInteger)
