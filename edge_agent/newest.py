"""How late the newest recorded moments are: a clock that stands behind them is wrong, or was."""

import threading
from contextlib import suppress

from edge_agent.clock import Clock, Quality
from edge_agent.journal.log import Recorded
from edge_agent.journal.reading import Reading
from edge_agent.wire.envelope import event_of

MINUTE_MS = 60_000
BEHIND_MS = 2 * MINUTE_MS
LOOKED_AT = 500
"""So many of the newest events are looked at when a till starts."""
SURE: dict[Quality, int] = {"floor": 0, "rtc": 1, "ntp": 2}


class Newest:
    """The latest moment of this till's own events, by how well they were timed. Told on the journal's thread."""

    def __init__(self) -> None:
        self._at: dict[int, int] = {}
        self._lock = threading.Lock()

    def look(self, memory: Reading) -> None:
        """What was recorded before this till was started."""
        last = memory.last_seq()
        for line in memory.lines(last - LOOKED_AT, last):
            with suppress(ValueError):  # a damaged line tells no time, and is the sync's to find
                event = event_of(line)
                self._heard(event.clock, event.at)

    def recorded(self, done: tuple[Recorded, ...]) -> None:
        """What is recorded now."""
        for one in done:
            self._heard(one.event.clock, one.event.at)

    def _heard(self, quality: Quality, at: int) -> None:
        with self._lock:
            sure = SURE[quality]
            self._at[sure] = max(at, self._at.get(sure, 0))

    def behind(self, clock: Clock) -> int:
        """How many minutes the clock stands behind what was timed as well as it is now; 0: not for long enough."""
        sure = SURE[clock.quality()]
        with self._lock:
            ahead = max((at for other, at in self._at.items() if other >= sure), default=0) - clock.now()
        return ahead // MINUTE_MS if ahead > BEHIND_MS else 0
