"""The fiscal device: a process on a real socket signs behind the sale; when it fails, sales go on and are marked."""

import base64
import csv
import io
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge_agent.clock import FileClock
from edge_agent.commands import main
from edge_agent.counter.fiscal import STOPPED, Fiscal, name_device
from edge_agent.counter.paper import Paper
from edge_agent.counter.paying import Paid, Paying
from edge_agent.counter.refunding import Policy, Refunding, original
from edge_agent.counter.selling import Selling
from edge_agent.counter.shift import Counted, Shifts, standing
from edge_agent.counter.signing import signer
from edge_agent.counter.voids import Voids
from edge_agent.devices.fiscal import FiscalDevice, MissingDevice, SocketDevice, device_at
from edge_agent.devices.fiscal_simulator import SimulatedDevice, signed_bytes
from edge_agent.devices.profiles import fiscal_profile, models
from edge_agent.errors import BadInput, Unreachable
from edge_agent.fittings import fit_fiscal
from edge_agent.journal.reading import Reading
from edge_agent.journal.rebuild import verify
from edge_agent.opening import open_till
from edge_agent.places import firmware_configs
from edge_agent.rules.closing import gaps
from edge_agent.rules.fiscal import qr_text, signed_text
from edge_agent.rules.fiscal_profile import FiscalProfile
from edge_agent.rules.paper import PrinterProfile
from edge_agent.rules.refund import Back
from edge_agent.rules.sale import Tendered
from edge_agent.settings import FiscalSettings, Settings, parse
from edge_agent.wire.events.fiscal import FiscalFailed, FiscalSigned
from edge_agent.wire.events.sales import SaleCompleted, TaxTotal, Tender
from edge_agent.wire.events.shift import ShiftClosed
from tests.shop import BREAD, MILK, SHOP, item, open_journal, record, sold
from tests.test_books_export import checked

GERMAN_SHOP = SHOP.model_copy(update={"currency": "EUR", "symbol": "€"})
CHOCOLATE = item("choc", "Milk chocolate 100 g", 129, 1900, "04000000000037")
PROFILE = FiscalProfile("simulator", 0.4, (1900, 700, 1070, 550, 0), qr=True)


class Simulator:
    """The simulator as a process; killed and begun again it counts on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self._begin()

    def _begin(self) -> None:
        argv = [sys.executable, "-m", "edge_agent.devices.fiscal_simulator", str(self.folder), "--port", str(self.port)]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        found = re.search(r":(\d+)", self.process.stdout.readline())
        assert found
        self.port = int(found[1])

    def again(self) -> None:
        self._begin()

    def send(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


class Desk:
    """A counter of a shop with German rates, its spool, and a fiscal device."""

    profile = PrinterProfile("test", 48, 576, (("cp858", 19),))

    def __init__(self, folder: Path, device: FiscalDevice) -> None:
        self.folder = folder
        self.journal = open_journal(folder, (GERMAN_SHOP, MILK, BREAD, CHOCOLATE))
        self.begin(device)

    def begin(self, device: FiscalDevice) -> None:
        self.jobs: list[tuple[str, bytes]] = []
        self.said: list[tuple[str, str, str]] = []
        self.reading, sign = self.journal.reading(), signer(self.folder / "data")
        self.fiscal = Fiscal(self.journal, device, PROFILE, lambda *said: self.said.append(said))
        handed = self.folder / "handed"
        self.paper = Paper(self, "Kasse 1", self.journal.reading, handed, sign, device=self.fiscal)
        self.shifts = Shifts(self.journal, sign, self.paper.after_act)
        self.selling, self.voids = Selling(self.reading, FileClock(self.folder / "clock")), Voids(self.journal)
        self.selling.told_begun = self.fiscal.begin
        self.paying = Paying(self.journal, self.paper.after, self.shifts.needed)
        self.refunding = Refunding(self.journal, self.paper.after, self.shifts.needed, Policy(500, 800))
        self.fiscal.open()

    def print_job(self, job_id: str, data: bytes) -> None:
        self.jobs.append((job_id, data))

    def kick_drawer(self) -> None:
        self.jobs.append(("drawer", b""))

    def sell(self, *skus: str) -> Paid:
        for sku in skus:
            self.selling.scan(sku)
        paid = self.paying.pay(self.selling.sale, [Tendered("cash", self.selling.sale.total)]).result()
        self.selling.clear()
        return paid

    def words(self) -> list[FiscalSigned | FiscalFailed]:
        kinds: dict[str, type[FiscalSigned | FiscalFailed]] = {
            "fiscal_signed": FiscalSigned,
            "fiscal_failed": FiscalFailed,
        }
        return [kinds[event.kind].model_validate(event.body) for event in self.reading.events(*kinds)]

    def paper_of(self, receipt: int) -> str:
        """The receipt's paper; waits until the device has spoken or failed."""
        job = f"{receipt:08d}-receipt"
        until(lambda: any(name == job for name, _ in self.jobs))
        return next(data for name, data in self.jobs if name == job).decode("cp858")

    def end(self) -> None:
        self.fiscal.close()
        self.reading.close()
        with self.journal.reading() as memory:
            verify(memory.db)
        self.journal.close()


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    begun = Simulator(tmp_path / "device")
    yield begun
    begun.end()


