"""The cloud's database: SQLite in one file by default, PostgreSQL by URL; one way to read, one to write.

On PostgreSQL every transaction says whose rows it is about, and sees no other (see `migrations.wall`).
"""

import math
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from sqlalchemy import Connection, Engine, Select, bindparam, event, inspect, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import Mapped
from sqlalchemy.orm.util import identity_key
from sqlalchemy.pool import PoolProxiedConnection
from sqlmodel import Session, col, create_engine

from cloud_sync.bare import Bare
from cloud_sync.question import Asked, Row, question

IDLE_S = 5.0
"""A connection that was used so short a time ago is taken to be alive."""
KEPT, BESIDE = 20, 10
"""So many connections to PostgreSQL stay open once they were needed, and so many more are opened for a moment: each new
one costs both sides as much as a whole batch, and the statements that the last one had prepared."""
CACHE_KB = 1_000
"""What a connection to SQLite keeps of the file: each that is opened at a busy moment stays, and fills it. A large
cloud finds no more in twice as much, and the system has the file at hand anyway."""
NOBODY, EVERYBODY = "", "*"
"""Whose rows a transaction sees that names no tenant, and one of the service's own work over all tenants."""
TENANT = re.compile(r"[0-9A-Za-z_-]{1,32}")
Version = tuple[int, ...]
IN_MEMORY = "sqlite://"
LASTING = ("fsync", "synchronous_commit", "full_page_writes")
"""Settings of PostgreSQL without which what was committed is not yet on the disk, or not whole."""
LOOK = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""All that one look asks PostgreSQL is answered as of its first question: sums and their parts agree."""


def wal_is_safe(version: Version) -> bool:
    """True when this SQLite cannot lose a WAL commit with two connections.

    3.7.0 to 3.51.2 can (the WAL-reset bug, sqlite.org/wal.html#walresetbug); repaired in 3.51.3, 3.50.7 and 3.44.6.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def hasty(connection: Connection) -> str:
    """Why a power cut might take what was acknowledged, in words; empty when the disk has it before the answer."""
    if connection.dialect.name != "postgresql":
        # Every connection of ours says `synchronous=FULL`.
        return ""
    off = [name for name in LASTING if connection.exec_driver_sql(f"SHOW {name}").scalar() == "off"]
    return f"PostgreSQL's {' and '.join(off)} must be on" if off else ""


class Rows(Session):
    """A session of one transaction. Its `get` builds its statement once a table and not once a row, for it is most of
    what is asked; and a row that the transaction holds is not asked for again."""

    def get(self, entity: Any, ident: Any, **named: Any) -> Any:
        key = ident if isinstance(ident, tuple) else (ident,)
        held, place = named == {"with_for_update": True}, identity_key(entity, key)
        mine = self.info.setdefault("held", {})
        if held and place in mine:
            return mine[place]
        if (named and not held) or (not held and place in self.identity_map):
            return super().get(entity, ident, **named)
        row = self.scalars(_by_key(entity, held=held), {f"key{at}": part for at, part in enumerate(key)}).first()
        if held and row is not None:
            mine[place] = row
        return row


@cache
def _by_key(table: Any, *, held: bool) -> Select[Any]:
    columns = inspect(table).primary_key
    row = select(table).where(*(column == bindparam(f"key{place}") for place, column in enumerate(columns)))
    return row.with_for_update().execution_options(populate_existing=True) if held else row


@dataclass(frozen=True)
class Database:
    """One engine, and whose rows its transactions are about: nobody's, until `of` or `service` says so. Rows stay
    readable after their session is closed."""

    engine: Engine
    tenant: str = NOBODY

    def of(self, tenant: str) -> "Database":
        """The same database for one tenant alone."""
        if not TENANT.fullmatch(tenant):
            raise ValueError(f"{tenant!r} is no tenant")
        return Database(self.engine, tenant)

    def service(self) -> "Database":
        """The same database for work over all tenants: finding who knocks, what is due, what to count."""
        return Database(self.engine, EVERYBODY)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view; nothing that is changed in it is kept."""
        with Rows(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options={"tenant": self.tenant, "reads": True})
            yield session
            if self.engine.dialect.name == "postgresql":
                # A rollback would cost the driver the statements that it has prepared; nothing can have been written.
                session.expunge_all()
                session.commit()

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """A consistent view for what is only asked (see `ask`): half of what one costs that holds objects."""
        with self.engine.connect() as connection:
            connection.execution_options(tenant=self.tenant, reads=True)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction, committed at the end and rolled back on any error. SQLite takes its write lock at once."""
        with Rows(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options={"tenant": self.tenant, "writes": True})
            yield session
            session.commit()

    @contextmanager
    def bare(self, *, writes: bool = True) -> Iterator[Bare]:
        """One transaction like `writing` (or, not `writes`, a glance), told to the driver itself."""
        with self.engine.connect() as connection:
            connection.execution_options(tenant=self.tenant, writes=writes)
            with connection.begin():
                yield Bare(connection)

    def connected(self) -> Connection:
        """A bare connection, for what is said to the database itself."""
        return self.engine.connect().execution_options(tenant=self.tenant)

    def close(self) -> None:
        self.engine.dispose()


def ask(view: Session | Connection, asked: Asked, **given: object) -> Sequence[Row]:
    """The answer to a question that is built once a process (by a function with `cache`), as plain columns. What is a
    list in it is given as a list."""
    if isinstance(view, Session):
        view.flush()
    connection = view.connection() if isinstance(view, Session) else view
    return question(asked, connection.dialect).answer(Bare(connection), given)


def columns(*of: Any) -> list[Mapped[Any]]:
    """Columns of tables as `select` takes them (to a type checker they are what their rows hold)."""
    return [col(one) for one in of]


def open_database(url: str) -> Database:
    """Connect (lazily) to `url`; tables are made by `migrations.migrate`."""
    if not url.startswith("sqlite"):
        # The one that was used last is taken first: it has prepared what is asked.
        engine = create_engine(url, pool_size=KEPT, max_overflow=BESIDE, pool_use_lifo=True)
        event.listen(engine, "connect", _prepare_postgres)
        event.listen(engine, "begin", _begin_postgres)
        event.listen(engine, "checkin", _put_back)
        event.listen(engine, "checkout", partial(_taken_out, engine))
        return Database(engine)
    # Here it has the file at hand, and one that is seldom needed keeps nothing of it.
    lifo = {"pool_use_lifo": True} if url != IN_MEMORY else {}
    engine = create_engine(url, connect_args={"timeout": 20, "check_same_thread": False}, **lifo)
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


def _prepare_postgres(connection: Any, _record: object) -> None:
    """Own transactions: the driver's implicit ones would cost a round trip before we can say whose they are."""
    connection.autocommit = True


def _begin_postgres(connection: Connection) -> None:
    """Begin, and say whose rows the transaction is about, in one round trip."""
    options = connection.get_execution_options()
    how, tenant = LOOK if options.get("reads", False) else "BEGIN", options.get("tenant", NOBODY)
    driver = connection.connection.driver_connection
    assert driver is not None
    try:
        driver.execute(f"{how}; SET LOCAL dropshelf.tenant = '{tenant}'", prepare=False)
    except driver.Error as error:
        raise OperationalError("BEGIN", None, error) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Own transactions (the driver's implicit ones hide BEGIN), foreign keys, and full durability."""
    import sqlite3

    connection.isolation_level = None
    mode = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "TRUNCATE"
    for pragma in (f"journal_mode={mode}", "synchronous=FULL", "foreign_keys=ON", f"cache_size=-{CACHE_KB}"):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin_sqlite(connection: Connection) -> None:
    how = "BEGIN IMMEDIATE" if connection.get_execution_options().get("writes", False) else "BEGIN"
    Bare(connection).does(how)
