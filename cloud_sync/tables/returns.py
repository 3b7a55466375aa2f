"""Tables of what came back, and of deposits: sums that can be made again from the events at any time."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class ReturnDay(SQLModel, table=True):
    """Milli-units and minor units (0 or less) of a SKU that came back on a business day, by where it went and why."""

    __tablename__ = "return_day"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    sku: str = Field(primary_key=True, max_length=64)
    day: int = Field(primary_key=True)
    goes: str = Field(primary_key=True, max_length=16)
    why: str = Field(primary_key=True, max_length=24)
    qty: int = Field(default=0, sa_type=BigInteger)
    gross: int = Field(default=0, sa_type=BigInteger)


class DepositDay(SQLModel, table=True):
    """Deposits of a SKU on a business day: milli-units that went out and came back, minor units taken and given."""

    __tablename__ = "deposit_day"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    sku: str = Field(primary_key=True, max_length=64)
    day: int = Field(primary_key=True)
    out: int = Field(default=0, sa_type=BigInteger)
    back: int = Field(default=0, sa_type=BigInteger)
    taken: int = Field(default=0, sa_type=BigInteger)
    given: int = Field(default=0, sa_type=BigInteger)
