"""The injected clock: the till, its model's child and scripted days all read time here, never from the system."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Quality = Literal["ntp", "rtc", "floor"]


class Clock(Protocol):
    """Reads the time of day and says how far it can be trusted."""

    def now(self) -> int:
        """UTC milliseconds since 1970."""
        ...

    def quality(self) -> Quality:
        """`ntp` (set by a time server), `rtc` (a battery clock), `floor` (unsure: at least this late)."""
        ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's own clock, never earlier than `floor_ms` (build date or last event seen)."""

    floor_ms: int = 0

    def now(self) -> int:
        return max(time.time_ns() // 1_000_000, self.floor_ms)

    def quality(self) -> Quality:
        if time.time_ns() // 1_000_000 < self.floor_ms:
            return "floor"
        return "ntp" if Path("/run/systemd/timesync/synchronized").exists() else "rtc"


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


def clock_from_environment(floor_ms: int = 0) -> Clock:
    """The clock named by `DROPSHELF_CLOCK` (a file of UTC ms), else the system's."""
    named = os.environ.get("DROPSHELF_CLOCK")
    return FileClock(Path(named)) if named else SystemClock(floor_ms)
