"""The nine boxes, postings, payouts and the low case, by worked numbers and by what must always hold."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.errors import BadInput
from edge_agent.rules.books import Posting, of_day, of_drop, of_invoice
from edge_agent.rules.cash_expected import Due, Taken, orders, reorders, takings
from edge_agent.rules.cash_ledger import LOW
from edge_agent.rules.imports_table import Cells
from edge_agent.rules.payout import MARKETPLACE, Rule
from edge_agent.rules.purchases import Invoice, invoice_of, read_file
from edge_agent.rules.spread import low_part, strays
from edge_agent.rules.tax import by_rate, tax_in
from edge_agent.rules.vat_return import Bought, Sold, boxes, days_of, quarter_of

MONDAY = date(2026, 3, 2).toordinal()


def test_a_quarter_fills_the_nine_boxes_as_worked_by_hand() -> None:
    sales = [Sold(rate, gross, tax_in(gross, rate)) for rate, gross in ((2000, 1_248_360), (500, 63_000), (0, 214_550))]
    refund = Sold(2000, -36_000, tax_in(-36_000, 2000))
    bought = [Bought(412_000, 82_400), Bought(20_000, 1_000), Bought(98_050, 0)]
    found = boxes([*sales, refund], bought)
    assert found.all == (205_060, 0, 205_060, 83_400, 121_660, 12_849, 5_301, 0, 0)
    assert sum(one.gross - one.tax for one in (*sales, refund)) == 1_284_850
    assert found.owed == 121_660


def test_goods_from_the_eu_are_declared_and_reclaimed_at_once() -> None:
    found = boxes([], [Bought(10_000, 2_000, eu=True), Bought(5_000, 1_000)])
    assert found.all == (0, 2_000, 2_000, 3_000, 1_000, 0, 150, 0, 100)
    assert found.owed == -1_000


def test_a_quarter_has_a_name_and_days() -> None:
    assert [quarter_of(date(2026, month, 28).toordinal()) for month in (1, 3, 4, 12)] == [
        "2026Q1",
        "2026Q1",
        "2026Q2",
        "2026Q4",
    ]
    for name, first, last in (("2026Q1", (2026, 1, 1), (2026, 3, 31)), ("2026Q4", (2026, 10, 1), (2026, 12, 31))):
        assert days_of(name) == (date(*first).toordinal(), date(*last).toordinal())
    for odd in ("2026", "2026Q5", "26Q1", "2026Q0", "9999Q1", "2026q1"):
        with pytest.raises(BadInput):
            days_of(odd)


RECEIPT = st.lists(st.tuples(st.integers(1, 20_000), st.sampled_from([0, 500, 2000])), min_size=1, max_size=6)


@given(st.lists(RECEIPT, max_size=8), st.integers(0, 8))
def test_days_sum_to_the_period_and_net_and_tax_to_gross(receipts: list[list[tuple[int, int]]], cut: int) -> None:
    def sold(part: list[list[tuple[int, int]]]) -> list[Sold]:
        return [Sold(rate, gross, tax) for lines in part for rate, (gross, tax) in by_rate(lines)[0].items()]

    whole, first, second = boxes(sold(receipts), []), boxes(sold(receipts[:cut]), []), boxes(sold(receipts[cut:]), [])
    assert whole.box1 == first.box1 + second.box1
    assert whole.owed == whole.box3 - whole.box4
    back = [Sold(one.rate, -one.gross, -one.tax) for one in sold(receipts)]
    assert boxes([*sold(receipts), *back], []).all == (0,) * 9


def balanced(postings: list[Posting]) -> bool:
    return sum(one.amount for one in postings) == 0


AMOUNT = st.integers(-(10**6), 10**6)
SOLD = st.lists(st.builds(Sold, st.sampled_from([0, 500, 2000]), AMOUNT, AMOUNT), max_size=4)


@given(AMOUNT, AMOUNT, SOLD, st.integers(0, 10**6), st.integers(0, 10**5), st.sampled_from(["home", "eu"]))
def test_debit_is_credit_in_every_posting(
    cash: int, card: int, sold: list[Sold], net: int, tax: int, where: str
) -> None:
    assert balanced(of_day(1, cash, card, sold))
    assert balanced(of_drop(1, "Mugs", sold, net))
    assert balanced(of_invoice(Invoice("north", "1", 1, 0, net, tax, eu=where == "eu")))


def test_payouts_come_by_the_rule_of_their_channel() -> None:
    friday = MONDAY + 4
    assert Rule(fee=175, days=2).parts(friday, 10_000) == [(MONDAY + 8, 9_825)], "Friday's card money on Tuesday"
    wednesday = MONDAY + 2
    assert MARKETPLACE.parts(wednesday, 10_000) == [(wednesday + 7, 10_000)], "fulfilled on Wednesday, a week later"
    held = Rule(fee=1_500, days=7, working=False, reserve=1_000, reserve_days=14)
    assert held.parts(wednesday, 10_000) == [(wednesday + 7, 7_650), (wednesday + 21, 850)]


@given(AMOUNT.filter(bool), st.integers(0, 10_000), st.integers(0, 30), st.integers(0, 10_000), st.integers(0, 30))
def test_what_comes_in_parts_is_the_whole_less_the_fee(amount: int, fee: int, days: int, part: int, later: int) -> None:
    rule = Rule(fee, days, True, part, later)
    whole = Rule(fee, days).parts(MONDAY, amount)
    assert sum(one for _, one in rule.parts(MONDAY, amount)) == sum(one for _, one in whole)


def test_card_money_that_is_held_back_is_counted_once() -> None:
    rule = Rule(fee=0, days=2, reserve=1_000, reserve_days=14)
    flows = takings({MONDAY - 20: Taken(0, 1_000)}, MONDAY - 10, 10, MONDAY, weekdays=[Taken()] * 7, card=rule)
    assert [(flow.day, flow.amount) for flow in flows] == [(rule.lands(MONDAY - 20) + 14, 100)]


def test_goods_are_paid_by_the_suppliers_terms_and_what_is_reordered_later_still() -> None:
    due = [Due("a", MONDAY + 32, 1_000, 200, "Northside", arrives=MONDAY + 2, supplier="north")]
    assert [(flow.day, flow.amount) for flow in orders(due)] == [(MONDAY + 32, -1_200)]
    found = reorders(1_500, due, MONDAY, 42, later=30, of="north")
    assert [(flow.day, flow.amount) for flow in found] == [(MONDAY + 36, -300), (MONDAY + 43, -1_500)]
    assert reorders(1_500, due, MONDAY, 21, later=30, of="north") == []


def test_the_low_case_is_learnt_from_how_far_weeks_strayed() -> None:
    assert low_part([]) == LOW
    even = {day: Taken(100, 300) for day in range(MONDAY - 200, MONDAY)}
    assert strays(even, MONDAY) == [0.0] * 24
    assert low_part(strays(even, MONDAY)) > 9_300
    wild = {day: Taken(100 if (day // 7) % 2 else 900, 0) for day in range(MONDAY - 200, MONDAY)}
    assert low_part(strays(wild, MONDAY)) < 5_000
    falling = [-0.3] * 20
    assert low_part(falling) < low_part([0.05] * 20)
    assert strays({MONDAY - 3: Taken(5, 5)}, MONDAY) == []


def test_an_invoice_that_can_not_be_is_named_by_its_cell() -> None:
    good = {"supplier": "north", "number": "77", "date": "2026-03-01", "net": "100.00", "vat": "20.00"}
    assert invoice_of(Cells("f", 1, good), 2) == Invoice("north", "77", MONDAY - 1, 0, 10_000, 2_000)
    assert invoice_of(Cells("f", 1, {**good, "where": "eu"}), 2).gross == 10_000
    for odd in ({"vat": "200.00"}, {"date": "1.3.2026"}, {"due": "2026-02-01"}, {"where": "moon"}, {"number": " "}):
        with pytest.raises(BadInput):
            invoice_of(Cells("f", 1, {**good, **odd}), 2)
    file = b"supplier,number,date,net,vat,paid\nnorth,1,2026-03-01,10.00,2.00,2026-03-02\n"
    assert read_file("f", file, 2)[0].paid == MONDAY
