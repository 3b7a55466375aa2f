"""Table of what the owner says of the account: balances, and bills, wages and dues with their day."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class CashEntry(SQLModel, table=True):
    """A balance at the end of an ordinal day, or an amount (minor units, above 0) that goes on it; the last word on
    (`kind`, `day`, `name`) holds, and `gone` takes it away."""

    __tablename__ = "cash_entry"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    kind: str = Field(primary_key=True, max_length=16)
    day: int = Field(primary_key=True)
    name: str = Field(primary_key=True, max_length=80)
    amount: int = Field(sa_type=BigInteger)
    gone: bool = False
    by: str = Field(max_length=80)
    at: int = Field(sa_type=BigInteger)
