"""The cloud's injected clock: the machine's own, or the scripted one named by `DROPSHELF_CLOCK` (a file of UTC ms)."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Reads the time of day."""

    def now(self) -> int:
        """UTC milliseconds since 1970."""
        ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class FileClock:
    """A scripted clock: the file holds UTC milliseconds as text and is read at every call."""

    path: Path

    def now(self) -> int:
        return int(self.path.read_text())


def clock_from_environment(environment: Mapping[str, str] = os.environ) -> Clock:
    """The clock named by `DROPSHELF_CLOCK`, else the system's."""
    named = environment.get("DROPSHELF_CLOCK")
    return FileClock(Path(named)) if named else SystemClock()
