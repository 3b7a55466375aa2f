"""Tables of the house: the stamp of the database itself, tenants, and their shops."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Stamp(SQLModel, table=True):
    """What the database says of itself: `generation` (new after a restore), `audience` of signatures."""

    __tablename__ = "stamp"

    name: str = Field(primary_key=True, max_length=32)
    value: str = Field(max_length=200)


class Tenant(SQLModel, table=True):
    """One customer of the service; the first column of every key."""

    __tablename__ = "tenant"

    tenant: str = Field(primary_key=True, max_length=32)
    name: str = Field(max_length=80)
    made_at: int = Field(sa_type=BigInteger)


class Shop(SQLModel, table=True):
    """One shop; `feed_head` is the newest cursor of its feed, `zone` an IANA name."""

    __tablename__ = "shop"

    tenant: str = Field(primary_key=True, max_length=32, foreign_key="tenant.tenant")
    shop: str = Field(primary_key=True, max_length=32)
    name: str = Field(max_length=80)
    zone: str = Field(max_length=64)
    currency: str = Field(max_length=3)
    decimals: int = 2
    feed_head: int = Field(default=0, sa_type=BigInteger)
    made_at: int = Field(sa_type=BigInteger)
