"""Codes that hold more than an article: a scale's labels and GS1 elements, sold to the cent and never twice."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.counter.selling import Selling
from edge_agent.errors import BadInput
from edge_agent.rules.barcode import GS, check_digit
from edge_agent.rules.gs1 import Elements, elements
from edge_agent.rules.inside import inside, pattern_of, price_check
from tests.shop import CAST, item, open_journal, scripted_clock

TODAY = date(2026, 3, 3)
TABLE = tuple(map(pattern_of, ("21IIIIIPPPPPC", "28IIIIIVWWWWC", "29IIIIIVPPPPC")))
CHEESE = item("cheese", "Cheddar", 1890, 0, "12345").model_copy(update={"unit": "kg"})
CAKE = item("cake", "Cake, a piece", 0, 0, "77")
GTIN = "05012345678900"
TEA = item("tea", "Tea", 310, 0, GTIN)


def label(body: str) -> str:
    return body + check_digit(body)


@pytest.fixture
def selling(tmp_path: Path) -> Iterator[Selling]:
    journal = open_journal(tmp_path, (*CAST, CHEESE, CAKE, TEA))
    with journal.reading() as reading:
        yield Selling(reading, scripted_clock(tmp_path), TABLE)
    journal.close()


def test_the_check_digits_of_gs1s_own_examples() -> None:
    assert (price_check("2875"), price_check("14685")) == ("9", "6")


def test_a_label_with_a_price_costs_that_price_whatever_its_weight_came_to(selling: Selling) -> None:
    selling.scan(label("211234500701"))
    (line,) = selling.sale.lines
    assert (line.sku, line.qty, line.gross, line.unit) == ("cheese", 371, 701, "kg")
    selling.scan(label("211234500701"))
    assert [line.gross for line in selling.sale.lines] == [701, 701]
    with pytest.raises(BadInput, match="on its label"):
        selling.change(0, 1000)
    with pytest.raises(BadInput, match="on its label"):
        selling.set_price(0, 100, "damaged")


def test_a_label_with_a_weight_costs_what_that_weighs(selling: Selling) -> None:
    selling.scan(label("2812345" + price_check("0742") + "0742"))
    (line,) = selling.sale.lines
    assert (line.qty, line.gross) == (742, 1402)


def test_a_piece_with_its_price_on_the_label(selling: Selling) -> None:
    selling.scan(label("2900077" + price_check("0350") + "0350"))
    assert [(line.sku, line.qty, line.gross) for line in selling.sale.lines] == [("cake", 1000, 350)]
    selling.scan(label("2900077" + price_check("0350") + "0350"), 3000)
    assert selling.sale.lines[1].gross == 1050


def test_a_label_that_was_read_wrongly_is_no_sale(selling: Selling) -> None:
    wrong = str((int(price_check("0350")) + 1) % 10)
    with pytest.raises(BadInput, match="read wrongly"):
        selling.scan(label("2900077" + wrong + "0350"))
    assert selling.scan("2112345007019").kind == "unknown"
    assert selling.scan(label("219999900701")).kind == "unknown"
    assert selling.sale.lines == ()


def test_what_is_weighed_is_never_sold_without_a_weight(selling: Selling) -> None:
    assert selling.scan("12345").kind == "needs weight"
    selling.scan("12345", 742)
    assert selling.sale.total == 1402


def test_a_row_of_the_table_is_thirteen_signs_that_fit() -> None:
    for text in ("21IIIIIPPPPP", "21IIIIIIIIIIC", "IIIIIIIPPPPPC", "21IIIVPPPPPPC", "21IIIIIPPPPCC"):
        with pytest.raises(BadInput, match="no pattern"):
            pattern_of(text)


@given(st.integers(0, 9999), st.integers(0, 3), st.integers(1, 9))
def test_one_wrong_digit_in_a_checked_field_never_passes_both_checks(price: int, place: int, off: int) -> None:
    field = f"{price:04d}"
    other = field[:place] + str((int(field[place]) + off) % 10) + field[place + 1 :]
    if price_check(other) != price_check(field):
        with pytest.raises(BadInput):
            inside(label("2900077" + price_check(field) + other), TABLE)


AIM = "]d2"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            f"{AIM}01{GTIN}17261231" + f"10A-7{GS}21S1",
            Elements(GTIN, lot="A-7", serial="S1", expires=date(2026, 12, 31)),
        ),
        (f"{GS}01{GTIN}3103000742", Elements(GTIN, 742)),
        (f"]C101{GTIN}3101000123", Elements(GTIN, 12_300)),
        (f"01{GTIN}3922701", Elements(GTIN, None, 701)),
        (f"01{GTIN}15260200", Elements(GTIN, best_before=date(2026, 2, 28))),
        (f"01{GTIN}30024", Elements(GTIN, 24_000)),
        (f"]Q301{GTIN}99anything{GS}10B", Elements(GTIN, lot="B")),
        (
            f"https://id.example/01/{GTIN}/10/A%2F7?17=261231&3103=000742",
            Elements(GTIN, 742, lot="A/7", expires=date(2026, 12, 31)),
        ),
    ],
)
def test_the_elements_of_a_code(code: str, said: Elements) -> None:
    assert elements(code, 2, TODAY) == said


@pytest.mark.parametrize(
    "code",
    [
        "5012345678900",
        f"01{GTIN}8X1",
        f"{AIM}01{GTIN}3103742",
        f"{AIM}01{GTIN}10",
        f"{AIM}01{GTIN}10{'A' * 21}",
        f"{AIM}01{GTIN[:-1]}1",
        f"{AIM}10A{GS}10B",
        "https://shop.example/about",
        "nowhere/01/",
    ],
)
def test_what_is_no_article_with_known_elements_is_left_whole(code: str) -> None:
    assert elements(code, 2, TODAY) is None


def test_an_amount_in_other_money_is_refused() -> None:
    with pytest.raises(BadInput, match="other decimals"):
        elements(f"{AIM}01{GTIN}3923701234", 2, TODAY)
    assert elements(f"{AIM}01{GTIN}3920700", 0, TODAY) == Elements(GTIN, price=700)


@given(st.text(st.sampled_from("0123456789ABC/:?=&" + GS), max_size=60))
def test_no_code_breaks_the_reading_of_elements(code: str) -> None:
    for text in (code, f"{AIM}{code}", f"01{GTIN}{code}", f"https://a.example/01/{GTIN}/{code}"):
        read = elements(text, 2, TODAY)
        assert read is None or len(read.gtin) == 14


def test_what_has_expired_is_refused_and_a_batch_is_kept(selling: Selling) -> None:
    with pytest.raises(BadInput, match=r"Tea: expired on 02\.03\.2026"):
        selling.scan(f"{AIM}01{GTIN}17260302")
    selling.scan(f"{AIM}01{GTIN}17260303" + f"10L1{GS}21S9")
    assert [(line.read.lot, line.read.serial, line.gross) for line in selling.sale.lines] == [("L1", "S9", 310)]
    with pytest.raises(BadInput, match="number S9 is in the sale already"):
        selling.scan(f"{AIM}01{GTIN}10L1{GS}21S9")
    selling.scan(GTIN)
    assert len(selling.sale.lines) == 2
