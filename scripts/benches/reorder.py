"""One SKU decided anew after a sale: from the sale's commit until replenish has settled, beside a bare decision."""

import random
import time
from pathlib import Path

from edge_agent.clock import SystemClock
from edge_agent.counter.paying import Paying
from edge_agent.counter.selling import Selling
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.ordering import Desk, decided, open_order
from edge_agent.replenish import Replenish
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.sale import Tendered
from edge_agent.snapshots import policy_of_shop
from edge_agent.wire.events.catalogue import ItemSet
from edge_agent.wire.events.stock import CountedLine, StockCounted
from scripts.benches import Figure, median, pairs, ratio_of
from tests.shop import NORTH, SHOP, item

ITEMS = 2_000
LOW = 50
"""SKUs that stand on the supplier's open order; all sales are of these."""
SALES = 40
BOUND_MS = 50.0


def measure(folder: Path) -> list[Figure]:
    """The median from a sale's commit to its decision, judged in ms; the ratio to a bare `decide` stands beside it."""
    clock = SystemClock()
    journal = Journal.open(folder / "shop", clock, random_id)
    _stock(journal, clock.now())
    replenish = Replenish(journal, clock)
    replenish.start()
    replenish.settled(60)
    selling, chance = Selling(journal.reading(), clock), random.Random(1)
    paying = Paying(journal, lambda *_: None)
    memory = journal.reading()
    _sales(selling, paying, replenish, chance)
    measured = pairs(lambda: _sales(selling, paying, replenish, chance), lambda: _bare(memory, clock, chance))
    replenish.stop()
    memory.close()
    journal.close()
    ratio, spread = ratio_of(measured)
    value = median([ours for ours, _ in measured]) * 1000
    reference = f"judged in ms; a bare decision of the SKU takes 1/{ratio:.1f} of it"
    name = f"sale to revised order of {LOW} SKUs, p50"
    return [Figure(name, value, "ms", reference, None, BOUND_MS, 10, f"ratio {spread}")]


def _stock(journal: Journal, now: int) -> None:
    """A shop of which a few shelves are low: most sales change the order, by the words of its reasons at least."""
    items = [item(f"S{i:05d}", f"Thing {i}", 100 + i % 900, 2000) for i in range(ITEMS)]
    journal.record(lambda _: [Draft(body) for body in (SHOP, NORTH, *items)]).result()
    for first in range(0, ITEMS, 500):
        lines = tuple(
            CountedLine(sku=one.sku, counted=_shelf(one.sku), expected=0) for one in items[first : first + 500]
        )
        count = StockCounted(lines=lines, saw={})
        journal.record(lambda _, count=count: [Draft(count)]).result()  # type: ignore[misc]
    today = now // 86_400_000 + 719_163
    journal.store_forecasts([_forecast(one, now, today) for one in items]).result()


def _shelf(sku: str) -> int:
    return 12_000 if int(sku[1:]) < LOW else 600_000


def _forecast(one: ItemSet, now: int, today: int) -> Forecast:
    return Forecast(one.sku, now, today, (3_000,) * 21, (*[0] * 9, *[1000] * 10, *[0] * 5), 1400, "base", "")


def _sales(selling: Selling, paying: Paying, replenish: Replenish, chance: random.Random) -> float:
    """The median over the sales that changed the order; the others are decided sooner."""
    took = []
    for _ in range(SALES):
        before = replenish.pace().recorded
        selling.scan(f"S{chance.randrange(LOW):05d}", 2000)
        paid = paying.pay(selling.sale, [Tendered("cash", selling.sale.total)])
        paid.result()
        committed = time.perf_counter()
        if not replenish.settled(10):
            raise RuntimeError("no decision within 10 s")
        if replenish.pace().recorded > before:
            took.append(time.perf_counter() - committed)
        selling.clear()
    return median(took)


def _bare(memory: Reading, clock: SystemClock, chance: random.Random) -> float:
    """The same decision without waking, recording or threads: snapshot and `decide`."""
    took = []
    shop, supplier = memory.shop(), memory.suppliers()["north"]
    assert shop is not None
    for _ in range(SALES):
        desk = Desk(memory, shop, supplier, clock.now(), True, {})
        current, one = open_order(desk), memory.item(f"S{chance.randrange(LOW):05d}")
        assert current is not None
        assert one is not None
        began = time.perf_counter()
        decided(desk, [one], policy_of_shop(shop), current.moment)
        took.append(time.perf_counter() - began)
    return median(took)
