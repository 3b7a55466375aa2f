"""What happens in the shop of the experiment, day after day: its drops, its hub, what is paid and when."""

import re
from datetime import date, timedelta

from cloud_sync import drops
from cloud_sync.hubs.book import Shelf
from edge_agent.rules.money import written
from scripts.ninety.books import half_up, quarter_of
from scripts.ninety.counter import CLOSES, Counters
from scripts.ninety.goods import GOODS, MUGS
from scripts.ninety.papers import FRIDAY, SATURDAY, Bill, Launch, iso, told

WAGES, RENT = 45_000, 60_000
BOILER = 5_000_000
DROP = {"mug-s": 14, "mug-m": 9, "mug-l": 7}
AT_HUB = {"mug-s": 20, "mug-m": 12, "mug-l": 8}
PIECE_ML = 1_200
CREATOR = 1_000
"""Basis points of the first drop."""
STEPS = 6


class Course(Counters):
    """Plays days."""

    def play(self, day: int) -> None:
        """One day from the morning's goods to the evening's orders."""
        weekday = date.fromordinal(day).weekday()
        self.at(day, 7 * 60 + 30)
        self._goods(day)
        if day == self.starts:
            self._begins(day)
        if weekday == 0:
            self._monday(day)
        self._owners_day(day, weekday)
        event = day >= self.starts and self.week_of(day) == self.event_week and weekday == SATURDAY
        if event:
            self._goes_out()
        self._customers(day, away=event)
        if event:
            self._comes_back()
        self.at(day, CLOSES + 30)
        if weekday == 1 and self.week_of(day) == self.sample_week:
            self._samples(day)
        self._returns(day)
        if launch := next((one for one in self.launches if one.last == day), None):
            self._closes(launch)
        if weekday in (0, 3):
            self._orders()

    def _begins(self, day: int) -> None:
        fields = {"name": "Mugs for a season", "product": "Mugs", "date": iso(day)}
        self.form("/experiment", fields | {f"sku{place}": sku for place, sku in enumerate(MUGS, 1)})
        self.form("/hubs/place", {"lat": "51.5074", "lon": "-0.1278"})
        card = {"hub": "north", "name": "North hub", "lat": "51.6214", "lon": "0.0013", "adapter": "rest"}
        card |= {"url": self.hub.url, "cutoff": "15:00", "transit": "1", "piece_ml": str(PIECE_ML)}
        rates = {"litre_day": "0.018", "pick": "1.10", "mile": "2.50", "pack": "0.30"}
        self.form("/hubs/card", card | rates)
        self.form("/hubs/north/ask", {})
        self.hub_days[day] = sum(self.hub.stock.values())

    def _monday(self, day: int) -> None:
        """Wages and rent of the week; what is planned for it."""
        self.entry("wages", day + FRIDAY, WAGES, "Wages")
        self.books.moved[day + FRIDAY] -= WAGES
        for rent in (one for one in range(day, day + 7) if date.fromordinal(one).day == 1):
            self.entry("rent", rent, RENT, "Rent")
            self.books.moved[rent] -= RENT
        if day < self.starts:
            return
        week = self.week_of(day)
        if week == self.refused_week:
            self._is_refused(day)
        if week in self.drop_weeks:
            self._plans(day + FRIDAY)
        if week == self.event_week:
            fields = {"name": "Harbour market", "date": iso(day + SATURDAY), "kind": "night market"}
            self.form("/popups/plan", fields)

    def _owners_day(self, day: int, weekday: int) -> None:
        launch = next((one for one in self.launches if one.first - 1 == day), None)
        if launch:
            self.shop.brings(self.shop.tills[0], list(DROP.items()))
            self.books.stock.update(DROP)
            self.shop.settle()
        if weekday == 2 and day >= self.starts and sum(self.hub.stock.values()) > len(MUGS):
            self._ships(day)
        if date.fromordinal(day).day == 1 and self.hub_days:
            self._hubs_bill(day)
        name, begins, ends = quarter_of(day - 40)
        if (date.fromordinal(day).month, date.fromordinal(day).day) in ((5, 7), (8, 7), (11, 7), (2, 7)):
            owed = self.books.boxes(begins, ends)["5"]
            if owed > 0:
                self.entry("vat", day, owed, f"VAT {name}")
                self.books.moved[day] -= owed

    def _drop_form(self, friday: int, each: int) -> dict[str, str]:
        form = {"name": f"Mugs {len(self.launches) + 1}", "product": "Mugs", "cap": "2", "salvage_percent": "50"}
        form |= {"low": "15", "likely": "30", "high": "60"}
        form |= {"start": f"{iso(friday)}T10:00", "end": f"{iso(friday + 2)}T18:00"}
        for place, (sku, pieces) in enumerate(DROP.items(), 1):
            form |= {f"sku{place}": sku, f"units{place}": str(pieces * each)}
        return form

    def _is_refused(self, day: int) -> None:
        """A boiler is to be paid: the drop of that week does not fit, and the page says what binds."""
        due, planned = day + 10, len(self.launches)
        self.entry("bill", due, BOILER, "Boiler")
        status, words = self.shop.owner.form("/drops/plan", self._drop_form(day + FRIDAY, 1))
        said = re.search(r"Not planned: with .*? fits?\.", words)
        binds = f"What binds is Boiler, £{BOILER / 100:,.2f} on {told(due)}"
        if status != 422 or said is None or binds not in said[0]:
            self.wrong.append(f"a drop beside the boiler was answered {status}: {words[:200]}")
        with self.shop.reading() as session:
            if len(drops.drops(session, **self.shop.where)) != planned:
                self.wrong.append("the drop that was refused is planned")
        self.told.append(said[0] if said else "")
        self.entry("bill", due, BOILER, "Boiler", gone=True)

    def _plans(self, friday: int) -> None:
        form, creator = self._drop_form(friday, 1), not self.launches
        launch = Launch(form["name"], friday, creator)
        self.form("/drops/plan", form | ({"creators": "Ana Lund 10 %"} if creator else {}))
        with self.shop.reading() as session:
            every = drops.drops(session, **self.shop.where)
        launch.id = next(one.drop for one in every if one.name == launch.name)
        self.launches.append(launch)
        self.shop.settle(rounds=1)

    def _closes(self, launch: Launch) -> None:
        """Both tills close it; its maker was paid on its first day; the page says what it came to."""
        self.shop.settle(rounds=1)
        for till in self.shop.tills:
            till.drops.tick()
        self.shop.settle()
        net = sum(GOODS[sku].cost * pieces for sku, pieces in DROP.items())
        bill = Bill("potter", launch.name, launch.first, launch.first, net, half_up(net * 20, 100))
        self.invoice(bill)
        self.invoice(bill, paid=bill.due)
        _, words = self.shop.owner.page(f"/drops/{launch.id}")
        if f"{launch.pieces} sold, " not in words:
            self.wrong.append(f"{launch.name}: {launch.pieces} sold by the books, the page says {words[150:400]}")
        self.told.append(f"{launch.name}: {launch.pieces} of {sum(DROP.values())} sold")

    def _ships(self, day: int) -> None:
        sku = max(AT_HUB, key=lambda one: self.hub.stock[one])
        self.form("/hubs/north/send", {"sku": sku, "pieces": "1", "reference": f"h{day}"})
        for _ in range(5):
            if self.hub.parcels.get(f"h{day}") and self.hub.parcels[f"h{day}"].state == "shipped":
                break
            self.form("/hubs/north/order", {"reference": f"h{day}", "act": "again"})
        self.form("/hubs/north/order", {"reference": f"h{day}", "act": "again"})
        self.form("/hubs/north/ask", {})
        self.hub_orders.append(day)
        self.hub_days[day] = sum(self.hub.stock.values())
        price = GOODS[sku].price
        self.entry("fulfilled", day, price, "bazaar")
        self.books.moved[day + 7] += price
        if self.hub.left != len(self.hub_orders):
            self.wrong.append(f"{len(self.hub_orders)} orders at the hub, {self.hub.left} pieces left it")

    def _hubs_bill(self, first: int) -> None:
        """The month before, by the tariff as the rig reads it."""
        begins = (date.fromordinal(first) - timedelta(days=1)).replace(day=1).toordinal()
        before = [day for day in self.hub_days if day < begins]
        held, litre_days = self.hub_days[max(before)] if before else 0, 0
        for day in range(begins, first):
            held = self.hub_days.get(day, held)
            litre_days += held * PIECE_ML
        many = sum(begins <= day < first for day in self.hub_orders)
        net = half_up(litre_days * 18, 10_000) + many * (110 + 250 + 30)
        with self.shop.reading() as session:
            theirs = sum(Shelf(session, **self.shop.where).accrual("north", begins, first - 1).values())
        if theirs != net:
            self.wrong.append(f"the hub's month to {iso(first)}: {net} by the books, {theirs} in the cloud")
        self.invoice(Bill("north", f"H-{first}", first, first + 13, net, half_up(net * 20, 100)))

    # The week's end, before what the owner says of it.

    def pays(self, day: int) -> None:
        """What was due up to the day before is paid, and said so; so are creators."""
        for bill in [one for one in self.bills if one.due < day]:
            self.bills.remove(bill)
            if bill.supplier != "potter":
                self.invoice(bill, paid=bill.due)
        for launch in (one for one in self.launches if one.creator and one.last + 14 < day):
            launch.creator = False
            due, later = launch.last + 14, [one.first for one in self.launches if one.first > launch.last]
            until = min([due, *(first - 1 for first in later)])
            owed = sum(self._share(launch, sku, until) for sku in MUGS)
            self.books.moved[due] -= owed
            self.told.append(f"{launch.name}: {written(owed)} to its creator")

    def _share(self, launch: Launch, sku: str, until: int) -> int:
        gone = sum(
            amount for (day, one), amount in self.mug_back.items() if one == sku and launch.first <= day <= until
        )
        whole, rest = divmod((launch.sold[sku] - gone) * CREATOR, 10_000)
        return whole + (2 * rest > 10_000)

    def steps(self) -> int:
        """What the page should say of the steps on a Monday of the experiment."""
        closed = any(one.last < self.shop_day() for one in self.launches)
        return 3 + bool(self.ordered) + closed + self.event_over
