"""Copies of a PostgreSQL cloud by the server's own pg_dump, and their way back into an empty or a scratch database."""

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from edge_agent.errors import BadInput, Broken

DEBIAN = Path("/usr/lib/postgresql")
"""Debian keeps several versions side by side here."""
MAJOR = re.compile(r"\(PostgreSQL\) (\d+)")
ALL_TENANTS = "-c dropshelf.tenant=*"
"""pg_dump goes through the wall between tenants as the service's own work does; without this it would copy nothing."""


def dump(url: URL, file: Path) -> None:
    """Copy a serving database, in one consistent state, into `file`, which is there and readable by its owner alone."""
    wanted = ["--format=custom", "--no-owner", "--no-privileges", "--enable-row-security", f"--file={file}"]
    _run("pg_dump", url, wanted)


def load(file: Path, url: URL) -> None:
    """Put a copy into an empty database; Broken when it is none, or does not fit."""
    _run("pg_restore", url, ["--no-owner", "--no-privileges", "--exit-on-error"], str(file))


@contextmanager
def scratch(url: URL) -> Iterator[URL]:
    """A new, empty database on the same server, gone at the end. BadInput when the role may not make one."""
    database = f"dropshelf_proving_{secrets.token_hex(6)}"
    name = sql.Identifier(database)
    with _connected(url) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        except psycopg.errors.InsufficientPrivilege as error:
            raise BadInput(
                f"the role {url.username} may not make the database in which the copy is proved: "
                f"ALTER ROLE {url.username} CREATEDB, or name a server where it may with --scratch"
            ) from error
    try:
        yield url.set(database=database)
    finally:
        with _connected(url) as connection:
            connection.execute(sql.SQL("DROP DATABASE {}").format(name))


def _run(program: str, url: URL, wanted: list[str], *last: str) -> None:
    """One of the server's programs on a database; its secret is in no list of processes."""
    words = _words(url)
    environment = {**os.environ, "PGOPTIONS": ALL_TENANTS}
    if secret := words.pop("password", ""):
        environment["PGPASSWORD"] = secret
    command = [_program(program, _server(url)), *wanted, f"--dbname={make_conninfo(**words)}", *last]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        raise Broken(f"{program} failed: {done.stderr.decode(errors='replace').strip()[-400:]}")


def _words(url: URL) -> dict[str, str]:
    """What libpq is told to reach the database."""
    named = {"host": url.host, "port": url.port, "user": url.username, "password": url.password, "dbname": url.database}
    further = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    return {name: str(value) for name, value in {**named, **further}.items() if value}


def _connected(url: URL) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(make_conninfo(**_words(url)), autocommit=True)


def _server(url: URL) -> int:
    try:
        with _connected(url) as connection:
            return connection.info.server_version // 10_000
    except psycopg.OperationalError as error:
        raise Broken(f"the database does not answer: {error}") from error


def _program(name: str, server: int) -> str:
    """The oldest that is not older than the server: what a newer one writes an older server may not understand."""
    places = [place for place in (shutil.which(name), *map(str, DEBIAN.glob(f"*/bin/{name}"))) if place]
    found = sorted((version, place) for place in places if (version := _version(place)))
    if not found:
        raise BadInput(f"{name} is missing: apt-get install postgresql-client-{server}")
    fitting = [place for version, place in found if version >= server]
    if not fitting:
        raise BadInput(
            f"{name} {found[-1][0]} is older than the server {server}: apt-get install postgresql-client-{server}"
        )
    return fitting[0]


def _version(place: str) -> int:
    """The major version, 0 when the program does not say it."""
    said = subprocess.run([place, "--version"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    found = MAJOR.search(said.stdout.decode(errors="replace"))
    return int(found[1]) if found else 0
