"""A till of the soak: real journal, counter and sync, on one thread; what it sold is noted by who sold it."""

import fcntl
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from cloud_sync.tables.house import Shop
from edge_agent.clock import Clock
from edge_agent.counter.paying import Paying
from edge_agent.counter.selling import Selling
from edge_agent.counter.stock import Came, StockRoom
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.journal.writer import Acts
from edge_agent.rules.sale import Tendered
from edge_agent.sync.keys import load_keys
from edge_agent.sync.loop import SyncLoop
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.device import DevicePaired
from scripts.tortures.near_cloud import Line, NearCloud


class SoakTill:
    """One till. `takings` and `sold` are the cashier's own notes, for the judge."""

    def __init__(self, data: Path, cloud: NearCloud, shop: Shop, chance: random.Random, clock: Clock) -> None:
        self.data, self.shop, self.line = data, shop, Line()
        self.sales, self.takings, self.sold = 0, Counter[int](), Counter[str]()
        self._cloud, self._chance, self._clock = cloud, chance, clock
        self._open()
        paired = cloud.pair(data, shop, data.name)
        kept = paired.model_dump(include={"tenant", "shop", "device", "audience"})
        self.record(DevicePaired(**kept, catalogue_to=self.memory.head().seq))

    def _open(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        lock = (self.data / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.journal = Journal(self.data, self._clock, self._id, lock, writer=Acts)
        self.memory: Reading = self.journal.reading()
        self.selling = Selling(self.memory, self._clock)
        self.paying = Paying(self.journal, lambda *_: None)
        self.room = StockRoom(self.journal)

    def _id(self) -> str:
        return f"{self._chance.getrandbits(64):016x}"

    def record(self, *bodies: Contract) -> None:
        """Record as one act."""
        self.journal.record(lambda _: [Draft(body) for body in bodies]).result()

    def crash(self) -> None:
        """The program ends and starts again."""
        self.close()
        self._open()

    def close(self) -> None:
        self.memory.close()
        self.journal.close()

    def sell(self, codes: Sequence[str], day: int) -> None:
        """One to eight scans, paid in cash or by card."""
        for code in self._chance.choices(codes, k=self._chance.choice((1, 1, 2, 2, 3, 5, 8))):
            self.selling.scan(code, 1000 * self._chance.choice((1, 1, 1, 2)))
        sale = self.selling.sale
        self.paying.pay(sale, [Tendered(self._chance.choice(("cash", "card")), sale.total)]).result()
        self.sales += 1
        self.takings[day] += sale.total
        for line in sale.lines:
            self.sold[line.sku] += line.qty
        self.selling.clear()

    def receive(self, sku: str, qty: int) -> None:
        """Goods in."""
        self.room.receive([Came(sku, qty)]).result()
        self.sold[sku] -= qty

    def refetch(self) -> None:
        """Hold the feed of another generation: it is thrown away and taken again from its beginning."""
        self.journal.take_feed("another", ()).result()
        self.sync()

    def sync(self) -> None:
        """Push and pull until there is nothing left to do."""

        def wait(_event: Event, _seconds: float) -> bool:
            # A pause after a failure is over at once; when there is nothing to do, the sync is at its end.
            if not loop.state().words:
                loop.stop()
            return True

        door = self._cloud.door(self.line)
        loop = SyncLoop(self.journal, self.data, chance=self._chance.random, door=door, wait=wait)
        keys = load_keys(self.data)
        assert keys, "it was paired"
        loop.run(keys)
