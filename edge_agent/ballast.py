"""Room kept on the disk for the day that it is full: a file that says nothing, given up so that selling goes on."""

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from edge_agent.devices.state import OnState
from edge_agent.logs import thin_logs

log = logging.getLogger(__name__)
FILE, BYTES = "ballast", 64 * 2**20
"""Some 50,000 sales."""
LOW_BYTES = 300_000_000
"""With less left the till says so (and fetches no model); old logs go below a third of it."""
LAST_BYTES = 16 * 2**20
"""With less left the ballast goes before the journal is refused a page."""


def free_bytes(folder: Path) -> int:
    """What is left on the disk of a folder."""
    return shutil.disk_usage(folder).free


class Ballast:
    """Keeps 64 MiB of a till's disk while there is plenty, and lets go of them when it is full; `said` hears of it."""

    def __init__(self, data: Path, said: OnState, free: Callable[[Path], int] = free_bytes) -> None:
        self._data, self._file, self._said, self._free = data, data / FILE, said, free
        self._is_low = False

    def tick(self) -> None:
        """Look at what is left, about once a minute."""
        free = self._free(self._data)
        if free < LOW_BYTES // 3:
            thin_logs(self._data / "logs")
        if free < LAST_BYTES:
            self.let_go()
        elif free >= LOW_BYTES + BYTES and not self._file.exists():
            self._lay()
        if free < LOW_BYTES:
            self._low(f"{free // 1_000_000} MB left, make room")
        elif self._is_low:
            self._is_low = False
            self._said("disk", "ok", "")

    def let_go(self) -> None:
        """The disk is full: give the room to the sales. Any thread; never an error."""
        try:
            self._file.unlink()
        except FileNotFoundError:
            self._low("full, make room")
        except OSError as error:
            log.warning("the ballast cannot be given up", extra={"error": str(error)})
        else:
            log.warning("the disk is full: the ballast was given up")
            self._low("full, last 64 MB in use")

    def _lay(self) -> None:
        try:
            with self._file.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, BYTES)
        except OSError as error:
            self._file.unlink(missing_ok=True)
            log.warning("there is no room for the ballast", extra={"error": str(error)})

    def _low(self, words: str) -> None:
        self._is_low = True
        self._said("disk", "fault", words)
