"""Table of files that an owner has chosen to import and has not said yes to."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class ImportFile(SQLModel, table=True):
    """A file between being shown and being taken: gzipped, by the SHA-256 of its plain bytes; it goes after an hour."""

    __tablename__ = "import_file"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    source: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=80)
    content: bytes
    at: int = Field(sa_type=BigInteger)
