"""What is expected to come to a shop's account and to go from it, as dated flows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from edge_agent.rules.calendar import weekday
from edge_agent.rules.cash_ledger import Flow
from edge_agent.rules.drop import Demand, split
from edge_agent.rules.money import divided
from edge_agent.rules.payout import CARD, Rule, vat_due
from edge_agent.rules.tax import tax_on

WEEK = 7
WEEKS = 8
LONGEST_DAYS = 90
"""Card money of so long before the balance may still be on its way."""
REFUND_DAYS = 14
"""What comes back of a drop is given back so long after its money came."""
LOW_LEVEL = 0.1


@dataclass(frozen=True)
class Taken:
    """A day's takings in minor units."""

    cash: int = 0
    card: int = 0

    def less(self, amount: int) -> "Taken":
        """Without so much of it, in the proportion of cash and card; never below 0."""
        whole = self.cash + self.card
        kept = max(0, whole - amount)
        return Taken(divided(self.cash * kept, whole), divided(self.card * kept, whole)) if whole > 0 else self


@dataclass(frozen=True)
class Due:
    """An order: net cost, its tax, the ordinal day on which it is paid for, and the one on which it arrives (0: the
    same); the supplier's id, and the number that stands on the order."""

    order: str
    day: int
    net: int
    tax: int
    name: str
    arrives: int = 0
    supplier: str = ""
    number: str = ""


@dataclass(frozen=True)
class Lot:
    """A drop as the account sees it: pieces, what one costs (net, and the tax on it) and brings (gross), the day its
    goods are paid for, the day its money is there, and what its window is believed to want. Of what sells the share
    `back` comes back, and costs `handling` a piece on top of what is given back; of a piece that stays sold its
    creators get `shared`, on day `shared_on`."""

    drop: str
    name: str
    pieces: int
    cost: int
    tax: int
    price: int
    paid: int
    lands: int
    demand: Demand
    back: float = 0.0
    handling: int = 0
    shared: int = 0
    shared_on: int = 0

    @property
    def sold(self) -> float:
        """Pieces expected to sell."""
        return self.pieces - self.demand.left_over(self.pieces)

    @property
    def volume(self) -> int:
        """What the float counts it with: the cost of what is expected to sell, with its tax until reclaimed."""
        return round(self.sold * (self.cost + self.tax))

    def flows(self) -> list[Flow]:
        """What is paid for it, and what it brings; in the low case what one drop in ten does not reach."""
        least = min(self.pieces, self.demand.size(LOW_LEVEL))
        goods = Flow(f"drop {self.drop}", self.paid, -self.pieces * (self.cost + self.tax), "drop", self.name)
        brings = Flow(
            f"drop {self.drop} sold",
            self.lands,
            round(self.sold * self.price),
            "payout",
            self.name,
            least=least * self.price,
        )
        found, shared = [goods, brings], round(self.sold * (1 - self.back) * self.shared)
        if shared:
            found.append(Flow(f"drop {self.drop} shared", self.shared_on, -shared, "bill", f"{self.name}: creators"))
        returned = round(self.sold * self.back * (self.price + self.handling))
        if not returned:
            return found
        refunds = Flow(f"drop {self.drop} back", self.lands + REFUND_DAYS, -returned, "refund", f"{self.name}: refunds")
        return [*found, refunds]


def usual(past: Mapping[int, Taken], last: int) -> list[Taken]:
    """What a weekday takes (Monday first), by the last eight weeks up to day `last`; a shop that is younger than that
    by the weeks it has."""
    first = max(min(past, default=last), last - WEEKS * WEEK + 1)
    found = []
    for place in range(WEEK):
        days = [day for day in range(first, last + 1) if weekday(day) == place]
        rows = [past.get(day, Taken()) for day in days]
        many = max(len(rows), 1)
        found.append(Taken(divided(sum(row.cash for row in rows), many), divided(sum(row.card for row in rows), many)))
    return found


def takings(
    past: Mapping[int, Taken],
    first: int,
    days: int,
    today: int,
    *,
    weekdays: Sequence[Taken] = (),
    card: Rule = CARD,
) -> list[Flow]:
    """From the day after the balance: what was taken is known, what will be is expected (as `weekdays`, else as in
    `past`); card money lands later by its rule, also that of days before the balance."""
    weekdays = weekdays or usual(past, today - 1)
    found = []
    for day in range(first - LONGEST_DAYS, first + days):
        known = day < today
        one = past.get(day, Taken()) if known else weekdays[weekday(day)]
        if day >= first and one.cash:
            found.append(Flow(f"cash {day}", day, one.cash, "takings", "Cash sales", sold=not known))
        for place, (lands, net) in enumerate(card.parts(day, one.card)):
            if lands >= first:
                key = f"card {day} {place}" if place else f"card {day}"
                found.append(Flow(key, lands, net, "payout", "Card sales", sold=not known))
    return found


def orders(due: Iterable[Due]) -> list[Flow]:
    """What is ordered is paid, with its tax."""
    return [Flow(f"order {one.order}", one.day, -one.net - one.tax, "supplier", one.name) for one in due]


def reorders(weekly: int, due: Sequence[Due], first: int, days: int, *, later: int = 0, of: str = "") -> list[Flow]:
    """What a usual week sells is bought again in each week, less what is ordered for that week already, and paid
    `later` days after it came; `of` is the supplier's id."""
    found = []
    for start in range(first, first + days - later, WEEK):
        ordered = sum(one.net + one.tax for one in due if start <= (one.arrives or one.day) < start + WEEK)
        if weekly > ordered:
            key, pays = f"reorders {of} {start}", start + WEEK - 1 + later
            found.append(Flow(key, pays, ordered - weekly, "reorder", "Expected reorders"))
    return found


def vat(past_tax: Mapping[int, int], daily_tax: int, today: int, last: int) -> list[Flow]:
    """Tax of each quarter that is due up to day `last`: as receipts and invoices say it, and for days to come as usual.
    What is to be reclaimed is not counted on before it comes."""
    found = []
    for first, end in _quarters(today, last):
        known = sum(tax for day, tax in past_tax.items() if first <= day <= end)
        coming = daily_tax * max(0, end - max(first, today) + 1)
        if known + coming > 0:
            found.append(Flow(f"vat {vat_due(end)}", vat_due(end), -known - coming, "vat", "VAT"))
    return found


def _quarters(today: int, last: int) -> list[tuple[int, int]]:
    """(first, last day) of calendar quarters whose tax is due from today to `last`."""
    day, found = date.fromordinal(today), list[tuple[int, int]]()
    year, quarter = day.year - 1, 0
    while True:
        begins = date(year + quarter // 4, 1 + 3 * (quarter % 4), 1).toordinal()
        after = date(year + (quarter + 1) // 4, 1 + 3 * ((quarter + 1) % 4), 1).toordinal()
        if vat_due(after - 1) > last:
            return found
        if vat_due(after - 1) >= today:
            found.append((begins, after - 1))
        quarter += 1


def cost_of(pieces: int, shares: Sequence[float], costs: Sequence[int], rates: Sequence[int]) -> tuple[int, int]:
    """(net, tax) in minor units of one piece as the variants mix, rounded to whole units of a piece."""
    if not pieces:
        return 0, 0
    parts = split(pieces, shares)
    net = sum(many * cost for many, cost in zip(parts, costs, strict=True))
    tax = sum(tax_on(many * cost, rate) for many, cost, rate in zip(parts, costs, rates, strict=True))
    return divided(net, pieces), divided(tax, pieces)
