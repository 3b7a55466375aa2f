"""The printer's wires: serial, the kernel's USB device, a folder; and how settings name them."""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from edge_agent.devices.wires import DeviceWire, FolderWire, SerialWire, TcpWire, Wire, wire_from
from edge_agent.errors import BadInput, Unreachable
from edge_agent.rules.receipt import render
from tests.ptys import Pty
from tests.receipts import PLAIN, RECEIPT, T20
from tests.told import Bench

PAPER = render(RECEIPT, T20)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def ends_with(told: list[str], last: list[str]) -> bool:
    return told[-1:] == last


def wire_on(kind: str, path: Path) -> Wire:
    return SerialWire(str(path), baud=115_200) if kind == "serial" else DeviceWire(str(path))


@pytest.mark.parametrize("kind", ["serial", "usb"])
def test_a_job_goes_whole_over_a_wire(bench: Bench, tmp_path: Path, kind: str) -> None:
    with Pty(tmp_path / "printer") as pty:
        bench.printer(wire_on(kind, pty.path), PLAIN).print_job("r1", PAPER)
        assert pty.hear(len(PAPER)) == PAPER
        bench.told.until(lambda: bench.told.confirmed == ["r1"])


@pytest.mark.parametrize("kind", ["serial", "usb"])
def test_a_printer_pulled_within_a_job_gets_it_whole_again(bench: Bench, tmp_path: Path, kind: str) -> None:
    long = PAPER * 100
    with Pty(tmp_path / "printer") as pty:
        port = bench.printer(wire_on(kind, pty.path), PLAIN)
        port.print_job("r1", long)
        pty.hear(1000)
        pty.unplug()
        bench.told.until(lambda: (bench.told.last("printer") or ("", ""))[0] == "gone")
        assert (port.waiting(), bench.told.unsure) == (("r1",), [])
        pty.heard.clear()
        pty.plug()
        assert pty.hear(len(long), seconds=15) == long
        bench.told.until(lambda: bench.told.confirmed == ["r1"])
        assert bench.told.last("printer") == ("ok", "")


@pytest.mark.parametrize("kind", ["serial", "usb"])
def test_status_comes_back_over_a_wire(bench: Bench, tmp_path: Path, kind: str) -> None:
    with Pty(tmp_path / "printer") as pty:
        ended = threading.Event()

        def answer() -> None:
            while not ended.is_set():
                seen = len(pty.heard)
                pty.hear(seen + 3, seconds=0.2)
                pty.send(b"\x12" * (bytes(pty.heard[seen:]).count(b"\x10\x04")))

        answering = threading.Thread(target=answer)
        answering.start()
        bench.printer(wire_on(kind, pty.path), T20)
        bench.told.until(lambda: bench.told.last("printer") == ("ok", ""))
        ended.set()
        answering.join()


def test_a_serial_port_belongs_to_one_program(tmp_path: Path) -> None:
    with Pty(tmp_path / "printer") as pty:
        first, second = SerialWire(str(pty.path)), SerialWire(str(pty.path))
        first.open()
        with pytest.raises(Unreachable, match="no printer"):
            second.open()
        first.close()


def test_a_missing_device_says_which(tmp_path: Path) -> None:
    for wire in (SerialWire(str(tmp_path / "no")), DeviceWire(str(tmp_path / "no")), TcpWire("127.0.0.1", 1)):
        with pytest.raises(Unreachable, match="no printer at") as missing:
            wire.open()
        assert wire.name in missing.value.message
        assert missing.value.again
        with pytest.raises(Unreachable, match="not open"):
            wire.write(b"A")
        wire.close()


def test_paper_into_a_folder_is_one_file_a_job_and_goes_on_after_a_restart(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    for names in (("a", "b"), ("c",)):
        till = bench.printer(FolderWire(folder), T20)
        for name in names:
            till.print_job(name, name.encode())
        last = [names[-1]]
        bench.told.until(partial(ends_with, bench.told.confirmed, last))
        till.close()
    assert [(path.name, path.read_text()) for path in sorted(folder.iterdir())] == [
        ("000001.escpos", "a"),
        ("000002.escpos", "b"),
        ("000003.escpos", "c"),
    ]


@pytest.mark.parametrize(
    ("kind", "address", "made"),
    [
        ("tcp", "10.0.0.9", "10.0.0.9:9100"),
        ("tcp", "printer:9101", "printer:9101"),
        ("serial", "/dev/ttyUSB0", "/dev/ttyUSB0"),
        ("usb", "/dev/usb/lp0", "/dev/usb/lp0"),
        ("file", "paper", "paper"),
    ],
)
def test_settings_name_a_wire(kind: str, address: str, made: str) -> None:
    assert wire_from(kind, address).name == made


@pytest.mark.parametrize(("kind", "address"), [("lpt", "x"), ("tcp", ""), ("tcp", "host:port")])
def test_a_wire_that_cannot_be_is_refused_by_name(kind: str, address: str) -> None:
    with pytest.raises(BadInput, match="printer"):
        wire_from(kind, address)
