"""What confused somebody new at the till, as it is now: numbers, words, panels, help and the status line."""

from collections.abc import Iterator

import pytest

from edge_agent.till.help import key_rows
from edge_agent.till.status import Status
from edge_agent.till.view import entry_row
from tests.pty_rig import DELETE, ENTER, ESCAPE, F1, F5, F9, Terminal, till
from tests.screen import stocked

MILK = "04000000000013"
F4, F6, F7 = "\x1bOS", "\x1b[17~", "\x1b[18~"


@pytest.fixture(scope="module")
def open_till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with till(stocked(tmp_path_factory.mktemp("hands"))) as terminal:
        yield terminal


@pytest.fixture
def hands(open_till: Terminal) -> Iterator[Terminal]:
    yield open_till
    open_till.keys(ESCAPE, ESCAPE, ESCAPE, *[DELETE] * 2)
    open_till.wait(" 0.00", "F1 all keys")


def test_a_number_before_f9_is_what_the_card_pays_and_never_stays_behind(hands: Terminal) -> None:
    hands.scan(MILK)
    hands.wait("1.85")
    hands.keys(*"1.00", F9)
    assert "0.85" in hands.wait("1.00 by card, the rest is due")
    hands.keys("/")
    hands.wait("paid, thank you")
    hands.keys(F7)
    hands.wait("DRAWER: no sale")


def test_an_exchange_that_was_begun_is_seen_and_given_up_by_one_key(hands: Terminal) -> None:
    hands.keys(*"1", F4)
    hands.wait("REFUND OF RECEIPT 000001")
    hands.scan(MILK)
    hands.keys("+")
    hands.wait("1.85 comes back: scan what is taken instead")
    hands.keys(F5)
    hands.wait("the exchange is given up: nothing comes back")


def test_a_gift_card_of_25_is_25_and_one_key_takes_it_off_again(hands: Terminal) -> None:
    hands.keys(*"25", F6)
    hands.wait("a new gift card of 25.00")
    hands.keys(DELETE)
    hands.wait("no gift card is sold", "TOTAL           0.00")
    hands.keys(*"25", F6, *"30", F6)
    hands.wait("TOTAL          55.00")
    hands.keys(F5, F5)
    hands.wait("TOTAL           0.00")


def test_a_refund_without_a_receipt_forgets_the_receipt_that_was_not_there(hands: Terminal) -> None:
    hands.keys(F4, *"999", ENTER)
    hands.wait("there is no receipt 999 of this till")
    hands.keys("*")
    hands.wait("REFUND WITHOUT A RECEIPT", without=["there is no receipt 999"])


def test_hundreds_of_pieces_of_waste_are_asked_for_once_more(hands: Terminal) -> None:
    hands.keys(*"00", ENTER, "5", ENTER)
    hands.wait("scan an item", "WASTE")
    hands.scan(MILK)
    hands.keys(*"3112", "*")
    hands.wait("3112 is a lot: * again if it is right", "3112_")


def test_words_are_looked_for_and_an_amount_is_no_code(hands: Terminal) -> None:
    hands.type("sour")
    hands.keys(ENTER)
    assert "Sourdough" in hands.wait("FIND an item", "sour_")
    hands.keys(ESCAPE, ESCAPE)
    hands.type("milk 1")
    hands.keys(ENTER)
    assert "Oat milk" in hands.wait("FIND an item", "milk 1_")
    hands.keys(ESCAPE, ESCAPE, *"2.50", ENTER)
    hands.wait("2.50 is a price, not a code: the item first, then its price and /")


def test_help_comes_over_a_question_and_its_next_key_works_at_once(hands: Terminal) -> None:
    hands.scan("4711471147114")
    hands.wait("is not known", "n + add it for good")
    hands.keys("5", F1)
    hands.wait("KEYS: this question", "5 Enter", "5 +")
    hands.keys("\x7f")
    hands.wait("is not known")
    hands.keys(ESCAPE, F1)
    hands.wait("KEYS: the sale")
    hands.keys(F7)
    hands.wait("DRAWER: no sale")


