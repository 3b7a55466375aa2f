"""What the cashier sees: every screen of the till on a real terminal, against golden files."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty_rig import DELETE, DOWN, ENTER, ESCAPE, F1, INSERT, Terminal, till
from tests.screen import ORDER, decided, matches, stocked

MILK, BREAD, CHOCOLATE = "04000000000013", "04000000000020", "04000000000037"


@pytest.fixture(scope="module")
def open_till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with till(stocked(tmp_path_factory.mktemp("screens"), decided(*ORDER))) as terminal:
        yield terminal


@pytest.fixture
def small(open_till: Terminal) -> Iterator[Terminal]:
    """The till of this file; the sale is empty before each test and nothing is ever paid."""
    yield open_till
    open_till.keys(ESCAPE, ESCAPE, ESCAPE, *[DELETE] * 3)
    open_till.wait(" 0.00", "F1 all keys")


def sell_three(terminal: Terminal) -> None:
    """Milk, six breads, and chocolate; the entry line is empty again."""
    terminal.scan(MILK)
    terminal.type("6*")
    terminal.wait("6 of what is scanned next")
    terminal.scan(BREAD)
    terminal.scan(CHOCOLATE)
    terminal.wait("3 lines, 8 items", "23.54", "Ins why")


def test_the_sale_on_80_by_24(small: Terminal) -> None:
    sell_three(small)
    matches(small.screen(), "till_sale_80x24")


def test_the_sale_on_120_by_40_and_paid_with_its_change_as_the_biggest_thing(tmp_path: Path) -> None:
    with till(stocked(tmp_path, decided(*ORDER)), columns=120, rows=40) as terminal:
        sell_three(terminal)
        matches(terminal.wait("TO ORDER", "left"), "till_sale_120x40")
        terminal.keys(ENTER, "*")
        matches(terminal.wait("CHANGE", "receipt 000001"), "till_paid_120x40")
        terminal.keys(INSERT)
        matches(terminal.wait("If you skip", "Until Fri 14:00 about", "17  ["), "till_reorders_120x40")


def test_the_payment_keeps_the_lines_and_turns_the_right_side(small: Terminal) -> None:
    sell_three(small)
    small.keys(ENTER)
    matches(small.wait("TO PAY", "due"), "till_pay")


def test_paid_shows_the_change_as_the_biggest_thing(tmp_path: Path) -> None:
    with till(stocked(tmp_path, decided(*ORDER))) as terminal:
        sell_three(terminal)
        terminal.keys(ENTER, "*")
        matches(terminal.wait("CHANGE", "receipt 000001"), "till_paid")


def test_an_unknown_code_stops_out_loud(small: Terminal) -> None:
    small.scan(MILK)
    for _ in range(3):
        small.scan("999999999999")
    matches(small.wait("999999999999 is not known", "2 scans waiting"), "till_unknown")
    assert re.sub(rb"\x1b\][^\a]*\a", b"", bytes(small.raw)).count(b"\a") == 3


def test_goods_in_offers_the_orders_and_takes_them_as_ordered(small: Terminal) -> None:
    small.type("00")
    small.keys(ENTER, "3", ENTER)
    small.wait("Northside", "2 lines")
    small.keys("1", ENTER)
    small.wait("as ordered", "Sourdough")
    small.scan(MILK)
    small.wait("> Oat milk")
    small.type("11")
    small.keys(ENTER)
    matches(small.wait("short"), "till_stock")
    small.type("12/")
    small.wait("only 11 came: type how many came first")
    small.type("2/")
    small.wait("short  2 damaged")


def test_the_orders_tell_their_reason(small: Terminal) -> None:
    small.keys(INSERT)
    matches(small.wait("for the owner", "If you skip"), "till_reorders")
    small.keys(DOWN, ENTER)
    matches(small.wait("Until Fri 14:00 about", "PgDn (3) shows the rest"), "till_reorders_72_hours")
    small.keys(ENTER)
    small.wait("forecast", "PgDn (3) shows the rest")
    small.keys("3", "3", "3")
    small.wait("->     9", without=["PgDn"])


def test_help_maps_the_keys_of_this_screen(small: Terminal) -> None:
    small.keys(F1)
    matches(small.wait("KEYS: the sale"), "till_help")
    small.keys(ESCAPE)
    small.wait("F1 all keys", without=["KEYS"])
