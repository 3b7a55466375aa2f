"""A cloud with a shop in it between programs and after a loss, on both databases: moved up, used, moved down, put back.

Run it alone by `pytest tests/test_upgrade.py -m "long or not long"`.
"""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, insert, select
from sqlmodel import Session
from sqlmodel import select as rows_of

from cloud_sync.commands import main
from cloud_sync.database import Database, open_database
from cloud_sync.founding import opened, shop_named
from cloud_sync.ingest.verify import verify
from cloud_sync.migrations import migrate
from cloud_sync.orders import By, approve, order_of, version_of
from cloud_sync.settings import Settings
from cloud_sync.tables.events import RawEvent
from cloud_sync.tables.house import Shop
from edge_agent.commands import pair
from edge_agent.journal.log import Journal
from scripts.postgres_ import Postgres
from tests.cloud import FakeTill, proposal, sells, serving
from tests.paired import a_loop, lines, reopened, until, words
from tests.shop import TUESDAY_14, open_journal, record, scripted_clock, sold
from tests.test_released import VERSIONS, expected, unpacked

pytestmark = [pytest.mark.both, pytest.mark.long]
LOST_ON_THE_WAY_DOWN = {"owner_session"}
"""Whoever is signed in signs in once more; every other table of the older program keeps every row."""
New = Callable[[], str]
Say = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def new_kept(request: pytest.FixtureRequest, new_database: New) -> New:
    """Gives databases of a role that may prove a copy beside them; SQLite needs none."""
    if not new_database():
        return new_database
    cluster: Postgres = request.getfixturevalue("cluster")
    role = cluster.new_role("upgrade_keeper", "CREATEDB")
    return lambda: cluster.url(cluster.new_database(role), role)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run a command of the cloud on these settings; what it said."""

    def says(settings: Settings, *given: str) -> dict[str, Any]:
        monkeypatch.setenv("DROPSHELF_CLOUD_DATABASE", settings.database)
        capsys.readouterr()
        code = main([*given, "--data", str(settings.data), "--json"])
        out, err = capsys.readouterr()
        assert code == 0, err
        said: dict[str, Any] = json.loads(out)
        return said

    return says


def filled(settings: Settings, release: Path) -> None:
    """The released cloud's database: its own file, or all its rows in a PostgreSQL that stands at its revision."""
    unpacked(release / "cloud.db.gz", settings.data / "cloud.db")
    if not settings.database:
        return
    theirs = create_engine(f"sqlite:///{settings.data / 'cloud.db'}")
    database = open_database(settings.database_url).service()
    migrate(database, expected(release).revision)
    with theirs.connect() as source, database.engine.begin() as target:
        tables = MetaData()
        tables.reflect(target)
        for table in tables.sorted_tables:
            found = [dict(row) for row in source.execute(select(*table.columns)).mappings()]
            if found and table.name != "alembic_version":
                target.execute(insert(table), found)
    theirs.dispose()
    database.close()


