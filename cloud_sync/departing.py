"""A customer leaves: all that the cloud holds of it in one file to take along, and then no row of it any more."""

import base64
import csv
import io
import json
import os
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Table, delete, func
from sqlmodel import Session, SQLModel, col, select

from cloud_sync.database import Database
from cloud_sync.ingest.verify import walk
from cloud_sync.pages.files import cell
from cloud_sync.service import stamp
from cloud_sync.tables import PROJECTIONS, TRUTH
from cloud_sync.tables.accounts import Attempt, Device, Owner
from cloud_sync.tables.events import JournalRow, RawEvent
from cloud_sync.tables.house import Shop
from edge_agent.errors import Broken

LINES = "raw_event"
SECRET = ("password_hash", "credential_hash", "token_hash", "code_hash", "pin_hash", "key_hash")
"""What proves who somebody is stays here and is of no use elsewhere."""
CHUNK = 1_000
READ_ME = """What the cloud held of {shops}.

tables/NAME.csv      every table, one row a line; bytes are text where they are text, else base64 behind "base64:"
journals/NAME.ndjson each till's journal, line by line as the till wrote it: the truth that the tables are counted from
keys.json            each till's public key, the journals it wrote, and the name by which signatures call this cloud

A journal's chain: hash(0) is 32 zero bytes, hash(n) = SHA-256(hash(n-1) + line n without its newline); the last one
stands in tables/journal.csv (`hash`), each one in tables/raw_event.csv.
"""


def tables_of_tenants() -> list[Table]:
    """Every table that names a tenant; one that others point at comes before them."""
    assert TRUTH, "the tables are known by having been loaded"
    assert PROJECTIONS
    return [table for table in SQLModel.metadata.sorted_tables if "tenant" in table.columns]


def take_along(database: Database, tenant: str, file: Path) -> dict[str, int]:
    """Write the file, whole or not at all, readable by its owner alone; {table: rows}. Each chain is walked: Broken
    when one does not hold, and nothing is written."""
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w+b") as out:
            with database.of(tenant).reading() as session, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
                rows = _written(session, tenant, packed)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return rows


def _written(session: Session, tenant: str, packed: zipfile.ZipFile) -> dict[str, int]:
    journals = session.exec(
        select(JournalRow).where(JournalRow.tenant == tenant).order_by(col(JournalRow.journal))
    ).all()
    for row in journals:
        walk(session, row)
        with packed.open(f"journals/{row.journal}.ndjson", "w", force_zip64=True) as out:
            for line in _lines(session, row):
                out.write(line + b"\n")
    devices = session.exec(select(Device).where(Device.tenant == tenant).order_by(col(Device.device))).all()
    keys = [
        {
            "till": one.till,
            "device": one.device,
            "public_key": one.public_key,
            "journals": [row.journal for row in journals if row.device == one.device],
        }
        for one in devices
    ]
    said = {"audience": stamp(session, "audience"), "tenant": tenant, "tills": keys}
    packed.writestr("keys.json", json.dumps(said, indent=1))
    shops = session.exec(select(Shop.name).where(Shop.tenant == tenant).order_by(col(Shop.name))).all()
    packed.writestr("README.txt", READ_ME.format(shops=", ".join(shops)))
    return {table.name: _table(session, tenant, table, packed) for table in tables_of_tenants()}


def _lines(session: Session, row: JournalRow) -> Iterator[bytes]:
    mine = select(RawEvent.line).where(RawEvent.tenant == row.tenant, RawEvent.journal == row.journal)
    yield from session.exec(mine.order_by(col(RawEvent.seq)).execution_options(yield_per=CHUNK))


def _table(session: Session, tenant: str, table: Table, packed: zipfile.ZipFile) -> int:
    """One table as CSV; a line's own bytes are in its journal's file alone."""
    left_out = (*SECRET, "line") if table.name == LINES else SECRET
    columns = [column for column in table.columns if column.name not in left_out]
    wanted = table.select().where(table.c.tenant == tenant).order_by(*table.primary_key.columns)
    rows = 0
    with packed.open(f"tables/{table.name}.csv", "w", force_zip64=True) as out:
        text = io.TextIOWrapper(out, "utf-8", newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([column.name for column in columns])
        for row in session.execute(wanted.execution_options(yield_per=CHUNK)).mappings():
            writer.writerow([_plain(row[column.name], column.name) for column in columns])
            rows += 1
        text.flush()
        text.detach()
    return rows


def _plain(value: object, name: str) -> str | int:
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = value.hex() if name == "hash" else _words(value)
    return cell(int(value) if isinstance(value, bool | int) else str(value))


def _words(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return f"base64:{base64.b64encode(value).decode()}"


def forget(database: Database, tenant: str) -> dict[str, int]:
    """Delete every row of a tenant, in one transaction; {table: rows}. Broken, and nothing is deleted, when a row of it
    were left. Its tills are then tills that this cloud never knew."""
    with database.of(tenant).writing() as session:
        # Who brings lines or counts them holds one of these rows: he is waited for, and finds nothing afterwards.
        for held in (Device, Shop):
            session.exec(select(held).where(held.tenant == tenant).with_for_update()).all()
        for email in session.exec(select(Owner.email).where(Owner.tenant == tenant)).all():
            session.execute(delete(Attempt).where(col(Attempt.key).contains(email, autoescape=True)))
        tables = tables_of_tenants()
        gone = {table.name: _emptied(session, table, tenant) for table in reversed(tables)}
        left = [table.name for table in tables if _rows(session, table, tenant)]
        if left:
            raise Broken(f"rows came meanwhile into {', '.join(left)}: try again")
    _clear(database)
    return gone


def _clear(database: Database) -> None:
    """SQLite leaves the bytes of what was deleted in its file, unless that is written anew."""
    connection = database.engine.raw_connection()
    try:
        if isinstance(connection.driver_connection, sqlite3.Connection):
            connection.driver_connection.execute("VACUUM")
            connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


def _emptied(session: Session, table: Table, tenant: str) -> int:
    rows = _rows(session, table, tenant)
    session.execute(table.delete().where(table.c.tenant == tenant))
    return rows


def _rows(session: Session, table: Table, tenant: str) -> int:
    count: int = session.execute(select(func.count()).select_from(table).where(table.c.tenant == tenant)).scalar_one()
    return count
