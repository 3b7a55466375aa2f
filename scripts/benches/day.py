"""A day at the till through its own screen: real receipts scanned and paid by a scripted cashier, keys counted."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge_agent.journal.reading import Reading
from scripts.benches import Figure, median
from scripts.benches.big_shop import stocked
from scripts.benches.terminal import Timed
from scripts.demo_shop.moved import Sold, moved_receipts, receipts_of
from scripts.venv_ import ROOT

SALES = 500
ENTER, F9 = "\r", "\x1b[20~"
HAND_S, SUFFIX_S = 0.06, 0.25
"""Between two keys of a hand, and behind a scan, whose suffix an Enter too early would be."""


class Cashier:
    """Keys are counted; `idle` is the time in which the hand, and not the till, was slow."""

    def __init__(self, till: Timed, codes: dict[str, str], names: dict[str, str]) -> None:
        self.till, self._codes, self._names = till, codes, names
        self.keys, self.idle = 0, 0.0

    def rest(self, seconds: float) -> None:
        self.till.settle(seconds)
        self.idle += seconds

    def press(self, *keys: str) -> None:
        for key in keys:
            self.rest(HAND_S)
            self.till.send(key)
            self.keys += 1

    def scan(self, line: Sold) -> None:
        if line.qty > 1000:
            self.press(*str(line.qty // 1000), "*")
            self.rest(HAND_S)
        since = self.till.mark()
        self.till.send(self._codes[line.sku] + ENTER)
        self._shown(self._names[line.sku][:16], since)

    def pay(self, number: int) -> None:
        """Card, a note, exact cash in turn."""
        self.rest(SUFFIX_S)
        since = self.till.mark()
        if number % 3 == 0:
            self.press(F9)
        else:
            self.press(ENTER)
            self._shown("TO PAY", since)
            self.rest(SUFFIX_S)
            self.press("/" if number % 3 == 1 else ENTER)
        self._shown("PAID", since)

    def _shown(self, word: str, since: int) -> None:
        if self.till.seen(word, since) == float("inf"):
            raise RuntimeError(f"the till never showed {word}")


def measure(folder: Path) -> list[Figure]:
    """Some seven minutes."""
    house = stocked(folder)
    with Reading.open(house.till_data / "journal.db") as memory:
        items = list(memory.items())
        before = memory.next_receipt()
    codes = {item.sku: item.codes[0] if item.codes else item.sku for item in items}
    names = {item.sku: item.name for item in items}
    till = Timed(house.line("edge_agent", "till"), ROOT, **house.environment())
    till.seen("all keys", seconds=60)
    till.settle(12)
    cashier = Cashier(till, codes, names)
    took = [_sale(cashier, number, receipt) for number, receipt in enumerate(_receipts(codes), 1)]
    till.close()
    with Reading.open(house.till_data / "journal.db") as memory:
        lost = SALES - (memory.next_receipt() - before)
    what = "the cashier's hands apart"
    return [
        Figure("a sale of real receipts, scan to paid, p50", median(took), "s", what, None, 1, 0.5),
        Figure(
            "a sale of real receipts, scan to paid, p99", sorted(took)[int(len(took) * 0.99)], "s", what, None, 2, 1
        ),
        Figure("keys a sale", cashier.keys / SALES, "keys", "quantities and tender", None, 3, 2.2),
        Figure(f"sales of {SALES} that are not in the journal", lost, "sales", "none", None, 0, 0),
    ]


def _receipts(codes: dict[str, str]) -> list[list[Sold]]:
    """The last real receipts before today of which the till knows every item."""
    day = (datetime.now(UTC) - timedelta(days=1)).date()
    rows = moved_receipts(day)
    found: list[list[Sold]] = []
    while len(found) < SALES:
        found += [one for one in receipts_of(rows, day) if all(line.sku in codes for line in one)]
        day -= timedelta(days=1)
    return found[:SALES]


def _sale(cashier: Cashier, number: int, receipt: list[Sold]) -> float:
    began, idle = time.perf_counter(), cashier.idle
    for line in receipt:
        cashier.scan(line)
    cashier.pay(number)
    took = time.perf_counter() - began - (cashier.idle - idle)
    cashier.rest(SUFFIX_S)
    return took
