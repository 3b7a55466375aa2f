"""The books' export beside a fiscal device: its file says what the lines say, whatever a signature looks like."""

import zipfile
from dataclasses import replace
from pathlib import Path

from edge_agent.commands import main
from edge_agent.devices.fiscal import Finished
from edge_agent.devices.fiscal_simulator import SimulatedDevice
from tests.test_books_export import checked
from tests.test_fiscal import Desk


class Plus(SimulatedDevice):
    """One whose signature begins as a formula would, as one of 64 does."""

    def finish(self, transaction: int, kind: str, data: str) -> Finished:
        done = super().finish(transaction, kind, data)
        return replace(done, signature="+" + done.signature[1:])


def test_a_signature_that_begins_with_a_plus_is_what_the_lines_say(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Plus(tmp_path / "device", lambda: 1_700_000_000_000))
    desk.sell("milk")
    desk.paper_of(1)
    desk.end()
    file = tmp_path / "books.zip"
    assert main(["export", "--books", str(file), "--data", str(tmp_path / "data")]) == 0
    with zipfile.ZipFile(file) as books:
        assert b",'+" in books.read("fiscal.csv")
    code, said = checked(file)
    assert (code, "1 signed, 0 marked as failed" in said) == (0, True), said
