"""The cloud's settings: one frozen object, read once from `cloud.toml` in the data folder and from the environment."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from edge_agent.errors import BadInput

FILE = "cloud.toml"
PREFIX = "DROPSHELF_CLOUD_"


@dataclass(frozen=True)
class Settings:
    """Where the data lies and how the service is reached.

    `database` is an SQLAlchemy URL (empty: `cloud.db` in the folder), `database_owner` the same database by the role
    that owns its tables (PostgreSQL; empty: by `database`); `public_address` is what browsers and tills type (https
    makes the cookies Secure); `idle_s` is how often an idle till asks; `metrics_token` opens /metrics from afar.
    `pushes_at_once` is how many pushes and sessions are worked on at once, `tills_per_s` how many returning tills a
    second are asked to come. `mail_` names the server that orders to suppliers leave by (see
    `post.server`), `webhook_networks` the private networks that webhooks may go to, by commas.
    """

    data: Path
    database: str = ""
    database_owner: str = ""
    public_address: str = "http://127.0.0.1:8000"
    idle_s: int = 30
    metrics_token: str = ""
    pushes_at_once: int = 16
    tills_per_s: int = 150
    mail_host: str = ""
    mail_port: int = 587
    mail_security: str = "starttls"
    mail_user: str = ""
    mail_secret_file: str = ""
    mail_ca_file: str = ""
    mail_from: str = ""
    webhook_networks: str = ""
    webhook_ca_file: str = ""

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'cloud.db'}"

    @property
    def owner_url(self) -> str:
        """By what the tables are made, moved and backed up."""
        return self.database_owner or self.database_url

    @property
    def secure(self) -> bool:
        """True when the public address is https."""
        return urlsplit(self.public_address).scheme == "https"


def load_settings(data: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read `cloud.toml` (if it is there), then `DROPSHELF_CLOUD_<KEY>`; an unknown key is refused with the nearest."""
    file = data / FILE
    given = _read(file) if file.exists() else {}
    for name in _names():
        if PREFIX + name.upper() in environment:
            given[name] = environment[PREFIX + name.upper()]
    return _built(data, given)


def _names() -> list[str]:
    return [field.name for field in fields(Settings) if field.name != "data"]


def _read(file: Path) -> dict[str, object]:
    try:
        given: dict[str, object] = tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{file} is not valid TOML: {error}") from error
    for key in given:
        if key not in _names():
            near = difflib.get_close_matches(key, _names(), 1, 0)
            raise BadInput(f"{file} has the unknown key {key!r}; did you mean {near[0]!r}?")
    return given


def _built(data: Path, given: Mapping[str, object]) -> Settings:
    usual = {field.name: field.default for field in fields(Settings) if field.name in given}
    whole = {name: _whole(given, name, value) for name, value in usual.items() if isinstance(value, int)}
    words = {name: str(given[name]) for name in usual if name not in whole}
    return Settings(data=data, **{**whole, **words})  # type: ignore[arg-type]


def _whole(given: Mapping[str, object], name: str, usual: int) -> int:
    try:
        number = int(str(given.get(name, usual)))
    except ValueError as error:
        raise BadInput(f"{name} must be a whole number, not {given[name]!r}") from error
    if number < 1:
        raise BadInput(f"{name} must be 1 or more, not {number}")
    return number
