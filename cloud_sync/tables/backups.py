"""Tables of backups and restores: what a verified backup holds, what tills answered after a restore."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Backup(SQLModel, table=True):
    """A copy that was made while serving, restored elsewhere and proved: `made_at` is the moment it holds."""

    __tablename__ = "backup"

    made_at: int = Field(primary_key=True, sa_type=BigInteger)
    file: str = Field(max_length=400)
    journals: int
    events: int = Field(sa_type=BigInteger)


class Safe(SQLModel, table=True):
    """How far the newest verified backup holds a journal."""

    __tablename__ = "safe"

    tenant: str = Field(primary_key=True, max_length=32)
    journal: str = Field(primary_key=True, max_length=32)
    seq: int = Field(sa_type=BigInteger)


class Answered(SQLModel, table=True):
    """A till has told what it knew as sent, and began to take the feed of this generation."""

    __tablename__ = "answered"

    tenant: str = Field(primary_key=True, max_length=32)
    device: str = Field(primary_key=True, max_length=32)
    generation: str = Field(max_length=64)


class Resumed(SQLModel, table=True):
    """The owner's word that orders of a shop are sent again after the restore of `restored_at`."""

    __tablename__ = "resumed"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    restored_at: int = Field(sa_type=BigInteger)
    by: str = Field(max_length=80)
    at: int = Field(sa_type=BigInteger)
