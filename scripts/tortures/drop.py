"""Drops of a shop with three tills and a web channel: whoever is offline, all twenty are sold, and no more."""

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from cloud_sync import drops
from cloud_sync.tables.figures import Stock
from edge_agent.counter.drops import Drops
from edge_agent.counter.selling import Selling
from edge_agent.errors import BadInput
from edge_agent.rules.day import HOUR_MS
from edge_agent.wire.events.catalogue import ItemSet
from edge_agent.wire.events.drops import DropPart, DropSet
from edge_agent.wire.events.stock import CountedLine, StockCounted
from scripts.tortures import Report
from scripts.tortures.lanes import lanes
from scripts.tortures.memory import in_memory
from scripts.tortures.one_dialect import one_dialect
from scripts.tortures.order_shop import SharedShop, Till
from scripts.tortures.sim_goods import CARD, item

SUMMARY = "50 buyers at three tills (two offline) and a web channel for 20 pieces: 20 are sold, quotas come back."
FULL = {"runs": 1_000}
SHORT = {"runs": 16}

PIECES, BUYERS, CHANNELS, OFFLINE = 20, 50, 4, 2
A_SHOP = 25
"""Drops of one shop, one after the other."""
SYNCS = 0.15
"""How often a till that has the network is heard after a buyer."""
ASKED_AGAIN = 2
"""So often those who wait ask after the close: a piece may come to its till with the second sync alone."""
BEGINS = 1_772_546_400_000
WINDOW_MS = 8 * HOUR_MS


@dataclass
class Told:
    """What the rig saw, for the judge."""

    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def blame(self, words: str) -> None:
        self.done["wrong"] += 1
        self.wrong.append(words)


@dataclass
class Launch:
    """One drop under way: how many each channel sold, and who is offline."""

    drop: DropSet
    sold: Counter[str] = field(default_factory=Counter)
    away: set[str] = field(default_factory=set)
    waiting: int = 0

    @property
    def sku(self) -> str:
        return self.drop.parts[0].sku


def run(folder: Path, *, seed: int, runs: int) -> Report:
    """Shop after shop, until so many drops were sold."""
    shares = [min(A_SHOP, runs - first) for first in range(0, runs, A_SHOP)]
    seeds = [f"{seed}.{number}" for number in range(len(shares))]
    with in_memory(folder) as place, lanes(one_dialect) as pool:
        folders = [place / f"shop{number}" for number in range(len(shares))]
        told = list(pool.map(one_shop, folders, seeds, shares))
    done = sum((one.done for one in told), Counter[str]())
    wrong = [f"seed {seed}, shop {place}: {words}" for place, one in enumerate(told) for words in one.wrong]
    return Report(ok=not wrong and done["runs"] == runs, lines=_lines(done, wrong))


def _lines(done: Counter[str], wrong: list[str]) -> list[str]:
    return [
        f"{done['runs']} drops of {PIECES} pieces, {BUYERS} buyers each, at three tills and a web channel",
        f"{done['offline']} sold by tills that were offline, {done['refused']} refusals, "
        f"{done['walked']} sold after a walk",
        f"{done['gave']} pieces handed back at the close, {done['late']} of them sold after it",
        f"sold {done['sold']}, oversold {done['oversold']}, unsold {done['unsold']}",
        *wrong[:10],
    ]


def one_shop(folder: Path, seed: str, runs: int) -> Told:
    """A shop's drops, and the verdict on each."""
    chance, told = random.Random(seed), Told()
    goods = [_item(number) for number in range(runs)]
    shop = SharedShop(folder, (CARD, *goods), CHANNELS, at=BEGINS, seed=chance.getrandbits(32))
    try:
        for till in shop.tills:
            Drops(till.journal).start()
        for number in range(runs):
            launch = Launch(planned_for(shop, number))
            _window(shop, chance, launch, told)
            _close(shop, chance, launch, told)
            _judge(shop, launch, told, number)
    finally:
        shop.close()
    return told


def _item(number: int) -> ItemSet:
    return item(f"d{number}", 100)


