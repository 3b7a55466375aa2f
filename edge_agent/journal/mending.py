"""A damaged journal: the file is set aside untouched, and what is sound of it goes on in a new journal beside it.

The new file is built whole under another name first, so that a stop at any moment leaves either the old or the new.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw
from pydantic import ValidationError

from edge_agent.errors import Broken
from edge_agent.journal.chain import Row, sound_lines, walk_tail
from edge_agent.journal.fold import fold_all
from edge_agent.journal.lineage import TAKEN_BACK, Birth, succeed
from edge_agent.journal.marker import Mark
from edge_agent.journal.reading import Reading
from edge_agent.journal.writer import connect
from edge_agent.wire.envelope import event_of
from edge_agent.wire.messages import FeedEntry

log = logging.getLogger(__name__)
READY = ".ready"
DOUBTED = "doubted"
DAMAGED = (apsw.CorruptError, apsw.NotADBError, Broken, ValueError, TypeError)


def mend(folder: Path, found: Mark | None, now: int, ids: Callable[[], str]) -> str:
    """Look at the journal's file and, where it is damaged, put a new one in its place; then the words for the screen.

    What cannot be read at all leaves no file: then the journal begins from its marker.
    """
    _finish(folder)
    file = folder / "journal.db"
    doubted = folder / DOUBTED
    why = damage(file, whole=doubted.exists()) if file.exists() else ""
    doubted.unlink(missing_ok=True)
    if not why:
        return ""
    name = _free_name(folder, now)
    log.error("the journal's file is damaged: it is set aside, a new journal goes on", extra={"why": why, "kept": name})
    part = folder / f"{name}.part"
    for left in folder.glob(f"{name}.part*"):
        left.unlink()
    if _built(part, file, found, now, ids):
        part.replace(folder / f"{name}{READY}")
    else:
        part.unlink()
        _set_aside(file, folder / name)
    _finish(folder)
    return words_of(name)


def words_of(name: str) -> str:
    """For the screen: what to do, and what was damaged."""
    return f"sell on, tell the owner: the file was damaged and is kept as {name}"


def keep_copy(file: Path, now: int) -> str:
    """A copy of a file in use, as it is, beside it; its name."""
    name = _free_name(file.parent, now)
    with (
        _untouched(file) as db,
        _untouched(file.with_name(name), new=True) as into,
        into.backup("main", db, "main") as copying,
    ):
        copying.step()
    return name


def leave_out_damaged(db: apsw.Connection) -> int:
    """Leave sound lines alone in the journal; how many follow from its beginning without a hole. In a transaction."""
    sound = {seq: link for seq, _, link in sound_lines(_rows(db, "SELECT seq, line, hash FROM journal ORDER BY seq"))}
    for seq, stored in list(_rows(db, "SELECT seq, hash FROM journal")):
        if seq not in sound:
            log.error("a line of the journal is damaged; the next goes on without it", extra={"seq": seq})
            db.execute("DELETE FROM journal WHERE seq = ?", (seq,))
        elif sound[seq] != stored:
            db.execute("UPDATE journal SET hash = ? WHERE seq = ?", (sound[seq], seq))
    return next((place - 1 for place, seq in enumerate(sound, 1) if seq != place), len(sound))


def doubt(folder: Path) -> None:
    """Have the next start look at the whole file."""
    (folder / DOUBTED).touch()


def damage(file: Path, *, whole: bool = False) -> str:
    """What is wrong with the file at its end, where it is written on, or with the whole; empty while it is sound."""
    try:
        with _untouched(file) as db:
            if whole and (said := db.execute("PRAGMA integrity_check(1)").fetchall()) != [("ok",)]:
                raise Broken(str(said[0][0]))
            names = {str(name) for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if names and not {"journal", "mark"} <= names:
                raise Broken("a table is missing")
            if names and bool(Reading(db).journal_id()) != bool(walk_tail(db).seq):
                raise Broken("the journal's lines or its id are missing")
    except DAMAGED as error:
        return str(error)
    return ""


@contextmanager
def _untouched(file: Path, *, new: bool = False) -> Iterator[apsw.Connection]:
    """A connection that leaves file and log as they are, also when it is the last; a `new` file is made."""
    made = apsw.SQLITE_OPEN_CREATE if new else 0
    db = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE | made)
    try:
        db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        db.set_busy_timeout(5_000)
        yield db
    finally:
        db.close(force=True)


def _free_name(folder: Path, now: int) -> str:
    stamp = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    taken = len(list(folder.glob(f"journal-damaged-{stamp}*.db")))
    return f"journal-damaged-{stamp}{f'-{taken + 1}' if taken else ''}.db"


def _finish(folder: Path) -> None:
    """Put a new file that is whole into its place, the old one aside: also what a stop left half done."""
    for ready in folder.glob(f"journal-damaged-*{READY}"):
        _set_aside(folder / "journal.db", folder / ready.name.removesuffix(READY))
        ready.replace(folder / "journal.db")


def _set_aside(file: Path, kept: Path) -> None:
    # The log first: what is left of an old one must never meet the new file.
    for end in ("-wal", ""):
        old = file.with_name(f"{file.name}{end}")
        if old.exists() and old.stat().st_size == 0:
            old.unlink()
        elif old.exists():
            old.replace(kept.with_name(f"{kept.name}{end}"))
    file.with_name(f"{file.name}-shm").unlink(missing_ok=True)


def _built(part: Path, file: Path, found: Mark | None, now: int, ids: Callable[[], str]) -> bool:
    """Build the new file; False when nothing at all can be read of the old one."""
    db = connect(part)
    try:
        with _untouched(file) as old, db:
            parent = _id_of(old, found)
            whole = _take_over(old, db, bytes.fromhex(found.hash) if found else b"")
            if not parent or not Reading(db).head().seq:
                return False
            # Without a marker a torn view may still know the numbers that were given.
            number = found.next_receipt if found else _said(old, lambda memory: memory.next_receipt(), 1)
            birth = Birth(ids() + ids(), "corrupt", ids(), max(now, Reading(db).head().at), number)
            received = _said(old, lambda memory: memory.mark().received, 0)
            succeed(db, parent, min(max(1, received), whole), birth)
            db.execute("REPLACE INTO mark VALUES('generation', ?)", (TAKEN_BACK,))
            fold_all(db, db)
        db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        return True
    finally:
        db.close()


def _take_over(old: apsw.Connection, db: apsw.Connection, known: bytes) -> int:
    """Copy what is sound; how many lines of the journal follow from its beginning without a hole."""
    names = dict.fromkeys(str(name) for (name,) in _rows(old, "SELECT journal FROM ancestor ORDER BY place"))
    for name in names:
        rows = _rows(old, "SELECT seq, line, hash FROM ancestor WHERE journal = ? ORDER BY place", (name,))
        for place, (seq, line, link) in enumerate(sound_lines(rows), 1):
            if seq != place:
                break
            db.execute("INSERT INTO ancestor(journal, seq, line, hash) VALUES(?, ?, ?, ?)", (name, seq, line, link))
    for cursor, line in _rows(old, "SELECT cursor, line FROM feed ORDER BY cursor"):
        if _is_entry(cursor, line):
            db.execute("INSERT INTO feed VALUES(?, ?)", (cursor, line))
    whole = 0
    for seq, line, link in sound_lines(_both_ends(old), known):
        db.execute("INSERT INTO journal VALUES(?, ?, ?)", (seq, line, link))
        whole += seq == whole + 1
    return whole


def _both_ends(old: apsw.Connection) -> Iterator[Row]:
    """The journal's rows from the beginning; where the file is torn, those behind it from the end."""
    last = 0
    for row in _rows(old, "SELECT seq, line, hash FROM journal ORDER BY seq"):
        last = row[0]
        yield row
    yield from reversed(
        list(_rows(old, "SELECT seq, line, hash FROM journal WHERE seq > ? ORDER BY seq DESC", (last,)))
    )


def _rows(old: apsw.Connection, sql: str, values: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """As many rows as can be read."""
    try:
        yield from old.execute(sql, values)
    except (apsw.Error, ValueError) as error:
        log.warning("the damaged file cannot be read further", extra={"error": str(error)})


def _said(old: apsw.Connection, what: Callable[[Reading], int], otherwise: int) -> int:
    try:
        return what(Reading(old))
    except (apsw.Error, ValueError, TypeError):
        return otherwise


def _id_of(old: apsw.Connection, found: Mark | None) -> str:
    """The journal's id: as its first event says, else its marker."""
    sql = "SELECT seq, line, hash FROM journal WHERE seq < 3 ORDER BY seq"
    first = next(sound_lines(_rows(old, sql)), None)
    if first and first[0] == 1:
        return str(event_of(first[1]).body["journal"])
    return found.journal if found else ""


def _is_entry(cursor: int, line: bytes) -> bool:
    try:
        return FeedEntry.model_validate_json(line).cursor == cursor
    except ValidationError:
        return False
