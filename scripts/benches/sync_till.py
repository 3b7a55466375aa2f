"""A till with a backlog and the cloud's own process: records five-line sales by the thousand, sends them, waits."""

import random
import time
import urllib.request
from functools import partial
from itertools import accumulate

from edge_agent.clock import SystemClock
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.sync.keys import Pairing, load_keys, save_pairing
from edge_agent.sync.loop import SyncLoop
from edge_agent.wire.events.sales import SaleCompleted, SoldLine, TaxTotal, Tender
from scripts.house_ import House
from tests.shop import NORTH, SHOP, item

ITEMS = 1_000
SOLD_AS = tuple(accumulate(1 / (place + 1) for place in range(ITEMS)))
"""How often each item is sold, added up: few sell much (Zipf)."""
STAFF = tuple(f"{number:016x}" for number in range(1, 5))
AT_ONCE = 500


def five_lines(chance: random.Random, receipt: int) -> SaleCompleted:
    """A sale of five lines."""
    numbers = chance.choices(range(ITEMS), cum_weights=SOLD_AS, k=5)
    lines = tuple(_line(number, chance.choice((1, 1, 1, 2))) for number in numbers)
    total, tax = sum(line.gross for line in lines), sum(line.tax for line in lines)
    return SaleCompleted(
        receipt=receipt,
        day=739_678 + receipt // 500,
        currency="GBP",
        lines=lines,
        total=total,
        taxes=(TaxTotal(rate=2000, gross=total, tax=tax),),
        tenders=(Tender(kind="card", amount=total, given=total),),
        change=0,
    )


def _line(number: int, pieces: int) -> SoldLine:
    gross = pieces * _price(number)
    name = f"Thing {number}"
    return SoldLine(
        sku=_sku(number), name=name, qty=1000 * pieces, price=_price(number), gross=gross, rate=2000, tax=gross // 6
    )


def _price(number: int) -> int:
    return 99 + 10 * (number * 7 % 90)


def _sku(number: int) -> str:
    return f"S{number:05d}"


class SyncTill:
    """One paired till of a house; its sync loop runs only inside the calls below."""

    def __init__(self, house: House) -> None:
        self._house, self._chance = house, random.Random(1)
        self._house.till_data.mkdir(parents=True)
        journal = self._open()
        items = [item(_sku(number), f"Thing {number}", _price(number), 2000) for number in range(ITEMS)]
        journal.record(lambda _: [Draft(body) for body in (SHOP, NORTH, *items)]).result()
        journal.close()
        house.pair()
        self.journal = self._open()
        self.memory = self.journal.reading()

    def _open(self) -> Journal:
        return Journal.open(self._house.till_data, SystemClock(), random_id)

    def goes_by(self, url: str) -> None:
        """Reach the cloud at another address."""
        keys = load_keys(self._house.till_data)
        assert keys is not None, "the till is paired"
        save_pairing(self._house.till_data, Pairing(url=url, ca="", paired=keys.pairing.paired))

    def sell(self, sales: int) -> list[bytes]:
        """So many sales, durable, and their lines; many in one act, which is not what is measured here."""
        lines: list[bytes] = []
        for first in range(0, sales, AT_ONCE):
            many = min(AT_ONCE, sales - first)
            lines += [done.line for done in self.journal.record(partial(self._act, many)).result()]
        return lines

    def _act(self, many: int, memory: Reading) -> list[Draft]:
        first = memory.next_receipt()
        return [Draft(five_lines(self._chance, first + n), self._chance.choice(STAFF)) for n in range(many)]

    def loop(self) -> SyncLoop:
        """A loop of this till, not yet started."""
        return SyncLoop(self.journal, self._house.till_data)

    def drain(self) -> float:
        """Seconds from the start of the sync until the cloud has acknowledged everything and the till has kept that."""
        loop = self.loop()
        began = time.perf_counter()
        loop.start()
        self.arrived()
        took = time.perf_counter() - began
        loop.stop()
        return took

    def arrived(self) -> None:
        """Wait until the cloud has acknowledged everything and the till has kept that."""
        while self.memory.mark().received < self.memory.head().seq:
            time.sleep(0.002)

    def counted(self, seconds: float = 300) -> None:
        """Wait until the cloud has added up everything that came."""
        deadline = time.monotonic() + seconds
        while "dropshelf_events_to_count 0\n" not in self._metrics():
            if time.monotonic() > deadline:
                raise RuntimeError("the cloud does not come to an end with counting")
            time.sleep(0.1)

    def _metrics(self) -> str:
        with urllib.request.urlopen(f"{self._house.url}/metrics", timeout=20) as answer:
            return str(answer.read().decode())

    def close(self) -> None:
        self.memory.close()
        self.journal.close()
