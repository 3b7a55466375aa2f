"""`edge-agent forecast` tells the stored plan: what sells, how much at most, what may run out first."""

import json
from pathlib import Path

import pytest

from edge_agent.clock import FileClock
from edge_agent.commands import main
from edge_agent.demand.forecasting import BaseForecaster
from edge_agent.journal.reading import Reading
from edge_agent.renewal import Renewal
from edge_agent.rules.day import HOUR_MS
from edge_agent.rules.negative_binomial import quantile
from edge_agent.wire.events.catalogue import HistoryImported
from tests.shop import TUESDAY_14, open_journal, record


@pytest.fixture
def till(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A till's folder in which milk sold 8 a day and salt 1 a day for thirty days, forecast now."""
    journal = open_journal(tmp_path)
    FileClock(tmp_path / "clock").set(TUESDAY_14)
    monkeypatch.setenv("DROPSHELF_CLOCK", str(tmp_path / "clock"))
    hour = TUESDAY_14 // HOUR_MS
    sold = [(hour - 24 * day, sku, qty) for day in range(1, 31) for sku, qty in (("milk", 8000), ("salt", 1000))]
    record(journal, HistoryImported(source="ab" * 32, part=1, parts=1, daily=False, rows=tuple(sold)))
    Renewal(journal, FileClock(tmp_path / "clock"), BaseForecaster(), lambda _: None).tick()
    journal.close()
    return tmp_path / "data"


def test_the_plan_is_told_as_numbers(till: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", "--data", str(till), "--json"]) == 0
    plans = {one["sku"]: one for one in json.loads(capsys.readouterr().out)}
    milk = plans["milk"]
    assert sorted(plans) == ["milk", "salt"]
    assert milk["expected"] == pytest.approx(24_000, rel=0.2)
    assert sum(milk["days"]) == pytest.approx(milk["expected"], abs=3)
    with Reading.open(till / "journal.db") as memory:
        stored = memory.forecast("milk")
    assert stored is not None
    assert milk["at_most"] == 1000 * quantile(milk["expected"] / 1000, stored.phi_milli / 1000, 0.95)
    assert milk["chance_to_run_out"] > 0.9
    assert milk["forecaster"] == "base"


def test_the_plan_is_told_in_lines_and_for_one_item(till: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", "salt", "--data", str(till)]) == 0
    said = capsys.readouterr().out
    assert "72 hours" in said
    assert "salt" in said
    assert "milk" not in said


def test_an_unknown_item_and_an_empty_folder_are_told_in_one_sentence(
    till: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["forecast", "unicorn", "--data", str(till)]) == 1
    assert "no forecast of unicorn" in capsys.readouterr().err
    assert main(["forecast", "--data", str(tmp_path / "nowhere")]) == 1
    assert "holds no till's journal" in capsys.readouterr().err
