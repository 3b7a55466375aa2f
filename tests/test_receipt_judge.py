"""emupos, an independent simulator of receipt printers, judges our paper: every line, the QR code, status, drawer."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.devices.profiles import printer_profile
from edge_agent.devices.wires import TcpWire
from edge_agent.places import firmware_configs
from edge_agent.rules.receipt import as_text, render
from tests.emupos import Judge, emupos
from tests.hostile import hostile_names
from tests.receipts import QR, RECEIPT, sold
from tests.told import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def words(text: str) -> list[str]:
    """The printed lines, told apart from where they stand on the row."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip() and "qr " not in line.lower()]


def test_the_judge_reads_every_line_the_qr_the_status_and_the_drawer(bench: Bench, tmp_path: Path) -> None:
    profile = printer_profile(firmware_configs(), "epson-tm-t20iii")
    told = bench.told
    with emupos(tmp_path) as judge:
        printer = bench.printer(TcpWire("127.0.0.1", judge.port), profile)
        told.until(lambda: told.last("printer") == ("ok", ""), seconds=20)
        assert judge.device()["state"]["drawer"] == "closed"
        printer.kick_drawer()
        printer.print_job("r1", render(RECEIPT, profile))
        told.until(lambda: told.confirmed == ["r1"])
        (paper,) = judge.wait_for(1)
        assert judge.device()["state"]["drawer"] == "open"
        # The page with the Polish letters has no euro sign.
        wanted = as_text(RECEIPT, 48).replace("€2", "EUR2")
        assert words(paper.read_text("utf-8")) == words(wanted)
        assert QR in paper.read_text("utf-8")
        assert paper.with_suffix(".png").stat().st_size > 1000
        _runs_out_of_paper(bench, judge)


def _runs_out_of_paper(bench: Bench, judge: Judge) -> None:
    told, printer = bench.told, bench.printers[0]
    judge.say("fault", "set", "front", "paper-out")
    # The program that sets the fault takes longer to end than our printer to notice: within a second of its end.
    told.until(lambda: told.last("printer") == ("fault", "no paper"), seconds=1)
    printer.print_job("r2", b"waits\n\n\n\x1dVB\x00")
    time.sleep(0.5)
    assert printer.waiting() == ("r2",)
    judge.say("fault", "clear", "front", "paper-out")
    told.until(lambda: told.confirmed == ["r1", "r2"])


@pytest.mark.parametrize("model", ["xprinter-xp-80t", "generic-80mm"])
def test_a_printer_with_one_code_page_prints_readable_letters(bench: Bench, tmp_path: Path, model: str) -> None:
    profile = printer_profile(firmware_configs(), model)
    with emupos(tmp_path, model) as judge:
        bench.printer(TcpWire("127.0.0.1", judge.port), profile).print_job("r1", render(RECEIPT, profile))
        (paper,) = judge.wait_for(1)
        printed = words(paper.read_text("utf-8"))
    assert "TOTAL £15.82" in printed
    assert "Zurek EUR2 Lódz 1.29" in printed


def test_hostile_names_give_one_receipt_each_and_open_no_drawer(bench: Bench, tmp_path: Path) -> None:
    profile = replace(printer_profile(firmware_configs(), "epson-tm-t20iii"), qr=False)
    names = hostile_names()[:30]
    with emupos(tmp_path) as judge:
        printer = bench.printer(TcpWire("127.0.0.1", judge.port), profile)
        for number, name in enumerate(names):
            printer.print_job(f"r{number}", render(sold(name), profile))
        assert len(judge.wait_for(len(names), seconds=30)) == len(names)
        time.sleep(0.6)
        assert len(judge.receipts()) == len(names)
        assert judge.device()["state"]["drawer"] == "closed"
