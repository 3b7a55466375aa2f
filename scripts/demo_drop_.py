"""The drop in the demo's day: the owner plans it against the cash, twenty mugs sell out while the cloud is down."""

import re
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from edge_agent.counter.drops import next_size
from edge_agent.counter.drops import reports as reports_of
from edge_agent.counter.stock import Came
from edge_agent.journal.log import Draft
from edge_agent.opening import OpenTill
from edge_agent.rules.drop_report import Report
from edge_agent.rules.drop_sizes import Candidate
from edge_agent.rules.drop_window import told
from edge_agent.wire.events.catalogue import ItemSet
from scripts.day_ import Step
from scripts.owner_ import Owner
from scripts.player_ import StepFailedError

MUGS = (("mug-s", "Mug, small", 1200, 10), ("mug-m", "Mug, medium", 1500, 6), ("mug-l", "Mug, large", 2400, 4))
"""SKU, name, price and pieces of each variant."""
PIECES = sum(pieces for *_, pieces in MUGS)
FIRST, BETWEEN = 10 * 3600 + 20, 11 * 60
"""The first buyer comes at ten, the others every eleven minutes."""
TOO_MANY = 2_000
COUNTS_S = 120


def stock_up(till: OpenTill) -> None:
    """The mugs are new in the shop, and on the shelf."""
    items = [_item(sku, name, price) for sku, name, price, _ in MUGS]
    till.journal.record(lambda _: [Draft(item) for item in items]).result()
    till.stock_room.receive([Came(sku, pieces * 1000) for sku, _, _, pieces in MUGS]).result()


def wait_until_known(owner: Owner) -> None:
    """Until the cloud has counted the last of them, behind all of the shop's history."""
    until = time.monotonic() + COUNTS_S
    while MUGS[-1][1] not in owner.page("/catalogue?find=Mug")[1]:
        if time.monotonic() > until:
            raise StepFailedError(f"the cloud has not counted the shop's items within {COUNTS_S} s")
        time.sleep(0.3)


def _item(sku: str, name: str, price: int) -> ItemSet:
    return ItemSet(
        sku=sku,
        item="mugs",
        name=name,
        category="Drops",
        price=price,
        rate=2000,
        codes=(sku,),
        pack=1000,
        pack_cost=price * 4 // 10,
        supplier="",
        shelf_life_days=None,
        from_at=0,
    )


def plan(owner: Owner, day: date) -> Iterator[tuple[str, str]]:
    """The owner says what is on the account, asks for too many, and plans what fits; (what, figure) lines."""
    monday = day - timedelta(days=1)
    owner.form("/cash/entry", {"kind": "balance", "date": monday.isoformat(), "amount": "2500.00"})
    due = {"kind": "rent", "date": (day + timedelta(days=3)).isoformat(), "amount": "600.00", "name": "Rent"}
    owner.form("/cash/entry", due)
    status, words = owner.form("/drops/plan", _form(day, TOO_MANY))
    refused = re.search(r"Not planned: with .*?\. What binds is .*? fits?\.", words)
    if status != 422 or not refused:
        raise StepFailedError(f"a drop of {TOO_MANY} more mugs was not refused")
    yield "a drop that the cash does not bear, refused", refused[0].removeprefix("Not planned: ")
    status, words = owner.form("/drops/plan", _form(day, 0))
    sizes = re.findall(r"(Careful|Best|Bold): (\d+) pieces?", words)
    cash = re.search(r"Cash: (.*? on the lowest day, \w+ \d+ \w+ \d+)", words)
    if status != 200 or len(sizes) != 3 or not cash:
        raise StepFailedError("the drop could not be planned")
    yield "three sizes for the drop", ", ".join(f"{name.lower()} {pieces}" for name, pieces in sizes)
    yield "the day of cash that binds it", cash[1]


def _form(day: date, more: int) -> dict[str, str]:
    start = datetime.combine(day, datetime.min.time()) + timedelta(hours=10)
    form = {"name": "Mugs, spring glaze", "product": "Mugs", "cap": "2", "low": "15", "likely": "24", "high": "45"}
    form |= {"start": start.isoformat()[:16], "end": (start + timedelta(hours=10)).isoformat()[:16]}
    for number, (sku, _, _, pieces) in enumerate(MUGS, 1):
        form |= {f"sku{number}": sku, f"units{number}": str(pieces + more)}
    return {**form, "salvage_percent": "50"}


def buyers() -> Iterator[Step]:
    """One buys a mug every eleven minutes, until there are none."""
    wanted = [sku for sku, _, _, pieces in MUGS for _ in range(pieces)]
    for place in range(PIECES):
        second = FIRST + place * BETWEEN
        yield Step(0, second, "scan", (wanted[place * 7 % PIECES],))
        yield Step(0, second, "pay", ("cash",))


def close(till: OpenTill) -> None:
    """At the close of the window."""
    till.drops.tick()


def is_told_alike(till: OpenTill, owner: Owner) -> bool:
    """Whether till and owner's page say the same of the drop: what was wanted, and the next size."""
    found, following = _at_till(till)
    _, page = owner.page(f"/drops/{found.drop.drop}")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
    return f"{found.wanted} were wanted" in text and f"Best: {following.pieces} pieces" in text


def result(till: OpenTill) -> Iterator[tuple[str, str]]:
    """What the drop came to and the next size."""
    (found, following), shop = _at_till(till), till.reading.shop()
    yield "the drop sold out", f"{found.sold} sold, {told(_out(found), shop.zone if shop else 'UTC')}, cloud away"
    yield "its true demand, estimated", f"{found.wanted} pieces, profit {found.profit / 100:.2f} GBP"
    parts = ", ".join(f"{part.sku} {pieces}" for part, pieces in zip(found.parts, following.parts, strict=True))
    yield "the next size, till and owner's page alike", f"{following.pieces} ({parts})"


def _at_till(till: OpenTill) -> tuple[Report, Candidate]:
    with till.journal.reading() as memory:
        (found,) = reports_of(memory)
        return found, next_size(memory, found.drop, till.clock.now()).best


def _out(found: Report) -> int:
    if found.sold != PIECES or not found.out_at:
        raise StepFailedError(f"{found.sold} mugs of {PIECES} were sold")
    return found.out_at
