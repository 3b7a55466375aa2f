"""A journal of a million events: the start after a power cut, and selling while all of it is folded again behind."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path

import apsw

from edge_agent.clock import SystemClock
from edge_agent.journal.chain import head_of
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Draft, Journal
from edge_agent.wire.envelope import Event, line_of, link
from scripts.benches import Figure, median
from scripts.benches.journal import ITEMS, five_lines
from scripts.venv_ import ROOT
from tests.shop import SHOP, item

EVENTS = 1_000_000
AT_ONCE = 20_000
SALES = 200
EVERY_S = 0.25
YARDSTICK_S = 0.13
STARTS = 5
DAYS, A_DAY = 739_000, 500
CUT = """
import os, sys
from pathlib import Path
from edge_agent.clock import SystemClock
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Draft, Journal
from edge_agent.wire.events.device import Booted

journal = Journal.open(Path(sys.argv[1]), SystemClock(), random_id)
for number in range(50):
    journal.record(lambda _: [Draft(Booted(boot="0" * 16, monotonic_ms=number, version="0"))]).result()
os._exit(9)
"""


def measure(folder: Path) -> list[Figure]:
    """The start is raw and judged by the yardstick; the sales during the fold against those after it."""
    data = folder / "till"
    _written(data)
    start = _starts(data)
    _as_an_older_program(data)
    journal = Journal.open(data, SystemClock(), random_id)
    began = time.perf_counter()
    during = list(_sales(journal, EVENTS + 1_000, lambda: not journal.came_round(0.0)))
    took = time.perf_counter() - began
    after = list(islice(_sales(journal, EVENTS + 1_000 + len(during), lambda: True), SALES))
    journal.close()
    return [start, *_fold(during, after, took)]


def _written(data: Path) -> None:
    """Five-line sales by the line, with their chain; what follows from them is folded later."""
    journal = Journal.open(data, SystemClock(), random_id)
    items = [item(f"S{i:05d}", f"Thing {i}", 100 + i % 900, 2000, f"04{i:012d}") for i in range(ITEMS)]
    journal.record(lambda _: [Draft(body) for body in (SHOP, *items)]).result()
    journal.close()
    db = apsw.Connection(str(data / "journal.db"))
    lines = _lines(db)
    while some := list(islice(lines, AT_ONCE)):
        with db:
            db.executemany("INSERT INTO journal VALUES(?, ?, ?)", some)
    db.close()
    (data / "marker").unlink()


def _lines(db: apsw.Connection) -> Iterator[tuple[int, bytes, bytes]]:
    chance, head = random.Random(1), head_of(db)
    seq, hash_, at = head.seq, head.hash, head.at - EVENTS * 100_000
    while seq < EVENTS:
        seq += 1
        body = five_lines(chance).model_copy(update={"receipt": seq, "day": DAYS + seq // A_DAY}).model_dump()
        event = Event(
            seq=seq,
            id=f"{chance.getrandbits(64):016x}",
            kind="sale_completed",
            v=1,
            at=at + seq * 100_000,
            clock="ntp",
            feed=0,
            because=None,
            by="",
            body=body,
        )
        line = line_of(event)
        hash_ = link(hash_, line)
        yield seq, line, hash_


def _starts(data: Path) -> Figure:
    """From the opening of a journal that was cut off in the middle of its work until the first sale is durable."""
    raws, yardsticks = [], []
    for number in range(STARTS):
        subprocess.run([sys.executable, "-c", CUT, str(data)], cwd=ROOT, check=False)
        yardsticks.append(_yardstick())
        began = time.perf_counter()
        journal = Journal.open(data, SystemClock(), random_id)
        _sell(journal, EVENTS + 1 + number)
        raws.append(time.perf_counter() - began)
        journal.close()
    raw, yardstick = median(raws), median(yardsticks)
    reference = f"s judged: raw x 0.13 / `import textual.app` ({yardstick:.3f} s)"
    return Figure("start after a cut, a million events", raw, "s", reference, raw * YARDSTICK_S / yardstick, 2, 0.5)


def _yardstick() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    return time.perf_counter() - began


def _as_an_older_program(data: Path) -> None:
    db = apsw.Connection(str(data / "journal.db"))
    db.execute("REPLACE INTO mark VALUES('views', 'older')")
    db.close()


def _sales(journal: Journal, first: int, go_on: Callable[[], bool]) -> Iterator[float]:
    """Seconds that each sale's commit took, one every quarter of a second, with receipts from `first` on."""
    numbers = count(first)
    while go_on():
        began = time.perf_counter()
        _sell(journal, next(numbers))
        yield time.perf_counter() - began
        time.sleep(EVERY_S)


def _sell(journal: Journal, receipt: int) -> None:
    body = five_lines(random.Random(receipt)).model_copy(update={"receipt": receipt})
    journal.record(lambda _: [Draft(body)]).result()


def _fold(during: list[float], after: list[float], took: float) -> list[Figure]:
    worst, quiet = _late(during), _late(after)
    words = f"the same when it is done ({quiet * 1000:.1f} ms); slowest of {len(during)}: {max(during) * 1000:.0f} ms"
    return [
        Figure("a sale's commit beside the fold, p99", worst * 1000, "ms", words, worst / quiet, 20, 5),
        Figure("a million events folded again", took, "s", "behind selling; no bound of its own", None, 1800, 300),
    ]


def _late(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.99)]
