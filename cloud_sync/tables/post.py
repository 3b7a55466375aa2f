"""Tables of what leaves for the suppliers: one message an order and channel, and how far it has come."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class Message(SQLModel, table=True):
    """An order on its way out by one channel (`email`).

    `state`: queued; leaving (a worker is at it, nothing has left yet); handed (its last bytes are being handed over,
    the answer alone says whether it left); left; failed (surely nothing left); unsure (handed, and no answer was heard
    or kept: never sent again but by the owner's word). A worker holds it by `worker` and `tries` until `held_until`.
    """

    __tablename__ = "order_message"
    __table_args__ = (
        Index("order_message_due", "state", "next_at"),
        Index("order_message_shop", "tenant", "shop", "state"),
    )

    tenant: str = Field(primary_key=True, max_length=32)
    order: str = Field(primary_key=True, max_length=64)
    channel: str = Field(primary_key=True, max_length=16)
    shop: str = Field(max_length=32)
    state: str = Field(max_length=16)
    sent_to: str = Field(default="", max_length=400)
    made_at: int = Field(sa_type=BigInteger)
    next_at: int = Field(sa_type=BigInteger)
    until_at: int = Field(sa_type=BigInteger)
    tries: int = 0
    worker: str = Field(default="", max_length=80)
    held_until: int = Field(default=0, sa_type=BigInteger)
    tried_at: int | None = Field(default=None, sa_type=BigInteger)
    left_at: int | None = Field(default=None, sa_type=BigInteger)
    problem: str = Field(default="", max_length=200)
    settled_by: str = Field(default="", max_length=80)


class SupplierChannel(SQLModel, table=True):
    """An owner's choice how a supplier's orders go: by `email` or `webhook`. `turn` counts the secrets of the webhook
    (0: none was shown yet); the secret itself is nowhere in the database."""

    __tablename__ = "supplier_channel"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    supplier: str = Field(primary_key=True, max_length=64)
    version: int = Field(default=0, primary_key=True)
    goes_by: str = Field(max_length=16)
    url: str = Field(default="", max_length=400)
    turn: int = 0
    by: str = Field(max_length=80)
    at: int = Field(sa_type=BigInteger)
