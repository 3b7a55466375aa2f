"""Tables of short links: where each leads, and how often it was followed on a day."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Link(SQLModel, table=True):
    """A short link of a pop-up, under a `code` that no other tenant has; `target` carries its UTM words already."""

    __tablename__ = "link"

    code: str = Field(primary_key=True, max_length=16)
    tenant: str = Field(max_length=32, index=True)
    shop: str = Field(max_length=32)
    popup: str = Field(max_length=64)
    name: str = Field(max_length=80)
    target: str = Field(max_length=800)
    made_at: int = Field(sa_type=BigInteger)


class LinkScan(SQLModel, table=True):
    """How often a link was followed on an ordinal day of UTC; of who followed it nothing is kept."""

    __tablename__ = "link_scan"

    tenant: str = Field(primary_key=True, max_length=32)
    code: str = Field(primary_key=True, max_length=16)
    day: int = Field(primary_key=True)
    scans: int = 0
