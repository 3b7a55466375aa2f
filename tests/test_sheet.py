"""The sheet of commands: its codes press keys through the scanner, at their own till alone, and no more than keys."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_agent.commands import main
from edge_agent.counter.signing import signer
from edge_agent.rules.barcode import is_gtin
from edge_agent.rules.code128 import widths
from edge_agent.rules.sheet import COMMANDS, code_of, command_of, is_command
from edge_agent.rules.stored import card_of
from tests.pty_rig import ENTER, ESCAPE, F1, Terminal
from tests.screen import SETTINGS
from tests.test_till_people import Staffed

MILK = "04000000000013"


class Counter(Staffed):
    """A till with its sheet, where Ana sells and her supervisor allows."""

    def __init__(self, folder: Path) -> None:
        # Before the till runs: the key is made by whoever asks first, and two at once would make two.
        sign = signer(folder / "data")
        self.codes = {one.name: code_of(one, lambda text: sign(text)[1]) for one in COMMANDS}
        super().__init__(folder, SETTINGS + '[rights]\nno_sale = "supervisor"\n')

    def command(self, *names: str) -> Terminal:
        for name in names:
            self.terminal.scan(self.codes[name])
        return self.terminal


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    opened = Counter(tmp_path_factory.mktemp("sheet"))
    yield opened
    opened.close()


def test_a_sale_is_made_with_the_scanner_alone_and_a_code_read_twice_pays_once(counter: Counter) -> None:
    terminal = counter.terminal
    counter.command("6 x").wait("WHO SELLS?", "this command is for the sale")
    counter.command("key 1").wait("WHO SELLS?", "*_")
    terminal.keys(*"111", ENTER)
    terminal.wait("Ana sells")
    counter.command("6 x")
    terminal.scan(MILK)
    terminal.wait("6 x Oat milk 1 l", "11.10")
    counter.command("exact cash, done", "exact cash, done").wait("PAID", "11.10")
    counter.command("exact cash, done").wait("PAID", "11.10")
    counter.command("2 x").wait("2 of what is scanned next", without=["PAID"])
    counter.command("back")
    counter.command("exact cash, done").wait("there is nothing to pay: scan first")
    assert [event.body["total"] for event in counter.reading.events("sale_completed")] == [1110]


def test_hold_take_off_and_x_are_one_scan_each(counter: Counter) -> None:
    terminal = counter.terminal
    terminal.scan(MILK)
    counter.command("hold, or the held sales").wait("held as 1")
    counter.command("hold, or the held sales", "key 1").wait("ticket 1 goes on", "1.85")
    counter.command("take the line off").wait("taken off: Oat milk 1 l")
    counter.command("X report").wait("X  shift 1", "Should be in the drawer")
    counter.command("2 x").wait("this command is for the sale: Esc leads there")
    counter.command("back").wait("00 Enter menu")


def test_what_asks_for_a_pin_asks_for_it_behind_a_scanned_command_too(counter: Counter) -> None:
    counter.command("the drawer", "key 1").wait("To open the drawer without a sale: the PIN of a supervisor")
    counter.command("exact cash, done").wait("this command is for the sale")
    counter.terminal.keys(ESCAPE, ESCAPE)
    assert not list(counter.reading.events("drawer_opened"))


def test_another_tills_code_and_goods_with_such_a_code_do_nothing(counter: Counter) -> None:
    strange = counter.codes["exact cash, done"][:-1] + "0"
    counter.terminal.scan(MILK)
    counter.terminal.scan(strange)
    counter.terminal.wait("no command of this till's sheet", "TOTAL           1.85")
    counter.terminal.type(strange, gap=0.09)
    counter.terminal.keys(ENTER)
    counter.terminal.wait(f"{strange} is not known")
    counter.terminal.type("100+")
    counter.terminal.wait("that code is a badge's or a command's, never an item's")
    counter.terminal.keys(ESCAPE, F1, ESCAPE)


def test_no_code_is_an_items_or_a_cards_and_each_is_its_own_commands(tmp_path: Path) -> None:
    ours, theirs = _seal(tmp_path / "a"), _seal(tmp_path / "b")
    codes = [code_of(one, ours) for one in COMMANDS]
    assert [command_of(code, ours) for code in codes] == list(COMMANDS)
    assert not any(command_of(code, theirs) for code in codes)
    assert all(is_command(code) and not is_gtin(code) and card_of(code) is None for code in codes)
    assert len({one.number for one in COMMANDS}) == len(COMMANDS)
    assert not set("AMQWZY;:!?-_/&()") & set("".join(codes)), "signs that another keyboard layout sends otherwise"


def _seal(folder: Path) -> Callable[[bytes], str]:
    folder.mkdir()
    sign = signer(folder)
    return lambda text: sign(text)[1]


def test_a_reader_reads_every_code_as_it_is_drawn(tmp_path: Path) -> None:
    reader = shutil.which("zbarimg")
    assert reader, "zbar-tools"
    seal = _seal(tmp_path / "k")
    codes = {code_of(one, seal) for one in COMMANDS} | {"Az09 ~|{}"}
    picture = tmp_path / "codes.pgm"
    picture.write_bytes(_drawn(sorted(codes)))
    read = subprocess.run([reader, "-q", "--raw", picture], capture_output=True, text=True, check=True)
    assert set(read.stdout.splitlines()) == codes


def _drawn(codes: list[str]) -> bytes:
    """A picture of the bars, two dots a module, one code below the other."""
    across, rows = 800, []
    for code in codes:
        line = b"\xff" * 40
        for place, width in enumerate(widths(code)):
            line += (b"\x00" if place % 2 == 0 else b"\xff") * (2 * width)
        rows += [line.ljust(across, b"\xff")] * 30 + [b"\xff" * across] * 20
    return f"P5 {across} {len(rows)} 255\n".encode() + b"".join(rows)


def test_the_command_writes_a_pdf_of_whole_pages(counter: Counter, tmp_path: Path) -> None:
    file = tmp_path / "sheet.pdf"
    assert main(["sheet", str(file), "--data", str(counter.folder / "data")]) == 0
    pdf = file.read_bytes()
    assert all(code.encode() in pdf for code in counter.codes.values())
    start = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    places = [int(one) for one in re.findall(rb"(\d{10}) 00000 n", pdf[start:])]
    assert [pdf[place:].split(b" ", 1)[0] for place in places] == [
        b"%d" % number for number in range(1, len(places) + 1)
    ]
    bars = sum((len(widths(code)) + 1) // 2 for code in counter.codes.values())
    assert len(re.findall(rb"\d re\b", pdf)) == bars
    assert main(["sheet", str(file), "--data", str(tmp_path / "nothing")]) == 1
