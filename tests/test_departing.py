"""A customer leaves: one file holds everything, and then no table has a row of it."""

import csv
import io
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, select

from cloud_sync.commands import main
from cloud_sync.database import Database, open_database
from cloud_sync.departing import SECRET, forget, tables_of_tenants, take_along
from cloud_sync.ingest.verify import verify
from cloud_sync.tables import create_tables
from cloud_sync.tables.accounts import Device, Owner
from cloud_sync.tables.events import RawEvent
from cloud_sync.tables.house import Shop
from edge_agent.errors import Broken
from edge_agent.wire.envelope import GENESIS_HASH, link
from tests.cloud import Cloud, FakeTill, error, proposal, sells
from tests.every_table import insert_of, row_of
from tests.shop import SHOP


def counts(database: Database, tenant: str) -> dict[str, int]:
    with database.reading() as session:
        return {
            table.name: session.execute(
                text(f'SELECT count(*) FROM "{table.name}" WHERE tenant = :tenant'), {"tenant": tenant}
            ).scalar_one()
            for table in tables_of_tenants()
        }


def table(packed: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(packed.read(f"tables/{name}.csv").decode(), newline="")))


def at_work(cloud: Cloud, name: str, journal: str) -> FakeTill:
    """A till that sold and proposed an order, in a shop of that name with an owner."""
    with cloud.database.writing() as session:
        session.get_one(Shop, (cloud.shop.tenant, cloud.shop.shop)).name = name
    cloud.owner(f"{name.lower()}@shop.example")
    till = FakeTill(cloud, journal)
    till.says("shop_set", SHOP.model_dump())
    sells(till, 3)
    till.says("reorder_decided", proposal(journal * 2))
    till.says("no_such_kind", {"a": 1})
    till.sends()
    return till


@pytest.mark.both
def test_a_customer_takes_everything_along_and_leaves_nothing(cloud: Cloud, tmp_path: Path) -> None:
    other = cloud.another()
    going, stays = at_work(cloud, "Zebra", "a" * 32), at_work(other, "Heron", "b" * 32)
    before, theirs = counts(cloud.database, cloud.shop.tenant), counts(cloud.database, other.shop.tenant)
    assert {"raw_event", "owner", "device", "quarantine", "purchase_order", "stock", "feed"} <= {
        name for name, rows in before.items() if rows
    }
    file = tmp_path / "zebra.zip"
    assert take_along(cloud.service.database, cloud.shop.tenant, file) == before
    assert file.stat().st_mode & 0o777 == 0o600
    looks_whole(file, going, before)
    assert counts(cloud.database, cloud.shop.tenant) == before
    assert forget(cloud.service.database, cloud.shop.tenant) == before
    assert set(counts(cloud.database, cloud.shop.tenant).values()) == {0}
    assert counts(cloud.database, other.shop.tenant) == theirs
    sells(going, 1)
    assert error(going.push(6)) == (401, "REVOKED")
    sells(stays, 1)
    stays.sends()
    assert stays.journal in verify(cloud.database).journals
    for till in (going, stays):
        till.close()


def looks_whole(file: Path, till: FakeTill, rows: dict[str, int]) -> None:
    """A stranger walks the chain with what is in the file alone; nothing in it opens a door."""
    with zipfile.ZipFile(file) as packed:
        assert packed.testzip() is None
        lines = packed.read(f"journals/{till.journal}.ndjson").removesuffix(b"\n").split(b"\n")
        assert lines == till.lines
        head = GENESIS_HASH
        for line in lines:
            head = link(head, line)
        (journal,) = table(packed, "journal")
        assert (journal["hash"], int(journal["seq"])) == (head.hex(), len(lines))
        assert {name: len(table(packed, name)) for name in rows} == rows
        (key,) = json.loads(packed.read("keys.json"))["tills"]
        assert key["public_key"] == till.private.public_key().public_bytes_raw().hex()
        assert key["journals"] == [till.journal]
        heads = {name: packed.read(f"tables/{name}.csv").split(b"\r\n")[0] for name in rows}
        assert [name for name, head_line in heads.items() if b"_hash" in head_line] == []


