"""A rebuild behind selling: the truth is folded into a file of its own, whose tables then take the stale ones' places.

The till sells on with the views that it has. The fold works a little and rests as long; its tables come over in small
acts, between which sales are recorded; the last act changes the names and folds what was recorded meanwhile. A stop in
between loses nothing but the work: the mark still says that the views are stale.
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from typing import Any

import apsw

from edge_agent.journal.fold import Folding, is_stale, lay_out, mark_fresh, tables
from edge_agent.journal.reading import Reading

log = logging.getLogger(__name__)
EVENTS, ROWS = 50, 500
"""So much is folded before a rest, and so many rows come over in one act."""
REST = 1.0
"""Rests so many times as long as it worked."""
BEGIN_AFTER_S = 3.0
FRESH = "fresh_"
UNSAFE = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY;"
CREATED = re.compile(r"^CREATE TABLE (\w+)")

Act = Callable[[apsw.Connection], Any]


class Behind:
    """Rebuilds the stale views of a journal on a thread of its own. `act` queues an act of the journal's writer;
    `told` hears on the writer's thread that they are fresh, with the mark that said they were not."""

    def __init__(self, file: Path, act: Callable[[Act, Callable[[Any], None]], "Future[Any]"]) -> None:
        self._file, self._act = file, act
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.told: Callable[[str], None] = lambda _: None

    def begin(self) -> None:
        """At the opening of the journal: wake where the views are stale, behind the first picture."""
        if self._mark():
            self.wake(BEGIN_AFTER_S)

    def wake(self, after_s: float = 0.0) -> None:
        """Begin, if the views are stale and nobody is at it; from the writer's thread or before it is used."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, args=(after_s,), name="rebuild", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End; what is not done is begun anew at the next start."""
        self._over.set()
        self.settled(None)

    def settled(self, seconds: float | None) -> bool:
        """Wait until nobody is at it (None: as long as it takes); False when it takes longer."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _run(self, after_s: float) -> None:
        self._over.wait(after_s)
        try:
            while not self._over.is_set() and (mark := self._left()):
                self._try(mark)
        except Exception:
            log.exception("the views could not be rebuilt; the next start tries again")

    def _try(self, mark: str) -> None:
        try:
            self._rebuild(mark)
        except apsw.Error:
            # Lines that have moved under the fold, because another journal was begun meanwhile, are folded once more.
            if self._mark() == mark:
                raise

    def _left(self) -> str:
        """The mark of views that are stale; without one this thread is over, and the next wake begins another."""
        with self._lock:
            mark = self._mark()
            self._thread = self._thread if mark else None
        return mark

    def _mark(self) -> str:
        with Reading.open(self._file) as memory:
            mark = memory.views_mark()
        return mark if is_stale(mark) else ""

    def _rebuild(self, mark: str) -> None:
        part = self._file.with_name("views.next")
        part.unlink(missing_ok=True)
        began, done = time.monotonic(), ""
        fresh = apsw.Connection(str(part))
        try:
            fresh.execute(UNSAFE).fetchall()
            lay_out(fresh)
            with Reading.open(self._file) as memory:
                folding = Folding(memory.db, fresh)
                if self._folded(folding) and self._brought_over(fresh):
                    done = self._act(lambda db: _take_places(db, mark, folding), self._done).result()
        finally:
            fresh.close()
            part.unlink(missing_ok=True)
        if done:
            took = {"events": folding.place.events, "seconds": time.monotonic() - began}
            log.info("the views were rebuilt", extra=took)

    def _folded(self, folding: Folding) -> bool:
        """Fold to the end of what there is by then; False when the till closes meanwhile."""
        more = True
        while more and not self._over.is_set():
            began = time.monotonic()
            more = folding.go_on(EVENTS)
            self._over.wait(REST * (time.monotonic() - began))
        return not more

    def _brought_over(self, fresh: apsw.Connection) -> bool:
        for sql, rows in _copies(fresh):
            if self._over.is_set():
                return False
            began = time.monotonic()
            self._act(lambda db, sql=sql, rows=rows: db.executemany(sql, rows) and None, lambda _: None).result()  # type: ignore[misc]
            self._over.wait(REST * (time.monotonic() - began))
        return True

    def _done(self, mark: str) -> None:
        if mark:
            self.told(mark)


def _copies(fresh: apsw.Connection) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """What is to be executed in the journal's file, act by act: an empty table beside each view's, then its rows."""
    for table in tables():
        sql = fresh.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        assert sql is not None, "the views were laid out"
        yield f"DROP TABLE IF EXISTS {FRESH}{table}", [()]
        yield CREATED.sub(rf"CREATE TABLE {FRESH}\1", sql[0]), [()]
        rows = fresh.execute(f"SELECT * FROM {table}")
        while some := list(islice(rows, ROWS)):
            yield f"INSERT INTO {FRESH}{table} VALUES({', '.join('?' * len(some[0]))})", some


def _take_places(db: apsw.Connection, mark: str, folding: Folding) -> str:
    """The last act; empty when the views were made fresh, or stale once more, in another way meanwhile."""
    if Reading(db).views_mark() != mark:
        return ""
    for table in tables():
        db.execute(f"DROP TABLE {table}")
        db.execute(f"ALTER TABLE {FRESH}{table} RENAME TO {table}")
    lay_out(db)
    Folding(db, db, folding.place).to_the_end()
    mark_fresh(db)
    return mark
