"""The counter of the experiment's shop: customers, mugs while there are any, returns, samples, the event's stand."""

from cloud_sync import popups
from edge_agent.counter.refunding import original
from edge_agent.errors import BadInput
from edge_agent.opening import OpenTill
from edge_agent.rules.money import written
from edge_agent.rules.refund import Back
from edge_agent.rules.sale import Tendered
from scripts.ninety.books import half_up
from scripts.ninety.goods import EVERYDAY, GOODS, MUGS, TERMS
from scripts.ninety.papers import Bill, Launch, Papers
from scripts.ninety.shop import PATIENCE_S

OPENS, CLOSES = 8 * 60, 19 * 60


class Counters(Papers):
    """What is done at the two tills."""

    def _goods(self, day: int) -> None:
        till = self.shop.tills[0]
        for order in till.reading.orders(("approved", "sent")):
            if order.arrives_at <= self.shop.clock.now():
                till.stock_room.receive_as_ordered(order.key).result(PATIENCE_S)
                costs = [(GOODS[line.sku], line.qty // 1000) for line in order.lines if line.qty]
                net = sum(good.cost * pieces // good.pack for good, pieces in costs)
                tax = sum(half_up(good.cost * pieces // good.pack * good.rate, 100) for good, pieces in costs)
                for good, pieces in costs:
                    self.books.stock[good.sku] += pieces
                due = day + TERMS[order.supplier]
                self.invoice(Bill(order.supplier, f"I-{order.number}", day, due, net, tax, order.number))
                self.done["deliveries"] += 1

    def _customers(self, day: int, *, away: bool) -> None:
        launch, after = self.launch_on(day), day >= self.starts
        many, minutes = self.chance.randint(8, 14), list[int]()
        minutes = sorted(self.chance.randrange(OPENS, CLOSES) for _ in range(many))
        for minute in minutes:
            self.shop.at(day, minute)
            till = self.shop.tills[0] if away else self.chance.choice(self.shop.tills)
            self._sale(till, day, self._basket(after=after))
        if launch:
            hours = range(18, 0, -1) if day == launch.last else range(28, 0, -1)
            for minute in sorted(self.chance.randrange(10 * 60 + 1, 17 * 60 + 59) for _ in hours):
                self.shop.at(day, minute)
                self._wants_a_mug(day, launch)

    def _basket(self, *, after: bool) -> list[tuple[str, int]]:
        lines = [(one.sku, self.chance.randint(1, 3)) for one in EVERYDAY if self.chance.random() < 0.5]
        if self.chance.random() < (0.5 if after else 0.2):
            lines = [line for line in lines if line[0] != "candle"] + [("candle", 2)]
        return lines or [("tea", 1)]

    def _sale(self, till: OpenTill, day: int, lines: list[tuple[str, int]]) -> None:
        tender = self.chance.choice(("cash", "card", "card"))
        receipt, total = self.shop.sell(till, lines, tender)
        mine = self.books.sells(day, lines, tender)
        if mine != total:
            self.wrong.append(f"receipt {receipt} of {till.data.name}: {mine} by the books, {total} at the till")
        if len(lines) == 1:
            self.single.append((till, receipt, day, *lines[0], tender))
        self.done["sales"] += 1

    def _wants_a_mug(self, day: int, launch: Launch) -> None:
        sku = self.chance.choices(MUGS, (55, 27, 18))[0]
        for till in self.chance.sample(self.shop.tills, 2):
            try:
                self._sale(till, day, [(sku, 1)])
            except BadInput:
                continue
            launch.sold[sku] += GOODS[sku].price
            launch.pieces += 1
            return
        self.done["sold out"] += 1

    def _returns(self, day: int) -> None:
        """Now and then a sale of one thing comes back whole, to the till that sold it."""
        late = [one for one in self.single if day - 20 <= one[2] < day]
        if not late or self.chance.random() > 0.35:
            return
        chosen = self.chance.choice(late)
        self.single.remove(chosen)
        till, receipt, _day, sku, pieces, tender = chosen
        goes = "shelf" if self.chance.random() < 0.7 else "damaged"
        known = original(till.reading, receipt)
        way = "card" if tender == "card" else "cash"
        back = Back(0, 1000 * pieces, "shelf" if goes == "shelf" else "damaged", "unwanted")
        till.refunding.give_back(known, [back], "card" if way == "card" else "cash").result(PATIENCE_S)
        gross = self.books.takes_back(day, sku, pieces, tender, shelf=goes == "shelf")
        if sku in MUGS:
            self.mug_back[day, sku] += gross
        self.done["returns"] += 1

    def _samples(self, day: int) -> None:
        """Four are given away; one code is used."""
        till = self.shop.tills[0]
        handed = [till.samples.give("tea", 1000).result(PATIENCE_S) for _ in range(4)]
        self.books.stock["tea"] -= len(handed)
        till.selling.scan("candle", 1000)
        till.selling.use_sample(handed[0].sample, 100 * till.settings.samples.percent)
        price, total = GOODS["candle"].price, till.selling.sale.total
        off = half_up(price * till.settings.samples.percent, 100)
        till.paying.pay(till.selling.sale, [Tendered("cash", total)]).result(PATIENCE_S)
        till.selling.clear()
        if self.books.sells(day, [("candle", 1)], "cash", off) != total:
            self.wrong.append(f"a sample's code took {price - total} off {price}")
        self.done["samples"] += len(handed)

    def _orders(self) -> None:
        self.shop.settle(rounds=1)
        self.shop.decides(self.shop_day())
        self.shop.settle(self.shop.tills[0], rounds=1)
        sent = self.shop.approves()
        self.shop.sync(self.shop.tills[0])
        self.done["orders"] += sent
        self.ordered += sent if self.shop_day() >= self.starts else 0

    # The event.

    def _goes_out(self) -> None:
        """Twelve of each everyday good go to the stand, whose till hears of nobody all day; eight visitors buy."""
        shop, there = self.shop.tills
        self.shop.settle(rounds=1)
        with self.shop.reading() as session:
            (self.popup,) = [one.popup for one in popups.popups(session, **self.shop.where)]
        (box,) = shop.popups.send(self.popup, [(one.sku, 12_000) for one in EVERYDAY]).result(PATIENCE_S)
        self.shop.settle()
        day = self.shop_day()
        there.popups.open(self.popup).result(PATIENCE_S)
        transfer = str(getattr(box.body, "transfer", ""))
        there.popups.receive(transfer, {one.sku: 12_000 for one in EVERYDAY}).result(PATIENCE_S)
        there.popups.visitors(60, 24).result(PATIENCE_S)
        self.event_took = 0
        for minute in range(600, 1_080, 60):
            self.shop.at(day, minute)
            before = self.books.days[day].total
            self._sale(there, day, [(self.chance.choice(EVERYDAY).sku, 1)])
            self.event_took += self.books.days[day].total - before

    def _comes_back(self) -> None:
        shop, there = self.shop.tills
        left = {sku: qty for sku, qty in there.reading.tally_here().there.items() if qty}
        (box,) = there.popups.send(self.popup, sorted(left.items())).result(PATIENCE_S)
        there.popups.close().result(PATIENCE_S)
        self.shop.settle()
        shop.popups.receive(str(getattr(box.body, "transfer", "")), left).result(PATIENCE_S)
        self.shop.settle()
        self.shop.owner.away()
        _, words = self.shop.owner.page(f"/popups/{self.popup}")
        if f"£{self.event_took / 100:,.2f} taken in 8 sales" not in words or "24 of 60" not in words:
            self.wrong.append(f"the event took {self.event_took} by the books, the page says {words[150:500]}")
        self.event_over = True
        self.told.append(f"the event: 8 sales of 60 visitors, {written(self.event_took)}")
