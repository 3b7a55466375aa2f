"""An owner's shop for the pages: two tills, eight weeks of sales, two orders to decide, all through the real ingest."""

import copy
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlmodel import select

from cloud_sync.accounts.owners import set_password
from cloud_sync.accounts.rights import Role
from cloud_sync.tables.accounts import Owner
from edge_agent.rules.calendar import calendar_of, next_cutoffs
from edge_agent.rules.day import DAY_MS, HOUR_MS
from edge_agent.rules.forecast import Forecast
from edge_agent.rules.order import Heading, moments, proposal
from edge_agent.rules.plan import hours_of
from edge_agent.rules.reorder import Policy, Snapshot, Terms, decide
from edge_agent.wire.envelope import Contract
from edge_agent.wire.events import kind_of
from edge_agent.wire.events.catalogue import ItemSet, ShopSet, SupplierSet
from edge_agent.wire.events.reorder import ReorderDecided
from edge_agent.wire.events.sales import SaleCompleted, SoldLine, TaxTotal, Tender
from edge_agent.wire.events.stock import CountedLine, StockCounted
from tests.cloud import EMAIL, Cloud, FakeTill, serving
from tests.shop import NORTH, SHOP, TUESDAY_14

TODAY = 739_678
"""The business day of the scene, Tuesday 3 March 2026."""
OWN = "a crate of oat milk"
BAKEHOUSE = NORTH.model_copy(
    update={"supplier": "bake", "name": "Bakehouse", "cutoff": 1050, "lead_days": 1, "order_days": (1, 3, 5)}
)
SHARES = (0,) * 9 + (1000,) * 10 + (0,) * 5


@dataclass(frozen=True)
class Good:
    """An item of the scene: pieces on the shelf, pieces that sell on a day."""

    sku: str
    name: str
    price: int
    left: int
    daily: int
    pack: int = 6
    supplier: str = "north"
    rate: int = 0
    life: int | None = None

    def item(self) -> ItemSet:
        return ItemSet(
            sku=self.sku,
            item="",
            name=self.name,
            category="Grocery",
            price=self.price,
            rate=self.rate,
            codes=(),
            pack=self.pack * 1000,
            pack_cost=self.price * self.pack * 7 // 10,
            supplier=self.supplier,
            shelf_life_days=self.life,
            from_at=0,
        )

    def snapshot(self) -> Snapshot:
        made = self.item()
        terms = Terms(made.pack, made.pack_cost, made.price, made.rate, life_days=self.life or 0)
        return Snapshot(self.sku, on_hand=self.left * 1000, counted=True, terms=terms)

    def forecast(self) -> Forecast:
        days = tuple(self.daily * factor for factor in (800, 800, 900, 1000, 1400, 1600, 600)) * 4
        return Forecast(self.sku, TUESDAY_14, TODAY - 1, days, SHARES, 1400, "base", "")


GOODS = (
    Good("oat", "Oat milk 1 l", 185, 6, 9),
    Good("eggs", "Eggs, free range, 6", 265, 14, 7),
    Good("choc", "Milk chocolate 100 g", 129, 30, 6, pack=12, rate=2000),
    Good("soap", "Washing-up liquid 500 ml", 219, 3, 2, rate=2000),
    Good("sour", "Sourdough 800 g", 340, 0, 12, pack=4, supplier="bake", life=3),
    Good("bun", "Cinnamon bun", 195, 11, 14, pack=8, supplier="bake", life=2),
    Good("tea", "Breakfast tea, 80 bags", 325, 60, 2),
)


@dataclass
class Scene:
    """A cloud with the scene in it, and the password of its owner."""

    cloud: Cloud
    till: FakeTill
    orders: dict[str, ReorderDecided]
    password: str = OWN

    def browser(self) -> httpx.Client:
        """A browser at the door, not signed in."""
        return httpx.Client(base_url=self.cloud.url, timeout=20, trust_env=False)

    @contextmanager
    def owner(self, email: str = EMAIL, *, remember: str = "") -> Iterator[httpx.Client]:
        """A browser that is signed in, and remembered if it shall be."""
        with self.browser() as browser:
            answer = browser.post("/sign-in", data={"email": email, "password": self.password, "remember": remember})
            assert answer.status_code == 303, answer.text
            yield browser

    def order(self, supplier: str) -> ReorderDecided:
        return self.orders[supplier]


def says(till: FakeTill, *bodies: Contract) -> None:
    """Write bodies as the till's next lines."""
    for body in bodies:
        kind, v = kind_of(body)
        till.says(kind, body.model_dump(mode="json"), v=v)


def sale(day: int, receipt: int, *goods: Good, qty: int = 1) -> SaleCompleted:
    """A sale of `qty` pieces of each, in cash, VAT as the till would have it."""
    lines = [(good, good.price * qty) for good in goods]
    rates = sorted({good.rate for good in goods})
    gross = {rate: sum(cost for good, cost in lines if good.rate == rate) for rate in rates}
    total = sum(gross.values())
    return SaleCompleted(
        receipt=receipt,
        day=day,
        currency="GBP",
        lines=tuple(
            SoldLine(
                sku=good.sku, name=good.name, qty=qty * 1000, price=good.price, gross=cost, rate=good.rate,
                tax=vat(cost, good.rate),
            )
            for good, cost in lines
        ),
        total=total,
        taxes=tuple(TaxTotal(rate=rate, gross=gross[rate], tax=vat(gross[rate], rate)) for rate in rates),
        tenders=(Tender(kind="cash", amount=total, given=total),),
        change=0,
    )  # fmt: skip


