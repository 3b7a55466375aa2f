"""End-to-end sync, till database to cloud database with fsync at both ends: speed, bytes, backlog, idling, delay."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scripts.benches import Figure, median, ratio_of
from scripts.benches.pouch import Pouch, pouch
from scripts.benches.relay import Relay
from scripts.benches.sync_till import SyncTill
from scripts.house_ import House
from scripts.tortures.bad_wire import address_of

SALES, ROUNDS = 5_000, 5
METERED = 5_000
OFFLINE = 45_000
"""Ninety days of 500 sales."""
IDLE_S = 90.0
ONE_BY_ONE = 30
YARDSTICK_S = 0.13


def measure(folder: Path) -> list[Figure]:
    """All figures of the sync; takes some five minutes."""
    house = House(folder / "house", None)
    house.found_cloud()
    till = SyncTill(house)
    till.drain()
    try:
        figures = [_beside_pouch(till, folder), _metered(house, till), *_backlog(till), _delay(till)]
        return [*figures, *_idle(house, till)]
    finally:
        till.close()
        house.close()


def _beside_pouch(till: SyncTill, folder: Path) -> Figure:
    """Interleaved pairs: the same sales, ours durable at both ends, PouchDB's as it comes."""
    other = pouch()
    name = "end-to-end sync, durable at both ends"
    if not isinstance(other, Pouch):
        rates = [_rate(till)[0] for _ in range(ROUNDS)]
        return Figure(name, median(rates), "ev/s", f"PouchDB {other}", None, 0, 0, higher_is_better=True)
    measured = []
    for number in range(ROUNDS):
        ours, lines = _rate(till)
        measured.append((ours, other.replicate(folder / f"pouch{number}", lines)))
    ratio, spread = ratio_of(measured)
    theirs = median([rate for _, rate in measured])
    reference = f"PouchDB 9 to its own server, LevelDB, {theirs:.0f} docs/s"
    value = median([rate for rate, _ in measured])
    return Figure(name, value, "ev/s", reference, ratio, 6, 10, spread, higher_is_better=True)


def _rate(till: SyncTill) -> tuple[float, list[bytes]]:
    till.counted()
    lines = till.sell(SALES)
    return SALES / till.drain(), lines


def _metered(house: House, till: SyncTill) -> Figure:
    """Bytes a sale, everything that crosses both ways, heads of HTTP with it."""
    lines = till.sell(METERED)
    relay = Relay(address_of(house.url))
    till.goes_by(relay.url)
    till.drain()
    till.goes_by(house.url)
    relay.close()
    raw = sum(map(len, lines)) / METERED
    each = relay.crossed / METERED
    return Figure("on the wire, a sale of five lines", each, "B", f"its line has {raw:.0f} B", None, 60, 52)


def _backlog(till: SyncTill) -> list[Figure]:
    """Ninety days offline: until all is stored and acknowledged, and until the cloud has added it up."""
    till.counted()
    till.sell(OFFLINE)
    took, yardstick = _beside_yardstick(till.drain)
    began = time.perf_counter()
    till.counted(1800)
    behind = time.perf_counter() - began
    judged = took * YARDSTICK_S / yardstick
    reference = f"s judged: raw x 0.13 / `import textual.app` ({yardstick:.3f} s); added up {behind:.1f} s later"
    return [Figure(f"{OFFLINE} sales of 90 days offline sent", took, "s", reference, judged, 10, 2)]


def _beside_yardstick(work: Callable[[], float]) -> tuple[float, float]:
    """What the work took, and the median yardstick before and behind it."""
    before = [_yardstick() for _ in range(3)]
    took = work()
    return took, median([*before, *(_yardstick() for _ in range(3))])


def _yardstick() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    return time.perf_counter() - began


def _delay(till: SyncTill) -> Figure:
    """From the commit of one sale until the till knows that the cloud has it."""
    loop = till.loop()
    loop.start()
    took = []
    for _ in range(ONE_BY_ONE):
        time.sleep(0.1)
        began = time.perf_counter()
        till.sell(1)
        till.arrived()
        took.append(time.perf_counter() - began)
    loop.stop()
    slowest = sorted(took)[int(ONE_BY_ONE * 0.95)]
    middle = f"p50 {median(took) * 1000:.0f} ms"
    return Figure("a sale's way to the cloud and back, p95", slowest, "s", middle, None, 5, 0.1)


def _idle(house: House, till: SyncTill) -> list[Figure]:
    """A till in a quiet shop: nothing is sold, the feed is asked for now and then."""
    till.counted()
    relay = Relay(address_of(house.url))
    till.goes_by(relay.url)
    loop = till.loop()
    loop.start()
    time.sleep(5)
    requests, cpu = relay.requests, time.process_time()
    time.sleep(IDLE_S)
    asked, spent = relay.requests - requests, time.process_time() - cpu
    loop.stop()
    relay.close()
    minutes = IDLE_S / 60
    return [
        Figure("idle sync, CPU", 100 * spent / IDLE_S, "%", "the whole process, meter with it", None, 1, 0.1),
        Figure("idle sync, requests a minute", asked / minutes, "1/min", "none", None, 2, 2),
    ]
