"""Gift cards, credit and points: to the cent, offline within the cap, and back to zero with a full refund."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_agent.counter.paying import Paid, Paying
from edge_agent.counter.refunding import Policy, Refunding, in_exchange, original, original_by_code
from edge_agent.counter.stored import Rules, Stored
from edge_agent.errors import BadInput
from edge_agent.journal.rebuild import verify
from edge_agent.rules.closing import tendered
from edge_agent.rules.closing_paper import sums_rows
from edge_agent.rules.money import Currency
from edge_agent.rules.receipt import as_text
from edge_agent.rules.refund import Back, Onto
from edge_agent.rules.sale import Load, Sale, Tendered
from edge_agent.rules.stored import Card, Points, Standing, back, card_of, number_of, spendable
from edge_agent.wire.events.sales import SaleCompleted
from tests.shop import TUESDAY_14
from tests.test_refund import Desk, printed

CAP = 2_000


def gift(secret: int = 1) -> Card:
    card = card_of(number_of("gift", secret))
    assert card
    return card


ANA = "00000000000000aa"


class GuestDesk(Desk):
    """The desk of refunds with gift cards and points: one for each whole pound, worth 5 pence."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        super().__init__(folder, seed)
        self.stored = Stored(Rules(Points(1, 5), CAP))
        cards = self.paper.print_cards
        self.paying = Paying(self.journal, self.paper.after, self.shifts.needed, self.stored, cards)
        self.refunding = Refunding(self.journal, self.paper.after, self.shifts.needed, Policy(500, 800), cards)

    def load(self, amount: int, card: Card | None = None) -> Paid:
        """A gift card sold or loaded, in cash."""
        card = card or gift()
        self.selling.load(Load(card.account, card.tail, amount, card.number))
        return self.pay()

    def pay(self, *tenders: Tendered) -> Paid:
        """What is on the counter: with these, the rest in cash."""
        rest = self.selling.sale.to_pay - sum(one.amount for one in tenders)
        given = [*tenders, *([Tendered("cash", rest)] if rest else [])]
        paid = self.paying.pay(self.selling.sale, given).result()
        self.selling.clear()
        return paid

    def on(self, account: str) -> int:
        known = self.reading.standing(account, 0)
        return known.balance if known else 0

    def last(self) -> SaleCompleted:
        (*_, event) = self.reading.events("sale_completed")
        return SaleCompleted.model_validate(event.body)


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[GuestDesk]:
    opened = GuestDesk(tmp_path)
    yield opened
    with opened.journal.reading() as memory:
        verify(memory.db)
    opened.close()


def tender(card: Card, amount: int) -> Tendered:
    return Tendered("gift", amount, card.account, card.tail)


def test_a_number_reads_back_and_no_slip_of_a_digit_or_two_digits_turned_does() -> None:
    number = number_of("gift", 0x1234_5678_9ABC_DEF0)
    card = card_of(number)
    assert card is not None
    assert (card.kind, card.tail, len(number), card.account in number) == ("gift", number[-4:], 24, False)
    for at in range(len(number)):
        for digit in "0123456789":
            if digit != number[at]:
                assert card_of(number[:at] + digit + number[at + 1 :]) is None
    turned = (number[:at] + number[at + 1] + number[at] + number[at + 2 :] for at in range(23))
    assert all(card_of(one) is None for one in turned if one != number)
    assert [card_of(odd) for odd in ("", "71", "5012345678900", "71" + "x" * 22)] == [None] * 4
    customer = card_of(number_of("customer", 5))
    assert customer is not None
    assert customer.kind == "customer"


def test_a_card_is_sold_beside_goods_and_is_no_turnover_and_no_vat(counter: GuestDesk) -> None:
    counter.selling.scan("milk")
    paid = counter.load(5_000)
    assert (paid.total, paid.to_pay, paid.change) == (185, 5_185, 0)
    sums = counter.reading.totals_after(0, 0)
    assert (sums.sold, tendered(sums, "cash"), tendered(sums, "gift_sold")) == (185, 5_185, -5_000)
    assert sum(one.gross for one in sums.rates) == 185
    assert counter.on(gift().account) == 5_000
    assert [job for job, _ in counter.jobs] == ["drawer", "00000001-receipt", f"card-{gift().account}"]
    assert gift().number.encode() not in counter.jobs[1][1]
    assert gift().number[:4].encode() in counter.jobs[2][1]


