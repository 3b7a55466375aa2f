"""The bank account as expected, against its worked example; a drop that does not fit is refused by day and bill."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.errors import BadInput
from edge_agent.rules.cash_ledger import Day, Flow, Kind, binds, float_for, largest, ledger, lowest, once
from edge_agent.rules.payout import lands, vat_due

SALES = (310_000, 300_000, 340_000, 300_000, 300_000, 300_000)
BEFORE = 295_000


def flow(key: str, day: int, amount: int, kind: Kind = "bill", *, sold: bool = False) -> Flow:
    return Flow(key, day, amount, kind, key, sold)


def card(sales: int, share: float) -> int:
    return round(sales * 0.7 * 0.9825 * share)


def six_weeks() -> list[Flow]:
    found = [flow("card of last week", 0, card(BEFORE, 0.68), "payout")]
    for week, sales in enumerate(SALES):
        found += [
            flow(f"cash {week}", week, round(sales * 0.3), "takings", sold=True),
            flow(f"card {week}", week, card(sales, 0.32), "payout", sold=True),
            flow(f"card late {week}", week + 1, card(sales, 0.68), "payout", sold=True),
            flow(f"wages {week}", week, -45_000, "wages"),
            flow(f"hub {week}", week, -3_500),
            flow(f"stock {week}", week, -120_000, "reorder"),
        ]
    return [
        *found,
        *(flow(f"rent {week}", week, -60_000, "rent") for week in (0, 4)),
        flow("VAT", 0, -121_660, "vat"),
        flow("Northside", 2, -108_000, "supplier"),
        flow("Eastgate", 4, -96_000, "supplier"),
    ]


FLOAT = 203_700


def test_six_weeks_come_out_as_worked_by_hand() -> None:
    days = ledger(420_000, 0, 6, six_weeks())
    assert [one.came for one in days] == pytest.approx([299_188, 301_001, 317_128, 315_032, 296_325, 296_325], abs=2)
    assert [one.went for one in days] == [350_160, 168_500, 276_500, 168_500, 324_500, 168_500]
    assert [one.close for one in days] == pytest.approx([369_028, 501_529, 542_157, 688_689, 660_514, 788_339], abs=4)
    assert [one.low for one in days] == pytest.approx([344_844, 432_195, 425_254, 524_531, 451_907, 535_283], abs=6)
    assert binds(days, FLOAT).headroom == pytest.approx(141_144, abs=2)


def test_with_a_thousand_on_the_account_week_one_binds_and_the_vat_is_why() -> None:
    bound = binds(ledger(100_000, 0, 6, six_weeks()), FLOAT)
    assert bound.day == 0
    assert bound.headroom == pytest.approx(-178_856, abs=2)
    assert bound.bill is not None
    assert (bound.bill.kind, bound.bill.amount) == ("vat", -121_660)


def test_the_float_is_one_and_a_half_times_the_drops_of_two_weeks() -> None:
    assert float_for([80 * 970, 60 * 970]) == 203_700
    assert float_for([80 * 1_130, 60 * 1_130]) == 237_300
    assert float_for([]) == 0


def test_a_bill_takes_the_place_of_the_reorder_that_was_expected() -> None:
    days = ledger(1_000, 10, 5, [flow("order 7", 12, -300, "reorder"), flow("order 7", 13, -320, "supplier")])
    assert [one.close for one in days] == [1_000, 1_000, 1_000, 680, 680]


def test_what_is_overdue_goes_on_the_first_day() -> None:
    days = ledger(1_000, 10, 2, [flow("old", 3, -400)])
    assert days[0].close == 600


def test_the_bill_that_binds_is_the_largest_of_the_day_or_of_the_week_before_and_never_the_drop_itself() -> None:
    flows = [flow("rent", 2, -500, "rent"), flow("VAT", 3, -300, "vat"), flow("the drop", 3, -9_000, "drop")]
    bound = binds(ledger(0, 0, 5, flows), 0)
    assert (bound.day, bound.bill and bound.bill.key) == (3, "VAT")
    alone = binds(ledger(0, 0, 5, [flow("the drop", 3, -9_000, "drop")]), 0)
    assert alone.bill is not None
    assert alone.bill.key == "the drop"
    assert binds(ledger(5, 0, 5, []), 0).bill is None


def test_a_small_payment_of_the_lowest_day_is_not_named_for_a_large_one_that_brought_the_account_under() -> None:
    flows = [
        flow("invoice", 3, -5_000, "supplier"),
        *(flow(f"goods {day}", day, -50, "reorder") for day in (10, 17, 24)),
    ]
    bound = binds(ledger(4_200, 0, 30, flows), 0)
    assert (bound.day, bound.bill and bound.bill.key) == (24, "invoice")


def test_the_largest_size_that_fits_is_found() -> None:
    assert largest(109, 1, lambda size: size * 800 <= 50_000) == 62
    assert largest(108, 12, lambda size: size * 800 <= 50_000) == 60
    assert largest(109, 1, lambda size: False) == 0
    assert largest(109, 1, lambda size: True) == 109


def test_a_low_case_is_a_share() -> None:
    with pytest.raises(BadInput):
        ledger(0, 0, 1, [], low=10_001)


def test_card_money_lands_two_working_days_later() -> None:
    monday = date(2026, 3, 2).toordinal()
    assert [lands(monday + day, 2) - monday for day in range(7)] == [2, 3, 4, 7, 8, 8, 8]
    assert lands(monday, 0) == monday


def test_vat_is_due_a_month_and_a_week_after_the_period() -> None:
    due = [
        (date(2026, 3, 31), date(2026, 5, 7)),
        (date(2026, 1, 31), date(2026, 3, 7)),
        (date(2026, 12, 31), date(2027, 2, 7)),
    ]
    assert all(vat_due(last.toordinal()) == paid.toordinal() for last, paid in due)


FLOWS = st.lists(
    st.builds(
        Flow,
        key=st.sampled_from([f"k{one}" for one in range(12)]),
        day=st.integers(0, 30),
        amount=st.integers(-500_000, 500_000),
        kind=st.just("bill"),
        name=st.just("x"),
        sold=st.booleans(),
    ),
    max_size=30,
)


def balances(days: tuple[Day, ...]) -> list[int]:
    return [one.close for one in days]


@given(st.integers(-(10**6), 10**6), FLOWS)
def test_the_sum_of_flows_is_the_change_of_balance_and_nothing_counts_twice(opening: int, flows: list[Flow]) -> None:
    days = ledger(opening, 5, 20, flows)
    seen = [one for day in days for one in day.flows]
    assert opening + sum(one.amount for one in seen) == days[-1].close
    assert opening + sum(one.came - one.went for one in days) == days[-1].close
    assert len({one.key for one in seen}) == len(seen)
    assert sorted(seen, key=str) == sorted((one for one in once(flows) if one.day < 25), key=str)
    assert balances(days) == balances(ledger(opening, 5, 20, [*flows, *flows]))
    assert all(one.low <= one.close for one in days)
    assert lowest(days).low == min(one.low for one in days)
