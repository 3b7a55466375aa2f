"""The tables' revisions: which one a database is at, and moving it to another with everything in it.

A move is one transaction. No configuration file is read, and nothing is said to the log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect

from cloud_sync.database import Database
from cloud_sync.migrations.versions.r0001_first_tables import TABLES, revision
from cloud_sync.migrations.wall import put_up
from edge_agent.errors import BadInput, Broken

HERE = Path(__file__).parent
FOLDERS: tuple[Path, ...] = (HERE / "versions",)
FIRST, WALLED = revision, "0007"
LOCK = 6_140_001
"""PostgreSQL's number of the lock that one move at a time holds."""


@dataclass(frozen=True)
class Moved:
    """From which revision (empty: no tables, or none yet) to which. `adopted`: it was made before revisions."""

    before: str
    after: str
    adopted: bool = False


def revisions() -> list[str]:
    """All that this program knows, oldest first."""
    return _revisions_in(FOLDERS)


def newest_own() -> str:
    """The newest that comes with this program."""
    return _revisions_in((HERE / "versions",))[-1]


@cache
def _revisions_in(folders: tuple[Path, ...]) -> list[str]:
    """Read once: whether a service is ready is asked every few seconds."""
    script = ScriptDirectory.from_config(_config(folders))
    return [step.revision for step in script.walk_revisions()][::-1]


def at_revision(connection: Connection) -> str:
    """Where the database is; empty when it says nothing."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def refuse_other(connection: Connection) -> None:
    """Broken, in one line with the command to run, unless the database is at this program's newest revision."""
    known, there = revisions(), at_revision(connection)
    if there == known[-1]:
        return
    if there and there not in known:
        raise Broken(_newer(there, known[-1]))
    refuse_empty(connection)
    older = f"is at revision {there}" if there else "was made before revisions"
    raise Broken(f"the database {older}, this program needs {known[-1]}: stop the service, run cloud-sync migrate")


def refuse_empty(connection: Connection) -> None:
    """Broken when there is no table of a cloud."""
    if not has_tables(connection):
        raise Broken("the database holds no cloud; make it with cloud-sync init")


def has_tables(connection: Connection) -> bool:
    """True when any table of a cloud is there."""
    return bool(set(TABLES.tables) & set(inspect(connection).get_table_names()))


def migrate(database: Database, to: str = "") -> Moved:
    """Move the tables up or down to `to` (default: the newest), with what is in them; nothing is moved on any error.

    A database that was made before revisions counts as the first if it is equal to it; Broken if it differs.
    """
    known = revisions()
    to = to or known[-1]
    if to not in known:
        raise BadInput(f"there is no revision {to}; there are: {', '.join(known)}")
    with _alone(database.service()) as connection:
        before = at_revision(connection)
        if before and before not in known:
            raise Broken(_newer(before, known[-1]))
        adopted = not before and has_tables(connection)
        if adopted:
            _refuse_different(connection)
            command.stamp(_config(FOLDERS, connection), FIRST)
        _move(connection, FIRST if adopted else before, to)
    return Moved(before, to, adopted)


def _move(connection: Connection, now: str, to: str) -> None:
    known = revisions()
    if now == to:
        return
    goes_down = bool(now) and known.index(to) < known.index(now)
    (command.downgrade if goes_down else command.upgrade)(_config(FOLDERS, connection), to)
    if known.index(to) >= known.index(WALLED):
        put_up(connection)
    _refuse_orphans(connection)


def _newer(there: str, newest: str) -> str:
    return (
        f"the database is at revision {there} of a newer program, this one knows up to {newest}: "
        f"update this program, or with the newer one run cloud-sync migrate --to {newest}"
    )


def _config(folders: tuple[Path, ...], connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    # The file's format takes % for itself, and a newline between folders, which no folder's name has.
    names = {
        "script_location": str(HERE),
        "path_separator": "newline",
        "version_locations": "\n".join(map(str, folders)),
    }
    for name, value in names.items():
        config.set_main_option(name, value.replace("%", "%%"))
    return config


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """One transaction that no other move runs beside. SQLite rebuilds a table to change it, which its foreign keys
    would take for deleting the rows: they rest meanwhile, and are checked after the move."""
    with database.connected().execution_options(writes=True) as connection:
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            yield connection
            connection.commit()
            return
        with _without_foreign_keys(connection):
            yield connection
            connection.commit()


def _refuse_orphans(connection: Connection) -> None:
    """Broken when foreign keys that rested would be broken; PostgreSQL's never rest."""
    if connection.dialect.name != "sqlite":
        return
    if lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise Broken(f"a row of {lost[0]} would have lost the row of {lost[2]} that it belongs to")


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Said to the driver itself: SQLite hears it only outside of a transaction."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF").fetchall()
    try:
        yield
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON").fetchall()


def _refuse_different(connection: Connection) -> None:
    """Broken names the first thing in which the tables differ from the first revision."""
    found = differences(connection, TABLES)
    if found:
        raise Broken(f"the database was made before revisions and is not as revision {FIRST}: {found[0]}")


def differences(connection: Connection, tables: MetaData) -> list[str]:
    """What of the tables, columns, types, indexes and keys in the database is not as in `tables`."""
    compared = compare_metadata(MigrationContext.configure(connection), tables)
    return [_words(found) for found in compared] + _other_keys(connection, tables)


def _other_keys(connection: Connection, tables: MetaData) -> list[str]:
    """Primary keys, which alembic does not compare."""
    seen = inspect(connection)
    there = [table for table in tables.sorted_tables if seen.has_table(table.name)]
    return [
        f"the key of {table.name} differs"
        for table in there
        if seen.get_pk_constraint(table.name)["constrained_columns"] != [column.name for column in table.primary_key]
    ]


def _words(found: object) -> str:
    """`add_table owner`, `add_column None stock counts`: as alembic says what would have to be done."""
    step = found[0] if isinstance(found, list) else found
    assert isinstance(step, tuple)
    return " ".join(str(getattr(word, "name", None) or word) for word in step if word is not None)
