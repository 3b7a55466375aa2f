"""What the rig of the experiment keeps on paper: its books, what it saw wrong, and forms sent to the owner's pages."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from edge_agent.opening import OpenTill
from edge_agent.rules.day import local
from edge_agent.rules.money import written
from scripts.hub_ import Simulator
from scripts.ninety.books import Books
from scripts.ninety.goods import EVERYDAY
from scripts.ninety.shop import OPENING, ZONE, NinetyShop

OPENING_BALANCE = 1_200_000
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6


@dataclass
class Bill:
    """An invoice that is to be paid."""

    supplier: str
    number: str
    day: int
    due: int
    net: int
    tax: int
    order: str = ""


@dataclass
class Launch:
    """A drop as the rig sees it: its first and last day, and minor units sold and given back by SKU and day."""

    name: str
    first: int
    creator: bool
    id: str = ""
    sold: Counter[str] = field(default_factory=Counter)
    pieces: int = 0

    @property
    def last(self) -> int:
        return self.first + SUNDAY - FRIDAY


class Papers:
    """A shop, its books, and the owner who fills in forms; what is wrong on the way stands in `wrong`."""

    def __init__(self, shop: NinetyShop, hub: Simulator, seed: int, first: int, starts: int, weeks: int) -> None:
        self.shop, self.hub, self.chance = shop, hub, random.Random(seed)
        self.first, self.starts, self.books = first, starts, Books()
        self.wrong, self.told, self.done = list[str](), list[str](), Counter[str]()
        self.single: list[tuple[OpenTill, int, int, str, int, str]] = []
        self.bills: list[Bill] = []
        self.launches: list[Launch] = []
        self.mug_back: Counter[tuple[int, str]] = Counter()
        self.hub_days: dict[int, int] = {}
        self.hub_orders: list[int] = []
        self.ordered, self.event_over = 0, False
        whole = weeks >= 12
        self.drop_weeks: tuple[int, ...] = (2, 5, 9) if whole else (1,)
        self.refused_week, self.event_week, self.sample_week = (7, 10, 3) if whole else (0, 2, 0)
        self.books.stock.update({one.sku: OPENING for one in EVERYDAY})
        self.books.moved[first - 1] = OPENING_BALANCE
        self.entry("balance", first - 1, OPENING_BALANCE)

    def at(self, day: int, minute: int) -> None:
        self.shop.at(day, minute)
        self.shop.owner.away()

    def week_of(self, day: int) -> int:
        """Of the experiment; below 0 before it."""
        return (day - self.starts) // 7

    def launch_on(self, day: int) -> Launch | None:
        return next((one for one in self.launches if one.first <= day <= one.last and one.id), None)

    def shop_day(self) -> int:
        """The ordinal day that it is in the shop."""
        return local(self.shop.clock.now(), ZONE).toordinal()

    def form(self, path: str, fields: dict[str, str]) -> str:
        """Send a form that must be taken; the words of the page behind it."""
        status, words = self.shop.owner.form(path, fields)
        if status != 200:
            raise RuntimeError(f"{path}: {status}, {words[:300]}")
        return words

    def entry(self, kind: str, day: int, amount: int, name: str = "", *, gone: bool = False) -> None:
        fields = {"kind": kind, "date": iso(day), "amount": written(amount), "name": name}
        self.form("/cash/entry", fields | ({"gone": "yes"} if gone else {}))

    def invoice(self, bill: Bill, paid: int = 0) -> None:
        """Enter it; with the day on which it was paid, the bank moves."""
        fields = {"supplier": bill.supplier, "number": bill.number, "date": iso(bill.day), "due": iso(bill.due)}
        fields |= {"net": written(bill.net), "vat": written(bill.tax), "order": bill.order}
        self.form("/vat/invoice", fields | ({"paid": iso(paid)} if paid else {}))
        if not paid:
            self.bills.append(bill)
            self.books.invoice(bill.day, bill.net, bill.tax, bill.due)


def iso(day: int) -> str:
    return date.fromordinal(day).isoformat()


def told(day: int) -> str:
    one = date.fromordinal(day)
    return f"{one:%a} {one.day} {one:%b %Y}"
