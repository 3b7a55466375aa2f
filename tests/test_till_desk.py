"""What stands on the counter and in the stock room, without a screen: keys, quantities, dates, painting."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from edge_agent.clock import FileClock
from edge_agent.counter.selling import Scanned, Selling
from edge_agent.errors import BadInput
from edge_agent.rules.sale import Article, Line
from edge_agent.till.basket import line_row
from edge_agent.till.desk import Desk
from edge_agent.till.digits import big
from edge_agent.till.paint import fit, plain
from edge_agent.till.pay import cash_typed, too_much
from edge_agent.till.reorders import bar
from edge_agent.till.status import Status
from edge_agent.till.stop import wrap
from edge_agent.till.tally import Tally, day_of
from edge_agent.till.words import age, moment
from tests.shop import TUESDAY_14, open_journal

HOSTILE = "\x1b[2J[/]\x07{bold}\u202eevil\u2066\x9b31m\x00" + "\u0301" * 50 + "漢字" * 200


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    journal = open_journal(tmp_path)
    with journal.reading() as reading:
        yield Desk(Selling(reading, FileClock(tmp_path / "clock")))
    journal.close()


def test_a_quantity_holds_for_the_next_scan_alone(desk: Desk) -> None:
    desk.set_quantity("6")
    desk.scan("milk")
    desk.scan("bread")
    assert [line.qty for line in desk.sale.lines] == [6000, 1000]


def test_a_price_check_sells_nothing(desk: Desk) -> None:
    desk.checking = True
    assert desk.scan("milk") == "checked"
    assert (desk.note, desk.sale.lines, desk.checking) == ("Oat milk 1 l: 1.85", (), False)


def test_a_code_is_no_quantity(desk: Desk) -> None:
    for text in ("5012345678900", "0", "-1", "1.2345", "x", ""):
        with pytest.raises(BadInput, match="is not a quantity"):
            desk.set_quantity(text)


def test_an_unknown_code_keeps_the_quantity_for_the_next(desk: Desk) -> None:
    desk.set_quantity("3")
    assert desk.scan("nothing") == Scanned("unknown", "nothing")
    desk.scan("milk")
    assert desk.sale.lines[0].qty == 3000


def test_plus_and_minus_change_the_marked_line_and_the_last_piece_takes_it_off(desk: Desk) -> None:
    desk.scan("milk")
    desk.scan("bread")
    desk.move(-1)
    desk.change("5", 1)
    desk.change("", -1)
    assert [line.qty for line in desk.sale.lines] == [5000, 1000]
    desk.change("5", -1)
    assert [line.sku for line in desk.sale.lines] == ["bread"]


def test_the_last_item_repeats_and_an_empty_sale_says_so(desk: Desk) -> None:
    with pytest.raises(BadInput, match="no item to repeat"):
        desk.repeat()
    desk.scan("choc")
    desk.repeat()
    assert desk.sale.lines[0].qty == 2000


def test_a_void_takes_the_marked_line_and_names_it(desk: Desk) -> None:
    desk.scan("milk")
    desk.void()
    assert (desk.sale.lines, desk.note, desk.selected) == ((), "taken off: Oat milk 1 l", -1)
    with pytest.raises(BadInput):
        desk.void()


def test_a_tally_counts_scans_and_takes_a_typed_number_as_how_many() -> None:
    tally = Tally()
    tally.scan(Article("milk", "Oat milk", 185, 0))
    tally.scan(Article("milk", "Oat milk", 185, 0))
    assert tally.lines[0].qty == 2000
    tally.set_qty("11")
    tally.change(-20_000)
    assert tally.lines[0].qty == 0
    with pytest.raises(BadInput):
        Tally().set_qty("3")


def test_a_typed_day_is_the_next_one_to_come() -> None:
    today = date(2026, 3, 3)
    assert day_of("1503", today) == date(2026, 3, 15)
    assert day_of("0203", today) == date(2027, 3, 2)
    assert day_of("150327", today) == date(2027, 3, 15)
    for text in ("3102", "", "15", "15.03"):
        with pytest.raises(BadInput):
            day_of(text, today)


def test_no_byte_of_a_hostile_name_reaches_the_cells_as_a_command() -> None:
    for text in (
        plain(HOSTILE),
        fit(HOSTILE, 20),
        line_row(Line("s", HOSTILE, 1, 0, 1000), 1, 80, 2, selected=True).text,
    ):
        assert text.isprintable()
        assert not set(text) & set("\x1b\x07\x9b\u202e\u2066")


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_row_has_exactly_its_cells_whatever_the_name(width: int) -> None:
    for name in ("Oat milk", "漢字" * 50, "", HOSTILE, "e\u0301" * 90):
        assert line_row(Line("s", name, 123456, 0, 742), 12, width, 2, selected=False).cell_length == width


def test_prices_stand_on_their_decimals() -> None:
    texts = [
        line_row(Line("s", "n", price, 0, 1000), 1, 80, 2, selected=False).text for price in (5, 123_456, 99_999_999)
    ]
    assert {text.rindex(".") for text in texts} == {texts[0].rindex(".")}


def test_big_figures_shrink_where_they_do_not_fit() -> None:
    assert [len(text) for text in big("12.95", 37)] == [37] * 5
    assert "1234567890.00" in "".join(big("1234567890.00", 37))


def test_money_that_nobody_hands_over_is_refused() -> None:
    assert not too_much(5000, 50, 2)
    assert too_much(501_234, 1295, 2)


def test_typed_cash_is_what_a_cashier_means() -> None:
    assert [cash_typed(text, 1480, 2) for text in ("2000", "20.00", "20", "10", "1500")] == [
        2000,
        2000,
        2000,
        1000,
        1500,
    ]
    assert [cash_typed(text, 30, 2) for text in ("50", "5", "100")] == [50, 500, 100]
    assert cash_typed("20", 1480, 0) == 20


def test_words_for_times_and_amounts() -> None:
    assert moment(TUESDAY_14 + 3_600_000, TUESDAY_14, "Europe/London") == "15:00 today"
    assert moment(TUESDAY_14 + 2 * 86_400_000, TUESDAY_14, "Europe/London") == "Thu 14:00"
    assert [age(ms * 60_000) for ms in (5, 180, 3000)] == ["5 min", "3 h", "2 d"]
    assert [bar(18, 36), bar(50, 36), bar(-1, 36), bar(5, 0)] == [
        "[#####.....]",
        "[##########]",
        "[..........]",
        "[##########]",
    ]
    assert wrap("one two " + "x" * 12, 8) == ["one two", "xxxxxxxx", "xxxx"]


def test_the_status_line_is_quiet_when_well_and_says_one_word_when_not() -> None:
    status = Status("Corner Shop", "Till 1", "Ana", "Europe/London", {"printer": ("ok", "")})
    names, well = " Corner Shop   Till 1   Ana", "  printer  no cloud  clock   14:00 "
    assert status.rows(80, TUESDAY_14)[0].text == f"{names:<{80 - len(well)}}{well}"
    status.devices["printer"] = ("fault", "no paper")
    status.online, status.waiting, status.oldest_at = False, 12, TUESDAY_14 - 3 * 3_600_000
    assert status.troubles(TUESDAY_14) == ["printer: no paper", "cloud: 12 to send, oldest 3 h"]
    assert "printer: no paper  +1 more" in status.rows(80, TUESDAY_14)[0].text
    assert "oldest 3 h" in status.rows(120, TUESDAY_14)[0].text
