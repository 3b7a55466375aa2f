"""Every revision of the cloud's tables, one step at a time, with a row in every table: up, down and up again."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import MetaData, Table

from cloud_sync.database import Database, open_database
from cloud_sync.migrations import migrate, newest_own, revisions
from cloud_sync.settings import Settings
from tests.every_table import row_of

pytestmark = [pytest.mark.both, pytest.mark.long]
LOST = {"owner_session"}
"""Whoever is signed in signs in once more after a step that changes what a session is."""
Rows = Mapping[str, Mapping[str, list[str]]]


@pytest.fixture
def database(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Database]:
    settings = Settings(data=tmp_path, database=new_database())
    database = open_database(settings.database_url).service()
    yield database
    database.close()


def tables(database: Database) -> list[Table]:
    """As they stand, one that others point at before them."""
    found = MetaData()
    with database.connected() as connection:
        found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def filled(database: Database) -> None:
    """A row for each table that has none."""
    for table in tables(database):
        with database.connected() as connection, connection.begin():
            if connection.execute(table.select()).first() is None:
                connection.execute(table.insert(), row_of(table, "zebra"))


def rows(database: Database) -> Rows:
    """{table: {column: what stands in it}}."""
    held = {}
    for table in tables(database):
        with database.connected() as connection:
            found = [dict(row) for row in connection.execute(table.select()).mappings()]
        held[table.name] = {column.name: sorted(repr(row[column.name]) for row in found) for column in table.columns}
    return held


def lost(before: Rows, after: Rows) -> set[str]:
    """The tables of which something that both have is not there any more."""
    both = {name: set(before[name]) & set(after[name]) for name in set(before) & set(after)}
    return {name for name, named in both.items() if any(before[name][one] != after[name][one] for one in named)}


def test_no_step_up_or_down_loses_a_row_of_any_table_that_stands_on_both_sides(database: Database) -> None:
    own = revisions()[: revisions().index(newest_own()) + 1]
    for step in own:
        before = rows(database)
        migrate(database, step)
        assert lost(before, rows(database)) <= LOST, f"up to {step}"
        filled(database)
    assert all(all(kept.values()) for kept in rows(database).values()), "every table of the newest revision has a row"
    for step in reversed(own[:-1]):
        before = rows(database)
        migrate(database, step)
        assert lost(before, rows(database)) <= LOST, f"down to {step}"
    for step in own[1:]:
        before = rows(database)
        migrate(database, step)
        assert lost(before, rows(database)) <= LOST, f"up again to {step}"
