"""Once a day the whole journal is looked at, a little at a time beside selling: what rots in old lines is found."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import apsw

from edge_agent.clock import Clock
from edge_agent.errors import Broken
from edge_agent.journal.chain import BEGINNING, walk_on
from edge_agent.journal.log import Journal
from edge_agent.journal.mending import doubt
from edge_agent.journal.reading import Reading

log = logging.getLogger(__name__)
DAY_MS = 86_400_000
LINES, PAUSE_S = 500, 0.02
FILE = "checked"


class DailyCheck:
    """`told` hears in words what is damaged and what to do, once each; `pause` lets others work in between."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        told: Callable[[str], None],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._journal, self._clock, self._told, self._pause = journal, clock, told, pause
        self._file = journal.file.parent / FILE
        self._said = journal.mended

    def tick(self) -> None:
        """Check when a day has passed since the last time; the first day begins with the first tick."""
        now, last = self._clock.now(), _time_in(self._file)
        if last is None or not 0 <= now - last < DAY_MS:
            self._file.write_text(str(now))
        if last is not None and now - last >= DAY_MS:
            self._check()
        self._say(self._journal.mended)

    def _check(self) -> None:
        with self._journal.reading() as memory:
            journal = memory.journal_id()
            try:
                self._walk(memory)
            except Broken as error:
                # A new journal that was begun meanwhile is no damage.
                if memory.journal_id() == journal:
                    log.error("the daily check found a damaged line", extra={"why": error.message})
                    self._journal.leave_out_damage().result()
            except apsw.CorruptError as error:
                log.error("the daily check found a damaged file", extra={"why": str(error)})
                doubt(self._journal.file.parent)
                self._say("restart the till: its file is damaged, it then goes on in a new one")

    def _walk(self, memory: Reading) -> None:
        behind = BEGINNING
        while (on := walk_on(memory.db, behind, LINES)) != behind:
            behind = on
            self._pause(PAUSE_S)
        if (said := memory.db.execute("PRAGMA quick_check(1)").fetchall()) != [("ok",)]:
            raise apsw.CorruptError(str(said[0][0]))

    def _say(self, words: str) -> None:
        if words and words != self._said:
            self._said = words
            self._told(words)


def _time_in(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None
