"""True time: when an event happened whose clock was not sure, told by the boot's own time once a server gave the time.

Lines are read, never written again: `at` stays as it was recorded, and so does everything that was printed.
"""

from dataclasses import dataclass, replace

from edge_agent.wire.envelope import Clock, Contract, Envelope
from edge_agent.wire.events.device import Booted, ClockMoved

NEAR_MS = 500
"""A clock that is off its last word by no more has not moved."""


@dataclass(frozen=True)
class Stand:
    """How a boot's clock stands: `ahead` is its time less the boot's own, ms (None: no line says it yet), `sure` that a
    time server gave it."""

    boot: str
    ahead: int | None
    sure: bool

    def is_news(self, at: int, clock: Clock, up_ms: int) -> bool:
        """True when a line must say first how the clock stands now: `at` when the boot was `up_ms` old."""
        if self.sure or clock == "ntp":
            return not (self.sure and clock == "ntp")
        return self.ahead is None or abs(at - up_ms - self.ahead) > NEAR_MS


def stand_of(event: Envelope, body: Contract) -> Stand | None:
    """How a line says that the clock stands; None for one that says nothing of it."""
    if isinstance(body, Booted | ClockMoved):
        return Stand(body.boot, event.at - body.monotonic_ms, event.clock == "ntp")
    return None


@dataclass(frozen=True)
class BootTime:
    """What the lines of a journal, read in order up to here, say of the boot they are in.

    `begun` is the seq of its first line, `sure` how its clock stood by a time server's latest word (None: it had none).
    """

    boot: str = ""
    begun: int = 0
    ahead: int = 0
    sure: int | None = None

    def true(self, at: int, clock: Clock) -> int | None:
        """When a line of `at` happened that stands here. By a time server: as recorded; None while nobody knows."""
        if clock == "ntp":
            return at
        return None if self.sure is None else at - self.ahead + self.sure


def read_on(known: BootTime, event: Envelope, body: Contract) -> BootTime:
    """What is known with this line."""
    stand = stand_of(event, body)
    if stand is None or stand.ahead is None:
        return known
    if isinstance(body, Booted) or stand.boot != known.boot:
        known = BootTime(stand.boot, event.seq)
    return replace(known, ahead=stand.ahead, sure=stand.ahead if stand.sure else known.sure)


def is_trust(before: BootTime, after: BootTime) -> bool:
    """True for the line that gives a boot its first sure time: what waited since `after.begun` is known by it."""
    return after.sure is not None and (before.sure is None or before.boot != after.boot or before.begun != after.begun)


def true_times(lines: list[tuple[Envelope, Contract]]) -> dict[int, int]:
    """By seq, when the events of a journal (in order) happened. One whose boot never got sure time is left out."""
    known, waiting, found = BootTime(), dict[int, int](), dict[int, int]()
    for event, body in lines:
        before, known = known, read_on(known, event, body)
        if known.begun != before.begun:
            waiting = {}
        if known.sure is not None and is_trust(before, known):
            found |= {seq: own + known.sure for seq, own in waiting.items()}
        at = known.true(event.at, event.clock)
        if at is not None:
            found[event.seq] = at
        elif known.begun:
            waiting[event.seq] = event.at - known.ahead
    return found
