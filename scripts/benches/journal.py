"""A sale's commit against the least that durability costs: a 4 KiB overwrite and fdatasync on the same disk.

Both on the same core, one core after the other: a disk's interrupts come to one of them, and who waits there is a third
quicker. Left alone, the journal's thread and the one that overwrites live on two, and which of them has the disk's
decides the ratio (2.5 or 4.4 on one machine, minute by minute).
"""

import os
import random
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

from edge_agent.clock import SystemClock
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Compose, Draft, Journal
from edge_agent.wire.events.sales import SaleCompleted, SoldLine, TaxTotal, Tender
from scripts.benches import Figure, median, pairs, ratio_of
from tests.shop import SHOP, item

SALES, BLOCKS, WARM, MOST_CORES = 30, 61, 1_000, 4
"""Short blocks, many of them: a disk that others use is slow for seconds at a time, and both then stand in it."""
ITEMS = 1_000


def measure(folder: Path) -> list[Figure]:
    """One figure: p50 of five-line sales, durable with every view, in interleaved blocks with the raw disk."""
    journal = Journal.open(folder / "journal", SystemClock(), random_id)
    items = [item(f"S{i:05d}", f"Thing {i}", 100 + i % 900, 2000, f"04{i:012d}") for i in range(ITEMS)]
    journal.record(lambda _: [Draft(body) for body in (SHOP, *items)]).result()
    raw = os.open(folder / "raw", os.O_CREAT | os.O_RDWR)
    os.pwrite(raw, bytes(4096), 0)
    os.fsync(raw)
    chance = random.Random(1)
    # The first sales grow the write-ahead log; from then on it is written over, as in a shop's day.
    _sales(journal, chance, WARM)
    measured = _both(lambda: _sales(journal, chance, SALES), lambda: _overwrites(raw))
    os.close(raw)
    journal.close()
    shutil.rmtree(folder / "journal")
    ratio, spread = ratio_of(measured)
    value = median([ours for ours, _ in measured]) * 1000
    return [Figure("sale commit p50", value, "ms", "4 KiB overwrite + fdatasync, same core", ratio, 2.5, 1.9, spread)]


def _both(ours: Callable[[], float], theirs: Callable[[], float]) -> list[tuple[float, float]]:
    """Pairs of a block of each on every core; a pair is the mean over the cores."""
    every = sorted(_allowed())
    cores = every[:: -(-len(every) // MOST_CORES)] if every else [None]
    measured = []
    for _ in range(-(-BLOCKS // len(cores))):
        blocks = []
        for core in cores:
            _live_on(every if core is None else [core])
            blocks += pairs(ours, theirs, rounds=1)
        measured.append((fmean(one for one, _ in blocks), fmean(other for _, other in blocks)))
    _live_on(every)
    return measured


def _allowed() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def _live_on(cores: Sequence[int]) -> None:
    """Every thread of this process; where the system has no such call, nothing."""
    for thread in Path("/proc/self/task").iterdir() if cores else ():
        os.sched_setaffinity(int(thread.name), cores)


def _sales(journal: Journal, chance: random.Random, count: int) -> float:
    bodies = [five_lines(chance) for _ in range(count)]
    took = []
    for body in bodies:
        act = _numbered(body)
        began = time.perf_counter()
        journal.record(act).result()
        took.append(time.perf_counter() - began)
    return median(took)


def _numbered(body: SaleCompleted) -> Compose:
    return lambda memory: [Draft(body.model_copy(update={"receipt": memory.next_receipt()}))]


def _overwrites(file: int) -> float:
    took = []
    for _ in range(SALES):
        page = os.urandom(4096)
        began = time.perf_counter()
        os.pwrite(file, page, 0)
        os.fdatasync(file)
        took.append(time.perf_counter() - began)
    return median(took)


def five_lines(chance: random.Random) -> SaleCompleted:
    """A sale of five lines."""
    skus = [f"S{chance.randrange(ITEMS):05d}" for _ in range(5)]
    lines = tuple(
        SoldLine(sku=sku, name=f"Thing {sku}", qty=1000, price=120, gross=120, rate=2000, tax=20) for sku in skus
    )
    return SaleCompleted(
        receipt=1,
        day=739_678,
        currency="GBP",
        lines=lines,
        total=600,
        taxes=(TaxTotal(rate=2000, gross=600, tax=100),),
        tenders=(Tender(kind="cash", amount=600, given=600),),
        change=0,
    )
