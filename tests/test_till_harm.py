"""The till among broken devices and hostile data: it goes on selling, and no byte of theirs acts as a command."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from edge_agent.journal.reading import Reading
from edge_agent.wire.events.stock import CountedLine, StockCounted
from tests.pty_rig import ENTER, ESCAPE, F1, F9, INSERT, ROOT, till
from tests.screen import ORDER, SETTINGS, decided, stocked
from tests.shop import item, open_journal, record

MILK = "04000000000013"
HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[6n",
    "[/] [bold red]markup[/bold red] {x} $(id) %s",
    "\u202eright to left\u2066\u200b\ufeff",
    "\x9b31m\x84\x90q\x9c",
    "\x1b@\x1dV\x00\x1bp\x00 printer",
    "漢字かな" * 20,
    "e" + "\u0301" * 79,
    "\r\n\t\v\x00\x7f\ud7ff",
)


def hostile_shop(folder: Path) -> list[str]:
    """A shop whose names nobody cleaned, as an older or foreign program might have stored them; its codes."""
    stocked(folder, decided(*ORDER))
    codes = [f"040000010{place:04d}" for place in range(len(HOSTILE))]
    journal = open_journal(folder, (), seed=2)
    for place, (name, code) in enumerate(zip(HOSTILE, codes, strict=True)):
        record(journal, item(f"h{place}", "x", 100 + place, code=code).model_copy(update={"name": name}))
    record(journal, item("milk", "x", 185, code=MILK).model_copy(update={"name": HOSTILE[0]}))
    journal.close()
    return codes


def test_hostile_names_do_nothing_on_any_screen(tmp_path: Path) -> None:
    codes = hostile_shop(tmp_path)
    with till(tmp_path) as terminal:
        for code in codes:
            terminal.scan(code)
        terminal.wait("8 lines", "8.28")
        terminal.scan("\x1b[31m9999999999")
        terminal.keys(ESCAPE, ENTER, ESCAPE, INSERT, ENTER, ESCAPE, F1, ESCAPE)
        terminal.type("/")
        terminal.scan(codes[1])
        terminal.wait("[/] [bold red]markup")
        terminal.keys(F9)
        terminal.wait("CHANGE", "8.28")
        for number in "345":
            terminal.type("00")
            terminal.keys(ENTER, number, ENTER)
            for code in codes:
                terminal.scan(code)
            terminal.wait("[bold red]markup")
            terminal.keys(ESCAPE, ESCAPE, ESCAPE)
        commands = set(re.findall(rb"\x1b(?:\[[0-9;?<>=$]*[a-zA-Z]|\][^\x07]*\x07)", bytes(terminal.raw)))
        left = re.sub(rb"\x1b(?:\[[0-9;?<>=$]*[a-zA-Z]|\][^\x07]*\x07)", b"", bytes(terminal.raw))
    assert not set(left.decode()) & {
        *map(chr, range(7)),
        "\b",
        "\v",
        "\x1b",
        "\x7f",
        *map(chr, range(128, 160)),
        "\u202e",
    }
    assert left.count(b"\a") == 1, "one unknown code, one bell"
    assert b"\x1b[2J" not in commands
    assert b"\x1b[6n" not in commands
    assert not any(b"owned" in command for command in commands)


def test_a_dead_printer_never_holds_a_sale_and_is_said(tmp_path: Path) -> None:
    settings = SETTINGS + '\n[printer]\nmodel = "generic-80mm"\nwire = "tcp"\naddress = "127.0.0.1:9"\n'
    with till(stocked(tmp_path, settings=settings)) as terminal:
        for _ in range(3):
            terminal.scan(MILK)
            terminal.wait("1 line, 1 item")
            began = time.monotonic()
            terminal.keys(F9)
            terminal.wait("CHANGE", "PAID")
            assert time.monotonic() - began < 3
        terminal.wait("printer: ")
    with Reading.open(tmp_path / "data" / "journal.db") as reading:
        assert reading.next_receipt() == 4


def test_a_serial_scanner_sells_beside_the_keyboard_and_its_loss_is_said(tmp_path: Path) -> None:
    master, slave = os.openpty()
    settings = SETTINGS + f'\n[scanner]\nmodel = "generic-serial"\nport = "{os.ttyname(slave)}"\n'
    with till(stocked(tmp_path, settings=settings)) as terminal:
        deadline = time.monotonic() + 10
        while "Oat milk" not in terminal.screen():
            assert time.monotonic() < deadline, terminal.screen()
            os.write(master, MILK.encode() + b"\r\n")
            time.sleep(0.2)
        terminal.scan("04000000000020")
        terminal.wait("Sourdough", "2 lines")
        os.close(slave)
        os.close(master)
        terminal.wait("scanner: ")
        terminal.scan("04000000000037")
        terminal.wait("3 lines")


def test_without_colour_and_on_the_plain_console_every_state_is_readable(tmp_path: Path) -> None:
    with till(stocked(tmp_path), NO_COLOR="1", TERM="linux") as terminal:
        terminal.scan(MILK)
        terminal.wait(">   1", "1.85")
        terminal.keys(ENTER)
        terminal.wait("TO PAY")
        coloured = re.findall(rb"\x1b\[(?:[0-9;]*;)?[349][0-7](?:;[0-9;]*)?m", bytes(terminal.raw))
        assert coloured == []
        assert bytes(terminal.raw).isascii()


def test_the_menu_leaves_the_program_and_asks_twice_when_a_sale_is_open(tmp_path: Path) -> None:
    with till(stocked(tmp_path)) as terminal:
        terminal.scan(MILK)
        time.sleep(0.1)
        terminal.type("00")
        terminal.keys(ENTER, "9", ENTER)
        terminal.wait("a sale is open")
        terminal.keys("9", ENTER)
        assert terminal.process.wait(timeout=10) == 0


def test_a_count_and_waste_change_the_stock(tmp_path: Path) -> None:
    with till(stocked(tmp_path)) as terminal, Reading.open(tmp_path / "data" / "journal.db") as reading:
        terminal.type("00")
        terminal.keys(ENTER, "4", ENTER)
        terminal.scan(MILK)
        terminal.wait("till says", "18")
        terminal.keys("7", ENTER)
        terminal.wait("7")
        terminal.keys(ENTER)
        terminal.wait("stored: count, 1 line")
        assert reading.stock("milk").on_hand == 7000
        counted = [StockCounted.model_validate(event.body) for event in reading.events("stock_counted")][-1]
        assert counted.lines == (CountedLine(sku="milk", counted=7000, expected=18_000),)
        terminal.type("00")
        terminal.keys(ENTER, "5", ENTER)
        terminal.scan(MILK)
        terminal.wait("> Oat milk")
        terminal.type("2-")
        terminal.wait("stored: 2 Oat milk 1 l, waste")
        assert reading.stock("milk").on_hand == 5000


def test_goods_in_as_ordered_is_one_key_after_the_order(tmp_path: Path) -> None:
    with till(stocked(tmp_path, decided(*ORDER))) as terminal:
        terminal.type("00")
        terminal.keys(ENTER, "3", ENTER)
        terminal.wait("Northside")
        terminal.keys("1", ENTER)
        terminal.wait("as ordered")
        terminal.keys("4", ENTER)
        terminal.wait("scan an item first", without=["is not known"])
        terminal.keys(ENTER)
        terminal.wait("stored: goods in, 2 lines")
    with Reading.open(tmp_path / "data" / "journal.db") as reading:
        assert reading.stock("milk").on_hand == 18_000 + 54_000
        assert [order.state for order in reading.orders()] == ["received"]


def test_a_till_that_another_program_holds_says_so_and_leaves_by_escape(tmp_path: Path) -> None:
    journal = open_journal(stocked(tmp_path), (), seed=3)
    try:
        terminal = till(tmp_path, ready="THE TILL CAN'T OPEN")
        terminal.keys(ESCAPE)
        assert terminal.process.wait(timeout=10) == 0
        terminal.close()
    finally:
        journal.close()


def test_the_first_picture_needs_nothing_heavy() -> None:
    heavy = ("apscheduler", "apsw", "cryptography", "httpx", "numpy", "onnxruntime", "pydantic", "sqlmodel")
    program = f"import sys, edge_agent.till.app as _; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
