"""What is expected of an account: takings by weekday, card money that lands later, orders once, tax by quarter."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.rules.cash_expected import Due, Lot, Taken, orders, reorders, takings, usual, vat
from edge_agent.rules.cash_ledger import Flow, ledger, once
from edge_agent.rules.drop import Demand

MONDAY = date(2026, 3, 2).toordinal()
EIGHT_WEEKS = {day: Taken(300, 700) for day in range(MONDAY - 56, MONDAY)}


def by(flows: list[Flow], kind: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for flow in flows:
        if flow.kind == kind:
            found[flow.day] = found.get(flow.day, 0) + flow.amount
    return found


def test_a_weekday_takes_what_it_took_in_the_last_eight_weeks() -> None:
    assert usual(EIGHT_WEEKS, MONDAY - 1) == [Taken(300, 700)] * 7
    young = {MONDAY - 7: Taken(100, 0)}
    assert usual(young, MONDAY - 1)[0] == Taken(100, 0)
    assert usual({}, MONDAY) == [Taken()] * 7


def test_card_money_of_before_the_balance_lands_once_and_less_its_fee() -> None:
    flows = takings(EIGHT_WEEKS, MONDAY, 7, MONDAY)
    card = by(flows, "payout")
    assert card[MONDAY] == 688, "Thursday's"
    assert card[MONDAY + 1] == 3 * 688, "Friday's to Sunday's"
    assert by(flows, "takings") == dict.fromkeys(range(MONDAY, MONDAY + 7), 300)
    assert [flow.sold for flow in flows if flow.day == MONDAY + 1 and flow.kind == "payout"] == [False] * 3


def test_what_is_ordered_takes_the_place_of_what_would_be() -> None:
    due = [Due("a", MONDAY + 2, 1000, 200, "Northside")]
    assert by(orders(due), "supplier") == {MONDAY + 2: -1200}
    assert by(reorders(1500, due, MONDAY, 14), "reorder") == {MONDAY + 6: -300, MONDAY + 13: -1500}
    assert by(reorders(1000, due, MONDAY, 7), "reorder") == {}


def test_tax_of_a_quarter_is_due_a_month_and_a_week_after_it() -> None:
    past = {date(2026, 1, 10).toordinal(): 5_000, date(2025, 12, 10).toordinal(): 700}
    flows = vat(past, 100, MONDAY, MONDAY + 90)
    assert by(flows, "vat") == {date(2026, 5, 7).toordinal(): -5_000 - 30 * 100}


def test_the_owners_word_on_tax_takes_the_place_of_what_is_expected() -> None:
    due = date(2026, 5, 7).toordinal()
    said = Flow(f"vat {due}", due, -121_660, "vat", "VAT")
    assert once([*vat({}, 100, MONDAY, due), said]) == [said]


LOT = Lot("d", "Mugs", 80, 800, 160, 2_400, MONDAY, MONDAY + 6, Demand(64.8, 226.8))


def test_a_drop_is_paid_whole_and_brings_less_in_the_low_case() -> None:
    goods, brings = LOT.flows()
    assert goods.amount == -80 * 960
    assert brings.amount == round(LOT.sold * 2_400)
    assert 0 < brings.low(10_000) == LOT.demand.size(0.1) * 2_400 < brings.amount
    assert LOT.volume == pytest.approx(LOT.sold * 960, abs=1)


@given(
    st.dictionaries(
        st.integers(MONDAY - 60, MONDAY + 5), st.builds(Taken, st.integers(0, 10**6), st.integers(0, 10**6))
    ),
    st.integers(0, 14),
    st.integers(1, 42),
)
def test_nothing_that_was_or_will_be_taken_counts_twice(past: dict[int, Taken], back: int, days: int) -> None:
    first = MONDAY - back
    flows = takings(past, first, days, MONDAY)
    assert len({flow.key for flow in flows}) == len(flows)
    assert all(flow.day >= first for flow in flows)
    closing = ledger(0, first, days + 10, flows)[-1].close
    assert closing == sum(flow.amount for flow in flows)
