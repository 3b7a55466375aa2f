"""Table of what is on gift cards and of customers' points, computed from the events."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class StoredBalance(SQLModel, table=True):
    """What is on an account of a shop: minor units of a gift card, points of a customer; nobody's name is known here.

    Below 0 more was paid with it, at tills that did not hear of each other, than was on it.
    """

    __tablename__ = "stored_balance"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    account: str = Field(primary_key=True, max_length=16)
    amount: int = Field(default=0, sa_type=BigInteger)
