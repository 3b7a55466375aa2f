"""A drop sold at three tills and reserved on its public page: what was promised is there, and all twenty are sold."""

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import select

from cloud_sync.channels import WEB, open_channel
from cloud_sync.reservations import NoneLeft, Wish, lapse_due, reserve
from cloud_sync.tables.events import Quarantine
from edge_agent.counter.drops import Drops
from edge_agent.counter.selling import Selling
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.reservation import SECRET_DIGITS, mark_of, number_of
from edge_agent.wire.events.sales import SaleCompleted, SoldLine, TaxTotal, Tender
from scripts.tortures import Report
from scripts.tortures.drop import ASKED_AGAIN, BEGINS, PIECES, SYNCS, WINDOW_MS, Launch, Told, planned_for
from scripts.tortures.lanes import lanes
from scripts.tortures.memory import in_memory
from scripts.tortures.one_dialect import one_dialect
from scripts.tortures.order_shop import SharedShop, Till
from scripts.tortures.sim_goods import CARD, item

SUMMARY = "50 buyers at three tills (two offline) and a public page for 20 pieces: reserved is there, 20 are sold."
FULL = {"runs": 300}
SHORT = {"runs": 4}

BUYERS, TILLS, A_SHOP = 50, 3, 15
HOLDS_MS = WINDOW_MS // 8
COMES = 0.75
"""So many of those who reserved come for it, in time."""
DAY = 739_678


@dataclass
class Customer:
    """Somebody who reserved: their code, and the buyer after whom they come (none: they never do)."""

    number: str
    comes: int | None


@dataclass
class Window:
    """A launch with those who reserved."""

    launch: Launch
    waits: list[Customer] = field(default_factory=list)


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
        f"{done['runs']} drops of {PIECES} pieces, {BUYERS} buyers each, at three tills and a public page",
        f"{done['reserved']} reserved, {done['none left']} heard that none is left, {done['fetched']} fetched "
        f"({done['fetched offline']} at a till that was offline), {done['lapsed']} fell free",
        f"sold {done['sold']}, oversold {done['oversold']} ({done['told']} told to the owner), unsold {done['unsold']}",
        *wrong[:10],
    ]


def one_shop(folder: Path, seed: str, runs: int) -> Told:
    """A shop's drops, and the verdict on each."""
    chance, told = random.Random(seed), Told()
    goods = [item(f"d{number}", 100) for number in range(runs)]
    shop = SharedShop(folder, (CARD, *goods), TILLS, at=BEGINS, seed=chance.getrandbits(32))
    try:
        for till in shop.tills:
            Drops(till.journal).start()
        for number in range(runs):
            window = Window(Launch(planned_for(shop, number)))
            _publish(shop, window)
            _sell(shop, chance, window, told)
            _close(shop, chance, window, told)
            _judge(shop, window, told, number)
    finally:
        shop.close()
    return told


def _where(shop: SharedShop) -> dict[str, str]:
    return {"tenant": shop.office.shop.tenant, "shop": shop.office.shop.shop}


def _publish(shop: SharedShop, window: Window) -> None:
    """The page shares with the tills, like one of them."""
    now, drop = shop.clock.now(), window.launch.drop
    with shop.office.database.writing() as session:
        open_channel(session, **_where(shop), channel=WEB, kept={window.launch.sku: 0}, until=drop.end, at=now)
    shop.settle()


