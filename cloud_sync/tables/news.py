"""Table of what waits to be told to the shop's own programs."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class NewsRow(SQLModel, table=True):
    """Something that happened and that the shop's webhook is yet to take, as it will be told; what was taken is gone
    from here. `state`: queued, or failed (refused for good, or for three days). Whoever is at it has it until
    `held_until`."""

    __tablename__ = "news"
    __table_args__ = (Index("news_due", "state", "next_at"),)

    tenant: str = Field(primary_key=True, max_length=32)
    news: str = Field(primary_key=True, max_length=32)
    shop: str = Field(max_length=32)
    kind: str = Field(max_length=16)
    body: bytes
    state: str = Field(default="queued", max_length=16)
    made_at: int = Field(sa_type=BigInteger)
    next_at: int = Field(sa_type=BigInteger)
    held_until: int = Field(default=0, sa_type=BigInteger)
    tries: int = 0
    problem: str = Field(default="", max_length=200)
