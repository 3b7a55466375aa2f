"""The tables' revisions, on SQLite and PostgreSQL: made, moved up and down with rows in them, adopted, refused."""

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

from cloud_sync import migrations
from cloud_sync.backups import back_up, put_back
from cloud_sync.commands import main
from cloud_sync.database import Database, open_database
from cloud_sync.founding import NewShop, found, opened
from cloud_sync.held import held
from cloud_sync.ingest.verify import verify
from cloud_sync.migrations import FIRST, at_revision, differences, migrate, newest_own, revisions
from cloud_sync.settings import Settings
from cloud_sync.tables import create_tables
from edge_agent.errors import BadInput, Broken
from tests.cloud import FakeTill, sells, serving
from tests.shop import TUESDAY_14

pytestmark = pytest.mark.both
NEWEST, LATER = newest_own(), "9000"
SHOP = NewShop("Corner Shop", "Europe/London", "GBP")
Say = Callable[..., str]


@pytest.fixture
def settings(tmp_path: Path, new_database: Callable[[], str]) -> Settings:
    (tmp_path / "cloud").mkdir()
    return Settings(data=tmp_path / "cloud", database=new_database())


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """Connected and empty."""
    database = open_database(settings.database_url).service()
    yield database
    database.close()


@pytest.fixture
def say(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command on this cloud; what it printed."""
    monkeypatch.setenv("DROPSHELF_CLOUD_DATABASE", settings.database)

    def says(*words: str, code: int = 0) -> str:
        assert main([*words, "--data", str(settings.data)]) == code
        out, err = capsys.readouterr()
        return out + err

    return says


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """This program is a later one, with a revision more."""
    monkeypatch.setattr(migrations, "FOLDERS", (*migrations.FOLDERS, Path(__file__).parent / "revisions"))


def picture(database: Database) -> dict[str, Any]:
    """Every table as the database itself describes it, without what the moves keep for themselves."""
    seen = inspect(database.engine)
    return {
        name: {
            "columns": [{**column, "type": str(column["type"])} for column in seen.get_columns(name)],
            "key": seen.get_pk_constraint(name),
            "foreign": sorted(seen.get_foreign_keys(name), key=str),
            "indexes": sorted(seen.get_indexes(name), key=str),
            "unique": sorted(seen.get_unique_constraints(name), key=str),
        }
        for name in seen.get_table_names()
        if name != "alembic_version"
    }


def where(database: Database) -> str:
    with database.engine.connect() as connection:
        return at_revision(connection)


def says_it_is_at(database: Database, *revisions: str) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
        for one in revisions:
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{one}')")


def made_before_revisions(database: Database) -> None:
    """What a program left that knew of no revisions."""
    migrate(database, FIRST)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")


def rows(database: Database, table: str) -> list[Any]:
    with database.connected() as connection:
        return sorted(tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}"))


def with_a_shop_that_sold(settings: Settings, folder: Path) -> None:
    with serving(folder, database=settings.database) as cloud:
        till = FakeTill(cloud)
        sells(till, 3)
        till.sends()
        till.close()


def test_the_revisions_make_exactly_the_tables_of_this_program(
    database: Database, new_database: Callable[[], str], tmp_path: Path
) -> None:
    assert migrate(database).after == revisions()[-1]
    with database.engine.connect() as connection:
        assert differences(connection, SQLModel.metadata) == []
    (tmp_path / "other").mkdir()
    made = open_database(Settings(data=tmp_path / "other", database=new_database()).database_url)
    create_tables(made)
    assert picture(database) == picture(made)
    assert set(picture(made)) == set(SQLModel.metadata.tables)
    made.close()


@pytest.mark.usefixtures("later")
def test_up_and_down_again_every_row_is_there(settings: Settings, database: Database, tmp_path: Path, say: Say) -> None:
    migrate(database, NEWEST)
    before = picture(database)
    with pytest.raises(Broken, match=rf"revision {NEWEST}, this program needs {LATER}.*cloud-sync migrate"):
        opened(settings)
    assert f"is at revision {LATER} now" in say("migrate")
    with_a_shop_that_sold(settings, tmp_path)
    kept = {name: rows(database, name) for name in before if name != "shop"}
    assert len(kept["raw_event"]) == 3
    assert f"was at revision {LATER} and is at revision {NEWEST} now" in say("migrate", "--to", NEWEST)
    assert picture(database) == before
    assert {name: rows(database, name) for name in kept} == kept
    assert json.loads(say("migrate", "--json")) == {"before": NEWEST, "after": LATER, "adopted": False}
    assert [row[-1] for row in rows(database, "shop")] == ["none"]
    assert {name: rows(database, name) for name in kept} == kept
    assert list(verify(database).journals.values()) == [3]
    assert "device_till" in {index["name"] for index in inspect(database.engine).get_indexes("device")}
    assert "already" in say("migrate")


def test_a_database_made_before_revisions_is_adopted_by_migrate_alone(
    settings: Settings, database: Database, say: Say
) -> None:
    found(settings, SHOP, now=0)
    made_before_revisions(database)
    for words in (("serve",), ("verify",), ("init", "--shop", "S", "--zone", "Europe/London", "--currency", "GBP")):
        assert "cloud-sync migrate" in say(*words, code=1)
    assert f"made before revisions and is at revision {NEWEST} now" in say("migrate")
    assert len(rows(database, "shop")) == 1
    opened(settings).close()


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ("DROP TABLE resumed", "resumed"),
        ("ALTER TABLE stock DROP COLUMN counts", "counts"),
        ("ALTER TABLE stock ADD COLUMN extra INTEGER", "extra"),
        ("DROP INDEX raw_event_id", "raw_event_id"),
        ("ALTER TABLE safe RENAME TO unsafe", "safe"),
    ],
)
def test_a_database_that_is_like_no_revision_is_left_as_it_is(database: Database, change: str, names: str) -> None:
    made_before_revisions(database)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(change)
    before = picture(database)
    with pytest.raises(Broken, match=names):
        migrate(database)
    assert (picture(database), where(database)) == (before, "")


def test_a_table_with_another_key_is_no_first_revision(database: Database) -> None:
    made_before_revisions(database)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE position")
        connection.exec_driver_sql(
            "CREATE TABLE position (tenant VARCHAR(32) NOT NULL, journal VARCHAR(32) NOT NULL, seq BIGINT NOT NULL, "
            "PRIMARY KEY (journal))"
        )
    with pytest.raises(Broken, match="key of position"):
        migrate(database)


def test_a_database_that_was_only_half_made_is_no_cloud_until_init_ends_it(
    settings: Settings, database: Database, say: Say
) -> None:
    migrate(database)
    assert "cloud-sync init" in say("serve", code=1)
    found(settings, SHOP, now=0)
    opened(settings).close()


def test_of_moves_at_the_same_time_one_moves_and_the_others_find_it_done(settings: Settings) -> None:
    databases = [open_database(settings.database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        moved = list(threads.map(migrate, databases))
    assert sorted(move.before for move in moved) == ["", NEWEST, NEWEST, NEWEST]
    for database in databases:
        database.close()


def test_a_service_whose_database_was_moved_on_is_not_ready(settings: Settings, tmp_path: Path) -> None:
    with serving(tmp_path, database=settings.database) as cloud:
        assert httpx.get(f"{cloud.url}/health/ready", trust_env=False).json() == {"ready": True}
        says_it_is_at(cloud.database, "9999")
        answer = httpx.get(f"{cloud.url}/health/ready", trust_env=False)
    assert answer.status_code == 503
    assert "newer program" in answer.json()["why"]


def test_a_newer_database_is_refused_in_one_line_with_the_command(
    settings: Settings, database: Database, say: Say
) -> None:
    found(settings, SHOP, now=0)
    says_it_is_at(database, "9999")
    for words in (("serve",), ("migrate",), ("tills",)):
        said = say(*words, code=1)
        assert "revision 9999 of a newer program" in said
        assert f"cloud-sync migrate --to {NEWEST}" in said
        assert said.count("\n") == 1


def test_a_revision_that_is_not_there_is_refused(settings: Settings, say: Say) -> None:
    assert "cloud-sync init" in say("tills", code=1)
    assert "cloud-sync init" in say("migrate", code=1)
    found(settings, SHOP, now=0)
    for word in ("0099", "base", "head", "-1"):
        assert f"no revision {word}; there are: 0001, " in say("migrate", f"--to={word}", code=1)
    with held(settings.data, alone=False):
        assert "a service is running" in say("migrate", code=1)


BREAKS = '''"""Revision 9000: takes a row away that others belong to, or ends in the middle."""

from alembic import op

revision = "9000"
down_revision = "{newest}"


def upgrade() -> None:
    """Make a table, then fail."""
    op.execute("CREATE TABLE half (a INTEGER)")
    op.execute("{statement}")
'''


@pytest.mark.parametrize("statement", ["DELETE FROM device", "SELECT nothing FROM nowhere"])
def test_a_move_that_fails_changes_nothing(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    with_a_shop_that_sold(settings, tmp_path)
    folder = tmp_path / "100% later"
    folder.mkdir()
    (folder / "r9000_breaks.py").write_text(BREAKS.format(statement=statement, newest=NEWEST))
    monkeypatch.setattr(migrations, "FOLDERS", (*migrations.FOLDERS, folder))
    before = picture(database), rows(database, "device")
    with pytest.raises((Broken, SQLAlchemyError)):
        migrate(database)
    assert (picture(database), rows(database, "device"), where(database)) == (*before, NEWEST)
    migrate(database, NEWEST)


def test_moving_says_nothing_to_the_logs_and_leaves_them_as_they_are(
    database: Database, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = root.level, root.handlers[:], logging.getLogger("alembic").level
    migrate(database)
    assert (root.level, root.handlers[:], logging.getLogger("alembic").level) == before
    assert "".join(capsys.readouterr()) == ""
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_foreign_keys_are_held_again_after_a_move(database: Database) -> None:
    migrate(database)
    with pytest.raises(SQLAlchemyError), database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO owner_session VALUES ('h', 't', 'o', 0, 0)")


def test_a_backup_of_an_older_program_is_proved_and_put_back_at_the_newest_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data=tmp_path / "cloud")
    with_a_shop_that_sold(settings, tmp_path)
    database = opened(settings)
    made_before_revisions(database)
    file = back_up(database, tmp_path / "backup.db", TUESDAY_14).file
    assert where(database) == ""
    monkeypatch.setattr(migrations, "FOLDERS", (*migrations.FOLDERS, Path(__file__).parent / "revisions"))
    again = Settings(data=tmp_path / "again")
    assert list(put_back(again, file, TUESDAY_14, force=False).journals.values()) == [3]
    restored = opened(again)
    assert where(restored) == LATER
    says_it_is_at(restored, "9999")
    back_up_of_a_newer = tmp_path / "newer.db"
    with pytest.raises(Broken, match="newer program"):
        back_up(restored, back_up_of_a_newer, TUESDAY_14)
    for one in (database, restored):
        one.close()


def test_an_empty_file_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(Broken, match="generation"):
        put_back(Settings(data=tmp_path / "cloud"), tmp_path / "empty.db", 0, force=False)


def test_a_folder_without_a_cloud_is_not_migrated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--data", str(tmp_path / "none")]) == 1
    assert "cloud-sync init" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
    with pytest.raises(BadInput, match="no revision"):
        migrate(open_database("sqlite://"), "0000")
