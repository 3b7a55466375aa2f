"""The printer: jobs in order, over TCP, and a till that never waits for a dead one."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.devices.drawer import Drawer
from edge_agent.devices.spool import Spool
from edge_agent.devices.state import BackOff
from edge_agent.devices.wires import TcpWire
from edge_agent.errors import BadInput
from edge_agent.rules.paper import Drawer as Pulse
from edge_agent.rules.receipt import render
from tests.receipts import RECEIPT, T20
from tests.tcp_printer import COVER_OPEN, NO_PAPER, WELL, TcpPrinter
from tests.told import Bench

MUTE = replace(T20, answers=False)
PAPER = render(RECEIPT, T20)
KICK, KICK_NOW = b"\x1bp\x00\x19\x7d", b"\x10\x14\x01\x00\x01"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_jobs_come_out_whole_and_in_order(bench: Bench) -> None:
    with TcpPrinter() as printer:
        port = bench.printer(TcpWire("127.0.0.1", printer.port), T20)
        for number in range(20):
            port.print_job(f"r{number}", PAPER)
        bench.told.until(lambda: len(bench.told.confirmed) == 20)
        assert bench.told.confirmed == [f"r{number}" for number in range(20)]
        assert bytes(printer.paper) == PAPER * 20
        assert port.waiting() == ()
        assert not list((bench.folder / "spool").iterdir())


def test_the_same_job_twice_is_one_job(bench: Bench) -> None:
    port = bench.printer(TcpWire("127.0.0.1", 1), T20)
    port.print_job("sale-1", b"A")
    port.print_job("sale-1", b"A")
    assert port.waiting() == ("sale-1",)


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a b", "x" * 65, "é"])
def test_a_job_id_that_is_no_file_name_is_refused(bench: Bench, name: str) -> None:
    with pytest.raises(BadInput, match="letters"):
        bench.printer(TcpWire("127.0.0.1", 1), T20).print_job(name, b"A")


def test_a_dead_printer_holds_nobody_up_and_prints_all_when_it_comes(bench: Bench) -> None:
    with TcpPrinter() as gone:
        port = gone.port
    till = bench.printer(TcpWire("127.0.0.1", port), T20)
    started = time.monotonic()
    for number in range(50):
        till.print_job(f"r{number}", b"paper\n")
    assert time.monotonic() - started < 1
    bench.told.until(lambda: bench.told.last("printer") is not None)
    state, words = bench.told.states[0][1:]
    assert (state, str(port) in words) == ("gone", True)
    with TcpPrinter(port) as printer:
        bench.told.until(lambda: len(bench.told.confirmed) == 50, seconds=15)
        assert bytes(printer.paper) == b"paper\n" * 50


def test_jobs_survive_the_till(bench: Bench) -> None:
    first = bench.printer(TcpWire("127.0.0.1", 1), T20)
    first.print_job("b", b"second\n")
    first.print_job("a", b"first\n")
    first.close()
    with TcpPrinter() as printer:
        bench.printer(TcpWire("127.0.0.1", printer.port), T20)
        bench.told.until(lambda: bench.told.confirmed == ["b", "a"])
        assert bytes(printer.paper) == b"second\nfirst\n"


def test_unplug_and_replug_are_told_and_survived(bench: Bench) -> None:
    printer = TcpPrinter()
    port = bench.printer(TcpWire("127.0.0.1", printer.port), T20)
    bench.told.until(lambda: bench.told.last("printer") == ("ok", ""))
    printer.unplug()
    bench.told.until(lambda: (bench.told.last("printer") or ("", ""))[0] == "gone")
    port.print_job("later", PAPER)
    with TcpPrinter(printer.port) as again:
        bench.told.until(lambda: bench.told.confirmed == ["later"], seconds=15)
        assert bytes(again.paper) == PAPER
        assert bench.told.last("printer") == ("ok", "")
    assert [state for device, state, _ in bench.told.states if device == "printer"][:3] == ["ok", "gone", "ok"]


@pytest.mark.parametrize(("answers", "words"), [(NO_PAPER, "no paper"), (COVER_OPEN, "cover open")])
def test_a_fault_is_said_within_a_second_and_the_job_waits(bench: Bench, answers: dict[int, int], words: str) -> None:
    with TcpPrinter() as printer:
        port = bench.printer(TcpWire("127.0.0.1", printer.port), T20)
        bench.told.until(lambda: bench.told.last("printer") == ("ok", ""))
        printer.answers = answers
        at = time.monotonic()
        bench.told.until(lambda: bench.told.last("printer") == ("fault", words))
        assert time.monotonic() - at < 3, "aim 1 s; this machine may be busy"
        port.print_job("r1", PAPER)
        time.sleep(0.6)
        assert (port.waiting(), bytes(printer.paper)) == (("r1",), b"")
        printer.answers = WELL
        bench.told.until(lambda: bench.told.confirmed == ["r1"])
        assert bytes(printer.paper) == PAPER


def test_paper_that_ends_within_a_job_is_waited_for_and_the_job_not_sent_twice(bench: Bench) -> None:
    with TcpPrinter() as printer:
        port = bench.printer(TcpWire("127.0.0.1", printer.port), T20)
        bench.told.until(lambda: bench.told.last("printer") == ("ok", ""))
        printer.ends_after = len(PAPER)
        port.print_job("r1", PAPER)
        bench.told.until(lambda: bench.told.last("printer") == ("fault", "no paper"))
        assert (bench.told.confirmed, port.unsure()) == ([], ())
        printer.ends_after, printer.answers = None, WELL
        bench.told.until(lambda: bench.told.confirmed == ["r1"])
        assert bytes(printer.paper) == PAPER


def test_a_printer_that_goes_after_the_bytes_leaves_the_job_in_doubt_and_offers_it_again(bench: Bench) -> None:
    printer = TcpPrinter()
    port = bench.printer(TcpWire("127.0.0.1", printer.port), T20)
    bench.told.until(lambda: bench.told.last("printer") == ("ok", ""))
    printer.gone_after = len(PAPER)
    port.print_job("r1", PAPER)
    bench.told.until(lambda: bench.told.unsure == ["r1"])
    assert (port.waiting(), port.unsure(), bench.told.confirmed) == ((), ("r1",), [])
    with TcpPrinter(printer.port) as again:
        bench.told.until(lambda: bench.told.last("printer") == ("ok", ""), seconds=15)
        assert bytes(again.paper) == b""
        assert port.again("r1")
        bench.told.until(lambda: bench.told.confirmed == ["r1"])
        assert bytes(again.paper) == PAPER
    assert not port.again("r1")


def test_doubt_survives_the_till_and_can_be_settled(bench: Bench) -> None:
    spool = Spool(bench.folder / "spool")
    spool.put("r1", b"A")
    job = spool.first()
    assert job is not None
    spool.set_aside(job)
    port = bench.printer(TcpWire("127.0.0.1", 1), T20)
    assert (port.waiting(), port.unsure()) == ((), ("r1",))
    assert port.forget("r1")
    assert Spool(bench.folder / "spool").unsure() == ()


def test_a_printer_that_accepts_and_hangs_is_unknown_and_the_till_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_agent.devices.printer._ANSWER_AFTER_JOB_S", 0.5)
    with TcpPrinter(reads=False) as printer:
        port = bench.printer(TcpWire("127.0.0.1", printer.port), T20)
        started = time.monotonic()
        port.print_job("r1", PAPER)
        assert time.monotonic() - started < 0.5
        bench.told.until(lambda: bench.told.last("printer") == ("unknown", "does not answer"))
        bench.told.until(lambda: bench.told.unsure == ["r1"], seconds=15)
        assert bench.told.confirmed == []


def test_a_printer_that_answered_before_and_falls_silent_keeps_its_jobs_waiting(bench: Bench) -> None:
    with TcpPrinter() as printer:
        port = bench.printer(TcpWire("127.0.0.1", printer.port), T20)
        bench.told.until(lambda: bench.told.last("printer") == ("ok", ""))
        printer.answers = {}
        bench.told.until(lambda: bench.told.last("printer") == ("unknown", "does not answer"))
        port.print_job("r1", PAPER)
        time.sleep(0.5)
        assert (port.waiting(), bytes(printer.paper)) == (("r1",), b"")
        printer.answers = WELL
        bench.told.until(lambda: bench.told.confirmed == ["r1"], seconds=15)
        assert bytes(printer.paper) == PAPER


def test_a_printer_that_never_answers_by_its_profile_is_not_asked(bench: Bench) -> None:
    with TcpPrinter(answers={}) as printer:
        bench.printer(TcpWire("127.0.0.1", printer.port), MUTE).print_job("r1", PAPER)
        bench.told.until(lambda: bench.told.confirmed == ["r1"])
        bench.told.until(lambda: bytes(printer.paper) == PAPER)


def test_the_drawer_opens_before_the_receipt(bench: Bench) -> None:
    with TcpPrinter() as printer:
        port = bench.printer(TcpWire("127.0.0.1", printer.port), T20)
        bench.told.until(lambda: bench.told.last("printer") == ("ok", ""))
        Drawer(port).open()
        port.print_job("r1", PAPER)
        bench.told.until(lambda: bench.told.confirmed == ["r1"])
        assert bytes(printer.paper) == KICK + PAPER
        assert bench.told.last("drawer") == ("ok", "")


def test_the_drawer_opens_without_paper(bench: Bench) -> None:
    with TcpPrinter(answers=NO_PAPER) as printer:
        port = bench.printer(TcpWire("127.0.0.1", printer.port), T20)
        bench.told.until(lambda: bench.told.last("printer") == ("fault", "no paper"))
        Drawer(port).open()
        bench.told.until(lambda: bytes(printer.paper) == KICK_NOW)


def test_a_drawer_that_could_not_open_in_time_never_opens_later(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_agent.devices.printer._KICK_WITHIN_S", 0.2)
    with TcpPrinter() as gone:
        port = gone.port
    till = bench.printer(TcpWire("127.0.0.1", port), T20)
    Drawer(till).open()
    bench.told.until(lambda: bench.told.last("drawer") == ("fault", "did not open: no printer"))
    with TcpPrinter(port) as printer:
        bench.told.until(lambda: bench.told.last("printer") == ("ok", ""), seconds=15)
        till.print_job("r1", PAPER)
        bench.told.until(lambda: bench.told.confirmed == ["r1"])
        assert bytes(printer.paper) == PAPER


def test_a_printer_without_a_drawer_gets_no_pulse(bench: Bench) -> None:
    with TcpPrinter() as printer:
        port = bench.printer(TcpWire("127.0.0.1", printer.port), replace(T20, drawer=None))
        assert not Drawer(port).there
        Drawer(port).open()
        port.print_job("r1", b"A\n")
        bench.told.until(lambda: bench.told.confirmed == ["r1"])
        assert bytes(printer.paper) == b"A\n"


def test_the_next_try_comes_after_half_a_second_and_at_most_five() -> None:
    back_off = BackOff()
    assert [back_off.wait() for _ in range(6)] == [0.5, 1, 2, 4, 5, 5]
    back_off.reset()
    assert back_off.wait() == 0.5


def test_a_disk_that_takes_no_file_still_lets_the_job_print(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    made = Bench(tmp_path)
    with TcpPrinter() as printer:
        made.printer(TcpWire("127.0.0.1", printer.port), T20).print_job("r1", PAPER)
        made.told.until(lambda: made.told.confirmed == ["r1"])
        made.close()


def test_a_drawer_that_stands_open_is_told_until_it_is_shut(bench: Bench) -> None:
    senses = replace(T20, drawer=Pulse(opens_high=True, open_s=0))
    with TcpPrinter() as printer:
        printer.answers = {**WELL, 1: 0x16}
        bench.printer(TcpWire("127.0.0.1", printer.port), senses).print_job("sale-1", PAPER)
        bench.told.until(lambda: bench.told.last("drawer") == ("fault", "open for too long"))
        bench.told.until(lambda: bench.told.confirmed == ["sale-1"])
        printer.answers = WELL
        bench.told.until(lambda: bench.told.last("drawer") == ("ok", ""))


def test_a_drawer_without_a_sensor_is_never_said_to_be_open(bench: Bench) -> None:
    with TcpPrinter() as printer:
        printer.answers = {**WELL, 1: 0x16}
        bench.printer(TcpWire("127.0.0.1", printer.port), T20).print_job("sale-1", PAPER)
        bench.told.until(lambda: bench.told.confirmed == ["sale-1"])
        assert bench.told.last("drawer") is None
