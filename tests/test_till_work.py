"""What runs beside the sale in the till's own process: the first sale of a fresh shop brings its first order."""

from pathlib import Path

import pytest

from edge_agent.clock import FileClock
from edge_agent.commands import main
from tests.pty_rig import ENTER, INSERT, till

MONDAY_NOON = 1_793_620_800_000

FILES = {
    "items": "sku,name,price,cost,vat,codes,pack,supplier\nmilk,Oat milk 1 l,1.85,6.00,0,0400000000015,6,north\n",
    "suppliers": "supplier,name,order_days,cutoff,lead_days\nnorth,Northside,mon tue wed thu fri sat sun,20:00,1\n",
    "stock": "sku,qty\nmilk,2\n",
}


def test_a_till_that_was_never_paired_sells_and_proposes_an_order_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FileClock(tmp_path / "clock").set(MONDAY_NOON)
    monkeypatch.setenv("DROPSHELF_CLOCK", str(tmp_path / "clock"))
    for kind, rows in FILES.items():
        (tmp_path / f"{kind}.csv").write_text(rows)
        assert main(["import", kind, str(tmp_path / f"{kind}.csv"), "--data", str(tmp_path / "data")]) == 0
    with till(tmp_path, works=True) as terminal:
        terminal.scan("0400000000015")
        terminal.wait("Oat milk 1 l", "1.85")
        terminal.keys(ENTER, ENTER)
        terminal.wait("receipt 000001")
        terminal.wait("Oat milk 1 l before Mon 20:00 (1 left", "Ins why")
        terminal.keys(INSERT)
        terminal.wait("from Northside", "You have 1.", "for the owner")
