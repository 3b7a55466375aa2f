"""The fault matrix's row of cut wires: it fails loudly without networks, and finds a till that does not try again."""

from functools import partial
from pathlib import Path

import pytest

from scripts import torture
from scripts.tortures import lives, partition
from scripts.tortures.networks import Networks
from scripts.venv_ import ROOT


@pytest.mark.parametrize("apart", ["false", "no-such-command"])
def test_a_machine_that_may_make_no_networks_fails_the_row_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apart: str
) -> None:
    monkeypatch.setattr(partition, "Networks", partial(Networks, (apart,)))
    report = partition.run(tmp_path, seed=1, cuts=1)
    assert not report.ok
    assert "this machine makes no networks of its own" in report.lines[0]


def test_what_a_machine_may_refuse_is_of_the_whole_matrix_alone() -> None:
    assert torture.rows_of(short=False) == list(torture.ROWS)
    assert set(torture.ROWS) - set(torture.rows_of(short=True)) == {"partition"}


def test_a_row_that_let_something_go_wrong_says_what_and_fails() -> None:
    told = partition.Tally(wrong=["lost 1, doubled 0"])
    assert told.lines()[-1] == "lost 1, doubled 0"


@pytest.mark.long
def test_a_till_that_gives_up_behind_a_cut_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: what failed while the shop was open is not tried again until something wakes the sync."""
    honest = (ROOT / "scripts" / "tortures" / "partition_till.py").read_text()
    planted = honest.replace(
        ".random).start()",
        ".random, patience=Patience(1, 1, 3),\n"
        "        wait=lambda event, seconds: event.wait(None if (data / OPEN).exists() else seconds)).start()",
    ).replace("import SyncLoop\n", "import SyncLoop\nfrom edge_agent.sync.patience import Patience\n")
    assert planted.count("Patience") == honest.count("Patience") + 2
    (tmp_path / "given_up.py").write_text(planted)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for name, value in {"SHORTEST_S": 5.0, "LONGEST_S": 5.0, "CONVERGED_S": 5.0}.items():
        monkeypatch.setattr(partition, name, value)
    lives.prepare()
    networks = Networks()
    try:
        told = partition.play(tmp_path / "shop", networks, seed="1", cuts=1, till="given_up")
    finally:
        networks.close()
    assert any("events never came" in words for words in told.wrong), told.wrong
    assert not told.healed
