"""A month of 20 tills in several shops, with a fault in every hundredth sale: nothing differs, memory does not grow."""

import gc
import os
import random
import statistics
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from sqlmodel import col, select

from cloud_sync.ingest.verify import verify
from cloud_sync.tables.events import RawEvent
from cloud_sync.tables.figures import Stock, Takings
from edge_agent.allocator import give_back
from edge_agent.clock import Quality
from edge_agent.journal import rebuild
from edge_agent.rules.day import moment
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events.catalogue import ItemSet, ShopSet
from scripts.tortures import Report
from scripts.tortures.memory import in_memory
from scripts.tortures.near_cloud import Fate, NearCloud
from scripts.tortures.soak_till import SoakTill

SUMMARY = "30 days of 20 tills in several shops, 1 % of the sales with a fault: no difference, no growing memory."
FULL = {"days": 30, "tills": 20, "sales": 300}
SHORT = {"days": 5, "tills": 8, "sales": 50}

ZONE = "Europe/London"
FIRST_DAY = 739_678
SKUS = tuple(f"sku{number:03d}" for number in range(60))
TILLS_A_SHOP = 4
FAULTS = ("crash", "refetch", "unheard", "ack_lost", "twice", "gap")
FAULT_SHARE = 0.01
BURST = 12
"""Sales of a till, on average, between two looks at the cloud."""
WARM_DAYS, WARM_SALES = 5, 1_500
"""A till's file is then larger than what its two connections keep of it (2.5 MiB): until that, memory only fills."""
DRIFT_PERCENT = 5.0


@dataclass
class DayClock:
    """A clock that stands until it is set."""

    at: int

    def now(self) -> int:
        return self.at

    def quality(self) -> Quality:
        return "ntp"


@dataclass
class Told:
    """What one house (a cloud with its shops) came to."""

    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    warm: int = WARM_DAYS

    @property
    def drift(self) -> float | None:
        """Per cent that the memory grew from the first warm days to the last ones; None where days are too few."""
        if len(self.memory) < 2 * self.warm:
            return None
        first = statistics.median(self.memory[self.warm : self.warm + 3])
        last = statistics.median(self.memory[-3:])
        return 100 * (last / first - 1)


