"""Simulated worlds: they play the production code, a seed plays the same bytes again, and planted bugs are found."""

import ast
from pathlib import Path
from unittest.mock import patch

import pytest

from edge_agent.errors import Unreachable
from edge_agent.journal.log import Draft
from scripts.tortures.sim import find, play
from scripts.tortures.sim_bugs import BUGS
from scripts.tortures.sim_goods import item
from scripts.tortures.sim_world import World
from tests.house import ROOT, imported

RIG = sorted((ROOT / "scripts" / "tortures").glob("sim*.py"))
PRODUCTION = {
    "cloud_sync.ingest.project",
    "cloud_sync.tills",
    "edge_agent.journal.log",
    "edge_agent.journal.writer",
    "edge_agent.sync.http",
    "edge_agent.sync.loop",
}


def test_the_rig_plays_the_production_code_and_has_no_protocol_of_its_own() -> None:
    taken = set().union(*map(imported, RIG)) | {
        f"{node.module}.{name.name}"
        for file in RIG
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    assert taken >= PRODUCTION
    own = {
        node.name
        for file in RIG
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and not file.name.endswith("bugs.py")
    }
    assert own & {"next_step", "opened", "pushed", "pulled", "refused", "receive", "open_session", "page"} == set()


def test_the_same_seed_plays_the_same_world_byte_for_byte(tmp_path: Path) -> None:
    first, again = (play(tmp_path, "1.9", 400, traced=True) for _ in range(2))
    assert len(first.trace) > 200
    assert first == again


def test_a_world_of_faults_comes_to_rest_with_nothing_lost_or_doubled(tmp_path: Path) -> None:
    assert play(tmp_path, "1.0", 400).wrong == []


@pytest.mark.parametrize(
    "bug",
    [
        "a gap is acknowledged",
        "an event that is said again is counted again",
        "the feed of another generation is gone on with",
    ],
)
def test_a_planted_bug_is_found(tmp_path: Path, bug: str) -> None:
    assert bug in BUGS
    took, words = find(tmp_path, 1, 400, 12, bug)
    assert took, words


def test_a_journal_that_never_comes_back_after_a_failed_commit_is_told_and_not_waited_for(tmp_path: Path) -> None:
    world = World(tmp_path, "1.0", tills=1)
    (till,) = world.tills
    till.breaks_next_commit()
    gone = patch.object(till.journal._writer, "reopened", side_effect=Unreachable("it cannot be read"))
    with gone, pytest.raises(RuntimeError, match="does not come back"):
        till.record(Draft(item("milk", 100)))
    world.close()
