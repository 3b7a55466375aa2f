"""Tables of alerts: what is or was so, whom it was told, and what each owner wants to hear."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class AlertRow(SQLModel, table=True):
    """An alert from the moment that it was found. `told_at` is when it was sent (None: not yet), `over_at` when it was
    found to be over, `seen_at` when somebody (`seen_by`) said that he knows."""

    __tablename__ = "alert"
    __table_args__ = (Index("alert_open", "tenant", "shop", "over_at"),)

    tenant: str = Field(primary_key=True, max_length=32)
    alert: str = Field(primary_key=True, max_length=32)
    shop: str = Field(max_length=32)
    rule: str = Field(max_length=32)
    words: str = Field(max_length=400)
    link: str = Field(max_length=120)
    urgent: bool
    raised_at: int = Field(sa_type=BigInteger)
    told_at: int | None = Field(default=None, sa_type=BigInteger)
    over_at: int | None = Field(default=None, sa_type=BigInteger)
    seen_at: int | None = Field(default=None, sa_type=BigInteger)
    seen_by: str = Field(default="", max_length=80)


class AlertChoice(SQLModel, table=True):
    """How an owner hears of a shop's alerts: urgent ones `at_once` by e-mail, the rest in a `digest` a day."""

    __tablename__ = "alert_choice"

    tenant: str = Field(primary_key=True, max_length=32)
    owner: str = Field(primary_key=True, max_length=32)
    at_once: bool = True
    digest: bool = True


class AlertHook(SQLModel, table=True):
    """Where a shop's alerts are posted to, signed; `turn` counts its secrets, which are nowhere in the database.
    `kinds` of news (with spaces between them) are posted there too; `low` milli-units of an item are low. A printer
    that is down is told after `printer_min` minutes (0: never)."""

    __tablename__ = "alert_hook"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    url: str = Field(default="", max_length=400)
    turn: int = 0
    kinds: str = Field(default="", max_length=80)
    low: int = Field(default=3_000, sa_type=BigInteger)
    printer_min: int = 10


class AlertDigest(SQLModel, table=True):
    """A digest that one worker took on itself to send: one a shop and day."""

    __tablename__ = "alert_digest"

    tenant: str = Field(primary_key=True, max_length=32)
    shop: str = Field(primary_key=True, max_length=32)
    day: int = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)
