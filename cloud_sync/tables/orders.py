"""Tables of purchase orders as they stand: the proposal that saw most, what was commanded, and what came."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class Order(SQLModel, table=True):
    """One order per (shop, supplier, cycle, purpose). Money in minor units, times UTC ms.

    `state`: proposed, held, withdrawn (by the till); approved, rejected, expired, sent (commands); received (till).
    `version` counts commands; (`journal`, `seq`) is the event whose proposal holds; `saw_total` ranks proposals.
    `value` is what was proposed, `total` what its `lines` (so many) cost as they stand: as approved where that is so.
    """

    __tablename__ = "purchase_order"
    __table_args__ = (
        Index("purchase_order_due", "tenant", "shop", "state", "cutoff_at"),
        Index("purchase_order_newest", "tenant", "shop", "cutoff_at"),
        Index("purchase_order_ahead", "tenant", "shop", "next_arrives_at"),
    )

    tenant: str = Field(primary_key=True, max_length=32)
    order: str = Field(primary_key=True, max_length=64)
    shop: str = Field(max_length=32)
    number: str = Field(max_length=32)
    supplier: str = Field(max_length=64)
    purpose: str = Field(max_length=32)
    cycle: int = Field(sa_type=BigInteger)
    revision: int = Field(sa_type=BigInteger)
    journal: str = Field(max_length=32)
    seq: int = Field(sa_type=BigInteger)
    saw_total: int = Field(sa_type=BigInteger)
    proposed_at: int = Field(sa_type=BigInteger)
    cutoff_at: int = Field(sa_type=BigInteger)
    arrives_at: int = Field(sa_type=BigInteger)
    next_arrives_at: int = Field(sa_type=BigInteger)
    proposal: str = Field(max_length=16)
    state: str = Field(max_length=16)
    holds: bytes
    value: int = Field(sa_type=BigInteger)
    version: int = 0
    edited: bool = False
    by: str = Field(default="", max_length=80)
    reason: str = Field(default="", max_length=80)
    decided_at: int | None = Field(default=None, sa_type=BigInteger)
    total: int = Field(default=0, sa_type=BigInteger)
    lines: int = 0


class OrderLineRow(SQLModel, table=True):
    """One SKU of an order, as proposed and as approved (None: not approved). The arithmetic is in the proposal."""

    __tablename__ = "purchase_order_line"

    tenant: str = Field(primary_key=True, max_length=32)
    order: str = Field(primary_key=True, max_length=64)
    sku: str = Field(primary_key=True, max_length=64)
    position: int
    packs: int = Field(sa_type=BigInteger)
    qty: int = Field(sa_type=BigInteger)
    cost: int = Field(sa_type=BigInteger)
    approved_packs: int | None = Field(default=None, sa_type=BigInteger)
    approved_qty: int | None = Field(default=None, sa_type=BigInteger)


class OrderReceipt(SQLModel, table=True):
    """Goods that came for an order: one row a SKU of a `stock_received` event; `damaged` came beside `qty`."""

    __tablename__ = "purchase_order_receipt"

    tenant: str = Field(primary_key=True, max_length=32)
    order: str = Field(primary_key=True, max_length=64)
    journal: str = Field(primary_key=True, max_length=32)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    line: int = Field(primary_key=True)
    shop: str = Field(max_length=32)
    sku: str = Field(max_length=64)
    qty: int = Field(sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)
    damaged: int = Field(default=0, sa_type=BigInteger)


class Sending(SQLModel, table=True):
    """Who sends an order: one row an order, ever. `by` is the worker that claimed it, or `hand` for an order slip,
    whose till is named by its `journal`."""

    __tablename__ = "order_sending"

    tenant: str = Field(primary_key=True, max_length=32)
    order: str = Field(primary_key=True, max_length=64)
    shop: str = Field(max_length=32)
    number: str = Field(max_length=32)
    by: str = Field(max_length=80)
    journal: str = Field(default="", max_length=32)
    at: int = Field(sa_type=BigInteger)
