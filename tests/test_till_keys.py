"""The till under a cashier's and a scanner's hands, on a real terminal: nothing lost, nothing pressed by itself."""

import os
import signal
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from edge_agent.journal.reading import Reading
from edge_agent.wire.events.sales import SaleCompleted
from tests.pty_rig import DELETE, ENTER, ESCAPE, F9, UP, Terminal, till
from tests.screen import stocked

MILK, BREAD, CHOCOLATE = "04000000000013", "04000000000020", "04000000000037"
CODES = {MILK: "milk", BREAD: "bread", CHOCOLATE: "choc"}


class Counter:
    """A till on a terminal, and the journal behind it."""

    def __init__(self, folder: Path) -> None:
        self.terminal = till(folder)
        self.reading = Reading.open(folder / "data" / "journal.db")

    def sales(self) -> list[SaleCompleted]:
        """Every sale that is durable."""
        return [SaleCompleted.model_validate(event.body) for event in self.reading.events("sale_completed")]

    def clear(self) -> None:
        """Pay what is open, so that the next test begins with an empty counter."""
        self.terminal.keys(ESCAPE, ESCAPE, ESCAPE)
        if "line" in self.terminal.screen().splitlines()[18]:
            self.terminal.keys(F9)
        self.terminal.until(lambda text: "  PAID " in text or "TOTAL           0.00" in text)


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    opened = Counter(stocked(tmp_path_factory.mktemp("keys")))
    yield opened
    opened.reading.close()
    assert opened.terminal.close() == 0


@pytest.fixture
def terminal(counter: Counter) -> Iterator[Terminal]:
    yield counter.terminal
    counter.clear()


def test_exact_cash_is_two_keys(counter: Counter, terminal: Terminal) -> None:
    before = len(counter.sales())
    terminal.scan(MILK)
    terminal.wait("Oat milk", "1.85")
    terminal.keys(ENTER, ENTER)
    terminal.wait("CHANGE", "receipt")
    assert len(counter.sales()) == before + 1
    assert (counter.sales()[-1].total, counter.sales()[-1].change) == (185, 0)


def test_a_card_is_one_key_and_a_note_is_two(counter: Counter, terminal: Terminal) -> None:
    terminal.scan(BREAD)
    terminal.wait("Sourdough")
    terminal.keys(F9)
    terminal.wait("CHANGE")
    assert counter.sales()[-1].tenders[0].kind == "card"
    terminal.scan(BREAD)
    terminal.wait("> ", "Sourdough", without=["PAID"])
    terminal.keys(ENTER, "/")
    terminal.wait("CHANGE", "0.60")
    assert (counter.sales()[-1].tenders[0].given, counter.sales()[-1].change) == (400, 60)


def test_typed_cash_gives_change_and_less_than_due_leaves_the_rest_open(counter: Counter, terminal: Terminal) -> None:
    terminal.scan(BREAD)
    terminal.wait("Sourdough")
    terminal.keys(ENTER, *"200", ENTER)
    terminal.wait("the rest is due", "1.40")
    terminal.keys(*"500", ENTER)
    terminal.wait("CHANGE", "3.60")
    assert [tender.given for tender in counter.sales()[-1].tenders] == [200, 500]


@pytest.mark.parametrize("suffix", ["\r\r", "\r\n", "\t", "\n", "\r\n\r\n", "\t\r"])
def test_a_scan_suffix_never_presses_a_key(counter: Counter, terminal: Terminal, suffix: str) -> None:
    before = len(counter.sales())
    for code in (MILK, BREAD, CHOCOLATE) * 2:
        terminal.scan(code, suffix)
        time.sleep(0.02)
    terminal.wait("6 lines", "13.08")
    time.sleep(0.15)
    assert "TO PAY" not in terminal.screen()
    assert len(counter.sales()) == before


@pytest.mark.parametrize("empty", ["\r\r", "\r\n", "\t", "\n", "\r"])
def test_an_empty_read_never_completes_a_sale(counter: Counter, terminal: Terminal, empty: str) -> None:
    before = len(counter.sales())
    terminal.scan(MILK)
    terminal.wait("Oat milk")
    time.sleep(0.1)
    terminal.send(empty)
    time.sleep(0.6)
    assert len(counter.sales()) == before


