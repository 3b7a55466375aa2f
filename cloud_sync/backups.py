"""Backups: copied while the cloud serves, proved by restoring the copy elsewhere, and put back.

Only what a proved copy holds is told to the tills as `safe`.
"""

import os
import secrets
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy import URL, Select, delete, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from cloud_sync.database import Database, ask, columns, open_database
from cloud_sync.dumps import dump, load, scratch
from cloud_sync.founding import migrate_for
from cloud_sync.ingest.verify import refuse_strays, walk
from cloud_sync.migrations import has_tables, migrate
from cloud_sync.restored import begin_anew
from cloud_sync.service import stamp
from cloud_sync.settings import Settings
from cloud_sync.tables.accounts import OwnerSession, PairCode
from cloud_sync.tables.backups import Backup, Safe
from cloud_sync.tables.events import JournalRow
from edge_agent.errors import BadInput, Broken, NotKnown

Journals = dict[tuple[str, str], int]
"""{(tenant, journal): events}."""
SIDE_FILES = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Proved:
    """A copy whose chains hold: where it lies, and how many events it has of each journal."""

    file: Path
    journals: Journals


def back_up(database: Database, target: Path, now: int, elsewhere: str = "") -> Proved:
    """Copy the database into `target` (a file, or a folder that gets a dated one), prove the copy, then say that what
    it holds is safe. Broken when the copy does not hold: nothing is said then, and no older backup is replaced.

    A copy of PostgreSQL is proved in a new database on the server of the URL `elsewhere` (empty: the same server).
    """
    url = database.engine.url
    ending = "db" if _is_file(url) else "dump"
    name = f"cloud-{datetime.fromtimestamp(now / 1000, UTC):%Y%m%d-%H%M%S}.{ending}"
    file = target / name if target.is_dir() else target
    if not file.parent.is_dir():
        raise BadInput(f"there is no folder {file.parent}")
    part = file.with_name(f"{file.name}.part")
    try:
        _private(part)
        if _is_file(url):
            _copy(database, part)
            journals = prove(part)
        else:
            dump(url, part)
            journals = prove_dump(part, make_url(elsewhere) if elsewhere else url)
        part.replace(file)
        _sync_folder(file.parent)
    finally:
        part.unlink(missing_ok=True)
    _note(database, file, journals, now)
    return Proved(file, journals)


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _private(file: Path) -> None:
    """A new, empty file, readable by its owner alone."""
    file.unlink(missing_ok=True)
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _copy(database: Database, file: Path) -> None:
    """SQLite's own online backup: one consistent state, whatever is written meanwhile."""
    source = database.engine.raw_connection()
    target = sqlite3.connect(file)
    try:
        assert isinstance(source.driver_connection, sqlite3.Connection)
        source.driver_connection.backup(target)
        target.execute("PRAGMA journal_mode=DELETE").fetchall()
    finally:
        target.close()
        source.close()
    with file.open("rb") as written:
        os.fsync(written.fileno())


def prove(file: Path) -> Journals:
    """Restore a copy, an older program's too, into a scratch database at our newest revision, and walk every chain
    there; Broken names what does not hold."""
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".proving-") as folder:
        scratch = Path(folder) / "cloud.db"
        shutil.copyfile(file, scratch)
        database = open_database(f"sqlite:///{scratch}")
        try:
            with database.reading() as session:
                _refuse_damaged(session)
            migrate(database)
            with database.reading() as session:
                return _journals(session)
        except SQLAlchemyError as error:
            raise Broken(f"{file} is no backup of a cloud: {type(error).__name__}") from error
        finally:
            database.close()


def prove_dump(file: Path, server: URL) -> Journals:
    """The same for a copy of PostgreSQL, in a new database on that server."""
    with scratch(server) as url:
        load(file, url)
        return _proved(url, file)


