"""The till on a real terminal with 100,000 items: scan to line beside a bare loop, and wrong scans."""

import random
import sys
from pathlib import Path

from edge_agent.journal.reading import Reading
from scripts.benches import Figure, median, ratio_of
from scripts.benches.big_shop import ITEMS, code_of, name_of, stocked, table
from scripts.benches.terminal import Timed, scan_block
from scripts.house_ import House
from scripts.venv_ import ROOT

BLOCKS, SCANS, BARE_SCANS = 10, 100, 40
"""1,000 scans in ten sales, each beside some of the bare loop, whose spread is small."""
F9 = "\x1b[20~"
STALL_S, STALL_EVERY = 0.3, 20


class Counter:
    """Our till under scans; what was scanned is kept by sale, to be compared with what the journal holds."""

    def __init__(self, house: House, terminal: Timed, numbers: list[int]) -> None:
        self.house, self.terminal, self._numbers = house, terminal, numbers
        self.sales: list[list[int]] = []

    def next_sale(self) -> list[int]:
        """A hundred items that no sale had before."""
        self.sales.append([self._numbers.pop() for _ in range(SCANS)])
        return self.sales[-1]

    def pay(self) -> None:
        """The whole sale by card, at a person's pace behind the last scan."""
        last = self.sales[-1][-1]
        self.terminal.settle(0.4)
        since = self.terminal.mark()
        self.terminal.send(F9)
        if self.terminal.seen("PAID", since) == float("inf"):
            raise RuntimeError(f"the sale that ends with {name_of(last)} was not paid")
        self.terminal.settle(0.3)

    def wrong(self) -> list[int]:
        """Of each sale, how many of its scans the journal's sale does not show at their place."""
        with Reading.open(self.house.till_data / "journal.db") as memory:
            stored = [[line["sku"] for line in event.body["lines"]] for event in memory.events("sale_completed")]
        stored = stored[-len(self.sales) :]
        return [
            _differ([f"W{number:06d}" for number in sale], kept) for sale, kept in zip(self.sales, stored, strict=True)
        ]


def _differ(scanned: list[str], kept: list[str]) -> int:
    return sum(one != other for one, other in zip(scanned, kept, strict=False)) + abs(len(scanned) - len(kept))


def measure(folder: Path) -> list[Figure]:
    """All figures of the till's screen; takes some two and a half minutes."""
    house = stocked(folder)
    floor = Timed([sys.executable, "-m", "scripts.benches.bare_loop", str(table(folder / "items.db"))], ROOT)
    floor.seen("ready")
    till = Timed(house.line("edge_agent", "till"), ROOT, **house.environment())
    till.seen("all keys", seconds=60)
    # Behind the first picture the till learns the shop's habits once; a shop's scans come after that.
    till.settle(12)
    numbers = random.Random(1).sample(range(ITEMS), SCANS * (BLOCKS + 4))
    counter = Counter(house, till, numbers)
    figures = _scans(counter, floor) + _hard(counter)
    till.close()
    floor.close()
    return figures


def _scans(counter: Counter, floor: Timed) -> list[Figure]:
    """Blocks of 100 at 20 a second, ours and the bare loop's in turn."""
    ours, theirs, cpu = [], [], []
    for _ in range(BLOCKS):
        sale = counter.next_sale()
        mine, my_cpu = scan_block(counter.terminal, sale, code_of, name_of)
        bare, bare_cpu = scan_block(floor, sale[:BARE_SCANS], code_of, name_of)
        counter.pay()
        ours.append(mine)
        theirs.append(bare)
        cpu.append((my_cpu / SCANS, bare_cpu / BARE_SCANS))
    p50 = ratio_of([(median(a), median(b)) for a, b in zip(ours, theirs, strict=True)])
    used = ratio_of(cpu)
    late, bare_late = _p99(ours), _p99(theirs)
    middle = median([median(one) for one in ours]) * 1000
    spent = median([one for one, _ in cpu]) * 1000
    loop = "bare read-and-print loop"
    missed = sum(one == float("inf") for block in ours for one in block)
    return [
        Figure("scan to line p50, 100,000 items", middle, "ms", loop, p50[0], 15, 7, p50[1]),
        Figure("scan to line p99, 100,000 items", late * 1000, "ms", f"{loop}'s p99", late / bare_late, 15, 5),
        Figure("CPU a scan", spent, "ms", loop, used[0], 20, 10, used[1]),
        Figure("lines never shown of 1,000 at 20/s", missed, "scans", "none", None, 0, 0),
    ]


def _p99(blocks: list[list[float]]) -> float:
    every = sorted(one for block in blocks for one in block)
    return every[int(len(every) * 0.99)]


def _hard(counter: Counter) -> list[Figure]:
    """A hundred in one write (twice), and a hundred at 20 a second while the process is stopped again and again."""
    for _ in range(2):
        sale = counter.next_sale()
        since = counter.terminal.mark()
        counter.terminal.send("".join(code_of(number) + "\r" for number in sale))
        counter.terminal.seen(name_of(sale[-1]), since)
        counter.pay()
    for _ in range(2):
        scan_block(counter.terminal, counter.next_sale(), code_of, name_of, stall=(STALL_S, STALL_EVERY))
        counter.pay()
    wrong = counter.wrong()
    steady, at_once, stalled = sum(wrong[:BLOCKS]), sum(wrong[BLOCKS : BLOCKS + 2]), sum(wrong[BLOCKS + 2 :])
    sales = "the sales in the journal"
    return [
        Figure("wrong of 1,000 scans at 20/s", steady, "scans", sales, None, 0, 0),
        Figure("wrong of 2 x 100 scans written at once", at_once, "scans", sales, None, 0, 0),
        Figure("wrong of 200 scans with stalls of 300 ms", stalled, "scans", sales, None, 0, 0),
    ]