@pytest.mark.both
def test_every_table_of_a_customer_is_in_the_file_and_what_proves_who_one_is_is_not(
    cloud: Cloud, tmp_path: Path
) -> None:
    tenant, secret = cloud.shop.tenant, "s3cret-" + "0" * 32
    till = at_work(cloud, "Ibex", "a" * 32)
    there = _there(cloud)
    empty = [one for one in tables_of_tenants() if not counts(cloud.database, tenant)[one.name]]
    with cloud.database.writing() as session:
        for one in empty:
            named = {name: secret for name in one.columns.keys() if name in SECRET}  # noqa: SIM118 - no mapping
            points = {name: value for name, value in there.items() if name in one.columns}
            session.execute(one.insert(), {**row_of(one, tenant), **named, **points})
    file = tmp_path / "zebra.zip"
    rows = take_along(cloud.service.database, tenant, file)
    assert set(rows) == {one.name for one in tables_of_tenants()}
    assert all(rows.values()), rows
    with zipfile.ZipFile(file) as packed:
        assert {name: len(table(packed, name)) for name in rows} == rows
        assert [name for name in packed.namelist() if secret.encode() in packed.read(name)] == []
    assert forget(cloud.service.database, tenant) == rows
    assert set(counts(cloud.database, tenant).values()) == {0}
    till.close()


def _there(cloud: Cloud) -> dict[str, str]:
    """What a row may point at."""
    mine = cloud.shop.tenant
    with cloud.reading() as session:
        owner = session.exec(select(Owner.owner).where(Owner.tenant == mine)).one()
        device = session.exec(select(Device.device).where(Device.tenant == mine)).one()
    return {"shop": cloud.shop.shop, "owner": owner, "device": device}


def test_no_table_of_all_has_a_row_left_and_no_byte_of_it_is_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cloud.db"
    database = open_database(f"sqlite:///{file}")
    create_tables(database)
    with sqlite3.connect(file) as connection:
        for one in tables_of_tenants():
            for tenant in ("zebra", "heron"):
                connection.execute(insert_of(one, "?"), list(row_of(one, tenant).values()))
    connection.close()
    assert len(tables_of_tenants()) == sum("tenant" in one.columns for one in SQLModel.metadata.tables.values())
    assert set(forget(database, "zebra").values()) == {1}
    assert set(counts(database, "zebra").values()) == {0}
    assert set(counts(database, "heron").values()) == {1}
    database.close()
    assert b"heron" in file.read_bytes()
    assert b"zebra" not in file.read_bytes()


def test_what_does_not_hold_is_not_handed_out(cloud: Cloud, tmp_path: Path) -> None:
    till = at_work(cloud, "Zebra", "a" * 32)
    with cloud.database.writing() as session:
        session.get_one(RawEvent, (cloud.shop.tenant, till.journal, 2)).line = b"x"
    with pytest.raises(Broken, match="event 2"):
        take_along(cloud.database, cloud.shop.tenant, tmp_path / "zebra.zip")
    assert list(tmp_path.iterdir()) == []
    till.close()


def test_the_command_keeps_the_file_and_deletes_only_by_the_name_said_once_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = ["--data", str(tmp_path / "cloud")], str(tmp_path / "kept.zip")
    assert main(["init", "--shop", "Zebra", "--zone", "Europe/London", "--currency", "GBP", *data]) == 0
    assert main(["forget-shop", "--export", file, *data]) == 0
    assert "Nothing was deleted" in capsys.readouterr().out
    assert main(["forget-shop", "--export", file, "--confirm", "Heron", *data]) == 1
    assert main(["forget-shop", "--export", file, "--confirm", "Zebra", *data]) == 0
    assert "none is left" in capsys.readouterr().out
    assert main(["forget-shop", "--export", file, "--confirm", "Zebra", *data]) == 1
    assert "there are: none" in capsys.readouterr().err
