"""Tables of the people behind the pages: who was invited, and what everybody did."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Invitation(SQLModel, table=True):
    """A one-time link by which somebody becomes one of the tenant's people; only the SHA-256 of its code is stored."""

    __tablename__ = "invitation"

    code_hash: str = Field(primary_key=True, max_length=64)
    tenant: str = Field(max_length=32, index=True)
    name: str = Field(max_length=80)
    role: str = Field(max_length=16)
    made_by: str = Field(max_length=80)
    made_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    used_at: int | None = Field(default=None, sa_type=BigInteger)


class Deed(SQLModel, table=True):
    """One thing that somebody did through the pages or the JSON door: `route` is what was asked, `about` what it was
    about. Written before the answer goes out; what was refused is not here."""

    __tablename__ = "deed"

    tenant: str = Field(primary_key=True, max_length=32)
    at: int = Field(primary_key=True, sa_type=BigInteger)
    deed: str = Field(primary_key=True, max_length=16)
    owner: str = Field(max_length=32)
    name: str = Field(max_length=80)
    route: str = Field(max_length=80)
    about: str = Field(max_length=200)
    browser: str = Field(max_length=80)
