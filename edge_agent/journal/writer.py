"""The one writing connection and its thread: acts queue up, each becomes one durable transaction."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import apsw

from edge_agent.errors import DropshelfError, Unreachable
from edge_agent.journal.answer import Answer
from edge_agent.journal.fold import lay_out, lay_out_anew
from edge_agent.journal.schema import PRAGMAS

log = logging.getLogger(__name__)
OLDEST_SAFE_SQLITE = (3, 51, 3)
LOG_PAGES, WRITTEN = 1000, apsw.SQLITE_DBSTATUS_CACHE_WRITE
"""The log is carried over when a connection has written so many pages into it."""
MOST_PAUSE_S = 5.0
DISK = (apsw.FullError, apsw.IOError, apsw.CantOpenError, apsw.ReadOnlyError, apsw.BusyError, apsw.ProtocolError)
"""What the disk says when it refuses: trying again may help."""

Act = Callable[[apsw.Connection], Any]


def connect(file: Path) -> apsw.Connection:
    """A writing connection: WAL, synchronous=FULL, all tables there."""
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if version < OLDEST_SAFE_SQLITE:
        raise Unreachable(
            f"SQLite {apsw.sqlite_lib_version()} can lose a commit; 3.51.3 or newer is needed", again=False
        )
    db = apsw.Connection(str(file))
    try:
        db.set_busy_timeout(10_000)
        # To the end: a statement that answers holds the ones behind it back.
        db.execute(PRAGMAS).fetchall()
        with db:
            lay_out(db)
            lay_out_anew(db)
    except BaseException:
        db.close(force=True)
        raise
    return db


class Acts:
    """Runs acts, each at once on the thread that asks; a commit that ended in an error is looked up.

    `reopened` is called when the file was opened anew: what the owner remembers of it is to be read again. `full` is
    called when the disk is full.
    """

    behind = False
    """True where acts are queued: what takes long may then go on behind them."""

    def __init__(self, file: Path, db: apsw.Connection) -> None:
        self._file = file
        self._over = threading.Event()
        self.reopened: Callable[[], None] = lambda: None
        self.full: Callable[[], None] = lambda: None
        self._db: apsw.Connection | None = db

    def act(self, act: Act, after: Callable[[Any], None] = lambda _: None) -> "Future[Any]":
        """Run an act. Its result is given after the commit; `after` runs before that, where the act ran."""
        future = Answer()
        self._run(act, after, future)
        return future

    def close(self) -> None:
        """Finish what waits, then close the file."""
        self._over.set()
        self._drop()

    def _run(self, act: Act, after: Callable[[Any], None], future: "Future[Any]") -> None:
        # From here on it cannot be cancelled: an answer that nobody may take would end the thread.
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = self._commit(act)
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
            future.set_exception(error)
        else:
            self._tell(after, result)
            future.set_result(result)
        self._carry_over()

    def _tell(self, after: Callable[[Any], None], result: object) -> None:
        try:
            after(result)
        except Exception:
            # It is stored, and that is what is answered; what was to be remembered is read anew before the next act.
            log.exception("what follows from a stored act failed")
            self._drop()

    def _carry_over(self) -> None:
        """Bring the log's pages into the file: behind an answer, so that no sale waits for it."""
        try:
            if self._db is not None and self._db.status(WRITTEN)[0] >= LOG_PAGES:
                held, carried = self._db.wal_checkpoint()
                self._db.status(WRITTEN, reset=held == carried)
        except apsw.Error as error:
            # Nothing is lost: the log holds it, and the next act tries again.
            log.warning("the journal's log cannot be carried over", extra={"error": str(error)})

    def _commit(self, act: Act) -> Any:
        db = self._begin()
        try:
            result = act(db)
        except BaseException as error:
            self._undo(error)
            if isinstance(error, DISK):
                raise Unreachable(f"not stored, the disk said: {error}") from error
            raise
        try:
            db.execute("COMMIT")
        except apsw.Error as error:
            return self._looked_up(result, error)
        return result

    def _begin(self) -> apsw.Connection:
        try:
            db = self._db or self._reopen()
            db.execute("BEGIN IMMEDIATE")
        except (apsw.Error, OSError) as error:
            self._undo(error)
            raise Unreachable(f"the journal cannot be written: {error}") from error
        return db

    def _undo(self, error: BaseException) -> None:
        """Leave no half act open; a connection that cannot even do that, or that failed, is given up for a new one."""
        try:
            if self._db is not None and self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except apsw.Error:
            self._drop()
        if isinstance(error, apsw.Error) and not isinstance(error, apsw.FullError | apsw.BusyError):
            self._drop()
        if isinstance(error, apsw.FullError):
            self.full()

    def _drop(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            try:
                db.close(force=True)
            except apsw.Error as error:
                log.warning("the journal did not close well", extra={"error": str(error)})

    def _reopen(self) -> apsw.Connection:
        db = connect(self._file)
        self._db = db
        self.reopened()
        return db

    def _looked_up(self, result: Any, error: apsw.Error) -> Any:
        """A commit error does not say whether the act is stored: reopen, look for it, only then speak.

        While the file cannot be opened nothing is said at all: whoever waits would ring the sale up a second time.
        """
        log.error("a commit ended in an error", extra={"error": str(error)})
        if isinstance(error, apsw.FullError):
            # The page that makes it a commit did not fit.
            self._undo(error)
        elif self._looked(result):
            return result
        raise Unreachable(f"not stored, the disk said: {error}") from error

    def _looked(self, result: object) -> bool:
        pause = 0.05
        while True:
            self._drop()
            try:
                db = self._reopen()
                stored = is_stored(db, result)
                # A log whose sync failed may hold what the disk does not, or bring back later what is said to be lost:
                # it is carried over into the file, synced there, and emptied before anything is said.
                db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            except (apsw.Error, DropshelfError, OSError) as failed:
                log.warning("the journal cannot be looked into yet", extra={"error": str(failed)})
            else:
                return stored
            if self._over.wait(pause):
                raise Unreachable("the disk does not answer: whether this was stored is seen at the next start")
            pause = min(2 * pause, MOST_PAUSE_S)


class Writer(Acts):
    """Queues acts up for a thread of its own, so that nobody who records waits for the disk."""

    behind = True

    def __init__(self, file: Path, db: apsw.Connection) -> None:
        super().__init__(file, db)
        self._acts: queue.SimpleQueue[tuple[Act, Callable[[Any], None], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def act(self, act: Act, after: Callable[[Any], None] = lambda _: None) -> "Future[Any]":
        """Queue an act; it runs on the journal's thread."""
        future = Answer()
        self._acts.put((act, after, future))
        return future

    def close(self) -> None:
        self._over.set()
        self._acts.put(None)
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _work(self) -> None:
        while (job := self._acts.get()) is not None:
            self._run(*job)
        self._drop()


def is_stored(db: apsw.Connection, result: object) -> bool:
    """True when the last recorded event of an act's result is in the journal, byte for byte."""
    if not isinstance(result, tuple) or not result or not hasattr(result[-1], "line"):
        return False
    last = result[-1]
    row = db.execute("SELECT line FROM journal WHERE seq = ?", (last.event.seq,)).fetchone()
    return row is not None and row[0] == last.line