def _proved(url: URL, file: Path) -> Journals:
    database = open_database(url.render_as_string(hide_password=False)).service()
    try:
        migrate(database)
        with database.reading() as session:
            return _journals(session)
    except SQLAlchemyError as error:
        raise Broken(f"{file} is no backup of a cloud: {type(error).__name__}") from error
    finally:
        database.close()


def _refuse_damaged(session: Session) -> None:
    found = session.connection().execute(text("PRAGMA integrity_check")).scalar()
    if found != "ok":
        raise Broken(f"the copy is damaged: {found}")


def _journals(session: Session) -> Journals:
    stamp(session, "generation")
    refuse_strays(session)
    rows = session.exec(select(JournalRow).order_by(col(JournalRow.tenant), col(JournalRow.journal))).all()
    return {(row.tenant, row.journal): walk(session, row) for row in rows}


def _note(database: Database, file: Path, journals: Journals, now: int) -> None:
    with database.writing() as session:
        _mark_safe(session, journals)
        row = Backup(made_at=now, file=str(file)[:400], journals=len(journals), events=sum(journals.values()))
        session.merge(row)


def _mark_safe(session: Session, journals: Journals) -> None:
    """What the copy holds, except of who has left since it was made."""
    here = {(row.tenant, row.journal) for row in ask(session, _known())}
    session.execute(delete(Safe))
    held = {place: seq for place, seq in journals.items() if place in here}
    session.add_all([Safe(tenant=tenant, journal=name, seq=seq) for (tenant, name), seq in held.items()])


@cache
def _known() -> Select[*tuple[Any, ...]]:
    return sql.select(*columns(JournalRow.tenant, JournalRow.journal))


def put_back(settings: Settings, file: Path, now: int, *, force: bool, elsewhere: str = "") -> Proved:
    """Put a backup in the place of the cloud's database, which must be empty; with `force` what is there is set aside
    under another name (an SQLite file alone). The caller sees to it that nothing serves. `elsewhere` as in `back_up`.
    """
    if not file.is_file():
        raise NotKnown(f"there is no file {file}")
    if settings.database:
        return _put_into(settings, file, now, elsewhere)
    place = settings.data / "cloud.db"
    if place.exists() and not force:
        raise BadInput(
            f"there is a cloud in {settings.data}; with --force it is set aside and the backup takes its place"
        )
    journals = prove(file)
    settings.data.mkdir(parents=True, exist_ok=True)
    fresh = settings.data / "cloud.db.restoring"
    shutil.copyfile(file, fresh)
    fresh.chmod(0o600)
    database = open_database(f"sqlite:///{fresh}")
    try:
        migrate(database)
        _begin(database, journals, now)
    finally:
        database.close()
    if place.exists():
        _set_aside(place, now)
    fresh.replace(place)
    _sync_folder(settings.data)
    return Proved(place, journals)


def _put_into(settings: Settings, file: Path, now: int, elsewhere: str) -> Proved:
    """Into an empty database on PostgreSQL: nothing that is there is ever overwritten."""
    database = open_database(settings.owner_url).service()
    url = database.engine.url
    try:
        with database.connected() as connection:
            if has_tables(connection):
                raise BadInput(f"{url.database} holds a cloud: make an empty database and name that in `database`")
        journals = prove_dump(file, make_url(elsewhere) if elsewhere else url)
        load(file, url)
        migrate_for(settings, database)
        _begin(database, journals, now)
    finally:
        database.close()
    return Proved(file, journals)


def _begin(database: Database, journals: Journals, now: int) -> None:
    """The restored database as another generation; nobody is signed in, no pairing code is open."""
    with database.writing() as session:
        begin_anew(session, secrets.token_hex(8), now)
        session.execute(delete(OwnerSession))
        session.execute(delete(PairCode))
        _mark_safe(session, journals)


def _set_aside(place: Path, now: int) -> None:
    for ending in SIDE_FILES:
        file = place.with_name(place.name + ending)
        if file.exists():
            file.rename(place.with_name(f"{place.name}.before-{now}{ending}"))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
