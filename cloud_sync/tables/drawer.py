"""Tables of the drawers and the books, computed from the events: refunds and cash movements, and every closing."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class DrawerDay(SQLModel, table=True):
    """One till's refunds and what was done at its drawer on one business day (ordinal); `refunded` is 0 or less."""

    __tablename__ = "drawer_day"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    day: int = Field(primary_key=True)
    journal: str = Field(primary_key=True, max_length=32)
    refunds: int = 0
    refunded: int = Field(default=0, sa_type=BigInteger)
    paid_in: int = Field(default=0, sa_type=BigInteger)
    paid_out: int = Field(default=0, sa_type=BigInteger)
    no_sales: int = 0


class Closing(SQLModel, table=True):
    """A closing as its till said it: `what` is shift, day, month or year, `label` its day, month or year.

    Of a shift nobody counted `counted` is None; `sold` is above 0, `refunded` 0 or less.
    """

    __tablename__ = "closing"

    tenant: str = Field(primary_key=True, max_length=32)
    journal: str = Field(primary_key=True, max_length=32)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    shop: str = Field(max_length=32, index=True)
    what: str = Field(max_length=8)
    number: int
    label: int
    at: int = Field(sa_type=BigInteger)
    sales: int
    sold: int = Field(sa_type=BigInteger)
    refunds: int
    refunded: int = Field(sa_type=BigInteger)
    expected: int = Field(sa_type=BigInteger)
    counted: int | None = Field(default=None, sa_type=BigInteger)
    difference: int = Field(sa_type=BigInteger)
    dropped: int = Field(sa_type=BigInteger)