def test_a_card_alone_is_a_sale_without_lines_and_pays_in_parts_until_it_is_empty(counter: GuestDesk) -> None:
    card = gift()
    counter.load(300)
    assert counter.last().lines == ()
    counter.selling.scan("milk")
    paid = counter.pay(tender(card, 185))
    assert (paid.change, paid.left) == (0, ((card.tail, 115),))
    counter.selling.scan("bread")
    counter.pay(tender(card, 115))
    assert counter.on(card.account) == 0
    counter.selling.scan("milk")
    with pytest.raises(BadInput, match="less on that card"):
        counter.pay(tender(card, 1))
    sums = counter.reading.totals_after(0, 0)
    assert (tendered(sums, "gift_sold"), tendered(sums, "gift")) == (-300, 300)
    shown = [(row.left, row.right) for row in sums_rows(sums, Currency())]
    assert ("Gift cards redeemed", "3.00") in shown
    assert ("Gift cards sold", "-3.00") in shown


def test_two_sales_that_were_begun_with_one_card_cannot_both_have_it(counter: GuestDesk) -> None:
    card = gift()
    counter.load(200)
    counter.selling.scan("milk")
    first = counter.paying.pay(counter.selling.sale, [tender(card, 185)])
    second = counter.paying.pay(counter.selling.sale, [tender(card, 185)])
    first.result()
    with pytest.raises(BadInput):
        second.result()
    with pytest.raises(BadInput, match="pays already"):
        counter.paying.pay(counter.selling.sale, [tender(card, 90), tender(card, 95)])


def test_the_receipt_says_what_was_loaded_what_is_to_pay_and_what_is_left(counter: GuestDesk) -> None:
    card = gift()
    counter.selling.attach(ANA)
    counter.selling.scan("milk")
    counter.load(1_000)
    counter.selling.attach(ANA)
    counter.selling.scan("bread")
    counter.pay(tender(card, 340))
    first, second = (as_text(receipt, 42) for receipt in map(counter.paper._stored, (1, 2)) if receipt)
    for words in (f"Gift card {card.tail}", "TO PAY", "11.85", "Points with this"):
        assert words in first
    for words in (f"Gift card {card.tail}", f"Left on card {card.tail}", "6.60", "Your points"):
        assert words in second


def test_a_refund_goes_back_onto_the_card_first_and_the_rest_as_it_was_paid(counter: GuestDesk) -> None:
    card = gift()
    counter.load(200)
    counter.selling.scan("milk")
    counter.selling.scan("bread")
    counter.pay(tender(card, 200))
    known = original(counter.reading, 2)
    done = counter.refunding.give_back(known, [Back(1, 1000)], "cash").result()
    assert (done.total, done.way, done.amount) == (340, "cash", 140)
    assert counter.on(card.account) == 200
    done = counter.refunding.give_back(known, [Back(0, 1000)], "cash").result()
    assert (done.way, done.amount) == ("cash", 185)
    sums = counter.reading.totals_after(0, 0)
    assert (sums.sold + sums.refunded, tendered(sums, "gift"), tendered(sums, "cash")) == (0, 0, 200)


def test_a_refund_as_credit_goes_onto_a_new_card_which_is_printed_and_pays(counter: GuestDesk) -> None:
    card = gift(9)
    known = counter.bought("milk", "bread")
    with pytest.raises(BadInput, match="which gift card"):
        counter.refunding.give_back(known, [Back(0, 1000)], "gift")
    onto = Onto(card.account, card.tail, card.number)
    done = counter.refunding.give_back(known, [Back(0, 1000)], "gift", "", onto).result()
    assert (done.way, done.amount, counter.on(card.account)) == ("gift_sold", 185, 185)
    assert counter.jobs[-1][0] == f"card-{card.account}"
    counter.selling.scan("milk")
    assert counter.pay(tender(card, 185)).change == 0


