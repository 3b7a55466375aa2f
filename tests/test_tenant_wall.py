"""The wall between tenants on PostgreSQL: what the role that serves sees and writes of each table."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, select

from cloud_sync.commands.serve import _weakness
from cloud_sync.database import Database, open_database
from cloud_sync.founding import NewShop, found, migrate_for
from cloud_sync.migrations.wall import open_tables, weakness
from cloud_sync.settings import Settings
from cloud_sync.tables.figures import Stock
from cloud_sync.tables.house import Shop
from scripts.postgres_ import Postgres
from tests.cloud import FakeTill, sells, serving
from tests.every_table import insert_of, row_of

NOT_A_TENANTS = {"stamp", "attempt", "backup", "model_candidate", "model_published"}
"""Tables of the cloud itself. Every other one names its tenant in its key."""
WALLED = sorted(set(SQLModel.metadata.tables) - NOT_A_TENANTS)
MAY_SEE_ALL = {
    *("accounts", "alerts", "ingest", "migrations", "news", "post", "retraining"),
    *("automatic.py", "backups.py", "following.py", "founding.py", "health.py", "orders.py", "sending.py", "tills.py"),
    "cash_rooms.py",
    "lapsing.py",
    "reservations.py",
    "pages/live.py",
}
"""Rooms that ask over all tenants: who knocks, what is due, what to count, which shops with open pages have news, where
a short link leads, and the tools of who runs the service. No page and nothing else that answers somebody who was let
in is among them."""


@dataclass(frozen=True)
class Walled:
    """A cloud whose tables one role owns and another serves, with a row of tenant `a` and of `b` in every table."""

    cluster: Postgres
    name: str
    settings: Settings
    database: Database


@pytest.fixture(scope="module")
def walled(cluster: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walled]:
    for role in ("keeper", "server"):
        cluster.new_role(role)
    name = cluster.new_database("keeper")
    settings = Settings(
        data=tmp_path_factory.mktemp("cloud"),
        database=cluster.url(name, "server"),
        database_owner=cluster.url(name, "keeper"),
    )
    found(settings, NewShop("Corner Shop", "Europe/London", "GBP"), now=0)
    with cluster.connect(name) as connection:
        # Rows alone are looked at: what they say of each other would only be in the way.
        connection.execute("SET session_replication_role = replica")
        for table in WALLED:
            for tenant in ("a", "b"):
                one = SQLModel.metadata.tables[table]
                connection.execute(insert_of(one, "%s").encode(), list(row_of(one, tenant).values()))
    database = open_database(settings.database_url)
    yield Walled(cluster, name, settings, database)
    database.close()


def tenants(database: Database, table: str) -> set[str]:
    with database.reading() as session:
        return set(session.execute(text(f"SELECT tenant FROM {table}")).scalars())


def changed(database: Database, words: str) -> int:
    with database.writing() as session:
        done = session.execute(text(words))
        assert isinstance(done, CursorResult)
        return int(done.rowcount)


def test_a_new_table_names_its_tenant_or_stands_among_those_of_the_cloud_itself() -> None:
    named = {name for name, table in SQLModel.metadata.tables.items() if "tenant" in table.columns}
    assert named == set(WALLED)


@pytest.mark.parametrize("table", WALLED)
def test_the_role_that_serves_sees_and_changes_a_tables_rows_of_its_tenant_alone(walled: Walled, table: str) -> None:
    mine, nobody = walled.database.of("a"), walled.database
    assert tenants(mine, table) == {"a"}
    assert tenants(walled.database.service(), table) >= {"a", "b"}
    assert tenants(nobody, table) == set()
    assert changed(mine, f"UPDATE {table} SET tenant = tenant WHERE tenant = 'b'") == 0
    assert changed(mine, f"DELETE FROM {table} WHERE tenant = 'b'") == 0
    assert changed(nobody, f"DELETE FROM {table}") == 0
    row = f'INSERT INTO {table} SELECT (jsonb_populate_record(t, \'{{"tenant": "b"}}\')).* FROM {table} t LIMIT 1'
    for words in (f"UPDATE {table} SET tenant = 'b'", row):
        with pytest.raises(DBAPIError, match="row-level security"):
            changed(mine, words)
    assert tenants(walled.database.service(), table) >= {"a", "b"}


def test_the_role_that_serves_can_not_open_the_wall(walled: Walled) -> None:
    for words in ("ALTER TABLE shop DISABLE ROW LEVEL SECURITY", "DROP POLICY tenant_wall ON shop", "TRUNCATE stock"):
        with pytest.raises(DBAPIError, match=r"must be owner|permission denied"):
            changed(walled.database.service(), words)


def test_a_connection_that_served_one_tenant_shows_the_next_one_nothing_of_it(walled: Walled) -> None:
    one = open_database(walled.settings.database_url + "&application_name=alone")
    with one.engine.connect() as first:
        pid = first.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    for tenant, seen in (("a", {"a"}), ("b", {"b"}), ("", set())):
        with (one.of(tenant) if tenant else one).reading() as session:
            assert session.execute(text("SELECT pg_backend_pid()")).scalar() == pid
            assert set(session.exec(select(Shop.tenant))) == seen
    one.close()


def test_a_table_of_a_later_revision_is_found_open_and_closed_by_the_next_move(walled: Walled) -> None:
    owner = open_database(walled.settings.owner_url)
    with owner.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE forgotten (tenant varchar(32))")
        assert open_tables(connection) == ["forgotten"]
    assert "forgotten" in _weakness(walled.settings)[0]
    migrate_for(walled.settings, owner, "0006")
    with owner.engine.connect() as connection:
        assert set(open_tables(connection)) == {"forgotten", *WALLED} & set(inspect(connection).get_table_names())
    migrate_for(walled.settings, owner)
    with owner.engine.begin() as connection:
        assert open_tables(connection) == []
        connection.exec_driver_sql("DROP TABLE forgotten")
    assert tenants(walled.database.of("a"), "raw_event") == {"a"}
    owner.close()


def test_a_role_that_may_pass_the_wall_is_warned_of_when_it_serves(
    walled: Walled, caplog: pytest.LogCaptureFixture
) -> None:
    assert _weakness(walled.settings)[0] == ""
    strong = Settings(data=walled.settings.data, database=walled.cluster.url(walled.name, walled.cluster.superuser))
    assert f"role {walled.cluster.superuser} may pass" in _weakness(strong)[0]
    with open_database("sqlite://").engine.connect() as connection:
        assert weakness(connection) == ""


def test_a_database_that_answers_before_its_disk_is_warned_of_when_it_serves(walled: Walled, tmp_path: Path) -> None:
    assert _weakness(walled.settings)[1] == "PostgreSQL's fsync and synchronous_commit and full_page_writes must be on"
    found(Settings(data=tmp_path), NewShop("Corner Shop", "Europe/London", "GBP"), now=0)
    assert _weakness(Settings(data=tmp_path)) == ("", "")


def test_two_roles_serve_a_till_from_its_pairing_to_what_is_counted(cluster: Postgres, tmp_path: Path) -> None:
    keeper, server = cluster.new_role("keeper_of_a_till"), cluster.new_role("server_of_a_till")
    name = cluster.new_database(keeper)
    with serving(tmp_path, database=cluster.url(name, server), owner=cluster.url(name, keeper)) as cloud:
        till = FakeTill(cloud)
        sells(till, 3)
        till.sends()
        with cloud.reading() as session:
            assert session.exec(select(Stock.on_hand)).all() == [-3_000]
        till.close()


def test_only_who_is_named_asks_over_all_tenants() -> None:
    room = Path(__file__).parent.parent / "cloud_sync"
    files = [file for file in room.rglob("*.py") if re.search(r"\.service\(\)", file.read_text())]
    rooms = [file.relative_to(room) for file in files]
    assert {str(one) if one.parts[0] == "pages" else one.parts[0] for one in rooms} <= MAY_SEE_ALL


def test_a_tenant_is_named_by_a_plain_word_alone() -> None:
    database = open_database("sqlite://")
    for word in ("", "*", "a'; SET LOCAL dropshelf.tenant = '*", "x" * 33):
        with pytest.raises(ValueError, match="no tenant"):
            database.of(word)
