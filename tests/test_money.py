"""Money, VAT and a sale: to the cent, for any basket."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.errors import BadInput
from edge_agent.rules import money, sale
from edge_agent.rules.cash import notes_of, rounded
from edge_agent.rules.printed import priced
from edge_agent.rules.quick import Quick
from edge_agent.rules.sale import Article, Sale, Tendered, Terms
from edge_agent.rules.tax import allocate, by_rate, on_top, tax_in, tax_on

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


VECTORS = [
    ([(2890, 2200), (125, 1000)], {2200: (2890, 521), 1000: (125, 11)}),
    ([(149, 2000), (149, 2000), (310, 2000), (235, 500), (120, 0)], {2000: (608, 101), 500: (235, 11), 0: (120, 0)}),
    ([(297, 2000)], {2000: (297, 50)}),
    ([(801, 2000)], {2000: (801, 134)}),
    ([(1180, 1000), (540, 800)], {1000: (1180, 107), 800: (540, 40)}),
    ([(12_345, 500)], {500: (12_345, 588)}),
]
"""Two decimals; yen of no decimals with 10 and 8 %; dinars of three with 5 %."""


@pytest.mark.parametrize(("lines", "totals"), VECTORS)
def test_the_vectors_of_public_fault_reports_come_out_to_the_cent(
    lines: list[tuple[int, int]], totals: dict[int, tuple[int, int]]
) -> None:
    found, shares = by_rate(lines)
    assert found == totals
    assert sum(shares) == sum(tax for _, tax in totals.values())
    assert sum(gross for gross, _ in found.values()) == sum(gross for gross, _ in lines)


def test_tax_on_top_is_reckoned_once_per_receipt_and_rate() -> None:
    assert tax_on(2369, 2200) == 521
    assert on_top([(99, 2000)] * 3) == ({2000: (356, 59)}, [20, 20, 19])
    assert on_top([(1000, 825), (500, 0)]) == ({825: (1083, 83), 0: (500, 0)}, [83, 0])


CURRENCIES = st.sampled_from([("JPY", 1), ("EUR", 1), ("EUR", 5), ("KWD", 5), ("CHF", 5), ("GBP", 1)])


@given(BASKETS, st.data(), CURRENCIES, st.sampled_from(["cash", "card", "both"]))
def test_any_basket_on_any_terms_sums_up(
    lines: list[tuple[Article, int]], data: st.DataObject, currency: tuple[str, int], way: str
) -> None:
    step = currency[1]
    whole = replace(basket(lines), terms=Terms(data.draw(st.booleans()), step))
    card = whole.total if way == "card" else data.draw(st.integers(0, whole.total)) if way == "both" else 0
    coins = rounded(whole.total - card, step)
    tenders = [Tendered("card", card)] * (way != "cash") + [Tendered("cash", coins)] * (way != "card")
    settled = sale.settle(whole, tenders)
    assert sum(kept.amount for kept in settled.tenders) == settled.total
    assert sum(gross for gross, _ in settled.taxes.values()) == settled.total
    assert sum(settled.shares) == sum(tax for _, tax in settled.taxes.values())
    assert all(kept.amount % step == 0 for kept in settled.tenders if kept.kind == "cash")
    assert all(abs(kept.amount) <= step // 2 for kept in settled.tenders if kept.kind == "rounding")


@given(BASKETS, st.data())
def test_no_order_of_lines_changes_a_total(lines: list[tuple[Article, int]], data: st.DataObject) -> None:
    whole = replace(basket(lines), terms=Terms(data.draw(st.booleans())))
    other = replace(whole, lines=tuple(data.draw(st.permutations(whole.lines))))
    assert (whole.total, whole.taxes[0]) == (other.total, other.taxes[0])


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


def test_suggested_tenders_are_the_next_coins_and_notes_and_then_what_this_shop_is_given() -> None:
    quick = Quick("GBP", 2)
    assert quick.suggested(1337) == (1400, 1500, 2000, 5000)
    assert quick.suggested(2000) == (5000,)
    many = Quick("EUR", 2)
    assert many.suggested(630) == (700, 1000, 2000, 5000)
    many.learn([(1240, 10_000), (2380, 10_000), (990, 1000), (1, 7)])
    assert many.suggested(630) == (700, 1000, 2000, 10_000)


@pytest.mark.parametrize(
    ("currency", "decimals", "notes"),
    [
        ("JPY", 0, (100, 500, 1000, 5000, 10_000)),
        ("KWD", 3, (1000, 5000, 10_000, 20_000)),
        ("XYZ", 2, (100, 500, 1000, 5000)),
    ],
)
def test_customers_round_up_to_the_notes_of_their_currency(
    currency: str, decimals: int, notes: tuple[int, ...]
) -> None:
    known = notes_of(currency, decimals)
    assert set(notes) <= set(known)
    assert all(note >= min(notes) for note in known)


@pytest.mark.parametrize(("milli", "words"), [(1000, "1"), (742, "0.742"), (-2000, "-2"), (12_500, "12.500")])
def test_quantities_show_their_thousandths_only_where_there_are_some(milli: int, words: str) -> None:
    assert money.quantity(milli) == words


def test_amounts_on_paper_are_written_as_cldr_writes_them_in_both_languages() -> None:
    figures = [line.split("\t") for line in (Path(__file__).parent / "cldr.tsv").read_text().splitlines()[1:]]
    assert len(figures) == 2 * 8 * 5
    for language, code, symbol, decimals, minor, text in figures:
        currency = money.Currency(code, symbol, int(decimals), language)
        assert priced(currency, int(minor)) == text, (language, code)
