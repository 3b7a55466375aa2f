"""Money, VAT and a sale: to the cent, for any basket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.errors import BadInput
from edge_agent.rules import money, sale
from edge_agent.rules.sale import Article, Sale, Tendered
from edge_agent.rules.tax import allocate, by_rate, tax_in

RATES = st.sampled_from([0, 500, 700, 1000, 1900, 2000, 2200])
ARTICLES = st.builds(
    Article, sku=st.text("AB", min_size=1, max_size=2), name=st.just("Thing"), price=st.integers(0, 10**6), rate=RATES
)
BASKETS = st.lists(st.tuples(ARTICLES, st.integers(1, 99_000)), min_size=1, max_size=30)


def basket(lines: list[tuple[Article, int]]) -> Sale:
    whole = Sale()
    for article, qty in lines:
        whole = sale.add(whole, article, qty)
    return whole


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [(297, 2000, 50), (608, 2000, 101), (235, 500, 11), (2890, 2200, 521), (125, 1000, 11), (801, 2000, 134)],
)
def test_vat_is_taken_once_from_the_total_of_a_rate(gross: int, rate: int, tax: int) -> None:
    assert tax_in(gross, rate) == tax
    assert tax_in(-gross, rate) == -tax


def test_three_of_the_same_split_their_vat_by_largest_remainder() -> None:
    assert by_rate([(99, 2000)] * 3) == ({2000: (297, 50)}, [17, 17, 16])


def test_a_basket_of_three_rates_adds_up_as_worked_by_hand() -> None:
    totals, shares = by_rate([(149, 2000), (149, 2000), (310, 2000), (235, 500), (120, 0)])
    assert totals == {2000: (608, 101), 500: (235, 11), 0: (120, 0)}
    assert sum(shares) == 112


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_an_allocation_sums_to_the_whole_and_strays_less_than_one(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    if sum(weights):
        assert all(abs(part - total * w / sum(weights)) < 1 for part, w in zip(parts, weights, strict=True))


@given(BASKETS, st.integers(0, 10**9))
def test_any_basket_settles_to_the_cent(lines: list[tuple[Article, int]], extra: int) -> None:
    whole = basket(lines)
    settled = sale.settle(whole, [Tendered("cash", whole.total + extra)])
    assert settled.change == extra
    assert sum(gross for gross, _ in settled.taxes.values()) == settled.total == sum(k.amount for k in settled.tenders)
    assert sum(settled.shares) == sum(tax for _, tax in settled.taxes.values())
    assert all(0 <= tax <= gross for gross, tax in settled.taxes.values())


@given(BASKETS, st.integers(1, 10**6))
def test_less_than_what_is_due_is_no_payment(lines: list[tuple[Article, int]], short: int) -> None:
    whole = basket(lines)
    if whole.total >= short:
        with pytest.raises(BadInput, match="still due"):
            sale.settle(whole, [Tendered("cash", whole.total - short)])


def test_a_card_never_gives_change() -> None:
    whole = basket([(Article("A", "Thing", 500, 0), 1000)])
    with pytest.raises(BadInput, match="card"):
        sale.settle(whole, [Tendered("card", 501)])
    mixed = sale.settle(whole, [Tendered("card", 300), Tendered("cash", 500)])
    assert (mixed.change, [kept.amount for kept in mixed.tenders]) == (300, [300, 200])


@given(BASKETS)
def test_voiding_every_line_leaves_nothing(lines: list[tuple[Article, int]]) -> None:
    whole = basket(lines)
    for _ in whole.lines:
        whole = sale.void(whole, 0)
    assert (whole.total, whole.lines) == (0, ())


def test_the_same_article_twice_in_a_row_is_one_line_and_between_others_two() -> None:
    a, b = Article("A", "Apple", 30, 0), Article("B", "Bread", 120, 0)
    assert [line.qty for line in basket([(a, 1000), (a, 2000), (b, 1000), (a, 1000)]).lines] == [3000, 1000, 1000]


def test_taking_off_more_than_there_is_takes_the_line_off() -> None:
    one = basket([(Article("A", "Apple", 30, 0), 2000)])
    assert sale.change_qty(one, 0, -1000).lines[0].qty == 1000
    assert sale.change_qty(one, 0, -2000).lines == ()


@given(st.integers(-(10**11), 10**11), st.sampled_from([0, 2, 3]))
def test_money_is_read_as_it_is_written(amount: int, decimals: int) -> None:
    assert money.read(money.written(amount, decimals), decimals) == amount


@pytest.mark.parametrize("odd", ["", "1.234", "NaN", "1e99", "12,50", "one", "0x1", "1.005"])
def test_what_is_no_plain_amount_is_refused(odd: str) -> None:
    with pytest.raises(BadInput):
        money.read(odd)


def test_suggested_tenders_are_the_next_coins_and_notes() -> None:
    assert sale.suggested(1295) == (1300, 1500, 2000, 5000)
    assert sale.suggested(2000) == (5000,)


@pytest.mark.parametrize(("milli", "words"), [(1000, "1"), (742, "0.742"), (-2000, "-2"), (12_500, "12.500")])
def test_quantities_show_their_thousandths_only_where_there_are_some(milli: int, words: str) -> None:
    assert money.quantity(milli) == words
