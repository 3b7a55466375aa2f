"""Tables of reservations: through which channels beside the tills a SKU is sold, and what is kept for whom."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Channel(SQLModel, table=True):
    """A channel beside the tills that sells a SKU until `until` (UTC ms). `kept` milli-units are set aside for it alone
    (0: it shares with the tills, like one of them)."""

    __tablename__ = "channel"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    channel: str = Field(primary_key=True, max_length=64)
    sku: str = Field(primary_key=True, max_length=64)
    kept: int = Field(default=0, sa_type=BigInteger)
    opened_at: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger)


class Reservation(SQLModel, table=True):
    """Goods kept for a customer, under the mark of their code. `state`: open, handed, released. A `reference` is the
    word of where it came from, once a channel (empty: none)."""

    __tablename__ = "reservation"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    reservation: str = Field(primary_key=True, max_length=16)
    number: int
    channel: str = Field(max_length=64)
    reference: str = Field(default="", max_length=64)
    drop: str = Field(default="", max_length=64)
    spot: str = Field(default="", max_length=80)
    paid: bool = False
    state: str = Field(default="open", max_length=16, index=True)
    at: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger)
    ended_at: int = Field(default=0, sa_type=BigInteger)
    receipt: str = Field(default="", max_length=64)
    """The id of the sale that handed it over."""


class Market(SQLModel, table=True):
    """A marketplace that sells from the shop's stock: the hash of the key that lets it in, and how many days its orders
    wait. Its channel has its name."""

    __tablename__ = "market"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    market: str = Field(primary_key=True, max_length=40)
    key_hash: str = Field(max_length=64, index=True)
    days: int
    made_at: int = Field(sa_type=BigInteger)


class DropPage(SQLModel, table=True):
    """The public page of a drop under its `slug`: search engines may list it, a reservation is kept so many minutes,
    `kept` pieces of each part are set aside for it (0: it shares with the tills)."""

    __tablename__ = "drop_page"

    slug: str = Field(primary_key=True, max_length=64)
    tenant: str = Field(max_length=32, index=True)
    shop: str = Field(max_length=32)
    drop: str = Field(max_length=64)
    listed: bool = False
    hold_minutes: int
    kept: int
    made_at: int = Field(sa_type=BigInteger)


class Waiting(SQLModel, table=True):
    """Somebody who waits for a SKU of a drop, known by the mark of their code. `state`: waiting, told (a piece was kept
    for them), over. `sealed` is where they are told; empty: nowhere, or not any more."""

    __tablename__ = "waiting"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    ticket: str = Field(primary_key=True, max_length=16)
    drop: str = Field(max_length=64)
    sku: str = Field(max_length=64)
    qty: int = Field(sa_type=BigInteger)
    place: int
    state: str = Field(default="waiting", max_length=16)
    at: int = Field(sa_type=BigInteger)
    sealed: bytes = b""


class ReservedLineRow(SQLModel, table=True):
    """Milli-units of a SKU in a reservation, at a unit price in minor units."""

    __tablename__ = "reserved_line"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    reservation: str = Field(primary_key=True, max_length=16)
    sku: str = Field(primary_key=True, max_length=64)
    qty: int = Field(sa_type=BigInteger)
    price: int = Field(sa_type=BigInteger)