@pytest.fixture
def desk(tmp_path: Path, simulator: Simulator) -> Iterator[Desk]:
    opened = Desk(tmp_path, SocketDevice("127.0.0.1", simulator.port, PROFILE.answer_s))
    yield opened
    opened.end()


def test_a_receipt_carries_the_devices_word_on_paper_and_in_its_code_and_a_copy_carries_it_too(desk: Desk) -> None:
    desk.sell("milk", "choc")
    paper = desk.paper_of(1)
    (said,) = desk.words()
    assert isinstance(said, FiscalSigned)
    assert said.data == "Beleg^1.29_0.00_0.00_0.00_1.85^3.14:Bar"
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(said.public_key))
    text = signed_bytes(said.serial, said.transaction, said.counter, said.ended, said.kind, said.data)
    key.verify(base64.b64decode(said.signature), text)
    for words in (f"Transaction {said.transaction}", f"Signature {said.counter}", said.serial[:40], "Begun", "Ended"):
        assert words in paper
    assert said.signature[:48] in paper
    assert qr_text(said, "Kasse 1") in paper
    assert paper.index("V0;Kasse 1;Kassenbeleg-V1;") < paper.index("dropshelf:")
    desk.paper.reprint(1, 1)
    assert qr_text(said, "Kasse 1") in desk.jobs[-1][1].decode("cp858")
    assert said.began <= said.ended


def test_a_device_that_is_killed_holds_no_sale_up_and_signs_the_next_one_when_it_is_back(
    desk: Desk, simulator: Simulator
) -> None:
    desk.sell("milk")
    desk.paper_of(1)
    simulator.end()
    paid = desk.sell("milk")
    assert "Fiscal device failed" in desk.paper_of(2)
    assert (paid.receipt, desk.jobs[-2][0]) == (2, "drawer")
    assert desk.said[-1][:2] == ("fiscal device", "fault")
    simulator.again()
    until(lambda: desk.said[-1][1] == "ok")
    desk.sell("choc")
    assert "Fiscal device failed" not in desk.paper_of(3)
    first, failed, last = desk.words()
    assert isinstance(first, FiscalSigned)
    assert isinstance(failed, FiscalFailed)
    assert isinstance(last, FiscalSigned)
    assert last.counter > first.counter
    desk.shifts.close(Counted({100: 5}, 0)).result()
    (z,) = [ShiftClosed.model_validate(event.body) for event in desk.reading.events("shift_closed")]
    assert (z.totals.unsigned, [(gap.first, gap.last) for gap in z.totals.gaps]) == (1, [(2, 2)])
    paper = desk.jobs[-1][1].decode("cp858")
    assert re.search(r"Fiscal device failed +1\b", paper)
    assert "  000002" in paper


def test_a_device_that_falls_silent_costs_one_wait_and_then_nobody_waits_for_it(
    desk: Desk, simulator: Simulator
) -> None:
    desk.sell("milk")
    desk.paper_of(1)
    simulator.send(signal.SIGSTOP)
    desk.sell("milk")
    assert "Fiscal device failed" in desk.paper_of(2)
    assert desk.said[-1] == ("fiscal device", "fault", "no answer")
    desk.sell("milk")
    assert "Fiscal device failed" in desk.paper_of(3)
    simulator.send(signal.SIGCONT)
    until(lambda: desk.said[-1][1] == "ok")
    desk.sell("milk")
    assert "Fiscal device failed" not in desk.paper_of(4)
    now = standing(desk.reading)
    assert now is not None
    assert [(gap.first, gap.last) for gap in now.totals.gaps] == [(2, 3)]