def planned_for(shop: SharedShop, number: int) -> DropSet:
    """Planned by the owner, on the shelf of a till, known to all."""
    sku, now, office = f"d{number}", shop.clock.now(), shop.office
    planned = DropSet(
        drop=f"drop-{number}",
        product=sku,
        name=sku,
        start=now + HOUR_MS,
        end=now + HOUR_MS + WINDOW_MS,
        parts=(DropPart(sku=sku, qty=PIECES * 1000),),
        cap=0,
        low=10,
        likely=20,
        high=40,
        salvage=5_000,
        order_by=0,
    )
    count = CountedLine(sku=sku, counted=PIECES * 1000, expected=0)
    shop.first.record(StockCounted(lines=(count,), saw=shop.first.memory.vector()))
    shop.first.sync()
    with office.database.writing() as session:
        drops.plan(session, tenant=office.shop.tenant, shop=office.shop.shop, drop=planned, at=now)
    shop.settle()
    shop.clock.at = planned.start
    return planned


def _window(shop: SharedShop, chance: random.Random, launch: Launch, told: Told) -> None:
    """Buyers come one after the other; two of the tills lose the network and may find it again."""
    lost = {one.name: chance.randrange(BUYERS // 2) for one in chance.sample(shop.tills[:-1], OFFLINE)}
    back = {name: chance.randrange(first + 10, 2 * BUYERS) for name, first in lost.items()}
    liked = [0.05 + chance.random() ** 3 for _ in shop.tills]
    for buyer in range(BUYERS):
        launch.away = {name for name in lost if lost[name] <= buyer < back[name]}
        shop.clock.at += WINDOW_MS // (2 * BUYERS)
        if not _buys(chance.choices(shop.tills, liked)[0], launch, told):
            walked = chance.random() < 0.5 and _buys(chance.choice(shop.tills), launch, told)
            told.done["walked"] += walked
            launch.waiting += not walked
        for till in shop.tills:
            if till.name not in launch.away and chance.random() < SYNCS:
                till.sync()


def _buys(till: Till, launch: Launch, told: Told) -> bool:
    """One piece, if the counter lets it through."""
    try:
        Selling(till.memory, till.office.clock).scan(launch.sku)
        till.sell(launch.sku)
    except BadInput:
        told.done["refused"] += 1
        return False
    launch.sold[till.name] += 1
    told.done["offline"] += till.name in launch.away
    return True


def _close(shop: SharedShop, chance: random.Random, launch: Launch, told: Told) -> None:
    """Each till closes by its own clock, offline too; what came back is sold to those who wait, by whoever has it."""
    shop.clock.at = launch.drop.end
    for till in shop.tills:
        Drops(till.journal).tick()
        if till.memory.quota(launch.sku).left:
            told.blame(f"{launch.sku}: {till.name} keeps a quota after the close")
    gave = PIECES - launch.sold.total()
    told.done["gave"] += max(0, gave)
    shop.settle()
    launch.away = set()
    for _ in range(ASKED_AGAIN):
        for till in chance.sample(shop.tills, CHANNELS):
            while launch.waiting and _buys(till, launch, told):
                launch.waiting -= 1
                told.done["late"] += 1
        shop.settle()


def _judge(shop: SharedShop, launch: Launch, told: Told, number: int) -> None:
    office, sold = shop.office, launch.sold.total()
    told.done["runs"] += 1
    told.done["sold"] += sold
    told.done["oversold"] += max(0, sold - PIECES)
    told.done["unsold"] += max(0, PIECES - sold)
    if sold != PIECES:
        told.blame(f"drop {number}: {sold} sold of {PIECES}, {dict(launch.sold)}")
    with office.database.reading() as session:
        where = {"tenant": office.shop.tenant, "shop": office.shop.shop}
        stock = session.get(Stock, (*where.values(), launch.sku))
        closings = drops.closings(session, **where).get(launch.drop.drop, [])
    if stock is None or stock.on_hand != PIECES * 1000 - sold * 1000:
        told.blame(f"drop {number}: the cloud counts {stock.on_hand if stock else None} milli-units left")
    closed = sum(part.sold for one in closings for part in one.parts)
    if len(closings) != CHANNELS or closed > sold * 1000:
        told.blame(f"drop {number}: {len(closings)} journals closed it with {closed} milli-units sold")
