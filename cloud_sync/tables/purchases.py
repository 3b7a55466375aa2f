"""Tables of what the owner says of money: suppliers' invoices, and how each channel pays out."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class PurchaseInvoice(SQLModel, table=True):
    """An invoice of a supplier (days ordinal, amounts minor units): `due` 0 by the supplier's terms, `paid` 0 not yet;
    the last word on (`supplier`, `number`) holds, and `gone` takes it away."""

    __tablename__ = "purchase_invoice"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    supplier: str = Field(primary_key=True, max_length=64)
    number: str = Field(primary_key=True, max_length=64)
    day: int
    due: int
    net: int = Field(sa_type=BigInteger)
    tax: int = Field(sa_type=BigInteger)
    order: str = Field(max_length=64)
    paid: int
    eu: bool = False
    gone: bool = False
    by: str = Field(max_length=80)
    at: int = Field(sa_type=BigInteger)


class PayoutRule(SQLModel, table=True):
    """How a channel (`card`, or a marketplace by its name) pays out, as `rules.payout.Rule` says it."""

    __tablename__ = "payout_rule"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    channel: str = Field(primary_key=True, max_length=80)
    fee: int
    days: int
    working: bool
    reserve: int
    reserve_days: int
    by: str = Field(max_length=80)
    at: int = Field(sa_type=BigInteger)