def run(folder: Path, *, seed: int, days: int, tills: int, sales: int) -> Report:
    """Two houses at a time, each in a process of its own, one for each of two cores."""
    shares = [tills - tills // 2, tills // 2] if tills > 1 else [tills]
    with in_memory(folder) as place, ProcessPoolExecutor(len(shares), mp_context=get_context("spawn")) as pool:
        places = [place / f"house{number}" for number in range(len(shares))]
        seeds = [f"{seed}.{number}" for number in range(len(shares))]
        told = list(pool.map(one_house, places, seeds, [days] * len(shares), shares, [sales] * len(shares)))
    wrong = [f"seed {seed}, house {number}: {word}" for number, one in enumerate(told) for word in one.wrong]
    drifts = [one.drift for one in told if one.drift is not None]
    grown = [drift for drift in drifts if drift > DRIFT_PERCENT]
    return Report(not wrong and not grown, _lines(sum((one.done for one in told), Counter()), told, drifts, wrong))


def _lines(done: Counter[str], told: list[Told], drifts: list[float], wrong: list[str]) -> list[str]:
    faults = ", ".join(f"{done[fault]} {fault.replace('_', ' ')}" for fault in FAULTS)
    memory = ", ".join(f"{one.memory[0]} to {one.memory[-1]} KiB" for one in told)
    grown = f"drift {max(drifts):+.1f} % (bound {DRIFT_PERCENT} %)" if drifts else "too few days to judge a drift"
    return [
        f"{done['sales']} sales on {done['tills']} tills of {done['shops']} shops in {len(told)} clouds, "
        f"{done['days']} days; {done['events']} events",
        f"{sum(done[fault] for fault in FAULTS)} faults: {faults}",
        f"lost {done['lost']}, doubled {done['doubled']}, different {done['different']}",
        f"memory {memory}: {grown}",
        f"every chain valid, {done['rows']} rows of views and projections equal their rebuild",
        *wrong[:10],
    ]


def one_house(folder: Path, seed: str, days: int, tills: int, sales: int) -> Told:
    """A cloud, its shops and their tills, day after day, and the verdict."""
    chance, told = random.Random(seed), Told(warm=max(WARM_DAYS, -(-WARM_SALES // sales)))
    house = House(folder, chance, tills)
    for day in range(days):
        house.play(day, sales, told.done)
        gc.collect()
        give_back()
        told.memory.append(_resident_kib())
    house.settle()
    told.done.update(days=days if not told.done["days"] else 0, tills=tills, shops=len(house.cloud.shops))
    Verdict(house, told).judge()
    house.close()
    return told


def _resident_kib() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") // 1024


class House:
    """One cloud with its shops and tills."""

    def __init__(self, folder: Path, chance: random.Random, tills: int) -> None:
        self.chance, self.clock = chance, DayClock(_at(0, 8))
        shops = -(-tills // TILLS_A_SHOP)
        self.cloud = NearCloud(folder / "cloud", self.clock, shops)
        self.tills: list[SoakTill] = []
        for number in range(tills):
            shop = self.cloud.shops[number % shops]
            till = SoakTill(folder / f"till{number}", self.cloud, shop, random.Random(chance.random()), self.clock)
            if number < shops:
                till.record(*_catalogue(shop.name))
            till.sync()
            self.tills.append(till)
        self.settle()

    def play(self, day: int, sales: int, done: Counter[str]) -> None:
        """One day: bursts of sales at one till after the other, the cloud in between."""
        self.clock.at = _at(day, 8)
        waiting = dict.fromkeys(range(len(self.tills)), sales)
        for till in self.tills:
            till.receive(self.chance.choice(SKUS), 12_000)
        while waiting:
            place = self.chance.choice(sorted(waiting))
            burst = min(self.chance.randint(1, 2 * BURST), waiting[place])
            self._sell(self.tills[place], burst, day, done)
            waiting[place] -= burst
            if not waiting[place]:
                del waiting[place]
            self.clock.at += 60_000

    def _sell(self, till: SoakTill, sales: int, day: int, done: Counter[str]) -> None:
        for _ in range(sales):
            till.sell(SKUS, FIRST_DAY + day)
            if self.chance.random() < FAULT_SHARE:
                self._fault(till, done)
        done["sales"] += sales
        till.sync()

    def _fault(self, till: SoakTill, done: Counter[str]) -> None:
        fault = self.chance.choice(FAULTS)
        done[fault] += 1
        if fault == "crash":
            till.crash()
        elif fault == "refetch":
            till.refetch()
        else:
            # It happens to one of the requests of the next talk: session, push or feed.
            quiet: list[Fate] = [""] * self.chance.choice((0, 1, 1, 2))
            till.line.fates = [*quiet, fault]  # type: ignore[list-item]

    def settle(self) -> None:
        """Everybody hears of everybody, on a good line."""
        for _ in range(2):
            for till in self.tills:
                till.line.fates = []
                till.sync()

    def close(self) -> None:
        for till in self.tills:
            till.close()
        self.cloud.database.close()


class Verdict:
    """Compares what the cashiers noted with every till and with the cloud, and rebuilds all that is computed."""

    def __init__(self, house: House, told: Told) -> None:
        self._house, self._told = house, told

    def judge(self) -> None:
        """Note what is lost, doubled or different."""
        for till in self._house.tills:
            self._lines_of(till)
        for shop in self._house.cloud.shops:
            mine = [till for till in self._house.tills if till.shop.shop == shop.shop]
            self._figures_of(shop.shop, mine)
        self._rebuild()

    def _blame(self, what: str, words: str, times: int = 1) -> None:
        if times:
            self._told.done[what] += times
            self._told.wrong.append(words)

    def _lines_of(self, till: SoakTill) -> None:
        """Every line of the till is in the cloud as it is, in its place, and each sale once."""
        head = till.memory.head().seq
        mine = till.memory.lines(1, head)
        with self._house.cloud.database.reading() as session:
            wanted = select(RawEvent.line).where(RawEvent.journal == till.journal.id).order_by(col(RawEvent.seq))
            theirs = list(session.exec(wanted))
        name, common = till.data.name, min(len(mine), len(theirs))
        self._blame("lost", f"{name}: lines are missing", len(mine) - common)
        self._blame("lost", f"{name}: lines are others", sum(mine[at] != theirs[at] for at in range(common)))
        events = [event_of(line) for line in theirs]
        ids = [event.id for event in events]
        self._blame("doubled", f"{name}: ids stand twice", len(ids) - len(set(ids)))
        kept = sum(event.kind == "sale_completed" for event in events)
        words = f"{name}: {till.sales} sales were made, the cloud has {kept}"
        self._blame("lost", words, max(0, till.sales - kept))
        self._blame("doubled", words, max(0, kept - till.sales))
        self._told.done["events"] += head

    def _figures_of(self, shop: str, tills: list[SoakTill]) -> None:
        """Takings by day and stock by SKU, as noted, on every till and in the cloud."""
        with self._house.cloud.database.reading() as session:
            rows = session.exec(select(Takings).where(Takings.shop == shop)).all()
            stock = {row.sku: row.on_hand for row in session.exec(select(Stock).where(Stock.shop == shop))}
        taken: Counter[int] = Counter()
        for row in rows:
            taken[row.day] += row.total
        noted = sum((till.takings for till in tills), Counter())
        sold: Counter[str] = Counter()
        for till in tills:
            sold.update(till.sold)
            self._different(till.data.name, {day: till.memory.takings(day).total for day in till.takings}, till.takings)
            self._different(till.data.name, {sku: till.memory.stock(sku).on_hand for sku in stock}, stock)
        self._different(f"takings of {shop}", taken, noted)
        self._different(f"stock of {shop}", stock, {sku: -qty for sku, qty in sold.items()})

    def _different(self, where: str, ours: object, theirs: object) -> None:
        self._blame("different", f"{where}: {ours} is not {theirs}"[:300], int(ours != theirs))

    def _rebuild(self) -> None:
        for till in self._house.tills:
            self._told.done["rows"] += sum(rebuild.verify(till.memory.db).views.values())
        self._told.done["rows"] += sum(verify(self._house.cloud.database).rows.values())


def _catalogue(name: str) -> list[ShopSet | ItemSet]:
    shop = ShopSet(
        name=name, address=(), vat_number="", currency="GBP", symbol="", decimals=2, zone=ZONE,
        hours=((480, 1320),) * 7, day_closes=0, receipt_words=(), reorder_floor=9000,
    )  # fmt: skip
    return [shop, *map(_item, range(len(SKUS)))]


def _item(number: int) -> ItemSet:
    return ItemSet(
        sku=SKUS[number], item="", name=f"Item {number}", category="", price=99 + 7 * number,
        rate=(0, 500, 2000)[number % 3], codes=(SKUS[number],), pack=12_000, pack_cost=600, supplier="",
        shelf_life_days=None, from_at=0,
    )  # fmt: skip


def _at(day: int, hour: int) -> int:
    return moment(FIRST_DAY + day, hour * 60, ZONE)
