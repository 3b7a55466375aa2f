"""The till's memory and first picture: fresh starts beside a bare Textual app, then work with a cloud."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge_agent.journal.reading import Reading
from scripts.benches import Figure, median
from scripts.benches.big_shop import stocked
from scripts.benches.terminal import Timed
from scripts.house_ import House
from scripts.venv_ import ROOT

F9 = "\x1b[20~"
YARDSTICK_S = 0.13
QUICK_PACE_S, STEADY_PACE_S = 0.6, 3.0
"""Seconds between sales: in a short run, and in one of at least ten minutes."""
MARK_MINUTES = 10
BARE = """
from textual.app import App
from textual.widgets import Static


class Bare(App):
    def compose(self):
        yield Static("TOTAL")


Bare().run()
"""


@dataclass(frozen=True)
class Worked:
    """Resident memory (MB) at the start of the work, after each ten minutes and at its end, and what was done."""

    marks: tuple[float, ...]
    child: float
    sales: int
    minutes: float
    waiting: int

    def words(self) -> str:
        """How it was measured."""
        course = ", ".join(f"{mb:.1f}" for mb in self.marks)
        done = f"{self.sales} sales in {self.minutes:.1f} min, paired, {self.waiting} events waiting"
        return f"{done}; from start to end {course}; the model's child {self.child:.0f} MB"


def measure(folder: Path, minutes: float = 1.0) -> list[Figure]:
    """Seconds to the first picture, memory then, and memory after sales with sync, jobs, decisions and all items."""
    house = stocked(folder)
    beside = median([_bare() for _ in range(3)])
    bare = f"a bare Textual app: {beside:.1f} MB"
    return [*_firsts(house, bare), *_after(_worked(house, minutes), minutes, bare)]


def _firsts(house: House, bare: str) -> list[Figure]:
    starts = [_start(house) for _ in range(5)]
    yardstick = median([_yardstick() for _ in range(5)])
    paint = median([seconds for seconds, _ in starts])
    judged = paint * YARDSTICK_S / yardstick
    reference = f"s judged: raw x 0.13 / `import textual.app` ({yardstick:.3f} s)"
    first = median([mb for _, mb in starts])
    return [
        Figure("first paint", paint, "s", reference, judged, 0.4, 0.25),
        Figure("memory at first paint", first, "MB", bare, None, 45, 40),
    ]


def _after(worked: Worked, minutes: float, bare: str) -> list[Figure]:
    """Memory at the end; of a long run also how much of it came after the first ten minutes."""
    long = minutes >= 2 * MARK_MINUTES
    name = f"memory after {minutes:.0f} minutes of work" if long else "memory after work"
    figures = [Figure(name, worked.marks[-1], "MB", f"{worked.words()}; {bare}", None, 85, 70)]
    if long:
        crept, since = worked.marks[-1] - worked.marks[1], f"since minute {MARK_MINUTES}"
        figures.append(Figure(f"memory crept in {minutes:.0f} minutes", crept, "MB", since, None, 2, 0.5))
    return figures


def _start(house: House) -> tuple[float, float]:
    """(seconds, MB) at the first picture of a fresh process."""
    till = Timed(house.line("edge_agent", "till"), ROOT, **house.environment())
    seen = till.seen("TOTAL", seconds=30)
    memory = till.rss_mb()
    till.seen("all keys", seconds=30)
    till.close()
    return seen - till.began, memory


def _yardstick() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    return time.perf_counter() - began


def _bare() -> float:
    app = Timed([sys.executable, "-c", BARE], ROOT)
    app.seen("TOTAL", seconds=30)
    memory = app.rss_mb()
    app.close()
    return memory


def _worked(house: House, minutes: float) -> Worked:
    """Sales at a steady pace, paired with a cloud on loopback that first takes all that the journal holds."""
    house.found_cloud()
    house.pair()
    till = Timed(house.line("edge_agent", "till"), ROOT, **house.environment())
    till.seen("all keys", seconds=60)
    till.settle(10)
    began = time.monotonic()
    marks, sales = [till.rss_mb()], 0
    customers = _customers(house)
    pace_s = QUICK_PACE_S if minutes < MARK_MINUTES else STEADY_PACE_S
    while (passed := (time.monotonic() - began) / 60) < minutes:
        if passed >= MARK_MINUTES * len(marks):
            marks.append(till.rss_mb())
            print(f"{passed:.0f} min, {sales} sales: {marks[-1]:.1f} MB", file=sys.stderr, flush=True)
        _sell(till, next(customers))
        sales += 1
        till.settle(began + sales * pace_s - time.monotonic())
    marks.append(till.rss_mb())
    worked = Worked(tuple(marks), till.child_mb(), sales, (time.monotonic() - began) / 60, _waiting(house))
    till.close()
    house.close()
    return worked


def _customers(house: House) -> Iterator[list[str]]:
    """For ever: three real products of the shop, so that orders are decided, too."""
    with Reading.open(house.till_data / "journal.db") as memory:
        known = [code for one in memory.items() if one.supplier for code in one.codes[:1]]
    chance = random.Random(2)
    while True:
        yield chance.sample(known, 3)


def _sell(till: Timed, codes: list[str]) -> None:
    since = till.mark()
    for code in codes:
        till.send(code + "\r")
        till.settle(0.06)
    till.settle(0.3)
    till.send(F9)
    if till.seen("PAID", since) == float("inf"):
        raise RuntimeError("a sale was not paid")


def _waiting(house: House) -> int:
    with Reading.open(house.till_data / "journal.db") as memory:
        return memory.head().seq - memory.mark().received
