"""The projector: a thread that counts what came in, lets orders go by themselves or expire, and needs no memory."""

import logging
import threading
import time
from collections.abc import Callable

from cloud_sync.automatic import approve_due
from cloud_sync.clock import Clock
from cloud_sync.database import Database
from cloud_sync.ingest.gate import CALM_S, Gate
from cloud_sync.ingest.project import project, rejudge
from cloud_sync.orders import expire_due

log = logging.getLogger(__name__)
LOOK_EVERY_S = 5.0


class Projector:
    """Counts from each journal's position to its head: on start, on each bell, and every few seconds anyway.

    While tills push, it takes a part of the time only, as `gate` says.
    """

    def __init__(
        self, database: Database, clock: Clock, *, gate: Gate | None = None, every_s: float = LOOK_EVERY_S
    ) -> None:
        self._database, self._clock, self._every_s = database, clock, every_s
        self._gate = gate or Gate()
        self._bell, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Lines came in; returns at once."""
        self._bell.set()

    def stop(self) -> None:
        """Finish the work in hand and end."""
        self._over.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        self._safely(lambda now: rejudge(self._database, now))
        while not self._over.is_set():
            self._bell.clear()
            self._safely(self._round)
            self._bell.wait(self._every_s)

    def _round(self, now: int) -> None:
        began = time.monotonic()

        def give_way() -> bool:
            nonlocal began
            self._rest(self._gate.way_s(time.monotonic() - began))
            began = time.monotonic()
            return not self._over.is_set()

        project(self._database, now, go_on=give_way)
        approve_due(self._database, now)
        expire_due(self._database, now)

    def _rest(self, seconds: float) -> None:
        """Rest so long, and no longer than tills push: what they have sent is counted at once when they are through."""
        ends = time.monotonic() + seconds
        while self._gate.busy() and (left := ends - time.monotonic()) > 0:
            if self._over.wait(min(left, CALM_S)):
                return

    def _safely(self, work: Callable[[int], object]) -> None:
        try:
            work(self._clock.now())
        except Exception:
            log.exception("counting stopped and is tried again")