def test_esc_leaves_a_screen_although_a_note_stands_there(hands: Terminal) -> None:
    hands.keys(*"00", ENTER, *"25", ENTER, *"99", ENTER)
    hands.wait("there is no receipt 99: type another number")
    hands.keys(ESCAPE)
    assert "there is no receipt" not in hands.wait("00 Enter menu")


def test_the_f_keys_of_the_linux_console_are_heard(hands: Terminal) -> None:
    hands.keys("\x1b[[B")
    hands.wait("FIND an item")
    hands.keys(ESCAPE, "\x1b[[A")
    hands.wait("KEYS: the sale")
    hands.send("\x1b[")
    hands.send("[D")
    hands.wait("REFUND")


def test_every_page_of_help_says_all_it_has_to_say() -> None:
    rows = ["".join(part.text for part in one) for one in key_rows(80, "a customer's card", "x" * 30 + " " + "y" * 60)]
    assert [one.strip() for one in rows] == ["a customer's card", "x" * 30, "y" * 60]


def test_a_long_note_begins_further_left_and_keeps_its_end() -> None:
    note = "nobody knows whether it was taken: look at the terminal, then F12"
    assert entry_row(80, "", note).text.rstrip().endswith("then F12")
    assert entry_row(80, "", "short").text.index("short") == 26


def test_the_status_line_names_what_is_well_what_is_not_there_and_what_is_wrong() -> None:
    status = Status(shop="A shop with a long name", till="Till 1", staff="Ana")

    def line(width: int = 80) -> str:
        return status.rows(width, 0)[0].text

    assert "no printer  no cloud  clock" in line()
    status.prints = status.paired = True
    assert "printer?  drawer?  cloud  clock" in line()
    status.devices = {"printer": ("ok", ""), "drawer": ("ok", ""), "scanner": ("ok", "")}
    assert "printer  drawer  cloud  scanner  clock" in line(100)
    status.devices["printer"] = ("fault", "no paper")
    status.online, status.waiting, status.oldest_at = False, 12, 0
    assert "printer: no paper  +1 more" in line()
    assert "cloud: 12 to send, oldest 0 min" in line(120)
    assert all(len(line(width)) == width for width in (60, 80, 120))


def test_the_z_waits_for_the_sale_on_the_counter(hands: Terminal) -> None:
    hands.scan(MILK)
    hands.wait("1.85")
    hands.keys(ENTER, "/")
    hands.wait("paid, thank you")
    hands.scan(MILK)
    hands.wait("1 line, 1 item")
    hands.keys(F7)
    hands.wait("Z: count the drawer")
    hands.keys("/")
    hands.wait("a sale is open: Esc, then pay it, or F3 holds it; then the Z")
    hands.keys(ESCAPE, DELETE, F7)
    hands.wait("Z: count the drawer")
    hands.keys("/")
    hands.wait("HOW MANY OF EACH")


def test_a_number_too_short_for_a_code_is_no_unknown_item(hands: Terminal) -> None:
    hands.keys(*"36", ENTER)
    hands.wait("there is no item 36: F2 finds one; 00 Enter first for the menu")
    hands.keys(*"361", ENTER)
    hands.wait("361 is not known.")
    hands.keys(*"100", ENTER)
    hands.wait("Unknown item 361", "1.00")


def test_cash_that_was_typed_before_one_more_scan_is_told(hands: Terminal) -> None:
    hands.scan(MILK)
    hands.wait("1.85")
    hands.keys(ENTER, *"1.00", ENTER)
    hands.wait("1.00 taken, the rest is due")
    hands.scan(MILK)
    hands.wait("3.70", "the 1.00 in cash are not booked: type them again when paying")


def test_the_whole_menu_stands_on_eighty_columns(hands: Terminal) -> None:
    hands.keys(*"00", ENTER)
    hands.wait("pop-ups: go there, come back", "samples: give away, stop texts", "F10 a visitor of the pop-up")
    assert "drawer and shift: cash, X, Z" in hands.screen()
