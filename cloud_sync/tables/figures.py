"""Tables that are computed from the truth and can be made again at any time: stock, takings, demand, position."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Position(SQLModel, table=True):
    """How far a journal has been counted; below its head there is work to do."""

    __tablename__ = "position"

    tenant: str = Field(primary_key=True, max_length=32)
    journal: str = Field(primary_key=True, max_length=32)
    seq: int = Field(default=0, sa_type=BigInteger)


class Stock(SQLModel, table=True):
    """Stock of a SKU in milli-units (may be negative); `counts` says how often it was counted (0: never)."""

    __tablename__ = "stock"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    sku: str = Field(primary_key=True, max_length=64)
    on_hand: int = Field(default=0, sa_type=BigInteger)
    counts: int = 0


class StockByJournal(SQLModel, table=True):
    """What one journal moved of a SKU's stock, and what its till gave up of its quota, in milli-units."""

    __tablename__ = "stock_by_journal"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    sku: str = Field(primary_key=True, max_length=64)
    journal: str = Field(primary_key=True, max_length=32)
    moved: int = Field(default=0, sa_type=BigInteger)
    given: int = Field(default=0, sa_type=BigInteger)


class Takings(SQLModel, table=True):
    """Sales of one till on one business day (ordinal), in minor units; `cash` and `card` are what stayed."""

    __tablename__ = "takings"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    day: int = Field(primary_key=True)
    journal: str = Field(primary_key=True, max_length=32)
    receipts: int = 0
    total: int = Field(default=0, sa_type=BigInteger)
    cash: int = Field(default=0, sa_type=BigInteger)
    card: int = Field(default=0, sa_type=BigInteger)


class TakingsRate(SQLModel, table=True):
    """VAT of one rate (basis points) of one till on one business day, summed as it stood on the receipts."""

    __tablename__ = "takings_rate"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    day: int = Field(primary_key=True)
    journal: str = Field(primary_key=True, max_length=32)
    rate: int = Field(primary_key=True)
    gross: int = Field(default=0, sa_type=BigInteger)
    tax: int = Field(default=0, sa_type=BigInteger)


class DemandDay(SQLModel, table=True):
    """Milli-units of a SKU on a local day (ordinal): `sold` at our tills, `imported` from before them (demand only)."""

    __tablename__ = "demand_day"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    sku: str = Field(primary_key=True, max_length=64)
    day: int = Field(primary_key=True)
    sold: int = Field(default=0, sa_type=BigInteger)
    imported: int = Field(default=0, sa_type=BigInteger)
