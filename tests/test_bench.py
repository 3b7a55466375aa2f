"""The bench judges by ratio, keeps its JSON's shape, and its terminal sees what a program writes."""

import json
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scripts.benches import Figure, ratio_of
from scripts.benches.results import keep, this_run
from scripts.benches.terminal import Timed, scan_block
from scripts.benches.till import _differ
from tests.house import ROOT

SHAPE = {"name", "value", "unit", "reference", "ratio", "bound", "aim", "ok"}


def test_a_figure_with_a_ratio_is_judged_by_it_and_one_without_by_its_value() -> None:
    assert Figure("commit", 9.0, "ms", "disk", 2.0, 2.5, 1.9).ok
    assert not Figure("commit", 1.0, "ms", "disk", 2.6, 2.5, 1.9).ok
    assert not Figure("memory", 86.0, "MB", "none", None, 85, 70).ok


def test_a_figure_that_should_be_high_misses_below_its_bound() -> None:
    assert Figure("faster", 0.02, "ms", "sklearn", 20.0, 20, 100, higher_is_better=True).ok
    assert not Figure("faster", 0.02, "ms", "sklearn", 19.9, 20, 100, higher_is_better=True).ok


def test_the_json_of_a_figure_has_the_stable_names() -> None:
    figure = Figure("commit", 1.0, "ms", "disk", 2.0, 2.5, 1.9).as_json()
    assert set(json.loads(json.dumps(figure))) >= SHAPE


def test_a_ratio_is_the_median_of_its_pairs_with_their_spread() -> None:
    assert ratio_of([(2.0, 1.0), (9.0, 1.0), (3.0, 1.0)]) == (3.0, "2.00..9.00")


@pytest.mark.parametrize(
    ("scanned", "kept", "wrong"),
    [(["a", "b"], ["a", "b"], 0), (["a", "b"], ["b", "a"], 2), (["a", "b"], ["a"], 1), (["a"], ["a", "a"], 1)],
)
def test_wrong_scans_are_counted_by_place(scanned: list[str], kept: list[str], wrong: int) -> None:
    assert _differ(scanned, kept) == wrong


def test_the_committed_results_are_what_the_bench_prints() -> None:
    results = json.loads((ROOT / "docs" / "results" / "bench.json").read_text())
    assert results["command"].startswith("python3 scripts/bench.py ")
    assert results["figures"]
    assert all(set(figure) >= SHAPE for figure in results["figures"])


def test_a_kept_file_holds_each_figure_of_its_last_run_and_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    file, noon = tmp_path / "kept.json", datetime(2026, 3, 1, 12, tzinfo=UTC)
    slow, quick = Figure("paint", 1.0, "s", "none", None, 2, 1), Figure("paint", 0.5, "s", "none", None, 2, 1)
    keep(file, [slow, Figure("commit", 9.0, "ms", "disk", 2.0, 2.5, 1.9)], this_run(["--keep", "kept.json"], noon))
    keep(file, [quick, Figure("scan", 3.0, "ms", "loop", 5.0, 15, 7)], this_run(["till"], noon))
    kept = json.loads(file.read_text())
    assert [(one["name"], one["value"]) for one in kept["figures"]] == [("paint", 0.5), ("commit", 9.0), ("scan", 3.0)]
    assert kept["runs"]["commit"]["command"] == "python3 scripts/bench.py --keep kept.json"
    assert kept["runs"]["paint"]["command"] == "python3 scripts/bench.py till"
    assert kept["runs"]["scan"]["date"] == "2026-03-01 12:00 UTC"
    assert kept["runs"]["scan"]["machine"]


def test_the_bare_loop_answers_each_code_with_its_line_on_a_terminal(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "items.db") as db:
        db.execute("CREATE TABLE item(code TEXT PRIMARY KEY, name TEXT, price INTEGER)")
        db.executemany("INSERT INTO item VALUES(?, ?, ?)", [(f"50{n}", f"Ware {n}", 100) for n in range(9)])
    db.close()
    loop = Timed([sys.executable, "-m", "scripts.benches.bare_loop", str(tmp_path / "items.db")], ROOT)
    try:
        assert loop.seen("ready") < float("inf")
        took, cpu = scan_block(loop, range(9), lambda number: f"50{number}", lambda number: f"Ware {number}")
        assert len([one for one in took if one < float("inf")]) == 9
        assert cpu > 0
        assert loop.seen("Ware 10", seconds=0.1) == float("inf")
    finally:
        loop.close()
