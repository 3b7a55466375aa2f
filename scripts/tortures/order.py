"""Orders of a shop with several tills: whoever decides, approves, claims and comes late, each is ordered once.

A seed picks what is done; three workers race for an order and each till decides on a thread of its own, as they do in a
shop, so that how many decisions and claims there are differs a little from run to run. What is judged does not.
"""

import random
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import select

from cloud_sync.catalogue import set_supplier, suppliers
from cloud_sync.orders import By, Conflict, approve, expire_due, listed, reject, version_of
from cloud_sync.sending import claim_next, why_not
from cloud_sync.tables.events import FeedRow, RawEvent
from cloud_sync.tables.figures import Stock
from cloud_sync.tables.orders import Order
from edge_agent.counter.slips import place_by_hand
from edge_agent.errors import BadInput, DropshelfError
from edge_agent.rules.day import moment
from edge_agent.rules.forecast import Forecast
from edge_agent.wire.envelope import event_of
from edge_agent.wire.events.catalogue import ItemSet, ShopSet, SupplierSet
from edge_agent.wire.events.orders import OrderOutcome
from edge_agent.wire.events.stock import CountedLine, ReceivedLine, StockCounted, StockReceived
from scripts.tortures import Report
from scripts.tortures.lanes import lanes
from scripts.tortures.memory import in_memory
from scripts.tortures.one_dialect import one_dialect
from scripts.tortures.order_shop import SharedShop, Till

SUMMARY = "2 to 5 tills of one shop decide, approve, claim and write slips, online and off: one order a key, sent once."
FULL = {"cycles": 10_000}
SHORT = {"cycles": 96}

ZONE = "Europe/London"
MONDAY = date(2026, 3, 2).toordinal()
SUPPLIERS = 12
BY_HAND = 3
"""Suppliers that are ordered from by the first till's slip when the day begins."""
SKUS_EACH = 1
MOST_DAYS = 20
LEAST_SHOPS = 4
ROUNDS = 20
SHARES = (*[0] * 9, *[1000] * 10, *[0] * 5)


