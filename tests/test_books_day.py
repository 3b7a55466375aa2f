"""A shop's day with every exception, at random: its journal replays to the same X, Z, stock and cash, whatever the
clock said; in currencies of 0, 2 and 3 decimals, and over both clock changes of a year."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Literal, get_args

import apsw
import pytest

from edge_agent.counter.cards import Cards
from edge_agent.counter.refunding import in_exchange, original
from edge_agent.counter.reprints import Reprints
from edge_agent.counter.shift import Counted, standing
from edge_agent.errors import BadInput, DropshelfError
from edge_agent.journal.fold import fold_all, lay_out
from edge_agent.journal.reading import Reading
from edge_agent.rules.cash import rounded
from edge_agent.rules.closing import expected, tendered
from edge_agent.rules.day import moment
from edge_agent.rules.refund import Back, Onto, Way
from edge_agent.rules.sale import Load, Tendered
from edge_agent.rules.stored import Card
from edge_agent.wire.events.cards import CardResult
from edge_agent.wire.events.catalogue import ShopSet
from edge_agent.wire.events.sales import TenderKind
from edge_agent.wire.events.shift import Totals
from tests.shop import SHOP, TUESDAY_14, record, seeded_ids
from tests.test_stored import ANA, GuestDesk, gift, tender

SKUS = ("milk", "bread", "choc")
DAY_MS, MINUTE_MS = 86_400_000, 60_000


What = Literal["in", "out", "no_sale"]
ANSWERS: tuple[tuple[CardResult, ...], ...] = (("approved",), ("declined",), ("unknown", "declined"))
KINDS: tuple[TenderKind, ...] = get_args(TenderKind)


class Day:
    """Acts at random from a seed; the same seed does the same, whatever the clock says."""

    def __init__(self, folder: Path, seed: int, shop: ShopSet = SHOP) -> None:
        self.desk, self.chance = GuestDesk(folder), random.Random(seed)
        self.sold: list[Card] = []
        record(self.desk.journal, shop)
        self.cards = Cards(self.desk.journal, seeded_ids(seed))
        self.reprints = Reprints(self.desk.journal, self.desk.paper)

    def act(self) -> None:
        """One act; what is refused changes nothing and is a part of the day."""
        acts: list[Callable[[], object]] = [self.sell] * 6
        acts += [self.refund, self.refund, self.exchange, self.move, self.card, self.retender, self.copy, self.close]
        acts += [self.sell_card, self.with_card, self.with_points, self.pay_card_out]
        try:
            self.chance.choice(acts)()
        except BadInput:
            self.desk.selling.clear()

    def basket(self) -> None:
        for _ in range(self.chance.randrange(1, 4)):
            self.desk.selling.scan(self.chance.choice(SKUS), self.chance.randrange(1, 5) * 500)

    def pay(self, *given: Tendered, **more: object) -> None:
        sale = self.desk.selling.sale
        due = sale.to_pay - sum(tender.amount for tender in given)
        card = self.chance.choice((0, due, due // 2))
        coins = rounded(due - card, sale.terms.step)
        tenders = [*given, *([Tendered("card", card)] if card else [])]
        tenders += [Tendered("cash", coins + self.chance.randrange(0, 3) * 5)] if card < due else []
        self.desk.paying.pay(sale, tenders, **more).result()  # type: ignore[arg-type]
        self.desk.selling.clear()

    def sell(self) -> None:
        self.basket()
        self.pay()

    def sell_card(self) -> None:
        """A gift card, sometimes beside goods, sometimes one that was sold before."""
        if self.chance.random() < 0.5:
            self.basket()
        card = gift(self.chance.randrange(5))
        self.sold.append(card)
        self.desk.selling.load(Load(card.account, card.tail, self.chance.randrange(1, 5_000)))
        self.pay()

    def pay_card_out(self) -> None:
        card = self.chance.choice(self.sold) if self.sold else gift(0)
        self.desk.refunding.pay_out(Onto(card.account, card.tail)).result()

    def with_card(self) -> None:
        card = self.chance.choice(self.sold) if self.sold else gift(0)
        self.basket()
        amount = min(self.desk.on(card.account), self.desk.selling.sale.total)
        self.pay(*([tender(card, amount)] if amount else []))

    def with_points(self) -> None:
        """A customer who pays with points if there are any."""
        self.desk.selling.attach(ANA)
        self.basket()
        points = min(self.desk.on(ANA), self.desk.selling.sale.total // 5)
        self.pay(*([Tendered("points", points * 5, ANA, "", points)] if points > 0 else []))

    def backs(self, number: int) -> list[Back]:
        lines = original(self.desk.reading, number).lines
        place = self.chance.randrange(len(lines))
        qty = self.chance.randrange(1, max(lines[place].left, 1) + 1)
        return [Back(place, qty, self.chance.choice(("shelf", "damaged", "supplier")))]

    def any_receipt(self) -> int:
        return self.chance.randrange(1, self.desk.reading.next_receipt() + 1)

    def refund(self) -> None:
        try:
            known = original(self.desk.reading, self.any_receipt())
        except DropshelfError as error:
            raise BadInput(str(error)) from None
        way: Way = self.chance.choice(("cash", "card"))
        self.desk.refunding.give_back(known, self.backs(known.of.receipt), way).result()

    def exchange(self) -> None:
        try:
            known = original(self.desk.reading, self.any_receipt())
        except DropshelfError as error:
            raise BadInput(str(error)) from None
        credit = in_exchange(known, self.backs(known.of.receipt))
        self.basket()
        used = min(credit.total, self.desk.selling.sale.total)
        self.pay(Tendered("exchange", used), exchanged=self.desk.refunding.exchanged(credit, used))

    def move(self) -> None:
        what: What = self.chance.choice(("in", "out", "no_sale"))
        self.desk.shifts.move(what, 0 if what == "no_sale" else self.chance.randrange(1, 500), "because").result()

    def card(self) -> None:
        attempt = self.cards.ask(self.chance.randrange(1, 999)).result()
        for result in self.chance.choice(ANSWERS):
            self.cards.answer(attempt.attempt, result).result()

    def retender(self) -> None:
        self.desk.shifts.retender(self.any_receipt(), self.chance.choice(("cash", "card"))).result()

    def copy(self) -> None:
        if self.desk.reading.last_receipt():
            self.reprints.reprint().result()

    def close(self) -> None:
        if self.chance.random() < 0.4:
            self.desk.shifts.close(Counted({1: self.chance.randrange(0, 5_000)}, 0)).result()


def books(memory: Reading) -> tuple[object, ...]:
    """Everything that a day comes to: the X, every closing, stock, cash."""
    now = standing(memory)
    kinds = ("shift", "day", "month", "year")
    stock = {sku: memory.stock(sku).on_hand for sku in SKUS}
    stored = [memory.standing(account, 0) for account in (ANA, *(gift(number).account for number in range(5)))]
    return now, stored, [memory.closings(kind) for kind in kinds], stock, memory.totals_after(0, 0), memory.ever()


def independent(desk: GuestDesk) -> Counter[str]:
    """The day's sums straight from the lines, by another way than the till's."""
    sums: Counter[str] = Counter()
    for event in desk.reading.events():
        body = event.body
        match event.kind:
            case "sale_completed" | "refund_made":
                sums["total"] += body["total"]
                sums["tax"] += sum(tax["tax"] for tax in body["taxes"])
                sums["lines"] += sum(line["gross"] for line in body["lines"])
                for tender in body["tenders"]:
                    sums[tender["kind"]] += tender["amount"]
            case "cash_moved":
                sums[body["what"]] += body["amount"]
            case "tender_moved":
                sums[body["tender"]] += body["amount"]
    return sums


def agree(sums: Counter[str], totals: Totals) -> None:
    """Both ways came to the same, and every sum adds up."""
    assert sums["total"] == sums["lines"] == totals.sold + totals.refunded
    assert sums["tax"] == sum(rate.tax for rate in totals.rates)
    assert sums["total"] == sum(rate.gross for rate in totals.rates)
    assert sums["total"] == sum(one.amount for one in totals.tenders)
    for kind in KINDS:
        assert sums[kind] == tendered(totals, kind)
    assert (sums["in"], sums["out"], tendered(totals, "exchange")) == (totals.paid_in, totals.paid_out, 0)


YEN = SHOP.model_copy(update={"currency": "JPY", "symbol": "¥", "decimals": 0})
EURO = SHOP.model_copy(update={"currency": "EUR", "symbol": "€", "cash_step": 5})
DINAR = SHOP.model_copy(
    update={"currency": "KWD", "symbol": "KD", "decimals": 3, "cash_step": 5, "tax_exclusive": True}
)


@pytest.mark.parametrize("shop", [YEN, EURO, DINAR], ids=lambda shop: shop.currency)
def test_the_journal_of_a_day_with_every_exception_replays_to_the_same_books(tmp_path: Path, shop: ShopSet) -> None:
    day = Day(tmp_path, 11, shop)
    for number in range(160):
        day.desk.clock.set(TUESDAY_14 + number * MINUTE_MS)
        day.act()
    desk = day.desk
    kinds = {event.kind for event in desk.reading.events()}
    tenders = {one["kind"] for event in desk.reading.events("sale_completed") for one in event.body["tenders"]}
    # Ana would have to buy for many dinars before she has points.
    assert {"gift", "gift_sold", *(["points"] if shop.decimals < 3 else [])} <= tenders
    assert {"refund_made", "shift_closed", "tender_moved", "receipt_reprinted", "card_answered", "cash_moved"} <= kinds
    fresh = apsw.Connection(":memory:")
    lay_out(fresh)
    fold_all(desk.reading.db, fresh)
    assert books(Reading(fresh)) == books(desk.reading)
    agree(independent(desk), desk.reading.totals_after(0, 0))
    numbers = [event.body["receipt"] for event in desk.reading.events("sale_completed", "refund_made")]
    assert numbers == list(range(1, len(numbers) + 1))
    opened = [event.body["opening"] for event in desk.reading.events("shift_opened")]
    for z, opening in zip([event.body for event in desk.reading.events("shift_closed")], opened, strict=False):
        totals = Totals.model_validate(z["totals"])
        assert z["opening"] == opening
        assert z["expected"] == expected(opening, totals)
        assert z["difference"] == z["counted"] - z["expected"]
        assert z["counted"] == z["kept"] + z["dropped"]
    desk.close()


def test_a_clock_that_is_wrong_one_time_in_ten_changes_no_sum(tmp_path: Path) -> None:
    sums = []
    for name in ("right", "wrong"):
        day, clock = Day(tmp_path / name, 23), random.Random(3)
        for number in range(160):
            off = clock.choice((-400, -31, -1, 1, 31, 3650)) * DAY_MS if name == "wrong" and clock.random() < 0.1 else 0
            day.desk.clock.set(TUESDAY_14 + number * MINUTE_MS + off)
            day.act()
        desk = day.desk
        agree(independent(desk), desk.reading.totals_after(0, 0))
        zs = [Totals.model_validate(event.body["totals"]) for event in desk.reading.events("shift_closed")]
        now = standing(desk.reading)
        whole = [*zs, now.totals] if now else zs
        ever = desk.reading.ever()
        assert sum(z.sold for z in whole) == ever.sold
        assert sum(z.refunded for z in whole) == ever.refunded
        assert sum(z.sales + z.refunds for z in whole) == ever.receipts
        # A correction or a payment out may be refused because a wrong day has closed its shift; no receipt ever is.
        totals = desk.reading.totals_after(0, 0)
        stock = [desk.reading.stock(sku).on_hand for sku in SKUS]
        sums.append((totals.sales, totals.sold, totals.refunds, totals.refunded, totals.rates, ever, stock))
        desk.close()
    assert sums[0] == sums[1]


@pytest.mark.parametrize(("changes", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_days_close_whole_over_a_clock_change(tmp_path: Path, changes: str, hours: int) -> None:
    sunday = date.fromisoformat(changes).toordinal()
    day = Day(tmp_path, 5)
    for minute in range(-26 * 60, 30 * 60, 20):
        day.desk.clock.set(moment(sunday, 0, SHOP.zone) + minute * MINUTE_MS)
        day.sell()
    days = day.desk.periods("day")
    assert [one.label for one in days] == [sunday - 2, sunday - 1, sunday]
    # The business day before ends at four in the morning: an hour short in spring, an hour long in autumn.
    assert days[1].totals.sales == 3 * hours
    assert sum(one.totals.sales for one in days) == days[-1].totals.last_receipt
    local_day = [event.body["day"] for event in day.desk.reading.events("sale_completed")]
    assert local_day == sorted(local_day)
    day.desk.close()
