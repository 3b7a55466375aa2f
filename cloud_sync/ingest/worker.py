"""The projector: a thread that counts what came in, lets orders go by themselves or expire, and needs no memory."""

import time

from cloud_sync.automatic import approve_due
from cloud_sync.clock import Clock
from cloud_sync.database import Database
from cloud_sync.ingest.gate import CALM_S, Gate
from cloud_sync.ingest.project import project, rejudge
from cloud_sync.orders import expire_due
from cloud_sync.rounds import Rounds

LOOK_EVERY_S = 5.0


class Projector(Rounds):
    """Counts from each journal's position to its head: on start, on each bell, and every few seconds anyway.

    While tills push, it takes a part of the time only, as `gate` says.
    """

    def __init__(
        self, database: Database, clock: Clock, *, gate: Gate | None = None, every_s: float = LOOK_EVERY_S
    ) -> None:
        super().__init__("projector", every_s)
        self._database, self._clock, self._gate = database, clock, gate or Gate()

    def _run(self) -> None:
        self._safely(lambda: rejudge(self._database, self._clock.now()))
        super()._run()

    def go_round(self) -> None:
        """Count, and let orders go by themselves or expire."""
        now, began = self._clock.now(), time.monotonic()

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
