"""The till's memory and first picture: fresh starts beside a bare Textual app, then minutes of work with a cloud."""

import random
import subprocess
import sys
import time

from edge_agent.journal.reading import Reading
from scripts.benches import Figure, median, pairs
from scripts.benches.terminal import Timed
from scripts.house_ import House
from scripts.venv_ import ROOT

F9 = "\x1b[20~"
YARDSTICK_S = 0.13
WORK_S, SALES = 120.0, 200
BARE = """
from textual.app import App
from textual.widgets import Static


class Bare(App):
    def compose(self):
        yield Static("TOTAL")


Bare().run()
"""


def measure(house: House) -> list[Figure]:
    """Seconds to the first picture, memory then, and memory after sales with sync, jobs, decisions and all items."""
    starts = [_start(house) for _ in range(7)]
    yardsticks = pairs(_yardstick, _yardstick, rounds=3)
    bare = median([_bare() for _ in range(3)])
    yardstick = median([one for pair in yardsticks for one in pair])
    paint = median([seconds for seconds, _ in starts])
    judged = paint * YARDSTICK_S / yardstick
    reference = f"s judged: raw x 0.13 / `import textual.app` ({yardstick:.3f} s)"
    beside = f"a bare Textual app: {bare:.1f} MB"
    first = median([mb for _, mb in starts])
    worked, child, words = _worked(house)
    return [
        Figure("first paint", paint, "s", reference, judged, 0.4, 0.25),
        Figure("memory at first paint", first, "MB", beside, None, 45, 40),
        Figure("memory after work", worked, "MB", f"{words}; {beside}; the model's child {child:.0f} MB", None, 85, 70),
    ]


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


def _worked(house: House) -> tuple[float, float, str]:
    """Memory after two minutes of sales, paired with a cloud on loopback that has taken every event."""
    house.found_cloud()
    house.pair()
    till = Timed(house.line("edge_agent", "till"), ROOT, **house.environment())
    till.seen("all keys", seconds=60)
    began = time.monotonic()
    sold = _sell(house, till)
    while time.monotonic() - began < WORK_S or (_waiting(house) and time.monotonic() - began < 3 * WORK_S):
        time.sleep(0.5)
    memory, child = till.rss_mb(), till.child_mb()
    waiting = _waiting(house)
    till.close()
    house.close()
    minutes = (time.monotonic() - began) / 60
    return memory, child, f"{sold} sales in {minutes:.1f} min, paired, {waiting} events waiting"


def _sell(house: House, till: Timed) -> int:
    """Sales of three real products of the shop, so that orders are decided, too."""
    with Reading.open(house.till_data / "journal.db") as memory:
        known = [code for one in memory.items() if one.supplier for code in one.codes[:1]]
    chance = random.Random(2)
    for _ in range(SALES):
        since = till.mark()
        for code in chance.sample(known, 3):
            till.send(code + "\r")
            till.settle(0.06)
        till.settle(0.3)
        till.send(F9)
        if till.seen("PAID", since) == float("inf"):
            raise RuntimeError("a sale was not paid")
    return SALES


def _waiting(house: House) -> int:
    with Reading.open(house.till_data / "journal.db") as memory:
        return memory.head().seq - memory.mark().received
