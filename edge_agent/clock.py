"""The injected clock: the till, its model's child and scripted days all read time here, never from the system."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

Quality = Literal["ntp", "rtc", "floor"]
FIRST_TILL_MS = 1_735_689_600_000
"""The start of 2025: no till was made before."""
NEVER_MS = 1 << 62
LOOK_EVERY_S = 1.0
LONGEST_SLEEP_MS = 366 * 86_400_000
"""How long a till may have lain in a cupboard and still believe its battery clock."""


class Clock(Protocol):
    """Reads the time of day and says how far it can be trusted."""

    def now(self) -> int:
        """UTC milliseconds since 1970."""
        ...

    def quality(self) -> Quality:
        """`ntp` (set by a time server), `rtc` (a battery clock), `floor` (unsure: at least this late)."""
        ...


def seconds_up() -> float:
    """Seconds of this machine's boot that no setting of the clock moves; sleep counts where the system says so."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Moment(NamedTuple):
    """One look at the clock: UTC ms, how far it can be trusted, and ms of the boot."""

    at: int
    clock: Quality
    up_ms: int


class SystemClock:
    """The machine's own clock, as it is; whether a time server has set it is looked up once a second at most."""

    def __init__(self) -> None:
        self._looked_at = -LOOK_EVERY_S
        self._quality: Quality = "rtc"

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def quality(self) -> Quality:
        # Every sale asks, several times: a look at the disk each would take a tenth of its commit.
        if time.monotonic() - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = time.monotonic()
            self._quality = "ntp" if Path("/run/systemd/timesync/synchronized").exists() else "rtc"
        return self._quality


class SureClock:
    """`wall` where it can be believed; else time that goes on, flagged `floor`, from the last time that was known.

    A time server is always believed. Anything else must lie between the last event of the journal (`floor_ms` at the
    start, 0: a new one) and a year behind the start's: a board without a battery wakes up in 1970, a broken one in
    2036. `monotonic` counts seconds.
    """

    def __init__(self, wall: Clock, floor_ms: int, monotonic: Callable[[], float] = seconds_up) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._last = floor_ms + LONGEST_SLEEP_MS if floor_ms else NEVER_MS
        self.went_on(floor_ms, int(monotonic() * 1000))

    def went_on(self, at: int, up_ms: int) -> None:
        """The last event is of `at`, when the boot was so many ms old."""
        self._floor = max(at, FIRST_TILL_MS), up_ms

    def now(self) -> int:
        return self.moment().at

    def quality(self) -> Quality:
        return self.moment().clock

    def moment(self) -> Moment:
        """Time and trust of one look: neither is another moment's."""
        quality, at, up_ms = self._wall.quality(), self._wall.now(), int(self._monotonic() * 1000)
        if self._believed(at, quality):
            return Moment(at, quality, up_ms)
        floor, since = self._floor
        return Moment(floor + up_ms - since, "floor", up_ms)

    def _believed(self, at: int, quality: Quality) -> bool:
        return quality == "ntp" or self._floor[0] <= at <= self._last


@dataclass(frozen=True)
class FileClock:
    """A scripted clock: the file holds UTC milliseconds as text and is read at every call."""

    path: Path

    def now(self) -> int:
        return int(self.path.read_text())

    def quality(self) -> Quality:
        return "ntp"

    def set(self, at: int) -> None:
        """Move the clock for every process that reads this file; the change is atomic."""
        fresh = self.path.with_suffix(".next")
        fresh.write_text(str(at))
        fresh.replace(self.path)


def clock_from_environment() -> Clock:
    """The clock named by `DROPSHELF_CLOCK` (a file of UTC ms), else the system's."""
    named = os.environ.get("DROPSHELF_CLOCK")
    return FileClock(Path(named)) if named else SystemClock()
