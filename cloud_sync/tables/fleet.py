"""Tables of the fleet's demand model: candidates and the verdict on them, what was published, what tills say of it."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Candidate(SQLModel, table=True):
    """A model that was trained here, and how it did against the one in use; `verdict` is JSON as `train` prints it.

    `better`: it may be published without force. `taught_until` is the last day (ordinal) that taught it anything.
    """

    __tablename__ = "model_candidate"

    sha256: str = Field(primary_key=True, max_length=64)
    made_at: int = Field(sa_type=BigInteger)
    features: str = Field(max_length=32)
    taught_until: int
    better: bool
    verdict: bytes


class PublishedModel(SQLModel, table=True):
    """A signed model, whole; the highest version is the one that tills are offered. `forced` says why, if it was."""

    __tablename__ = "model_published"

    version: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    sha256: str = Field(max_length=64, index=True)
    features: str = Field(max_length=32)
    taught_until: int
    expires_at: int = Field(sa_type=BigInteger)
    signature: str = Field(max_length=128)
    published_at: int = Field(sa_type=BigInteger)
    forced: str = Field(default="", max_length=200)
    file: bytes


class TillModel(SQLModel, table=True):
    """What a till's journal said of its models: the hash of the one that speaks since `since` (empty: the one shipped,
    or the base), the version in the shadow, and the last refusal or fall (`words`, empty: none) at `said_at`."""

    __tablename__ = "till_model"

    tenant: str = Field(primary_key=True, max_length=32)
    journal: str = Field(primary_key=True, max_length=32)
    shop: str = Field(max_length=32)
    speaks: str = Field(default="", max_length=64)
    since: int = Field(default=0, sa_type=BigInteger)
    shadow: int = Field(default=0, sa_type=BigInteger)
    words: str = Field(default="", max_length=300)
    said_at: int = Field(default=0, sa_type=BigInteger)
