"""A PostgreSQL of our own for tests and benches: in a new folder, reached by a socket in it, ended with its block."""

import getpass
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

ROLE = "shop"
"""Who owns the new databases and serves them: an ordinary role, so that the wall between tenants holds for it."""
DEBIAN = Path("/usr/lib/postgresql")
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests of what is said, not of what survives."""
SMALL = {"shared_buffers": "64MB", "max_connections": "80", "log_min_messages": "fatal", "listen_addresses": ""}


class NoPostgres(RuntimeError):
    """There is no PostgreSQL here, or it did not start; says what to do."""


@dataclass(frozen=True)
class Postgres:
    """A running server: the folder with its socket, its superuser, its process."""

    folder: Path
    superuser: str
    pid: int

    def url(self, database: str = "postgres", user: str = "") -> str:
        """The address of a database as the service's settings want it."""
        return f"postgresql+psycopg://{user or ROLE}@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of the superuser; each statement is a transaction of its own."""
        return psycopg.connect(host=str(self.folder), user=self.superuser, dbname=database, autocommit=True)

    def new_database(self, owner: str = ROLE) -> str:
        """The name of a new, empty database."""
        name = f"shop_{secrets.token_hex(6)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {owner}".encode())
        return name

    def new_role(self, name: str, rights: str = "") -> str:
        """An ordinary role that may sign in, or one with more `rights`."""
        with self.connect() as connection:
            connection.execute(f"CREATE ROLE {name} LOGIN {rights}".encode())
        return name


@contextmanager
def postgres(settings: Mapping[str, str] | None = None) -> Iterator[Postgres]:
    """Start a server; at the end it is gone, data and all. It refuses root, so that root starts it as somebody else."""
    folder, user = Path(tempfile.mkdtemp(prefix="pg-")), _user()
    given = {**SMALL, **(settings or {}), "unix_socket_directories": str(folder)}
    try:
        shutil.chown(folder, user)
        _made(folder / "data", user)
        words = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
        running = _as(user, [_program("postgres"), "-D", str(folder / "data"), *words])
        try:
            server = _answering(Postgres(folder, user, running.pid), running)
            server.new_role(ROLE)
            yield server
        finally:
            # At once: nothing of it is wanted any more.
            running.send_signal(signal.SIGQUIT)
            running.communicate(timeout=60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(data: Path, user: str) -> None:
    words = ["-D", str(data), "-U", user, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
    making = _as(user, [_program("initdb"), *words])
    _, said = making.communicate(timeout=120)
    if making.returncode:
        raise NoPostgres(f"initdb failed: {said.decode()}")


def _answering(server: Postgres, running: "subprocess.Popen[bytes]") -> Postgres:
    deadline = time.monotonic() + 60
    while True:
        try:
            server.connect().close()
            return server
        except psycopg.OperationalError as error:
            if running.poll() is not None or time.monotonic() > deadline:
                raise NoPostgres(f"PostgreSQL did not start: {error}") from error
            time.sleep(0.02)


def _as(user: str, command: list[str]) -> "subprocess.Popen[bytes]":
    """The command as `user`, with nothing of our environment's settings for PostgreSQL."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    if os.geteuid() == 0:
        quiet |= {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    running: subprocess.Popen[bytes] = subprocess.Popen(command, cwd="/", env=environment, **quiet)
    return running


def _user() -> str:
    """Who runs the server: ourselves, or for root the first of these that the machine has."""
    if os.geteuid() != 0:
        return getpass.getuser()
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _program(name: str) -> str:
    """Debian keeps the server's programs away from PATH, by version."""
    there = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda file: int(file.parts[-3]))
    found = str(there[-1]) if there else shutil.which(name)
    if not found:
        raise NoPostgres("PostgreSQL is missing: apt-get install postgresql")
    return found