def test_a_card_that_was_sold_by_mistake_is_paid_out_and_leaves_zeros(counter: GuestDesk) -> None:
    card = gift()
    counter.load(5_000)
    done = counter.refunding.pay_out(Onto(card.account, card.tail)).result()
    assert (done.total, done.amount, done.way, counter.on(card.account)) == (0, 5_000, "cash", 0)
    sums = counter.reading.totals_after(0, 0)
    assert {one.amount for one in sums.tenders} == {0}
    with pytest.raises(BadInput, match="nothing on it"):
        counter.refunding.pay_out(Onto(card.account, card.tail)).result()
    with pytest.raises(BadInput, match="nothing of it comes back"):
        original(counter.reading, 1)


def test_goods_that_a_card_paid_for_are_not_exchanged_for_cash(counter: GuestDesk) -> None:
    counter.load(500)
    counter.selling.scan("milk")
    counter.pay(tender(gift(), 185))
    with pytest.raises(BadInput, match="give it back first"):
        in_exchange(original(counter.reading, 2), [Back(0, 1000)])


def test_points_are_earned_on_goods_alone_pay_and_go_back(counter: GuestDesk) -> None:
    counter.selling.attach(ANA)
    counter.selling.scan("milk", 10_000)
    paid = counter.load(900)
    assert (counter.last().points, paid.points) == (18, 18)
    counter.selling.attach(ANA)
    counter.selling.scan("bread")
    points = counter.stored.with_points(ANA, counter.reading, 0, 340)
    assert (points.points, points.amount) == (18, 90)
    counter.pay(points)
    assert (counter.on(ANA), counter.last().points) == (2, 2)
    counter.refunding.give_back(original(counter.reading, 2), [Back(0, 1000)], "cash").result()
    assert counter.on(ANA) == 18
    counter.refunding.give_back(original(counter.reading, 1), [Back(0, 10_000)], "cash").result()
    assert counter.on(ANA) == 0


def test_points_are_no_money_for_a_gift_card_nor_more_than_there_are(counter: GuestDesk) -> None:
    with pytest.raises(BadInput, match="no points to pay with"):
        counter.stored.with_points(ANA, counter.reading, 0, 100)
    counter.selling.attach(ANA)
    counter.selling.scan("milk", 5_000)
    counter.pay()
    counter.selling.attach(ANA)
    counter.selling.load(Load(gift().account, gift().tail, 500))
    with pytest.raises(BadInput, match="points pay for goods"):
        counter.pay(Tendered("points", 25, ANA, "", 5))
    counter.selling.clear()
    counter.selling.attach(ANA)
    counter.selling.scan("milk")
    with pytest.raises(BadInput, match="less on that card"):
        counter.pay(Tendered("points", 50, ANA, "", 10))


