"""Money at the till, by a scripted cashier on a real terminal: each act with its keys counted against a budget."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.counter.signing import signer
from edge_agent.journal.reading import Reading
from edge_agent.rules.receipt_code import code_of, payload
from edge_agent.wire.envelope import Event
from edge_agent.wire.events.sales import SaleCompleted
from tests.pty_rig import ENTER, ESCAPE, F9, Terminal, till
from tests.screen import matches, stocked

MILK, BREAD, CHOCOLATE = "04000000000013", "04000000000020", "04000000000037"
F4, F6, F7, F8, F12 = "\x1bOS", "\x1b[17~", "\x1b[18~", "\x1b[19~", "\x1b[24~"
BUDGET = {
    "exact cash": 2,
    "cash by note key": 2,
    "card": 1,
    "refund of one line with its receipt": 2,
    "refund of a damaged one by its number": 3,
    "refund without a receipt": 4,
    "a copy of the last receipt": 1,
    "a wrong tender": 3,
    "card, noted before and answered": 3,
    "exchange": 4,
    "X report": 2,
    "pay out": 2,
    "no sale": 2,
    "Z close": 4,
}
"""The most keys that an act may take, without scans, typed amounts and counts."""


class Cashier:
    """Presses keys and counts them."""

    def __init__(self, folder: Path) -> None:
        self.terminal: Terminal = till(folder)
        self.data = folder / "data"
        self.reading = Reading.open(self.data / "journal.db")
        self.keys = 0

    def press(self, *keys: str) -> None:
        self.terminal.keys(*keys)
        self.keys += len(keys)

    def amount(self, text: str) -> None:
        """Digits of an amount or a count: not counted."""
        self.terminal.keys(*text)

    def within(self, act: str) -> None:
        """The keys since the last act were no more than its budget."""
        keys, self.keys = self.keys, 0
        assert keys <= BUDGET[act], f"{act} took {keys} keys, its budget is {BUDGET[act]}"

    def code(self, receipt: int) -> str:
        """The code on a receipt, as the till prints it."""
        found = self.reading.receipt(receipt)
        assert found is not None
        event, link = self.reading.event(found.seq), self.reading.hash_at(found.seq) or b""
        signed = payload(SaleCompleted.model_validate(event.body), event.id, link)
        return code_of(signed, signer(self.data)(signed)[1])

    def events(self, kind: str) -> list[Event]:
        return list(self.reading.events(kind))


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cashier]:
    cashier = Cashier(stocked(tmp_path_factory.mktemp("money")))
    yield cashier
    cashier.reading.close()
    assert cashier.terminal.close() == 0


@pytest.fixture
def cashier(opened: Cashier) -> Iterator[Cashier]:
    opened.keys = 0
    yield opened
    opened.terminal.keys(ESCAPE, ESCAPE, ESCAPE)
    opened.terminal.until(lambda text: "  PAID " in text or "TOTAL           0.00" in text)


def test_the_first_sale_opens_a_shift_and_says_so_and_a_sale_stays_within_its_keys(cashier: Cashier) -> None:
    cashier.terminal.scan(MILK)
    cashier.terminal.wait("Oat milk")
    cashier.press(ENTER, ENTER)
    cashier.terminal.wait("CHANGE", "shift 1 opened by itself with 0.00")
    cashier.within("exact cash")
    cashier.terminal.scan(BREAD)
    cashier.terminal.wait("> ", "Sourdough")
    cashier.press(ENTER, "/")
    cashier.terminal.wait("CHANGE", "0.60")
    cashier.within("cash by note key")
    cashier.terminal.scan(CHOCOLATE)
    cashier.terminal.wait("> ", "chocolate")
    cashier.press(F9)
    cashier.terminal.wait("CHANGE", "PAID")
    cashier.within("card")


def test_cash_in_and_out_and_no_sale_leave_their_reason(cashier: Cashier) -> None:
    cashier.amount("10000")
    cashier.press(F7)
    matches(cashier.terminal.wait("DRAWER: 100.00 in or out"), "till_drawer")
    cashier.press("1")
    cashier.terminal.wait("100.00 in: change money")
    cashier.keys = 0
    cashier.amount("550")
    cashier.press(F7, "7")
    cashier.terminal.wait("5.50 out: expenses")
    cashier.within("pay out")
    cashier.press(F7, "1")
    cashier.terminal.wait("no sale: change given")
    cashier.within("no sale")
    said = [(event.body["what"], event.body["amount"], event.body["reason"]) for event in cashier.events("cash_moved")]
    assert said == [("in", 10_000, "change money"), ("out", 550, "expenses"), ("no_sale", 0, "change given")]


def test_one_line_comes_back_with_two_keys_and_two_scans(cashier: Cashier) -> None:
    cashier.press(F4)
    cashier.terminal.wait("Scan the code on the receipt")
    cashier.terminal.scan(cashier.code(2))
    cashier.terminal.wait("REFUND OF RECEIPT 000002")
    cashier.terminal.scan(BREAD)
    matches(cashier.terminal.wait("give back in cash", "3.40"), "till_refund")
    cashier.press(ENTER)
    matches(cashier.terminal.wait("GIVE BACK", "receipt 000004"), "till_refunded")
    cashier.within("refund of one line with its receipt")
    (refund,) = cashier.events("refund_made")
    assert (refund.body["of"]["receipt"], refund.body["total"], refund.body["lines"][0]["goes"]) == (2, -340, "shelf")


def test_the_same_thing_does_not_come_back_twice(cashier: Cashier) -> None:
    cashier.press(F4)
    cashier.terminal.scan(cashier.code(2))
    cashier.terminal.scan(BREAD)
    cashier.terminal.wait("no more of it can come back")
    cashier.press(ENTER)
    cashier.terminal.wait("nothing comes back")
    assert len(cashier.events("refund_made")) == 1


def test_damaged_goods_by_the_receipts_number_go_back_onto_the_card_and_are_no_stock(cashier: Cashier) -> None:
    cashier.amount("3")
    cashier.press(F4)
    cashier.terminal.wait("REFUND OF RECEIPT 000003", "onto the card")
    before = cashier.reading.stock("choc").on_hand
    cashier.terminal.scan(CHOCOLATE)
    cashier.press("-")
    cashier.terminal.wait("damaged")
    cashier.press(ENTER)
    cashier.terminal.wait("GIVE BACK", "onto the card")
    cashier.within("refund of a damaged one by its number")
    assert cashier.reading.stock("choc").on_hand == before


def test_without_a_receipt_the_cashier_says_why(cashier: Cashier) -> None:
    cashier.press(F4, "*")
    cashier.terminal.scan(MILK)
    cashier.terminal.wait("REFUND WITHOUT A RECEIPT", "1.85")
    cashier.press(ENTER)
    cashier.terminal.wait("why without a receipt?")
    cashier.press("1")
    cashier.terminal.wait("GIVE BACK", "receipt 000006")
    cashier.within("refund without a receipt")
    assert cashier.events("refund_made")[-1].body["reason"] == "receipt lost"


def test_a_part_by_card_and_the_rest_in_cash(cashier: Cashier) -> None:
    cashier.terminal.scan(BREAD)
    cashier.terminal.keys(ENTER, *"200", F9)
    cashier.terminal.wait("2.00 by card, the rest is due", "1.40")
    cashier.terminal.keys(ESCAPE)
    cashier.terminal.wait("a part is on the card already")
    cashier.terminal.keys(ENTER)
    cashier.terminal.wait("CHANGE", "PAID")
    kept = [(one["kind"], one["amount"]) for one in cashier.events("sale_completed")[-1].body["tenders"]]
    assert kept == [("card", 200), ("cash", 140)]


def test_a_card_is_noted_before_the_terminal_is_asked_and_an_unknown_answer_blocks_the_next(cashier: Cashier) -> None:
    cashier.terminal.scan(MILK)
    cashier.terminal.wait("Oat milk", without=["PAID"])
    cashier.press(ENTER, F12)
    matches(cashier.terminal.wait("ON THE TERMINAL"), "till_card")
    assert len(cashier.events("card_asked")) == 1
    cashier.terminal.keys("*")
    cashier.terminal.wait("nobody knows whether it was taken")
    cashier.terminal.keys(F9)
    cashier.terminal.wait("a card payment is undecided")
    cashier.terminal.keys(F12)
    cashier.terminal.wait("ON THE TERMINAL")
    cashier.press(ENTER)
    cashier.terminal.wait("CHANGE", "PAID")
    cashier.within("card, noted before and answered")
    said = [event.body["result"] for event in cashier.events("card_answered")]
    assert said == ["unknown", "approved"]
    assert cashier.events("sale_completed")[-1].because == cashier.events("card_answered")[-1].seq


def test_a_declined_card_leaves_the_sale_to_be_paid_otherwise(cashier: Cashier) -> None:
    cashier.terminal.scan(MILK)
    cashier.terminal.wait("Oat milk", without=["PAID"])
    cashier.terminal.keys(ENTER, F12)
    cashier.terminal.wait("ON THE TERMINAL")
    cashier.terminal.keys("-")
    cashier.terminal.wait("declined: nothing was taken", "TO PAY")
    cashier.terminal.keys(ENTER)
    cashier.terminal.wait("CHANGE", "PAID")


def test_a_copy_is_one_key_and_counted(cashier: Cashier) -> None:
    cashier.terminal.keys(ESCAPE)
    cashier.press(F8)
    cashier.terminal.wait("copy 1 of receipt 000009")
    cashier.within("a copy of the last receipt")
    cashier.terminal.keys(*"2", F8)
    cashier.terminal.wait("copy 1 of receipt 000002")
    assert [event.body["receipt"] for event in cashier.events("receipt_reprinted")] == [9, 2]


def test_a_wrong_tender_is_put_right(cashier: Cashier) -> None:
    cashier.press(F7, "-")
    matches(cashier.terminal.wait("RECEIPT 000009 WAS PAID"), "till_retender")
    cashier.press("2")
    cashier.terminal.wait("its tender is put right")
    cashier.within("a wrong tender")
    halves = [(event.body["tender"], event.body["amount"]) for event in cashier.events("tender_moved")]
    assert halves == [("cash", -185), ("card", 185)]


def test_an_exchange_gives_the_difference_back(cashier: Cashier) -> None:
    cashier.terminal.scan(BREAD)
    cashier.terminal.wait("> ", "Sourdough")
    cashier.terminal.keys(F9)
    cashier.terminal.wait("receipt 000010")
    cashier.press(F4)
    cashier.terminal.scan(cashier.code(10))
    cashier.terminal.wait("REFUND OF RECEIPT 000010")
    cashier.terminal.scan(BREAD)
    cashier.terminal.wait("onto the card", "3.40")
    cashier.press("+")
    cashier.terminal.wait("3.40 comes back: scan what is taken instead")
    cashier.terminal.scan(MILK)
    cashier.terminal.wait("Oat milk")
    cashier.press(ENTER, ENTER)
    cashier.terminal.wait("CHANGE", "1.55", "receipt 000012")
    cashier.within("exchange")


def test_an_invoice_is_made_of_the_last_receipt(cashier: Cashier) -> None:
    cashier.terminal.keys(*"00", ENTER, *"25", ENTER)
    cashier.terminal.wait("INVOICE", "receipt, then Enter")
    cashier.terminal.keys(ENTER)
    cashier.terminal.type("Hill Farm Ltd")
    cashier.terminal.keys(ENTER)
    cashier.terminal.type("GB 999")
    cashier.terminal.keys(ENTER)
    matches(cashier.terminal.wait("address, then Enter"), "till_invoice")
    cashier.terminal.keys(ENTER)
    cashier.terminal.wait("invoice 000001 of receipt 000012 is printed")
    (event,) = cashier.events("invoice_issued")
    assert "Hill" not in str(event.body)


def test_an_x_is_two_keys_and_changes_nothing(cashier: Cashier) -> None:
    head = cashier.reading.head()
    cashier.press(F7, "*")
    screen = cashier.terminal.wait("X  shift 1", "TAKINGS", "8.95", "Refunds  4")
    cashier.within("X report")
    matches(screen, "till_x")
    assert cashier.reading.head() == head


def test_a_z_counts_blind_then_shows_the_difference_and_closes(cashier: Cashier) -> None:
    cashier.press(F7, "/")
    counting = cashier.terminal.wait("HOW MANY OF EACH")
    assert "94.35" not in counting
    for pieces in ("", "2", "5", "", "4"):
        cashier.terminal.keys(*pieces, ENTER)
    cashier.press("+")
    matches(cashier.terminal.wait("DIFFERENCE", "+3.65"), "till_z")
    cashier.press(ENTER)
    cashier.terminal.wait("Z 000001")
    cashier.within("Z close")
    (z,) = cashier.events("shift_closed")
    assert (z.body["expected"], z.body["counted"], z.body["difference"]) == (9_435, 9_800, 365)
    assert (z.body["kept"], z.body["dropped"]) == (0, 9_800)


def test_the_drawer_is_reached_from_a_bare_number_pad_and_a_shift_opened_by_hand(cashier: Cashier) -> None:
    cashier.terminal.keys(*"00", ENTER, "7", ENTER)
    cashier.terminal.wait("no shift is open: open one with 0.00")
    cashier.terminal.keys("+", *"5000", ENTER)
    cashier.terminal.wait("open one with 50.00")
    cashier.terminal.keys("/")
    cashier.terminal.wait("the shift is open with 50.00")
    cashier.terminal.scan(MILK)
    cashier.terminal.keys(F9)
    assert "opened by itself" not in cashier.terminal.wait("PAID")
    assert [event.body["opening"] for event in cashier.events("shift_opened")] == [0, 5_000]


def test_the_cashier_says_why_a_line_comes_back_and_damaged_goods_may_be_mended(cashier: Cashier) -> None:
    cashier.press(F4, "*")
    cashier.terminal.scan(MILK)
    cashier.terminal.wait("REFUND WITHOUT A RECEIPT", "1.85")
    cashier.press(F8)
    cashier.terminal.wait("there is no deposit on it")
    cashier.press(F6)
    cashier.terminal.wait("why does it come back?", "faulty")
    cashier.press("2")
    cashier.terminal.wait("faulty", "shelf")
    cashier.press("-")
    cashier.terminal.wait("damaged")
    cashier.press("-")
    cashier.terminal.wait("mending")
    cashier.press(ENTER)
    cashier.terminal.wait("why without a receipt?")
    cashier.press("3")
    cashier.terminal.wait("GIVE BACK")
    line = cashier.events("refund_made")[-1].body["lines"][0]
    assert (line["goes"], line["why"]) == ("repair", "faulty")
