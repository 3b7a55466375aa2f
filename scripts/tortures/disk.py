"""Disk faults under a selling till: full disks, short writes, errors that leave the write there or not, bad syncs."""

import errno
import logging
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from edge_agent.clock import FileClock
from edge_agent.counter.paying import Paid, Paying
from edge_agent.devices.spool import Spool
from edge_agent.errors import DropshelfError, Unreachable
from edge_agent.journal.log import Journal, Recorded
from edge_agent.journal.rebuild import verify
from edge_agent.rules.sale import Line, Sale, Tendered
from edge_agent.wire.events.catalogue import ShopSet
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.messages import FeedEntry
from scripts.tortures import Report
from scripts.tortures.bad_disk import BadDisk, Fault
from tests.shop import CAST, MILK, TUESDAY_14, record, seeded_ids

SUMMARY = (
    "full disks, short writes, failing writes and syncs under a selling till: no receipt without a row, none doubled"
)
FULL = {"faults": 800}
SHORT = {"faults": 60}
TRIES, PATIENCE_S = 20, 30.0
SALE = Sale((Line("milk", "Oat milk 1 l", 185, 0, 1000), Line("bread", "Sourdough 800 g", 340, 0, 2000)))


class Shop:
    """One till that is never started again, its cashier, and what they were told."""

    def __init__(self, folder: Path, seed: int) -> None:
        clock = FileClock(folder / "clock")
        clock.set(TUESDAY_14)
        self.journal = Journal.open(folder / "till", clock, seeded_ids(seed))
        record(self.journal, *CAST)
        self.spool = Spool(folder / "till" / "spool")
        self.paying = Paying(self.journal, self._print)
        self.paid: dict[str, int] = {}
        self.done: Counter[str] = Counter()

    def _print(self, recorded: Recorded, _: ShopSet | None) -> None:
        assert isinstance(recorded.body, SaleCompleted)
        self.spool.put(f"{recorded.body.receipt:08d}-receipt", b"paper")

    def sell(self, token: str, freed: Callable[[], None]) -> None:
        """Pay, and again as long as it is said to be not stored; after some tries somebody frees the disk."""
        for attempt in range(TRIES):
            if attempt == 3:
                freed()
            try:
                paid: Future[Paid] = self.paying.pay(SALE, [Tendered("cash", SALE.total)], by=token)
                self.paid[token] = paid.result(PATIENCE_S).receipt
            except DropshelfError as error:
                self.done["refused"] += 1
                self.done["without hope"] += not (isinstance(error, Unreachable) and error.again)
            else:
                return
        self.done["wedged"] += 1

    def feed(self, cursor: int) -> None:
        """A price from the cloud while the disk fails; the next page brings it again if it was not kept."""
        entry = FeedEntry(cursor=cursor, kind="item_set", v=1, at=TUESDAY_14, body=MILK.model_dump())
        try:
            self.journal.take_feed("g1", [entry]).result(PATIENCE_S)
        except DropshelfError:
            self.done["feed refused"] += 1

    def judged(self) -> list[str]:
        """What is wrong at the end, in words."""
        with self.journal.reading() as memory:
            kept = Counter((event.by, int(event.body["receipt"])) for event in memory.events("sale_completed"))
            verify(memory.db)
        wrong = [f"lost: {token}, receipt {number}" for token, number in self.paid.items() if not kept[token, number]]
        tokens = Counter(token for token, _ in kept.elements())
        wrong += [f"doubled: {token} stands {times} times" for token, times in tokens.items() if times > 1]
        paper, rows = set(self.spool.waiting()), {f"{number:08d}-receipt" for _, number in kept}
        wrong += [f"lost: {name} has no row" for name in sorted(paper - rows)]
        return wrong + [f"lost: no paper for {name}" for name in sorted(rows - paper)]


def planned(chance: random.Random, number: int) -> tuple[str, Fault]:
    """One fault in four is a full disk until it is freed, one a short write, one an error that may have written, one
    a sync that fails, whether or not the disk has it."""
    at = chance.randint(0, 6)
    match number % 4:
        case 0:
            return "full", Fault(at, 1_000_000, part=chance.choice((0, 0, 500)))
        case 1:
            return "short", Fault(at, chance.randint(1, 3), part=chance.randint(1, 999))
        case 2:
            return "error", Fault(at, chance.randint(1, 6), errno.EIO, chance.choice((0, 400, 1000)))
        case _:
            return "sync", Fault(at, chance.randint(1, 3), part=chance.choice((0, 1000)), syncs=True)


def run(folder: Path, *, seed: int, faults: int) -> Report:
    """The row of the fault matrix."""
    chance, disk = random.Random(seed), BadDisk()
    logging.getLogger("edge_agent").addHandler(logging.NullHandler())
    folder.mkdir(parents=True, exist_ok=True)
    with disk.writes():
        shop = Shop(folder, seed)
        try:
            for number in range(faults):
                _break(shop, disk, number, *planned(chance, number))
            wrong = shop.judged()
        finally:
            shop.journal.close()
    return _report(shop, wrong)


def _break(shop: Shop, disk: BadDisk, number: int, kind: str, fault: Fault) -> None:
    """Sell until the fault has come, and once more when it is over."""
    disk.fault = fault
    if number % 5 == 4:
        shop.feed(number + 1)
    sales = 0
    while fault.seen <= fault.at:
        shop.sell(f"{number}.{sales}", lambda: setattr(disk, "fault", None))
        sales += 1
    shop.done[kind] += 1
    disk.fault = None
    shop.sell(f"{number}.after", lambda: None)


def _report(shop: Shop, wrong: list[str]) -> Report:
    done = shop.done
    lost = sum(word.startswith("lost") for word in wrong)
    return Report(
        ok=not wrong and not done["wedged"] and not done["without hope"],
        lines=[
            f"{done['full']} full disks, {done['short']} short writes, {done['error']} errors of a write, "
            f"{done['sync']} failing syncs, in one life",
            f"{len(shop.paid)} sales paid, {done['refused']} times told to try again, {done['feed refused']} times the "
            f"feed was not kept, {done['without hope']} errors that did not say so",
            f"lost {lost}, doubled {len(wrong) - lost}, wedged {done['wedged']}",
            *wrong[:10],
        ],
    )
