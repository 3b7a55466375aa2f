"""The time of each act, and what a line must say of the clock before it is recorded."""

from collections.abc import Iterable
from dataclasses import replace

from edge_agent.clock import Moment, SureClock
from edge_agent.rules.true_time import Stand, stand_of
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.device import ClockMoved


class Timing:
    """Looks at the clock once an act; `now` is the act's moment. What it remembers is what was committed."""

    def __init__(self) -> None:
        self.now = Moment(0, "floor", 0)
        self._stand: Stand | None = None

    def begin(self, clock: SureClock, last_at: int, born_at: int) -> list[ClockMoved]:
        """Look at the clock for an act behind an event of `last_at`; gives what is to be recorded before it."""
        self.now = moment(clock, last_at, born_at)
        if self._stand is None or not self._stand.is_news(*self.now):
            return []
        return [ClockMoved(boot=self._stand.boot, monotonic_ms=self.now.up_ms)]

    def committed(self, lines: Iterable[tuple[Envelope, Contract]]) -> None:
        """Remember how these say that the clock stands."""
        for event, body in lines:
            self._stand = stand_of(event, body) or self._stand

    def anew(self) -> None:
        """Another journal goes on: it need not have said how the clock stands."""
        self._stand = self._stand and replace(self._stand, ahead=None)


def moment(clock: SureClock, last_at: int, born_at: int) -> Moment:
    """A time server's time is taken; any other never goes back behind the last event, and says so when it would have.
    What an ancestor had recorded is told apart by its time: nothing is before a journal's birth."""
    at, quality, up_ms = clock.moment()
    if quality != "ntp" and at < last_at:
        at, quality = last_at, "floor"
    return Moment(max(at, born_at), quality, up_ms)
