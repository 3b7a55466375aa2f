"""What comes off a sale: discounts, prices by hand, deposits; whatever is done, lines sum to the total to the cent."""

import string
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.counter.holding import Holding
from edge_agent.counter.paying import Paying
from edge_agent.counter.selling import Selling
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules import sale as rules
from edge_agent.rules.age import born, latest_birth, years_old
from edge_agent.rules.finding import FindIndex, folded
from edge_agent.rules.offers import Offers
from edge_agent.rules.pricing import priced
from edge_agent.rules.sale import Article, Read, Sale, Tendered, settle
from tests.shop import SHOP, item, open_journal, record, scripted_clock

NONE = Offers((), 0)
ARTICLES = (
    Article("a", "Bread", 28_90, 2200),
    Article("b", "Milk", 1_25, 1000, deposit=25),
    Article("c", "Cheese", 18_90, 0, unit="kg"),
)
act = st.one_of(
    st.tuples(st.just("add"), st.integers(0, 2), st.integers(1, 5_000)),
    st.tuples(st.just("line"), st.integers(0, 20), st.integers(0, 10_000)),
    st.tuples(st.just("all"), st.integers(0, 20), st.integers(0, 10_000)),
    st.tuples(st.just("price"), st.integers(0, 20), st.integers(0, 5_000)),
    st.tuples(st.just("void"), st.integers(0, 20), st.just(0)),
)


def done(acts: list[tuple[str, int, int]]) -> Sale:
    """A sale after some acts at the counter."""
    sale = Sale()
    for what, where, much in acts:
        place = where % len(sale.lines) if sale.lines else 0
        if what == "add":
            sale = rules.add(sale, ARTICLES[where], much)
        elif not sale.lines:
            continue
        elif what == "line":
            sale = rules.discount(sale, place, much)
        elif what == "all":
            sale = rules.discount_all(sale, much)
        elif what == "price":
            sale = rules.set_price(sale, place, much, "damaged")
        else:
            sale = rules.void(sale, place)
        sale = priced(sale, NONE)
    return sale


@given(st.lists(act, max_size=12))
def test_whatever_comes_off_the_books_are_to_the_cent(acts: list[tuple[str, int, int]]) -> None:
    sale = done(acts)
    if not sale.lines:
        return
    settled = settle(sale, [Tendered("card", sale.total)])
    assert settled.total == sum(line.gross for line in sale.lines) >= 0
    assert sum(gross for gross, _ in settled.taxes.values()) == settled.total
    assert sum(settled.shares) == sum(tax for _, tax in settled.taxes.values())
    for line in sale.lines:
        assert line.gross >= line.deposits
        assert line.gross == line.goods - sum(cut.amount for cut in line.cuts) + line.deposits
    if sale.percent:
        left = sum(line.goods - sum(cut.amount for cut in line.cuts if cut.kind != "sale") for line in sale.lines)
        off = sum(cut.amount for line in sale.lines for cut in line.cuts if cut.kind == "sale")
        assert abs(off * 10_000 - left * sale.percent) <= 5_000


@given(st.lists(act, max_size=12))
def test_pricing_a_priced_sale_changes_nothing(acts: list[tuple[str, int, int]]) -> None:
    sale = done(acts)
    assert priced(sale, NONE) is sale


def test_a_discount_on_all_leaves_deposits_alone() -> None:
    sale = priced(rules.discount_all(rules.add(Sale(), ARTICLES[1], 4000), 10_000), NONE)
    assert (sale.lines[0].goods, sale.lines[0].deposits, sale.total) == (500, 100, 100)


def test_what_is_weighed_or_priced_by_hand_never_runs_into_another_line() -> None:
    sale = rules.add(rules.add(Sale(), ARTICLES[2], 300), ARTICLES[2], 300)
    assert [line.qty for line in sale.lines] == [300, 300]
    sale = rules.set_price(rules.add(Sale(), ARTICLES[0], 1000), 0, 2000, "damaged")
    assert len(rules.add(sale, ARTICLES[0], 1000).lines) == 2
    sale = rules.add(Sale(), ARTICLES[0], 1000, read=Read(lot="A1"))
    assert len(rules.add(sale, ARTICLES[0], 1000, read=Read(lot="A2")).lines) == 2


