"""The cloud's database: SQLite in one file by default, PostgreSQL by URL; one way to read, one to write."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import PoolProxiedConnection
from sqlmodel import Session, create_engine

IDLE_S = 5.0
"""A connection that was used so short a time ago is taken to be alive."""
Version = tuple[int, ...]


def wal_is_safe(version: Version) -> bool:
    """True when this SQLite cannot lose a WAL commit with two connections.

    3.7.0 to 3.51.2 can (the WAL-reset bug, sqlite.org/wal.html#walresetbug); repaired in 3.51.3, 3.50.7 and 3.44.6.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


@dataclass(frozen=True)
class Database:
    """One engine. Rows stay readable after their session is closed."""

    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view; nothing that is changed in it is kept."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction, committed at the end and rolled back on any error. SQLite takes its write lock at once."""
        with Session(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options={"writes": True})
            yield session
            session.commit()

    @contextmanager
    def glancing(self) -> Iterator[Session]:
        """For one question alone: no transaction is opened for it where that costs two more round trips."""
        alone = self.engine.dialect.name == "postgresql"
        engine = self.engine.execution_options(isolation_level="AUTOCOMMIT") if alone else self.engine
        with Session(engine, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Connect (lazily) to `url`; tables are made by `migrations.migrate`."""
    if not url.startswith("sqlite"):
        engine = create_engine(url)
        event.listen(engine, "checkin", _put_back)
        event.listen(engine, "checkout", partial(_taken_out, engine))
        return Database(engine)
    engine = create_engine(url, connect_args={"timeout": 20, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine)


def _put_back(_connection: object, record: PoolProxiedConnection) -> None:
    record.info["since"] = time.monotonic()


def _taken_out(engine: Engine, connection: DBAPIConnection, record: PoolProxiedConnection, _proxy: object) -> None:
    """A connection that has lain for a while is tried before it is used; the pool takes another for a dead one."""
    if time.monotonic() - record.info.get("since", math.inf) < IDLE_S:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise DisconnectionError("the database hung up") from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Own transactions (the driver's implicit ones hide BEGIN), foreign keys, and full durability."""
    import sqlite3

    connection.isolation_level = None
    mode = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "TRUNCATE"
    for pragma in (f"journal_mode={mode}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
