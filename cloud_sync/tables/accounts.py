"""Tables of who may come in: owners and their sessions, devices and their keys, pairing codes, failed attempts."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel


class Owner(SQLModel, table=True):
    """A person who signs in to the pages. `one_time` is True until an own password was set; `role` is one of
    `accounts.rights`.

    Codes of an authenticator are asked for since `second_since` (None: not). Its secret is made anew for each
    `second_turn`; `second_step` is the step of the last code that was taken, which is taken once. `language` is what
    the pages speak to this person (empty: the shop's).
    """

    __tablename__ = "owner"

    tenant: str = Field(primary_key=True, max_length=32, foreign_key="tenant.tenant")
    owner: str = Field(primary_key=True, max_length=32)
    email: str = Field(max_length=254, unique=True)
    name: str = Field(max_length=80)
    password_hash: str = Field(max_length=200)
    one_time: bool = True
    made_at: int = Field(sa_type=BigInteger)
    disabled_at: int | None = Field(default=None, sa_type=BigInteger)
    role: str = Field(default="owner", max_length=16)
    second_turn: int = 0
    second_since: int | None = Field(default=None, sa_type=BigInteger)
    second_step: int = Field(default=0, sa_type=BigInteger)
    language: str = Field(default="", max_length=8)


class OwnerSession(SQLModel, table=True):
    """A signed-in browser; only the SHA-256 of its token is stored, and the token changes at each proof.

    `session` names it as long as it lives. `awaits_code` is True after the password and before the code. `proved_at` is
    when it last proved who is there, `wrong` how often it failed to since. A remembered phone may have a PIN of its own
    (`pin_hash`, empty: none), by which it last proved it at `pin_at`.
    """

    __tablename__ = "owner_session"
    __table_args__ = (ForeignKeyConstraint(["tenant", "owner"], ["owner.tenant", "owner.owner"]),)

    token_hash: str = Field(primary_key=True, max_length=64)
    tenant: str = Field(max_length=32)
    owner: str = Field(max_length=32)
    made_at: int = Field(sa_type=BigInteger)
    seen_at: int = Field(sa_type=BigInteger)
    session: str = Field(default="", max_length=32)
    browser: str = Field(default="", max_length=80)
    remembered: bool = False
    awaits_code: bool = False
    proved_at: int = Field(default=0, sa_type=BigInteger)
    wrong: int = 0
    pin_hash: str = Field(default="", max_length=200)
    pin_at: int = Field(default=0, sa_type=BigInteger)


class RecoveryCode(SQLModel, table=True):
    """A code for the day on which the authenticator is lost: found by its first letters, hashed with argon2id, once."""

    __tablename__ = "recovery_code"
    __table_args__ = (ForeignKeyConstraint(["tenant", "owner"], ["owner.tenant", "owner.owner"]),)

    tenant: str = Field(primary_key=True, max_length=32)
    owner: str = Field(primary_key=True, max_length=32)
    handle: str = Field(primary_key=True, max_length=8)
    code_hash: str = Field(max_length=200)
    used_at: int | None = Field(default=None, sa_type=BigInteger)


class KnownBrowser(SQLModel, table=True):
    """A browser in which somebody once signed in whole: strangers who guess elsewhere do not keep it out."""

    __tablename__ = "known_browser"
    __table_args__ = (ForeignKeyConstraint(["tenant", "owner"], ["owner.tenant", "owner.owner"]),)

    token_hash: str = Field(primary_key=True, max_length=64)
    tenant: str = Field(max_length=32)
    owner: str = Field(max_length=32)
    made_at: int = Field(sa_type=BigInteger)


class Device(SQLModel, table=True):
    """A paired till. `state`: active, retired (uploads only), suspected (uploads are held back), banned (refused).

    `backlog` is the number of events that it last said it still held; `journal` the one it last opened a session for;
    `fittings` what it last said of its printer and the like (see `cloud_sync.fittings`), changed at `fittings_at`.
    """

    __tablename__ = "device"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "shop"], ["shop.tenant", "shop.shop"]),
        Index("device_shop", "shop", "tenant"),
    )

    tenant: str = Field(primary_key=True, max_length=32)
    device: str = Field(primary_key=True, max_length=32)
    shop: str = Field(max_length=32)
    till: str = Field(max_length=80)
    public_key: str = Field(max_length=64)
    credential_hash: str = Field(max_length=64, unique=True)
    state: str = Field(default="active", max_length=16)
    paired_at: int = Field(sa_type=BigInteger)
    last_seen_at: int | None = Field(default=None, sa_type=BigInteger)
    backlog: int = Field(default=0, sa_type=BigInteger)
    version: str = Field(default="", max_length=32)
    journal: str = Field(default="", max_length=32)
    fittings: str = Field(default="", max_length=4_000)
    fittings_at: int = Field(default=0, sa_type=BigInteger)


class Retired(SQLModel, table=True):
    """Since when a till is retired: what it had not sent yet is taken for a while more."""

    __tablename__ = "retired"

    tenant: str = Field(primary_key=True, max_length=32)
    device: str = Field(primary_key=True, max_length=32)
    at: int = Field(sa_type=BigInteger)


class PairCode(SQLModel, table=True):
    """A one-time code: found by its first characters, proved by the hash of the whole; ten minutes, five tries."""

    __tablename__ = "pair_code"
    __table_args__ = (ForeignKeyConstraint(["tenant", "shop"], ["shop.tenant", "shop.shop"]),)

    code_hash: str = Field(primary_key=True, max_length=64)
    handle: str = Field(max_length=8, index=True)
    tenant: str = Field(max_length=32)
    shop: str = Field(max_length=32)
    expires_at: int = Field(sa_type=BigInteger)
    tries: int = 0
    used_at: int | None = Field(default=None, sa_type=BigInteger)


class Attempt(SQLModel, table=True):
    """A failed sign-in or pairing, for the rate limits; `key` names an account or an address."""

    __tablename__ = "attempt"

    attempt: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=300, index=True)
    at: int = Field(sa_type=BigInteger)
