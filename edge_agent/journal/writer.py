"""The one writing connection and its thread: acts queue up, each becomes one durable transaction."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import apsw

from edge_agent.errors import Unreachable
from edge_agent.journal.fold import lay_out
from edge_agent.journal.schema import PRAGMAS

log = logging.getLogger(__name__)
OLDEST_SAFE_SQLITE = (3, 51, 3)
LOG_PAGES = 1000

Act = Callable[[apsw.Connection], Any]


def connect(file: Path) -> apsw.Connection:
    """A writing connection: WAL, synchronous=FULL, all tables there."""
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if version < OLDEST_SAFE_SQLITE:
        raise Unreachable(
            f"SQLite {apsw.sqlite_lib_version()} can lose a commit; 3.51.3 or newer is needed", again=False
        )
    db = apsw.Connection(str(file))
    db.set_busy_timeout(10_000)
    # To the end: a statement that answers holds the ones behind it back.
    db.execute(PRAGMAS).fetchall()
    with db:
        lay_out(db)
    return db


class Acts:
    """Runs acts, each at once on the thread that asks; a commit that ended in an error is looked up."""

    def __init__(self, file: Path, db: apsw.Connection) -> None:
        self._file = file
        self._use(db)

    def _use(self, db: apsw.Connection) -> None:
        self._db, self._log_pages = db, 0
        db.set_wal_hook(self._committed)

    def _committed(self, _: apsw.Connection, __: str, pages: int) -> int:
        self._log_pages = pages
        return apsw.SQLITE_OK

    def act(self, act: Act, after: Callable[[Any], None] = lambda _: None) -> "Future[Any]":
        """Run an act. Its result is given after the commit; `after` runs before that, where the act ran."""
        future: Future[Any] = Future()
        self._run(act, after, future)
        return future

    def close(self) -> None:
        """Finish what waits, then close the file."""
        self._db.close()

    def _run(self, act: Act, after: Callable[[Any], None], future: "Future[Any]") -> None:
        try:
            result = self._commit(act)
            after(result)
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
            future.set_exception(error)
        else:
            future.set_result(result)
        if self._log_pages >= LOG_PAGES:
            self._carry_over()

    def _carry_over(self) -> None:
        """Bring the log's pages into the file: behind an answer, so that no sale waits for it."""
        try:
            self._db.wal_checkpoint()
        except apsw.Error as error:
            # Nothing is lost: the log holds it, and the next act tries again.
            log.warning("the journal's log cannot be carried over", extra={"error": str(error)})

    def _commit(self, act: Act) -> Any:
        self._begin()
        try:
            result = act(self._db)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        try:
            self._db.execute("COMMIT")
        except apsw.Error as error:
            return self._looked_up(result, error)
        return result

    def _begin(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except apsw.Error as error:
            raise Unreachable(f"the journal cannot be written: {error}") from error

    def _looked_up(self, result: Any, error: apsw.Error) -> Any:
        """A commit error does not say whether the act is stored: reopen, look for it, only then speak."""
        log.error("a commit ended in an error", extra={"error": str(error)})
        self._db.close()
        self._use(connect(self._file))
        if is_stored(self._db, result):
            return result
        raise Unreachable(f"not stored, the disk said: {error}") from error


class Writer(Acts):
    """Queues acts up for a thread of its own, so that nobody who records waits for the disk."""

    def __init__(self, file: Path, db: apsw.Connection) -> None:
        super().__init__(file, db)
        self._acts: queue.SimpleQueue[tuple[Act, Callable[[Any], None], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def act(self, act: Act, after: Callable[[Any], None] = lambda _: None) -> "Future[Any]":
        """Queue an act; it runs on the journal's thread."""
        future: Future[Any] = Future()
        self._acts.put((act, after, future))
        return future

    def close(self) -> None:
        self._acts.put(None)
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _work(self) -> None:
        while (job := self._acts.get()) is not None:
            self._run(*job)
        self._db.close()


def is_stored(db: apsw.Connection, result: object) -> bool:
    """True when the last recorded event of an act's result is in the journal, byte for byte."""
    if not isinstance(result, tuple) or not result or not hasattr(result[-1], "line"):
        return False
    last = result[-1]
    row = db.execute("SELECT line FROM journal WHERE seq = ?", (last.event.seq,)).fetchone()
    return row is not None and row[0] == last.line