def test_a_sale_begins_at_its_first_line_and_one_that_is_given_up_is_told_the_device(desk: Desk) -> None:
    desk.selling.scan("milk")
    desk.selling.scan("choc")
    desk.voids.sale(desk.selling.sale).result()
    desk.selling.clear()
    until(lambda: len(desk.words()) == 1)
    desk.sell("bread")
    desk.paper_of(1)
    given_up, signed = desk.words()
    assert isinstance(given_up, FiscalSigned)
    assert isinstance(signed, FiscalSigned)
    assert (given_up.receipt, given_up.data[:14], given_up.transaction) == (0, "AVBelegabbruch", 1)
    assert (signed.receipt, signed.transaction) == (1, 2)


def test_a_refund_is_signed_with_its_minus(desk: Desk) -> None:
    desk.sell("choc")
    desk.refunding.give_back(original(desk.reading, 1), [Back(0, 1000)], "cash").result()
    desk.paper_of(2)
    back = desk.words()[-1]
    assert isinstance(back, FiscalSigned)
    assert back.data == "Beleg^-1.29_0.00_0.00_0.00_0.00^-1.29:Bar"


def test_what_was_stored_before_a_stop_and_never_signed_is_marked_at_the_next_start(
    tmp_path: Path, simulator: Simulator
) -> None:
    desk = Desk(tmp_path, SocketDevice("127.0.0.1", simulator.port, PROFILE.answer_s))
    record(desk.journal, sold(1, "milk"))
    desk.fiscal.close()
    desk.begin(SocketDevice("127.0.0.1", simulator.port, PROFILE.answer_s))
    assert desk.words() == [FiscalFailed(receipt=1, why=STOPPED)]
    assert desk.paper.catch_up() == []
    desk.paper.reprint(1)
    assert b"Fiscal device failed" in desk.jobs[-1][1]
    desk.end()


