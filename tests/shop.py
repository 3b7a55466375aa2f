"""The small fixed cast of the tests: one shop, its items and supplier, and a journal on a scripted clock."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from edge_agent.clock import FileClock
from edge_agent.journal.log import Draft, Journal
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events.catalogue import ItemSet, ShopSet, SupplierSet
from edge_agent.wire.events.sales import SaleCompleted, SoldLine, TaxTotal, Tender

TUESDAY_14 = 1_772_546_400_000
"""Tuesday 3 March 2026, 14:00 in London, as UTC milliseconds."""

SHOP = ShopSet(
    name="Corner Shop",
    address=("1 High Street", "Hastings"),
    vat_number="GB 123 4567 89",
    currency="GBP",
    symbol="£",
    decimals=2,
    zone="Europe/London",
    hours=((540, 1140),) * 6 + ((600, 960),),
    day_closes=240,
    receipt_words=("Thank you",),
    reorder_floor=9000,
)
NORTH = SupplierSet(
    supplier="north",
    name="Northside",
    email="orders@northside.example",
    ordered_from="cloud",
    calendar=1,
    valid_from=739_000,
    order_days=(1, 4),
    cutoff=900,
    lead_days=2,
    working_days=(0, 1, 2, 3, 4),
    delivery_days=(),
    arrives=480,
    min_order=0,
)


def item(sku: str, name: str, price: int, rate: int = 0, code: str = "") -> ItemSet:
    """An item of the cast: packs of six at 70 % of the price."""
    return ItemSet(
        sku=sku,
        item="",
        name=name,
        category="Grocery",
        price=price,
        rate=rate,
        codes=(code,) if code else (),
        pack=6000,
        pack_cost=price * 6 * 7 // 10,
        supplier="north",
        shelf_life_days=None,
        from_at=0,
    )


MILK = item("milk", "Oat milk 1 l", 185, 0, "04000000000013")
BREAD = item("bread", "Sourdough 800 g", 340, 0, "04000000000020")
CHOCOLATE = item("choc", "Milk chocolate 100 g", 129, 2000, "04000000000037")
CAST: tuple[Contract, ...] = (SHOP, NORTH, MILK, BREAD, CHOCOLATE)


def seeded_ids(seed: int = 1) -> Callable[[], str]:
    """Ids that repeat from a seed."""
    source = random.Random(seed)
    return lambda: f"{source.getrandbits(64):016x}"


def scripted_clock(folder: Path, at: int = TUESDAY_14) -> FileClock:
    """A clock in a file of its own, set to `at`."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = FileClock(folder / "clock")
    clock.set(at)
    return clock


def open_journal(folder: Path, bodies: Sequence[Contract] = CAST, *, seed: int = 1) -> Journal:
    """A journal of the cast in `folder`, on a scripted clock beside it."""
    journal = Journal.open(folder / "data", scripted_clock(folder), seeded_ids(seed))
    record(journal, *bodies)
    return journal


def record(journal: Journal, *bodies: Contract) -> None:
    """Record bodies as one act and wait for the disk."""
    if bodies:
        journal.record(lambda _: [Draft(body) for body in bodies]).result()


def sold(receipt: int, *skus: str, qty: int = 1000, day: int = 739_678) -> SaleCompleted:
    """A sale of one piece at 1.00 for each SKU, without VAT."""
    gross = 100 * qty // 1000
    lines = tuple(SoldLine(sku=sku, name=sku, qty=qty, price=100, gross=gross, rate=0, tax=0) for sku in skus)
    total = gross * len(skus)
    return SaleCompleted(
        receipt=receipt,
        day=day,
        currency="GBP",
        lines=lines,
        total=total,
        taxes=(TaxTotal(rate=0, gross=total, tax=0),),
        tenders=(Tender(kind="cash", amount=total, given=total),),
        change=0,
    )
