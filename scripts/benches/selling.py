"""Selling with 100,000 items and promotions on half of them, paired: find while typing, a scan into a full sale."""

import random
import sys
import time
from pathlib import Path

from edge_agent.clock import SystemClock
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Draft, Journal
from edge_agent.journal.reading import Reading
from edge_agent.wire.events.promotion import PromotionSet
from edge_agent.wire.limits import SALE_LINES
from scripts.benches import Figure, median, ratio_of
from scripts.benches.big_shop import ITEMS, code_of, name_of, stocked, table
from scripts.benches.terminal import Timed, scan_block
from scripts.house_ import House
from scripts.venv_ import ROOT

PROMOTIONS, MEMBERS = 100, 500
SEARCHES, DIGITS, PAUSE_S = 40, 6, 0.12
AT_REST_S = 0.25
"""CPU seconds of the cloud in five that are no work any more."""
SALES, LAST = 5, 30
TAKEN_S = 240
"""So long the cloud may take to store and count the shop, before anything is measured."""
F2, F3, ESCAPE = "\x1bOQ", "\x1bOR", "\x1b"


def measure(folder: Path) -> list[Figure]:
    """Some four minutes."""
    house = stocked(folder)
    numbers = random.Random(2)
    _promote(house.till_data, numbers)
    house.found_cloud()
    house.pair()
    till = Timed(house.line("edge_agent", "till"), ROOT, **house.environment())
    till.seen("all keys", seconds=60)
    # Behind the first picture habits are learnt and the items read for finding; the cloud takes the whole shop.
    till.settle(15)
    _taken(house)
    found = _find(till, numbers)
    floor = Timed([sys.executable, "-m", "scripts.benches.bare_loop", str(table(folder / "items.db"))], ROOT)
    floor.seen("ready")
    figures = [*found, *_full(till, floor, numbers)]
    till.close()
    floor.close()
    house.close()
    return figures


def _taken(house: House) -> None:
    """Wait until the cloud has stored the shop and counted it, so that it does not work beside what is measured."""
    end = time.monotonic() + TAKEN_S
    with Reading.open(house.till_data / "journal.db") as memory:
        while memory.mark().received < memory.head().seq and time.monotonic() < end:
            time.sleep(1)
    before = -1.0
    while (now := house.cloud_cpu()) - before > AT_REST_S and time.monotonic() < end:
        before = now
        time.sleep(5)


def _promote(data: Path, numbers: random.Random) -> None:
    """Three for a price, on half of all items, in groups of five hundred."""
    mixed = numbers.sample(range(ITEMS), PROMOTIONS * MEMBERS)
    journal = Journal.open(data, SystemClock(), random_id)
    for place in range(PROMOTIONS):
        skus = tuple(f"W{number:06d}" for number in mixed[place * MEMBERS : (place + 1) * MEMBERS])
        promotion = PromotionSet(
            promotion=f"p{place}", name=f"3 for 9.99 ({place})", method="n_for", members=skus, need=3, value=999
        )
        journal.record(lambda _, body=promotion: [Draft(body)]).result()  # type: ignore[misc]
    journal.close()


def _find(till: Timed, numbers: random.Random) -> list[Figure]:
    """Each key of a number until entry and answer stand on the screen; beside it the same keys where nothing is looked
    for. The difference is the search: both wait as long to see whether a keyboard scanner is typing."""
    words = [f"{numbers.randrange(ITEMS):0{DIGITS}d}" for _ in range(SEARCHES)]
    plain = [one for word in words for one in _typed(till, word)]
    till.send(F2)
    till.settle(1)
    searched = [one for word in words for one in _typed(till, word)]
    till.send(ESCAPE)
    till.settle(0.3)
    base = median(plain) * 1000
    late, usual = (sorted(one)[int(len(one) * 0.99)] * 1000 for one in (searched, plain))
    middle = median(searched) * 1000
    what = "a key in the sale's entry line"
    return [
        Figure("find: key to answer p50, 100,000 items", middle, "ms", what, middle / base, 2, 1.3),
        Figure("find: search to paint p99, beyond a plain key", late - usual, "ms", f"{what}: its p99", None, 16, 8),
    ]


def _typed(till: Timed, word: str) -> list[float]:
    """Seconds from each key to its paint; the line is empty again behind it."""
    took = []
    for place in range(1, len(word) + 1):
        till.settle(PAUSE_S)
        since, sent = till.mark(), till.send(word[place - 1])
        took.append(till.seen(f"{word[:place]}_", since) - sent)
    till.settle(PAUSE_S)
    till.send(ESCAPE)
    till.settle(PAUSE_S)
    return took


def _full(till: Timed, floor: Timed, numbers: random.Random) -> list[Figure]:
    """The last scans of a full sale, beside the bare loop; each full sale is then held, so that nothing is paid."""
    pairs, late, bare_late = [], [], []
    for _ in range(SALES):
        sale = numbers.sample(range(ITEMS), SALE_LINES)
        scan_block(till, sale[:-LAST], code_of, name_of)
        mine, _ = scan_block(till, sale[-LAST:], code_of, name_of)
        bare, _ = scan_block(floor, sale[:LAST], code_of, name_of)
        pairs.append((median(mine), median(bare)))
        late += mine
        bare_late += bare
        till.settle(0.4)
        till.send(F3)
        till.settle(0.6)
    ratio, spread = ratio_of(pairs)
    middle = median([one for one, _ in pairs]) * 1000
    worst = [sorted(one)[int(len(one) * 0.99)] for one in (late, bare_late)]
    loop = "bare read-and-print loop"
    return [
        Figure("scan to line p50 behind 270 lines, promotions on", middle, "ms", loop, ratio, 15, 7, spread),
        Figure(
            "scan to line p99 behind 270 lines, promotions on",
            worst[0] * 1000,
            "ms",
            f"{loop}'s p99",
            worst[0] / worst[1],
            15,
            7,
        ),
    ]