def test_what_was_sold_before_a_device_was_set_is_nothing_that_it_owes(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    record(journal, sold(1, "milk"))
    name_device(journal, "simulator")
    name_device(journal, "simulator")
    record(journal, sold(2, "milk"))
    with journal.reading() as memory:
        assert (memory.fiscal_owed(), memory.fiscal_device()) == ([2], "simulator")
        assert len(list(memory.events("fiscal_device_set"))) == 1
    name_device(journal, "")
    with journal.reading() as memory:
        assert memory.fiscal_owed() == []
    journal.close()


def test_an_auditor_gets_every_word_and_the_verifier_finds_one_that_is_missing(
    tmp_path: Path, simulator: Simulator
) -> None:
    desk = Desk(tmp_path, SocketDevice("127.0.0.1", simulator.port, PROFILE.answer_s))
    desk.sell("milk")
    desk.paper_of(1)
    simulator.end()
    desk.sell("choc")
    desk.paper_of(2)
    desk.shifts.close(Counted({100: 3}, 0)).result()
    desk.end()
    file = tmp_path / "books.zip"
    assert main(["export", "--books", str(file), "--data", str(tmp_path / "data")]) == 0
    code, said = checked(file)
    assert (code, "fiscal device: 1 signed, 1 marked as failed" in said) == (0, True), said
    with zipfile.ZipFile(file) as books:
        parts = {name: books.read(name) for name in books.namelist()}
    rows = list(csv.DictReader(io.StringIO(parts["fiscal.csv"].decode())))
    assert [(row["receipt"], row["kind"], bool(row["signature"]), bool(row["error"])) for row in rows] == [
        ("1", "Kassenbeleg-V1", True, False),
        ("2", "", False, True),
    ]
    closings = list(csv.DictReader(io.StringIO(parts["closings.csv"].decode())))
    assert [(row["unsigned"], row["gaps"]) for row in closings] == [("1", "2-2")]
    parts["fiscal.csv"] = parts["fiscal.csv"].rsplit(b"\r\n", 2)[0]
    with zipfile.ZipFile(file, "w") as books:
        for name, data in parts.items():
            books.writestr(name, data)
    code, said = checked(file)
    assert (code, "fiscal.csv does not say" in said) == (1, True), said


def sale(**changes: Any) -> SaleCompleted:
    return sold(1, "milk").model_copy(update=changes)


def test_what_is_signed_adds_up_whatever_was_paid_with_and_a_rate_without_a_place_is_named() -> None:
    taxes = (TaxTotal(rate=1900, gross=119, tax=19), TaxTotal(rate=700, gross=107, tax=7))
    tenders = (
        Tender(kind="cash", amount=200, given=500),
        Tender(kind="card", amount=1026, given=1026),
        Tender(kind="gift_sold", amount=-1000, given=-1000, account="0" * 16, tail="1234"),
    )
    text = signed_text(sale(taxes=taxes, tenders=tenders, total=226), PROFILE.rates, 2)
    assert text == "Beleg^1.19_1.07_0.00_0.00_10.00^2.00:Bar_10.26:Unbar"
    with pytest.raises(BadInput, match="VAT at 20 % has no place"):
        signed_text(sale(taxes=(TaxTotal(rate=2000, gross=120, tax=20),)), PROFILE.rates, 2)


def test_a_rate_without_a_place_marks_that_receipt_alone(tmp_path: Path) -> None:
    device = SimulatedDevice(tmp_path / "device", lambda: 5)
    desk = Desk(tmp_path, device)
    record(desk.journal, item("choc", "Milk chocolate 100 g", 129, 2000))
    desk.sell("choc")
    assert "Fiscal device failed" in desk.paper_of(1)
    desk.sell("milk")
    assert "Fiscal device failed" not in desk.paper_of(2)
    assert [said[1] for said in desk.said] == ["ok", "fault", "ok"]
    desk.end()


def test_gaps_are_stretches() -> None:
    assert [(one.first, one.last) for one in gaps([5, 1, 2, 3, 9])] == [(1, 3), (5, 5), (9, 9)]
    assert len(gaps(range(0 + 1, 1001, 2))) == 200


def test_no_device_is_set_by_default_and_one_that_is_named_wrongly_fails_at_every_receipt() -> None:
    assert fit_fiscal(Settings().fiscal) is None
    assert fit_fiscal(parse('[fiscal]\nmodel = "simulator"\naddress = "127.0.0.1:1"').fiscal) is not None
    wrong = fit_fiscal(FiscalSettings("simulater", "127.0.0.1:1"))
    assert wrong is not None
    assert isinstance(wrong[0], MissingDevice)
    with pytest.raises(Unreachable, match="nearest: 'simulator'"):
        wrong[0].look()
    with pytest.raises(BadInput, match="host:port"):
        device_at("nowhere", 1)


@pytest.mark.parametrize("model", models(firmware_configs(), "fiscal"))
def test_every_fiscal_device_that_we_ship_can_be_read(model: str) -> None:
    assert fiscal_profile(firmware_configs(), model).answer_s <= 10


def test_a_till_of_the_settings_signs_until_they_name_no_device_any_more(tmp_path: Path, simulator: Simulator) -> None:
    open_journal(tmp_path, (GERMAN_SHOP, MILK)).close()
    settings = tmp_path / "data" / "settings.toml"
    settings.write_text(f'[fiscal]\nmodel = "simulator"\naddress = "127.0.0.1:{simulator.port}"\n')
    for text in (settings.read_text(), ""):
        settings.write_text(text)
        till = open_till(tmp_path / "data", FileClock(tmp_path / "clock"))
        till.selling.scan("milk")
        till.paying.pay(till.selling.sale, [Tendered("cash", till.selling.sale.total)]).result()
        till.close()
    with Reading.open(tmp_path / "data" / "journal.db") as memory:
        kinds = [event.kind for event in memory.events("fiscal_device_set", "fiscal_signed", "sale_completed")]
        models = [event.body["model"] for event in memory.events("fiscal_device_set")]
    assert kinds == ["fiscal_device_set", "sale_completed", "fiscal_signed", "fiscal_device_set", "sale_completed"]
    assert models == ["simulator", ""]