def test_a_percentage_is_one_and_an_empty_sale_has_none() -> None:
    sale = rules.add(Sale(), ARTICLES[0], 1000)
    for percent in (-1, 10_001):
        with pytest.raises(BadInput, match="0 to 100"):
            rules.discount(sale, 0, percent)
    with pytest.raises(BadInput, match="nothing to take"):
        rules.discount_all(Sale(), 1000)
    assert rules.void(rules.discount_all(sale, 1000), 0).percent == 0


def test_a_held_sale_is_the_same_sale_later_under_the_least_free_ticket(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    holding = Holding(journal)
    with journal.reading() as reading:
        selling = Selling(reading, scripted_clock(tmp_path))
        selling.scan("milk", 3000)
        selling.scan("choc")
        selling.set_price(1, 99, "damaged", "boss")
        selling.discount(0, 1000)
        selling.discount_all(500)
        sale = replace(selling.sale, age=18, cards=("STAFF",))
        assert [holding.hold(sale).result(), holding.hold(sale).result()] == [1, 2]
        back = holding.recall(1).result()
        assert priced(back, NONE) == sale
        assert holding.hold(sale).result() == 1
        holding.recall(2).result()
        with pytest.raises(NotKnown, match="no sale is held as 2"):
            holding.recall(2).result()
        with pytest.raises(BadInput, match="no sale to hold"):
            holding.hold(Sale())
    journal.close()


def test_a_date_of_birth_is_typed_or_stands_in_a_licence() -> None:
    today = date(2026, 3, 3)
    assert {born(text, today) for text in ("030308", "03032008", "@ANSI DBB03032008 DBA", "DBB20080303")} == {
        date(2008, 3, 3)
    }
    assert born("311230", today) == date(1930, 12, 31)
    assert [years_old(born(text, today), today) for text in ("030308", "040308")] == [18, 17]
    assert latest_birth(date(2028, 2, 29), 18) == date(2010, 2, 28)
    for text in ("310226", "04032026", "1503", "", "abcdef", "01011800"):
        with pytest.raises(BadInput):
            born(text, today)


NAMES = st.lists(st.text(string.ascii_lowercase + " ", min_size=1, max_size=12), min_size=1, max_size=30)


@given(NAMES, st.integers(0, 29), st.integers(0, 11), st.integers(1, 12))
def test_a_part_of_a_name_finds_its_item(names: list[str], which: int, start: int, length: int) -> None:
    index = FindIndex((str(place), name, ()) for place, name in enumerate(names))
    name = " ".join(names[which % len(names)].split())
    part = name[start : start + length]
    assert str(which % len(names)) in index.search(part, len(names))


def test_finding_folds_letters_and_takes_words_in_any_order_and_numbers_last() -> None:
    rows = [("12", "Pão de forma", ["05012345678900"]), ("P7", "Brown pao 12", []), ("x", "Straße", [])]
    index = FindIndex(rows)
    assert index.search("pao", 9) == ["12", "P7"]
    assert index.search("forma pão", 9) == ["12"]
    assert index.search("12", 9) == ["P7", "12"]
    assert index.search("8900", 9) == ["12"]
    assert (index.search("zz", 9), index.search("", 2)) == ([], ["12", "P7"])
    assert folded("STRASSE") == folded("Straße")


def test_a_sale_that_could_not_be_recorded_is_full_before_it_is_paid(tmp_path: Path) -> None:
    """Long names, each with a discount of its own, one on all, and a price by hand: more than a line of the journal."""
    items = [item(f"s{n}", f"{n:03d} " + "\u00e9" * 70, 999, 2000, f"9{n:05d}") for n in range(300)]
    journal = open_journal(tmp_path, (SHOP,))
    for first in range(0, 300, 50):
        record(journal, *items[first : first + 50])
    with journal.reading() as reading:
        selling = Selling(reading, scripted_clock(tmp_path))

        def ring_up() -> None:
            for number in range(300):
                selling.scan(f"s{number}")
                selling.set_price(number, 900, "as on the shelf", "0123456789abcdef")
                selling.discount(number, 1234)

        with pytest.raises(BadInput, match="as long as one may be"):
            ring_up()
        assert len(selling.sale.lines) > 100
        paid = Paying(journal, lambda *_: None).pay(selling.sale, [Tendered("card", selling.sale.total)]).result()
        line = reading.lines(paid.seq, paid.seq)[0]
        assert selling.sale.size >= len(line) - 2_048
        with pytest.raises(BadInput, match="as long as one may be"):
            selling.discount_all(500)
    journal.close()