def vat(gross: int, rate: int) -> int:
    return round(gross * rate / (10_000 + rate))


def order(
    supplier: SupplierSet, goods: Sequence[Good], *, revision: int = 1, now: int = TUESDAY_14, shop: ShopSet = SHOP
) -> ReorderDecided:
    """What a till proposes to that supplier for the cycle that is open."""
    moment = moments(next_cutoffs(calendar_of(supplier), shop.zone, now, 20), now)[0]
    policy = Policy(hours_of(shop), floor=9_500)
    found = [decide(good.snapshot(), policy, good.forecast(), moment) for good in goods]
    heading = Heading(shop="s", supplier=supplier.supplier, revision=revision, saw={"a" * 32: revision}, trusted=True)
    return proposal(found, policy, moment, heading)


def history(till: FakeTill, weeks: int = 8) -> None:
    """Two receipts on the same weekday of each of the last weeks, more or less of them."""
    for week in range(1, weeks + 1):
        goods = GOODS[: 3 + week % 4]
        says(till, sale(TODAY - 7 * week, 2 * week, *goods, qty=9), sale(TODAY - 7 * week, 2 * week + 1, *goods, qty=6))


def today(till: FakeTill, receipts: int = 38) -> None:
    """Today's receipts."""
    for number in range(receipts):
        says(till, sale(TODAY, 100 + number, GOODS[number % 7], GOODS[(3 * number + 1) % 7]))


def sold(till: FakeTill) -> dict[str, int]:
    """What the till has sold so far: {SKU: milli-units}."""
    gone: dict[str, int] = {}
    for line in till.lines:
        for one in json.loads(line)["body"].get("lines", ()):
            if "gross" in one:
                gone[one["sku"]] = gone.get(one["sku"], 0) + one["qty"]
    return gone


def stocked(till: FakeTill, goods: Sequence[Good] = GOODS) -> None:
    """A count that makes the shelf what the scene says."""
    gone = sold(till)
    lines = tuple(
        CountedLine(sku=good.sku, counted=good.left * 1000, expected=-gone.get(good.sku, 0)) for good in goods
    )
    says(till, StockCounted(lines=lines, saw={till.journal: len(till.lines)}))


def opened(cloud: Cloud, goods: Sequence[Good] = GOODS, *, shop: ShopSet = SHOP, away: bool = True) -> Scene:
    """The whole scene: Till 1 is in touch; Till 2 (if `away`) was last heard three hours ago with 14 events waiting."""
    if away:
        _far_away(cloud, goods)
    return _filled(cloud, goods, shop)


def _far_away(cloud: Cloud, goods: Sequence[Good]) -> None:
    cloud.set_clock(TUESDAY_14 - 3 * HOUR_MS)
    second = FakeTill(cloud, "b" * 32, "Till 2")
    for number in range(14):
        says(second, sale(TODAY, 1 + number, goods[0]))
    second.open()
    second.close()


@contextmanager
def at_work(folder: Path, *, away: bool = True, database: str = "") -> Iterator[Scene]:
    """A cloud that serves the scene, from another's database by URL if one is given."""
    with serving(folder, database=database) as cloud:
        scene = opened(cloud, away=away)
        yield scene
        scene.till.close()


@contextmanager
def copied(scene: Scene, folder: Path) -> Iterator[Scene]:
    """The same in a folder of its own, to be changed; much faster than to fill another."""
    shutil.copytree(scene.cloud.clock_file.parent, folder, dirs_exist_ok=True)
    with serving(folder, shop=scene.cloud.shop) as cloud:
        till = copy.copy(scene.till)
        till.cloud, till.lines, till.hashes = cloud, [*till.lines], [*till.hashes]
        till.http = httpx.Client(base_url=cloud.url, timeout=20, trust_env=False, headers=scene.till.http.headers)
        yield Scene(cloud, till, scene.orders)
        till.close()


def _filled(cloud: Cloud, goods: Sequence[Good], shop: ShopSet) -> Scene:
    cloud.set_clock(TUESDAY_14)
    till = FakeTill(cloud)
    says(till, shop, NORTH, BAKEHOUSE, *(good.item() for good in goods))
    history(till)
    today(till)
    stocked(till, goods)
    mine = {name: [good for good in goods if good.supplier == name] for name in ("north", "bake")}
    orders = {"north": order(NORTH, mine["north"], shop=shop), "bake": order(BAKEHOUSE, mine["bake"], shop=shop)}
    says(till, *orders.values())
    till.sends()
    own_password(cloud)
    return Scene(cloud, till, orders)


def own_password(cloud: Cloud, email: str = EMAIL, password: str = OWN, role: Role = "owner") -> None:
    """An owner (or somebody of a lesser role) who has set his own password."""
    cloud.owner(email, role)
    with cloud.database.writing() as session:
        row = session.exec(select(Owner).where(Owner.email == email)).one()
        set_password(session, tenant=row.tenant, owner=row.owner, password=password)


def later(days: int) -> int:
    """So many days after the scene."""
    return TUESDAY_14 + days * DAY_MS
