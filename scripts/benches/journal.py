"""A sale's commit against the least that durability costs: a 4 KiB overwrite and fdatasync on the same disk."""

import os
import random
import shutil
import time
from pathlib import Path

from edge_agent.clock import SystemClock
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Compose, Draft, Journal
from edge_agent.wire.events.sales import SaleCompleted, SoldLine, TaxTotal, Tender
from scripts.benches import Figure, median, pairs, ratio_of
from tests.shop import SHOP, item

SALES, ROUNDS, WARM = 30, 61, 1_000
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
    measured = pairs(lambda: _sales(journal, chance, SALES), lambda: _overwrites(raw), rounds=ROUNDS)
    os.close(raw)
    journal.close()
    shutil.rmtree(folder / "journal")
    ratio, spread = ratio_of(measured)
    value = median([ours for ours, _ in measured]) * 1000
    return [Figure("sale commit p50", value, "ms", "4 KiB overwrite + fdatasync", ratio, 2.5, 1.9, spread)]


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
