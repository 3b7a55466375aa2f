"""What works beside the tills gives way to them: while they come back by the hundred it rests, but never for long."""

import logging
import threading
import time
from collections.abc import Callable

from cloud_sync.ingest.gate import CALM_S, Gate

log = logging.getLogger(__name__)
LONGEST_REST_S = 60.0
"""So long work waits for a crowd at the gate, counted from when it first did until all of it is done; from then on it
has its tenth of the time, so that no owner's page stands still for as long as tills push."""
WAY = 9
"""While tills push, work beside them rests so many times as long as it worked."""


class Way:
    """How one thread gives way, named for the log; `over` says when the service ends."""

    def __init__(self, name: str, gate: Gate, over: threading.Event, now: Callable[[], float] = time.monotonic) -> None:
        self._name, self._gate, self._over, self._now = name, gate, over, now
        self._worked_from = now()
        self._waits_from: float | None = None

    @property
    def waits_s(self) -> int:
        """For how many seconds work has waited for a crowd, or for what was left of it; 0 when none waits."""
        since = self._waits_from
        return 0 if since is None else int(self._now() - since)

    def begin(self) -> bool:
        """Work is about to begin: rest first where a crowd is there. False when the service ends."""
        return self._rested(0.0)

    def give(self) -> bool:
        """A piece of work is done: rest as the tills at the gate ask for. False when the service ends."""
        return self._rested(self._now() - self._worked_from)

    def through(self) -> None:
        """All that waited is done."""
        if self._waits_from is not None:
            log.info("%s is through what waited while many tills came", self._name, extra={"seconds": self.waits_s})
        self._waits_from = None

    def _rested(self, worked_s: float) -> bool:
        tenth_from = self._now() + WAY * worked_s
        while self._rests(tenth_from):
            if self._over.wait(CALM_S / 4):
                break
        self._worked_from = self._now()
        return not self._over.is_set()

    def _rests(self, tenth_from: float) -> bool:
        """What a few tills have sent is counted at once when they are through."""
        return self._gives_all() or (self._now() < tenth_from and self._gate.busy())

    def _gives_all(self) -> bool:
        if not self._gate.crowded():
            return False
        if self._waits_from is None:
            self._waits_from = self._now()
            log.info("%s waits: many tills come at once", self._name)
        return self._now() - self._waits_from < LONGEST_REST_S