@dataclass
class Told:
    """What the rig itself saw leave for a supplier, and what it did, for the judge."""

    claims: list[tuple[str, str]] = field(default_factory=list)
    slips: list[tuple[str, str]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    per_key: int = 0
    sent_most: int = 0

    def blame(self, what: str, words: str) -> None:
        """`what` is lost, doubled or wedged."""
        self.done[what] += 1
        self.wrong.append(words)


def run(folder: Path, *, seed: int, cycles: int) -> Report:
    """Shop after shop, until so many cycles (cut-offs of a supplier) were decided by their tills."""
    days = min(max(cycles // (SUPPLIERS * LEAST_SHOPS), 3), MOST_DAYS)
    shops = -(-cycles // (SUPPLIERS * days))
    seeds = [f"{seed}.{number}" for number in range(shops)]
    # A process for each of two cores: shops have nothing to do with each other.
    with in_memory(folder) as place, lanes(one_dialect) as pool:
        folders = [place / f"shop{number}" for number in range(shops)]
        told = list(pool.map(one_shop, folders, seeds, [days] * shops))
    wrong = [
        f"seed {seed}, {place.name}: {word}" for place, one in zip(folders, told, strict=True) for word in one.wrong
    ]
    done = sum((one.done for one in told), Counter())
    return Report(ok=not wrong, lines=_lines(done, told, wrong))


def _lines(done: Counter[str], told: list[Told], wrong: list[str]) -> list[str]:
    per_key, sent = max(one.per_key for one in told), max(one.sent_most for one in told)
    return [
        f"{done['cycles']} cycles of {SUPPLIERS} suppliers in {len(told)} shops of 2 to 5 tills, "
        f"{done['decisions']} decisions",
        f"{done['contested']} orders decided by more than one till, {done['offline']} tills' days offline, "
        f"{done['acks']} acknowledgements lost",
        f"{done['approved']} approved, {done['rejected']} rejected, {done['again']} second commands refused",
        f"{done['claims']} claimed by one of three workers, {done['slips']} ordered by hand, "
        f"{done['switches']} changes between cloud and shop, {done['refused']} slips refused",
        f"orders per key {per_key}, each sent at most {sent} times",
        f"lost {done['lost']}, doubled {done['doubled']}, wedged {done['wedged']}",
        *wrong[:10],
    ]


def one_shop(folder: Path, seed: str, days: int) -> Told:
    """One shop's days, and the verdict on them."""
    chance, told = random.Random(seed), Told()
    shop = SharedShop(folder, _catalogue(), chance.randint(2, 5), at=_at(0, 8), seed=chance.getrandbits(32))
    try:
        for till in shop.tills:
            till.journal.store_forecasts([_forecast(sku, chance) for sku in _skus()]).result()
            till.replenish.start()
        counted = tuple(CountedLine(sku=sku, counted=6_000, expected=0) for sku in _skus())
        shop.first.record(StockCounted(lines=counted, saw=shop.first.memory.vector()))
        shop.settle(2)
        for day in range(days):
            _day(shop, chance, told, day)
            told.done["cycles"] += SUPPLIERS
        _rest(shop)
        told.claims += _work(shop, "w1")
        _rest(shop)
        _judge(shop, told)
    finally:
        shop.close()
    return told


def _rest(shop: SharedShop) -> None:
    """Until what everybody said was heard by everybody, and no till has anything more to decide."""
    for _ in range(ROUNDS):
        for till in shop.tills:
            till.decide()
        said = [till.memory.head() for till in shop.tills]
        shop.settle(2)
        for till in shop.tills:
            till.decide()
        if said == [till.memory.head() for till in shop.tills]:
            return
    raise RuntimeError("the tills do not come to an end with deciding")


def _catalogue() -> list[ShopSet | SupplierSet | ItemSet]:
    shop = ShopSet(
        name="Corner Shop",
        address=(),
        vat_number="",
        currency="GBP",
        symbol="",
        decimals=2,
        zone=ZONE,
        hours=((540, 1140),) * 7,
        day_closes=0,
        receipt_words=(),
        reorder_floor=9000,
    )
    by_hand = [_supplier(number, till="till1") for number in range(BY_HAND)]
    return [shop, *by_hand, *map(_supplier, range(BY_HAND, SUPPLIERS)), *map(_item, _skus())]


def _supplier(number: int, *, till: str = "") -> SupplierSet:
    return SupplierSet(
        supplier=f"s{number}",
        name=f"Supplier {number}",
        email="",
        ordered_from="shop" if till else "cloud",
        till=till,
        calendar=1,
        valid_from=739_000,
        order_days=tuple(range(7)),
        cutoff=900,
        lead_days=1,
        working_days=tuple(range(7)),
        delivery_days=(),
        arrives=480,
        min_order=0,
    )


def _item(sku: str) -> ItemSet:
    return ItemSet(
        sku=sku,
        item="",
        name=sku,
        category="",
        price=100,
        rate=0,
        codes=(),
        pack=2_000,
        pack_cost=120,
        supplier=sku.partition("-")[0],
        shelf_life_days=None,
        from_at=0,
    )


def _skus() -> list[str]:
    return [f"s{supplier}-{item}" for supplier in range(SUPPLIERS) for item in range(SKUS_EACH)]


def _forecast(sku: str, chance: random.Random) -> Forecast:
    """Each till's own: they need not agree."""
    mean = 4_000 + chance.randint(-300, 300)
    return Forecast(sku, 0, MONDAY, (mean,) * 14, SHARES, 1_400, "base", "")


def _at(day: int, hour: int) -> int:
    return moment(MONDAY + day, 60 * hour, ZONE)


def _day(shop: SharedShop, chance: random.Random, told: Told, day: int) -> None:
    """Selling and deciding, the owner and the workers at any time, some tills away until after the cut-off."""
    away = {till.name for till in shop.tills if chance.random() < 0.35}
    told.done["offline"] += len(away)
    for hour in (10, 13) if chance.random() < 0.3 else (chance.choice((10, 13)),):
        shop.clock.at = _at(day, hour)
        for till in chance.sample(shop.tills, len(shop.tills)):
            _works(till, chance, told, away=till.name in away)
        _owner(shop, chance, told)
    if chance.random() < 0.3:
        _switch(shop, chance, told)
    _slips(shop, chance, told)
    _workers(shop, chance, told)
    for till in chance.sample(shop.tills, len(shop.tills)):
        till.sync()
    _owner(shop, chance, told)
    shop.clock.at = _at(day, 16)
    expire_due(shop.office.database, shop.clock.at)
    _workers(shop, chance, told)
    _deliver(shop, chance)


def _works(till: Till, chance: random.Random, told: Told, *, away: bool) -> None:
    till.sell(*chance.sample(_skus(), chance.randint(1, 5)), pieces=chance.randint(1, 6), day=MONDAY)
    till.decide(whole=True)
    if away:
        return
    lost = chance.random() < 0.2
    told.done["acks"] += lost
    till.push(ack_lost=lost)
    if chance.random() < 0.7:
        till.pull()
        till.decide()


def _owner(shop: SharedShop, chance: random.Random, told: Told) -> None:
    """Approves, edits and rejects what waits; now and then twice, as from two phones."""
    office, now = shop.office, shop.clock.now()
    with office.database.reading() as session:
        waiting = listed(session, tenant=office.shop.tenant, shop=office.shop.shop)
    for order in waiting:
        if chance.random() < 0.5:
            continue
        for _ in range(1 if chance.random() < 0.7 else 2):
            try:
                with office.database.writing() as session:
                    key: dict[str, Any] = {"tenant": order.tenant, "order": order.order, "version": version_of(order)}
                    if chance.random() < 0.85:
                        approve(session, **key, now=now, by=By("ann", "Ann"))
                        told.done["approved"] += 1
                    else:
                        reject(session, **key, now=now, by=By("ann", "Ann"))
                        told.done["rejected"] += 1
            except (Conflict, BadInput):
                told.done["again"] += 1


def _switch(shop: SharedShop, chance: random.Random, told: Told) -> None:
    """A supplier goes from the cloud to a named till, or back."""
    office, number = shop.office, chance.randrange(SUPPLIERS)
    where = {"tenant": office.shop.tenant, "shop": office.shop.shop}
    try:
        with office.database.writing() as session:
            by_cloud = suppliers(session, **where)[f"s{number}"].ordered_from == "cloud"
            fresh = _supplier(number, till=chance.choice(shop.tills).name if by_cloud else "")
            set_supplier(session, **where, supplier=fresh, at=shop.clock.now())
        told.done["switches"] += 1
    except BadInput:
        told.done["refused_switches"] += 1


def _slips(shop: SharedShop, chance: random.Random, told: Told) -> None:
    """Every till tries to write slips, whether it may or not, and tries again."""
    for till in shop.tills:
        for order in till.memory.orders(("proposed", "held", "approved", "sent")):
            for _ in range(1 if chance.random() < 0.8 else 2):
                try:
                    (recorded,) = place_by_hand(till.journal, order.key).result()
                    told.slips.append((order.key, recorded.event.id))
                except DropshelfError:
                    told.done["refused"] += 1


def _workers(shop: SharedShop, chance: random.Random, told: Told) -> None:
    """Three workers at once on the same database, or one alone."""
    if chance.random() < 0.3:
        with ThreadPoolExecutor(3) as pool:
            told.claims += [
                one for found in pool.map(lambda name: _work(shop, name), ("w1", "w2", "w3")) for one in found
            ]
    else:
        told.claims += _work(shop, "w1")


def _work(shop: SharedShop, name: str) -> list[tuple[str, str]]:
    found = []
    while (claim := claim_next(shop.office.database, name, shop.clock.now())) is not None:
        found.append((claim.order, name))
    return found


def _deliver(shop: SharedShop, chance: random.Random) -> None:
    """What was sent some days ago comes, to any till that knows of it."""
    till = chance.choice(shop.tills)
    for order in till.memory.orders(("sent",)):
        if order.arrives_at < shop.clock.now():
            lines = tuple(
                ReceivedLine(sku=line.sku, qty=line.qty, ordered=line.qty, expires=None) for line in order.lines
            )
            till.record(StockReceived(order=order.key, supplier=order.supplier, lines=lines))


# The judge: from raw lines, the feed and what left for the suppliers; nothing that was computed on the way.


def _judge(shop: SharedShop, told: Told) -> None:
    with shop.office.database.reading() as session:
        raws = [(raw.journal, event_of(raw.line)) for raw in session.exec(select(RawEvent))]
        said = session.exec(select(FeedRow.body).where(FeedRow.kind == "order_outcome")).all()
        orders = {order.order: order for order in session.exec(select(Order))}
    decided = [(journal, event.body) for journal, event in raws if event.kind == "reorder_decided"]
    _judge_keys(told, decided, orders)
    _judge_sent(told, [OrderOutcome.model_validate_json(body) for body in said], orders)
    _judge_waiting(shop, told, orders)
    _judge_agreement(shop, told, orders)


def _judge_keys(told: Told, decided: list[tuple[str, dict[str, Any]]], orders: dict[str, Order]) -> None:
    """One order for each shop, supplier, cycle and purpose, whoever decided."""
    keys, authors = defaultdict(set), defaultdict(set)
    for journal, body in decided:
        keys[tuple(str(body[name]) for name in ("shop", "supplier", "cycle", "purpose"))].add(body["order"])
        authors[body["order"]].add(journal)
    told.done["decisions"] += len(decided)
    told.done["contested"] += sum(len(tills) > 1 for tills in authors.values())
    told.per_key = max((len(found) for found in keys.values()), default=0)
    for key, found in keys.items():
        if len(found) != 1:
            told.blame("doubled", f"{key} has {len(found)} orders")
    if len(keys) != len(orders):
        told.blame("lost", f"{len(keys)} keys were decided, the cloud has {len(orders)} orders")


def _judge_sent(told: Told, outcomes: list[OrderOutcome], orders: dict[str, Order]) -> None:
    """What left for a supplier left once; what was approved and may be sent was sent."""
    left = Counter(key for key, _ in (*told.claims, *told.slips))
    told.done["claims"] += len(told.claims)
    told.done["slips"] += len(told.slips)
    told.sent_most = max(left.values(), default=0)
    for key, times in left.items():
        if times > 1:
            told.blame("doubled", f"order {key[:8]} was sent {times} times")
    said = Counter((one.order, one.version) for one in outcomes if one.state == "sent")
    for (key, _), times in said.items():
        if times > 1:
            told.blame("doubled", f"order {key[:8]} was said sent {times} times")
    for key in left:
        if orders[key].state not in ("sent", "received"):
            told.blame("lost", f"order {key[:8]} left, the cloud says it is {orders[key].state}")


def _judge_waiting(shop: SharedShop, told: Told, orders: dict[str, Order]) -> None:
    """What was approved and not sent has a reason: the shop orders from that supplier, or its till may still do so."""
    with shop.office.database.reading() as session:
        for order in orders.values():
            if order.state == "approved" and not why_not(session, order):
                told.blame("lost", f"order {order.order[:8]} is approved and nobody sends it")


def _judge_agreement(shop: SharedShop, told: Told, orders: dict[str, Order]) -> None:
    """Every till says of each order and of the stock what the cloud says."""
    with shop.office.database.reading() as session:
        stock = {row.sku: row.on_hand for row in session.exec(select(Stock))}
    for till in shop.tills:
        if {sku: till.memory.stock(sku).on_hand for sku in stock} != stock:
            told.blame("wedged", f"{till.name} has another stock than the cloud")
        for order in till.memory.orders():
            cloud = orders.get(order.key)
            if cloud is not None and cloud.state != order.state:
                words = f"{till.name}: order {order.key[:8]} is {order.state}, the cloud says {cloud.state}"
                told.blame("wedged", words)
