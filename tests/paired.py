"""A till that is to be paired or is: the words of the command, its journal opened again, its sync loop."""

import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from edge_agent.journal.log import Journal
from edge_agent.sync.loop import SyncLoop
from tests.shop import scripted_clock, seeded_ids


def words(tmp_path: Path, url: str, code: str) -> Namespace:
    """What `edge-agent pair` was told."""
    return Namespace(url=url, code=code, ca=None, data=tmp_path / "till" / "data", json=False)


def reopened(tmp_path: Path) -> Journal:
    """The till's journal, as after a restart."""
    return Journal.open(tmp_path / "till" / "data", scripted_clock(tmp_path / "till"), seeded_ids(7))


def a_loop(tmp_path: Path, journal: Journal) -> SyncLoop:
    """A loop that waits only moments after a failure."""
    return SyncLoop(journal, tmp_path / "till" / "data", version="1", chance=lambda: 0.01)


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until it holds, 20 s at most."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def lines(journal: Journal) -> list[bytes]:
    """Every line of a journal."""
    with journal.reading() as memory:
        return memory.lines(1, memory.head().seq)
