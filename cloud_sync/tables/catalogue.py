"""Tables of the catalogue: what holds now (the newest feed entry of each key), and what each till said."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class Entry(SQLModel, table=True):
    """The shop, an item or a supplier as it holds now; `body` is its JSON (`ItemSet`, `SupplierSet`, `ShopSet`).

    `kind` is `item_set`, `supplier_set` or `shop_set`; `key` the SKU, the supplier's id, or empty for the shop.
    `stamps` is JSON `{field: [cursor, author]}`: the feed entry that last changed each field.
    """

    __tablename__ = "catalogue_entry"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    kind: str = Field(primary_key=True, max_length=16)
    key: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=80)
    body: bytes
    stamps: bytes
    cursor: int = Field(sa_type=BigInteger)


class Change(SQLModel, table=True):
    """One catalogue event of a till, with the feed cursor that it had seen."""

    __tablename__ = "catalogue_change"
    __table_args__ = (Index("catalogue_change_key", "tenant", "journal", "kind", "key", "seq"),)

    tenant: str = Field(primary_key=True, max_length=32)
    journal: str = Field(primary_key=True, max_length=32)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    kind: str = Field(max_length=16)
    key: str = Field(max_length=64)
    feed: int = Field(sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)
    body: bytes