def _sell(shop: SharedShop, chance: random.Random, window: Window, told: Told) -> None:
    """Buyers come one after the other, to a till or to the page; two of the tills lose the network and may find it."""
    launch = window.launch
    lost = {one.name: chance.randrange(BUYERS // 2) for one in chance.sample(shop.tills, 2)}
    back = {name: chance.randrange(first + 10, 2 * BUYERS) for name, first in lost.items()}
    liked = [0.05 + chance.random() ** 2 for _ in range(TILLS + 1)]
    for buyer in range(BUYERS):
        launch.away = {name for name in lost if lost[name] <= buyer < back[name]}
        shop.clock.at += WINDOW_MS // (2 * BUYERS)
        goes = chance.choices([*shop.tills, None], liked)[0]
        if not (_buys(goes, launch, told) if goes else _reserves(shop, chance, window, buyer, told)):
            launch.waiting += 1
        _fetch(shop, chance, window, buyer, told)
        told.done["lapsed"] += lapse_due(shop.office.database, shop.clock.now())
        for till in shop.tills:
            if till.name not in launch.away and chance.random() < SYNCS:
                till.sync()


def _buys(till: Till, launch: Launch, told: Told) -> bool:
    """One piece at a till, if its counter lets it through."""
    try:
        Selling(till.memory, till.office.clock).scan(launch.sku)
        till.sell(launch.sku)
    except BadInput:
        return False
    launch.sold[till.name] += 1
    return True


def _reserves(shop: SharedShop, chance: random.Random, window: Window, buyer: int, told: Told) -> bool:
    """One piece on the page, for somebody who may come for it while it is kept."""
    now, number = shop.clock.now(), number_of(chance.randrange(10**SECRET_DIGITS))
    steps = HOLDS_MS // (WINDOW_MS // (2 * BUYERS))
    until = min(now + HOLDS_MS, window.launch.drop.end)
    try:
        with shop.office.database.writing() as session:
            wish = Wish(mark_of(number), WEB, {window.launch.sku: 1000}, until, drop=window.launch.drop.drop)
            reserve(session, **_where(shop), wish=wish, at=now)
    except NoneLeft:
        told.done["none left"] += 1
        return False
    comes = buyer + chance.randrange(1, steps) if chance.random() < COMES else None
    window.waits.append(Customer(number, comes))
    told.done["reserved"] += 1
    return True


def _fetch(shop: SharedShop, chance: random.Random, window: Window, buyer: int, told: Told) -> None:
    """Who comes now shows their code at some till; where it was not heard of they try the others."""
    for customer in [one for one in window.waits if one.comes is not None and one.comes <= buyer]:
        window.waits.remove(customer)
        for till in chance.sample(shop.tills, TILLS):
            if _hands_over(till, window.launch, customer.number):
                told.done["fetched"] += 1
                told.done["fetched offline"] += till.name in window.launch.away
                break
        else:
            told.done["came in vain"] += 1
            window.launch.waiting += 1


def _hands_over(till: Till, launch: Launch, number: str) -> bool:
    selling = Selling(till.memory, till.office.clock)
    try:
        selling.scan(number)
    except (BadInput, NotKnown):
        return False
    line = SoldLine(sku=launch.sku, name=launch.sku, qty=1000, price=100, gross=100, rate=0, tax=0)
    till.record(
        SaleCompleted(
            receipt=till.memory.next_receipt(),
            day=DAY,
            currency="GBP",
            lines=(line,),
            total=100,
            taxes=(TaxTotal(rate=0, gross=100, tax=0),),
            tenders=(Tender(kind="cash", amount=100, given=100),),
            change=0,
            collected=selling.sale.collected,
        )
    )
    launch.sold[till.name] += 1
    return True


def _close(shop: SharedShop, chance: random.Random, window: Window, told: Told) -> None:
    """Everybody closes; what nobody came for falls free, and is sold to those who wait."""
    launch = window.launch
    shop.clock.at = launch.drop.end
    for till in shop.tills:
        Drops(till.journal).tick()
    shop.settle()
    lapse_due(shop.office.database, shop.clock.now())
    shop.settle()
    launch.away = set()
    for _ in range(ASKED_AGAIN):
        for till in chance.sample(shop.tills, TILLS):
            while launch.waiting and _buys(till, launch, told):
                launch.waiting -= 1
        shop.settle()


def _judge(shop: SharedShop, window: Window, told: Told, number: int) -> None:
    """All are sold; one that is sold twice is a task that says which reservation it was."""
    sold, sku = window.launch.sold.total(), window.launch.sku
    told.done["runs"] += 1
    told.done["sold"] += sold
    over = max(0, sold - PIECES)
    told.done["oversold"] += over
    told.done["unsold"] += max(0, PIECES - sold)
    with shop.office.database.reading() as session:
        tasks = len(session.exec(select(Quarantine.words).where(Quarantine.why == "handed_twice")).all())
    fresh = tasks - told.done["told"]
    told.done["told"] = tasks
    if sold < PIECES or over > fresh:
        told.blame(f"drop {number}: {sold} of {sku} sold of {PIECES}, {fresh} told, {dict(window.launch.sold)}")
    if any(till.memory.reserved(sku) for till in shop.tills):
        told.blame(f"drop {number}: a till keeps a reservation after the close")
