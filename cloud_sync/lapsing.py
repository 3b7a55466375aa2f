"""A thread that ends reservations at their time, and shuts channels at theirs."""

from cloud_sync.clock import Clock
from cloud_sync.database import Database
from cloud_sync.reservations import lapse_due
from cloud_sync.rounds import Rounds

EVERY_S = 15.0


class Lapsing(Rounds):
    """Looks at what is due every quarter of a minute; who reserves looks at their shop's at once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__("reservations", EVERY_S, rests=True)
        self._database, self._clock = database, clock

    def go_round(self) -> int:
        """End what is due; returns how many reservations."""
        return lapse_due(self._database, self._clock.now())