SALES = st.lists(st.tuples(st.sampled_from(["milk", "bread", "choc"]), st.integers(1, 7)), min_size=1, max_size=3)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SALES, st.integers(0, 1_000), st.integers(0, 1), st.data())
def test_a_sale_and_its_refund_in_any_parts_leave_zero_points_and_zero_money(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[str, int]],
    card_pays: int,
    paid_in_points: int,
    data: st.DataObject,
) -> None:
    counter = GuestDesk(tmp_path_factory.mktemp("counter"))
    counter.selling.attach(ANA)
    counter.selling.scan("milk", 20_000)
    counter.load(2_000)
    before, card, earned = counter.reading.totals_after(0, 0), gift(), counter.on(ANA)
    counter.selling.attach(ANA)
    for sku, qty in lines:
        counter.selling.scan(sku, qty * 1000)
    total = counter.selling.sale.total
    paid = [counter.stored.with_points(ANA, counter.reading, 0, total)] * paid_in_points
    left = min(card_pays, total - sum(one.amount for one in paid))
    counter.pay(*paid, *([tender(card, left)] if left else []))
    known = original(counter.reading, 2)
    for place, line in data.draw(st.permutations(list(enumerate(known.lines)))):
        part = data.draw(st.integers(0, line.qty // 1000)) * 1000
        for qty in (part, line.qty - part):
            if qty:
                counter.refunding.give_back(known, [Back(place, qty)], "cash").result()
    after = counter.reading.totals_after(0, 0)
    assert (after.sold + after.refunded, counter.on(ANA), counter.on(card.account)) == (before.sold, earned, 2_000)
    assert {one.tender: one.amount for one in after.tenders if one.amount} == {
        one.tender: one.amount for one in before.tenders
    }
    with counter.journal.reading() as memory:
        verify(memory.db)
    counter.close()


@given(st.integers(0, 5_000), st.integers(1, 9_000), st.lists(st.integers(0, 3_000), max_size=6))
def test_points_go_back_part_by_part_and_all_with_the_last(points: int, total: int, parts: list[int]) -> None:
    before = gone = 0
    for wanted in (*parts, total):
        part = min(wanted, total - before)
        gone += back(points, total, before, part)
        before += part
        assert 0 <= gone <= points
    assert gone == points


@given(
    st.lists(st.integers(0, 3_000), min_size=2, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5_000))),
)
def test_tills_that_hear_nothing_of_each_other_spend_no_more_than_one_cap_each_above_what_is_on_a_card(
    loads: list[int], tries: list[tuple[int, int]]
) -> None:
    tills = [Standing(own=load, elsewhere=sum(loads) - load) for load in loads]
    taken = 0
    for number, wanted in tries:
        till = tills[number % len(tills)]
        amount = min(wanted, spendable(till, CAP, fresh=False))
        assert amount >= 0
        taken += amount
        tills[number % len(tills)] = replace(till, own=till.own - amount, spent=till.spent + amount)
        assert all(one.balance >= 0 for one in tills)
    assert taken <= sum(loads) + CAP * len(loads)
    # Each on its own knows what it put on itself to the cent.
    assert all(spendable(Standing(own=load), 0, fresh=False) == load for load in loads)


def test_beyond_the_cap_only_what_the_cloud_has_just_told() -> None:
    known = Standing(elsewhere=5_000)
    assert (spendable(known, CAP, fresh=False), spendable(known, CAP, fresh=True)) == (2_000, 5_000)
    today = Standing(own=-1_500, elsewhere=5_000, spent=1_500)
    assert spendable(today, CAP, fresh=False) == 500
    yesterday = Standing(own=-1_500, elsewhere=5_000)
    assert spendable(yesterday, CAP, fresh=False) == 2_000
    assert spendable(Standing(own=-10), CAP, fresh=True) == 0


def test_another_tills_receipt_gives_its_points_and_its_card_back(counter: GuestDesk, tmp_path: Path) -> None:
    from edge_agent.wire.events.device import TillKnown
    from edge_agent.wire.messages import FeedEntry

    counter.load(500)
    counter.selling.attach(ANA)
    counter.selling.scan("bread")
    counter.pay(tender(gift(), 240))
    code = printed(counter)
    other = GuestDesk(tmp_path / "other", seed=2)
    key, _ = counter.paper._sign(b"")
    told = TillKnown(device="d1", public_key=key, trusted=True)
    entry = FeedEntry(cursor=1, kind="till_known", v=1, at=TUESDAY_14, body=told.model_dump())
    other.journal.take_feed("g1", [entry]).result()
    done = other.refunding.give_back(original_by_code(other.reading, code), [Back(0, 1000)], "cash").result()
    assert (done.total, done.amount) == (340, 100)
    assert (other.on(gift().account), other.on(ANA)) == (240, -3)
    other.close()


def test_a_promotion_for_customers_holds_once_the_customer_is_known(counter: GuestDesk) -> None:
    from edge_agent.counter.selling import CUSTOMERS
    from edge_agent.journal.log import Draft
    from edge_agent.wire.events.promotion import PromotionSet

    club = PromotionSet(promotion="c", name="members", method="percent", members=("milk",), value=1_000, card=CUSTOMERS)
    counter.journal.record(lambda _: [Draft(club)]).result()
    counter.selling.promotions_changed()
    counter.selling.scan("milk", 2_000)
    assert counter.selling.sale.total == 370
    counter.selling.attach(ANA)
    assert counter.selling.sale.total == 332
    counter.selling.attach("")
    assert (counter.selling.sale.total, counter.selling.sale.customer) == (370, "")


def test_an_empty_sale_with_a_customer_is_nothing_to_pay() -> None:
    assert not Sale(customer=ANA)
    assert Sale(loads=(Load(ANA, "0000", 1),))
