"""The projector: a thread that counts what came in, lets orders go by themselves or expire, and needs no memory."""

import time

from cloud_sync.automatic import approve_due
from cloud_sync.clock import Clock
from cloud_sync.database import Database
from cloud_sync.ingest.gate import Gate
from cloud_sync.ingest.project import project, rejudge
from cloud_sync.ingest.way import Way
from cloud_sync.orders import expire_due
from cloud_sync.rounds import Rounds

LOOK_EVERY_S = 5.0
LOOK_AT_ORDERS_S = 30.0
"""However much there is to count, orders are looked at after so long."""


class Projector(Rounds):
    """Counts from each journal's position to its head: on start, on each bell, and every few seconds anyway.

    While tills push, it takes a part of the time only, or none (see `Way`).
    """

    def __init__(
        self, database: Database, clock: Clock, *, gate: Gate | None = None, every_s: float = LOOK_EVERY_S
    ) -> None:
        super().__init__("projector", every_s)
        self._database, self._clock = database, clock
        self.way = Way("counting", gate or Gate(), self._over)

    def _run(self) -> None:
        self._safely(lambda: rejudge(self._database, self._clock.now()))
        super()._run()

    def go_round(self) -> None:
        """Count, and let orders go by themselves or expire."""
        if not self.way.begin():
            return
        ends = time.monotonic() + LOOK_AT_ORDERS_S
        project(self._database, self._clock.now(), go_on=lambda: self.way.give() and time.monotonic() < ends)
        now = self._clock.now()
        approve_due(self._database, now)
        expire_due(self._database, now)
        if time.monotonic() < ends:
            self.way.through()
        else:
            self.wake()
