"""The projector: a thread that counts what came in, lets orders go by themselves or expire, and needs no memory."""

import threading
import time

from cloud_sync.automatic import approve_due
from cloud_sync.clock import Clock
from cloud_sync.database import Database
from cloud_sync.ingest.gate import Gate
from cloud_sync.ingest.project import Key, project, rejudge
from cloud_sync.ingest.way import Way
from cloud_sync.orders import expire_due
from cloud_sync.rounds import Rounds

LOOK_EVERY_S = 5.0
LOOK_AT_ORDERS_S = 30.0
"""However much there is to count, orders are looked at after so long."""


class Projector(Rounds):
    """Counts from each journal's position to its head: one that rang at once, all others at the start and every few
    seconds, so that a bell that was lost, or rang at another worker, costs no more than that.

    While tills push, it takes a part of the time only, or none (see `Way`).
    """

    def __init__(
        self, database: Database, clock: Clock, *, gate: Gate | None = None, every_s: float = LOOK_EVERY_S
    ) -> None:
        super().__init__("projector", every_s)
        self._database, self._clock = database, clock
        self.way = Way("counting", gate or Gate(), self._over)
        self._lock, self._fresh, self._all_at = threading.Lock(), dict[Key, None](), 0.0

    def _run(self) -> None:
        self._safely(lambda: rejudge(self._database, self._clock.now()))
        super()._run()

    def came_in(self, tenant: str, journal: str) -> None:
        """Lines of this journal came in: it is counted without a look at all the others. Returns at once."""
        with self._lock:
            self._fresh[tenant, journal] = None
        self.wake()

    def go_round(self) -> None:
        """Count what rang; and every few seconds all that is not counted, and let orders go by themselves or expire."""
        if not self.way.begin():
            return
        began, fresh = time.monotonic(), self._rung()
        if fresh and began < self._all_at:
            project(self._database, self._clock.now(), go_on=self.way.give, keys=fresh)
            return
        self._all_at = began + LOOK_EVERY_S
        ends = began + LOOK_AT_ORDERS_S
        project(self._database, self._clock.now(), go_on=lambda: self.way.give() and time.monotonic() < ends)
        now = self._clock.now()
        approve_due(self._database, now)
        expire_due(self._database, now)
        if time.monotonic() < ends:
            self.way.through()
        else:
            self._all_at = 0.0
            self.wake()

    def _rung(self) -> list[Key]:
        with self._lock:
            fresh, self._fresh = list(self._fresh), {}
        return fresh
