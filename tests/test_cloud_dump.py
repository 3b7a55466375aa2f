"""A backup of a PostgreSQL cloud: dumped while it serves, proved in a scratch database, put back into an empty one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cloud_sync import dumps
from cloud_sync.backups import back_up, put_back
from cloud_sync.commands import main
from cloud_sync.database import Database, open_database
from cloud_sync.ingest.verify import verify
from cloud_sync.settings import Settings
from edge_agent.errors import BadInput, Broken
from scripts.postgres_ import Postgres
from tests.cloud import Cloud, FakeTill, sells, serving
from tests.shop import TUESDAY_14


@dataclass(frozen=True)
class Served:
    """A cloud that one role serves and another one, which may make databases, owns and backs up."""

    cluster: Postgres
    cloud: Cloud
    till: FakeTill
    name: str

    @property
    def keeper(self) -> Database:
        return open_database(self.cloud.service.settings.owner_url).service()

    def copied(self, to: Path) -> Path:
        database = self.keeper
        try:
            return back_up(database, to, TUESDAY_14).file
        finally:
            database.close()

    def others(self) -> set[str]:
        """The databases of the server that are no shop's."""
        with self.cluster.connect() as connection:
            return {name for (name,) in connection.execute("SELECT datname FROM pg_database") if "proving" in name}


@pytest.fixture(scope="module")
def roles(cluster: Postgres) -> tuple[str, str]:
    return cluster.new_role("dump_keeper", "CREATEDB"), cluster.new_role("dump_server")


@pytest.fixture
def served(cluster: Postgres, roles: tuple[str, str], tmp_path: Path) -> Iterator[Served]:
    keeper, server = roles
    name = cluster.new_database(keeper)
    with serving(tmp_path / "own", database=cluster.url(name, server), owner=cluster.url(name, keeper)) as cloud:
        till = FakeTill(cloud)
        sells(till, 3)
        till.sends()
        yield Served(cluster, cloud, till, name)
        till.close()


def test_what_a_proved_dump_holds_of_every_tenant_is_told_as_safe(served: Served, tmp_path: Path) -> None:
    other = FakeTill(served.cloud.another(), "b" * 32)
    sells(other, 2)
    other.sends()
    assert served.till.open()["safe"] == 0
    (tmp_path / "folder").mkdir()
    file = served.copied(tmp_path / "folder")
    assert (file.name, file.stat().st_mode & 0o777) == ("cloud-20260303-140000.dump", 0o600)
    sells(served.till, 2)
    assert served.till.open()["safe"] == 3
    assert served.till.push(4).json()["safe"] == 3
    assert other.open()["safe"] == 2
    assert served.others() == set()
    other.close()


def test_a_dump_that_does_not_hold_is_not_believed_and_replaces_nothing(served: Served, tmp_path: Path) -> None:
    good = served.copied(tmp_path / "b.dump").read_bytes()
    sells(served.till, 1)
    served.till.sends()
    with served.cluster.connect(served.name) as connection:
        connection.execute("UPDATE raw_event SET line = 'x' WHERE seq = 2")
    with pytest.raises(Broken, match="event 2"):
        served.copied(tmp_path / "b.dump")
    assert served.till.open()["safe"] == 3
    assert (tmp_path / "b.dump").read_bytes() == good
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["b.dump"]
    assert served.others() == set()


@pytest.mark.long
def test_a_dump_is_put_back_into_an_empty_database_and_the_till_sends_what_it_lacks(
    served: Served, roles: tuple[str, str], tmp_path: Path
) -> None:
    keeper, server = roles
    file = served.copied(tmp_path / "b.dump")
    sells(served.till, 2)
    served.till.sends()
    fresh = served.cluster.new_database(keeper)
    serves, owns = served.cluster.url(fresh, server), served.cluster.url(fresh, keeper)
    settings = Settings(tmp_path / "again" / "cloud", serves, owns)
    assert list(put_back(settings, file, TUESDAY_14 + 1, force=False).journals.values()) == [3]
    with pytest.raises(BadInput, match="holds a cloud"):
        put_back(settings, file, TUESDAY_14 + 2, force=True)
    with serving(tmp_path / "again", shop=served.cloud.shop, database=serves, owner=owns) as again:
        served.till.cloud, served.till.http.base_url = again, again.url
        assert served.till.open()["ack"] == 3
        assert served.till.push(4).json()["received"] == 5
        again.count()
        assert list(verify(again.database).journals.values()) == [5]


@pytest.mark.long
def test_the_commands_do_the_same_and_a_role_that_may_make_no_database_is_told_what_to_do(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = served.cloud.service.settings
    words = ["backup", str(tmp_path / "b.dump"), "--data", str(settings.data), "--json"]
    monkeypatch.setenv("DROPSHELF_CLOUD_DATABASE", settings.database)
    monkeypatch.setenv("DROPSHELF_CLOUD_DATABASE_OWNER", settings.database_owner)
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["events"] == 3
    with served.cluster.connect() as connection:
        connection.execute("ALTER ROLE dump_keeper NOCREATEDB")
    assert main(words) == 1
    assert "ALTER ROLE dump_keeper CREATEDB" in capsys.readouterr().err
    assert main([*words, "--scratch", served.cluster.url("postgres", served.cluster.superuser)]) == 0
    with served.cluster.connect() as connection:
        connection.execute("ALTER ROLE dump_keeper CREATEDB")


def test_what_is_no_dump_is_refused(cluster: Postgres, roles: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "b.dump").write_bytes(b"no database at all" * 100)
    settings = Settings(tmp_path / "cloud", cluster.url(cluster.new_database(roles[0]), roles[0]))
    with pytest.raises(Broken, match="pg_restore failed"):
        put_back(settings, tmp_path / "b.dump", 0, force=False)


@pytest.mark.parametrize(
    ("said", "words"),
    [(None, "pg_dump is missing: apt-get install postgresql-client"), ("9", "pg_dump 9 is older than the server")],
)
def test_a_pg_dump_that_is_missing_or_older_than_the_server_is_named_and_nothing_is_safe(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str | None, words: str
) -> None:
    (tmp_path / "bin").mkdir()
    if said:
        program = tmp_path / "bin" / "pg_dump"
        program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {said}.1'\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(dumps, "DEBIAN", tmp_path / "nothing")
    with pytest.raises(BadInput, match=words):
        served.copied(tmp_path / "b.dump")
    assert served.till.open()["safe"] == 0
    assert not (tmp_path / "b.dump").exists()