@pytest.mark.parametrize(("delay", "rate"), [(0.3, 30)])
def test_an_enter_held_for_three_seconds_never_completes_a_sale(
    counter: Counter, terminal: Terminal, delay: float, rate: int
) -> None:
    before = len(counter.sales())
    terminal.scan(MILK)
    terminal.wait("Oat milk")
    time.sleep(0.2)
    terminal.send(ENTER)
    time.sleep(delay)
    end = time.monotonic() + 3 - delay
    while time.monotonic() < end:
        terminal.send(ENTER)
        time.sleep(1 / rate)
    terminal.wait("TO PAY", "held or sent twice")
    time.sleep(0.5)
    assert len(counter.sales()) == before
    terminal.keys(ENTER)
    terminal.wait("CHANGE")
    assert len(counter.sales()) == before + 1


def test_a_thousand_codes_at_once_lose_none(counter: Counter, terminal: Terminal) -> None:
    sent = [code for place in range(250) for code in [list(CODES)[place % 3]] * 4]
    terminal.send("".join(code + ENTER for code in sent))
    terminal.wait("250 lines, 1000 items", seconds=20)
    terminal.keys(F9)
    terminal.wait("CHANGE", "PAID")
    assert [(line.sku, line.qty) for line in counter.sales()[-1].lines] == [
        (CODES[code], 1000 * len(list(run))) for code, run in groupby(sent)
    ]


def test_a_till_that_stalls_in_the_middle_of_codes_reads_each_whole(counter: Counter, terminal: Terminal) -> None:
    sent = list(CODES) * 3
    for code in sent:
        terminal.send(code[:7])
        os.kill(terminal.process.pid, signal.SIGSTOP)
        terminal.send(code[7:] + ENTER)
        time.sleep(0.3)
        os.kill(terminal.process.pid, signal.SIGCONT)
        time.sleep(0.02)
    terminal.wait("9 lines, 9 items")
    terminal.keys(F9)
    terminal.wait("CHANGE", "PAID")
    assert [line.sku for line in counter.sales()[-1].lines] == [CODES[code] for code in sent]


def test_a_quantity_typed_before_a_scan_and_a_void_after_it(terminal: Terminal) -> None:
    terminal.type("6*")
    terminal.scan(MILK)
    terminal.scan(BREAD)
    terminal.wait("6 x Oat milk", "14.50")
    terminal.keys(UP, DELETE)
    terminal.wait("taken off: Oat milk", "3.40", without=["11.10"])


def test_a_scan_while_paying_is_one_more_item(terminal: Terminal) -> None:
    terminal.scan(MILK)
    terminal.wait("Oat milk")
    terminal.keys(ENTER)
    terminal.wait("TO PAY")
    terminal.scan(BREAD)
    terminal.wait("2 lines", "5.25", without=["TO PAY"])


def test_a_code_typed_as_money_is_refused(counter: Counter, terminal: Terminal) -> None:
    before = len(counter.sales())
    terminal.scan(MILK)
    terminal.wait("Oat milk")
    terminal.keys(ENTER)
    terminal.type("50123456", 0.07)
    terminal.keys(ENTER)
    terminal.wait("is a code, not money")
    assert len(counter.sales()) == before
    terminal.keys(ESCAPE)


def test_what_is_scanned_behind_an_unknown_code_waits_and_is_then_sold(terminal: Terminal) -> None:
    terminal.scan(MILK)
    terminal.scan("4711471147")
    terminal.scan(BREAD)
    terminal.scan(CHOCOLATE)
    terminal.wait("4711471147 is not known", "2 scans waiting", without=["Sourdough"])
    terminal.keys(ESCAPE)
    terminal.wait("3 lines, 3 items", without=["not known"])


def test_no_key_of_the_toolkit_ends_the_sale(terminal: Terminal) -> None:
    terminal.scan(MILK)
    terminal.keys("\x03", "\x11", "\x10", "\x1a")
    terminal.scan(BREAD)
    terminal.wait("2 lines", "5.25")


def test_an_escape_right_before_a_scan_leaves_the_code_whole(terminal: Terminal) -> None:
    for code in CODES:
        terminal.send(ESCAPE + code + ENTER)
        time.sleep(0.1)
    terminal.wait("3 lines, 3 items")