def contents(database: Database, like: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """Every row of every table, or of these columns of these tables, in no order."""
    tables = MetaData()
    with database.connected() as connection:
        tables.reflect(connection)
        kept = like or {table.name: [column.name for column in table.columns] for table in tables.sorted_tables}
        return {
            name: sorted(
                repr(tuple(row)) for row in connection.execute(select(*(tables.tables[name].c[one] for one in named)))
            )
            for name, named in kept.items()
        }


def columns(database: Database) -> dict[str, list[str]]:
    """Its tables, with the names of their columns."""
    tables = MetaData()
    with database.connected() as connection:
        tables.reflect(connection)
    named = {table.name: [column.name for column in table.columns] for table in tables.sorted_tables}
    return {name: kept for name, kept in named.items() if name != "alembic_version"}


def a_day(settings: Settings, folder: Path, shop: Shop, journal: str) -> None:
    """Today's program serves it: a new till sells, an order is made and approved, somebody gets an account."""
    with serving(folder, shop=shop, database=settings.database) as cloud:
        till = FakeTill(cloud, journal)
        sells(till, 3)
        key = journal[:2] * 32
        till.says("reorder_decided", proposal(key))
        till.sends()
        with cloud.database.writing() as session:
            seen = version_of(order_of(session, tenant=shop.tenant, order=key))
            approve(session, tenant=shop.tenant, order=key, version=seen, by=By("a", "Ann"), now=TUESDAY_14)
        cloud.owner(f"{journal[:2]}@shop.example")
        till.close()


def in_cloud(settings: Settings) -> tuple[Shop, dict[str, int]]:
    """The shop, and each journal's events as they were verified."""
    database = opened(settings)
    with database.reading() as session:
        shop = shop_named(session)
    journals = verify(database).journals
    database.close()
    return shop, dict(journals)


@pytest.mark.parametrize("release", VERSIONS, ids=lambda folder: folder.name)
def test_a_released_cloud_goes_up_is_used_goes_down_and_up_again_and_every_row_is_there(
    release: Path, tmp_path: Path, new_database: New, say: Say
) -> None:
    told, settings = expected(release), Settings(data=tmp_path / "cloud", database=new_database())
    filled(settings, release)
    database = open_database(settings.database_url).service()
    old = columns(database)
    assert say(settings, "migrate")["before"] == told.revision
    shop, journals = in_cloud(settings)
    assert journals == {told.journal: told.received}
    a_day(settings, tmp_path, shop, "c" * 32)
    used, after_a_day = contents(database, old), in_cloud(settings)[1]
    assert after_a_day == {told.journal: told.received, "c" * 32: 4}
    assert say(settings, "migrate", "--to", told.revision)["after"] == told.revision
    assert columns(database) == old
    below = contents(database, old)
    assert {name for name in old if below[name] != used[name]} <= LOST_ON_THE_WAY_DOWN
    say(settings, "migrate")
    assert in_cloud(settings)[1] == after_a_day
    a_day(settings, tmp_path, shop, "d" * 32)
    assert in_cloud(settings)[1] == {**after_a_day, "d" * 32: 4}
    database.close()


def test_a_backup_made_while_a_till_sells_is_put_back_and_the_till_heals_it_by_itself(
    tmp_path: Path, new_kept: New, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DROPSHELF_CLOCK", str(scripted_clock(tmp_path / "till").path))
    settings, file = Settings(data=tmp_path / "cloud", database=new_kept()), tmp_path / "copy"
    open_journal(tmp_path / "till").close()
    with serving(tmp_path, database=settings.database) as cloud:
        assert pair.run(words(tmp_path, cloud.url, cloud.code())) == 0
        journal, port, shop = reopened(tmp_path), int(cloud.url.rpartition(":")[2]), cloud.shop
        loop = a_loop(tmp_path, journal)
        loop.start()
        kept = _backed_up_while_selling(journal, lambda: say(settings, "backup", str(file)))
        until(lambda: loop.state().waiting == 0, "the till sends")
    sold_since = len(lines(journal))
    assert 0 < kept < sold_since
    again = Settings(data=settings.data, database=new_kept())
    assert say(again, "restore", str(file), *([] if again.database else ["--force"]))["events"] == kept
    with serving(tmp_path, port=port, shop=shop, database=again.database) as cloud:
        until(lambda: _is_whole(cloud.database, journal), f"what is missing comes by itself: {loop.state()}")
        loop.stop()
        cloud.count()
        assert verify(cloud.database).journals == {journal.id: len(lines(journal))}
    journal.close()


def _backed_up_while_selling(journal: Journal, back_up: Callable[[], dict[str, Any]]) -> int:
    """Sales go on all the while, and after it; how many events the copy holds."""
    over, receipts = threading.Event(), iter(range(1, 100_000))

    def sell() -> None:
        while not over.wait(0.01):
            record(journal, sold(next(receipts), "milk"))

    cashier = threading.Thread(target=sell)
    cashier.start()
    before = len(lines(journal))
    until(lambda: len(lines(journal)) > before + 5, "the till sells")
    try:
        kept = int(back_up()["events"])
        until(lambda: len(lines(journal)) > kept + 5, "the till sells on")
    finally:
        over.set()
        cashier.join()
    return kept


def _is_whole(database: Database, journal: Journal) -> bool:
    """Line by line what the till has."""
    with database.reading() as session:
        return _stored(session, journal.id) == lines(journal)


def _stored(session: Session, journal: str) -> list[bytes]:
    mine = rows_of(RawEvent).where(RawEvent.journal == journal).order_by(RawEvent.seq)  # type: ignore[arg-type]
    return [row.line for row in session.exec(mine)]
