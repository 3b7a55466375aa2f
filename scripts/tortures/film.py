"""Films of a real till for the power cuts: what it did to its folder, what it said, what it had written at the end."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_agent.clock import FileClock
from edge_agent.journal.reading import Reading
from scripts.tortures.crash import files_of
from scripts.tortures.recorded import Op, record
from scripts.venv_ import ROOT
from tests.shop import TUESDAY_14

Row = tuple[Any, ...]
VICTIM = "scripts.tortures.powercut_till"


@dataclass(frozen=True)
class Setting:
    """How the journal is laid out, and its part of the states (in percent; the self-checks come on top)."""

    synchronous: str
    page: int
    checkpoint: int
    percent: int

    def __str__(self) -> str:
        return f"{self.synchronous}, pages of {self.page}, a checkpoint every {self.checkpoint}"


@dataclass(frozen=True)
class Film:
    """A recording: the files before it, what happened, and the journal and feed as they stood at its end."""

    before: dict[str, bytes]
    ops: list[tuple[int, Op]]
    journal: list[Row]
    feed: list[Row]

    def receipts(self, events: int) -> int:
        """How many of the first events are sales."""
        return sum(b'"kind":"sale_completed"' in line for _, line, _ in self.journal[:events])


@dataclass
class Owed:
    """What the till has said by now: the last sale that it called paid, and the feed that it called kept."""

    seq: int = 0
    link: str = ""
    cursor: int = 0

    def promises(self) -> list[str]:
        """What was said, once more; nothing before the first sale."""
        return [*([f"paid {self.seq} {self.link}\n"] if self.seq else []), f"fed {self.cursor}\n"]

    def hear(self, line: bytes) -> None:
        word, *rest = line.decode().split()
        if word == "paid":
            self.seq, self.link = int(rest[0]), rest[1]
        elif word == "fed":
            self.cursor = int(rest[0])


def filmed(folder: Path, setting: Setting, sales: int, seed: int) -> Film:
    """Record a till's short day on the real disk."""
    data = folder / "till"
    folder.mkdir(parents=True)
    subprocess.run(_line("stock", data, setting, sales, seed), check=True, env=_env())
    before = files_of(data)
    return _film(data, before, record(_line("sell", data, setting, sales, seed), data, _env()))


def recovering(data: Path, film: Film, owed: Owed) -> Film:
    """A real start in a folder that a cut left, recorded; it may add its own events behind those of the film."""
    before = files_of(data)
    FileClock(data.parent / "clock").set(TUESDAY_14)
    ops = record(_line("sell", data, Setting("FULL", 1024, 40, 0), 2, 9), data, _env())
    said = [(place - 2, Op("said", "", data=words.encode())) for place, words in enumerate(owed.promises())]
    after = _film(data, before, [*said, *ops])
    assert after.journal[: owed.seq] == film.journal[: owed.seq], "the start itself lost what was owed"
    return after


def _line(do: str, data: Path, setting: Setting, sales: int, seed: int) -> list[str]:
    words = (setting.synchronous, setting.page, setting.checkpoint, sales, seed)
    return [sys.executable, "-m", VICTIM, do, str(data), *map(str, words)]


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "ORT_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1"}


def _film(data: Path, before: dict[str, bytes], ops: list[tuple[int, Op]]) -> Film:
    with Reading.open(data / "journal.db") as memory:
        journal = list(memory.db.execute("SELECT seq, line, hash FROM journal ORDER BY seq"))
        feed = list(memory.db.execute("SELECT cursor, line FROM feed ORDER BY cursor"))
    return Film(before, ops, journal, feed)
